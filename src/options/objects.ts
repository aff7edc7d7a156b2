import type { About } from './builders.ts';
import { oneOf, required } from './builders.ts';
import type { Descriptors, OptionDescriptor, Resolved } from './descriptor.ts';
import { optionsOf } from './registry.ts';
import { resolveFields } from './resolve.ts';

/** An object of options of its own, with defaults of its own. */
export function object<F extends Descriptors, D extends Resolved<F> | undefined = undefined>(
  fields: F,
  about: About<Resolved<F>, D>,
): OptionDescriptor<Resolved<F>, D> {
  const check = (value: unknown, name: string, where: string) =>
    resolveFields(fields, value, { where, name });
  return described(about, `{ ${Object.keys(fields).join(', ')} }`, fields, check);
}

/** What `variant` gives: the options of one kind beside its name. */
export type Variant<V extends Readonly<Record<string, Descriptors>>> = {
  [Name in keyof V]: { readonly name: Name } & Resolved<V[Name]>;
}[keyof V];

/**
 * One of several kinds of object, told apart by their `name`, each with options of its own; without a name it is of the
 * default kind. `flag` sets the name.
 */
export function variant<
  V extends Readonly<Record<string, Descriptors>>,
  D extends Variant<V> | undefined = undefined,
>(variants: V, { flag, ...about }: About<Variant<V>, D>): OptionDescriptor<Variant<V>, D> {
  const names: readonly string[] = Object.keys(variants);
  const kind = oneOf(names, {
    about: about.about,
    flag,
    default: about.default && String(about.default.name),
  });
  const entries = names.map((name) => ({ name, options: variants[name] }));
  const fields = { name: kind, ...optionsOf(entries, 'name') };
  const check = (value: unknown, name: string, where: string) => {
    const place = { where, name };
    const chosen = resolveFields({ name: required(kind) }, nameOf(value), place).name;
    return resolveFields({ name: kind, ...variants[chosen] }, value, place, fields) as Variant<V>;
  };
  return described(about, `{ name: ${names.join(' | ')}, … }`, fields, check);
}

/** The name alone of an object; anything else as it is, to be refused. */
function nameOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? { name: (value as { name?: unknown }).name } : value;
}

function described<T, D extends T | undefined>(
  about: About<T, D>,
  range: string,
  fields: Descriptors,
  check: OptionDescriptor<T, D>['check'],
): OptionDescriptor<T, D> {
  return {
    ...about,
    default: about.default as D,
    type: 'object',
    range,
    fields,
    check,
    parse: () => undefined,
  };
}
