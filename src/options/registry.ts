import { OptionError, shown } from '../errors.ts';
import { type About, oneOf } from './builders.ts';
import type { Descriptors, OptionDescriptor } from './descriptor.ts';
import { didYouMean } from './nearest.ts';

/** What a registry holds, e.g. a model or an initialisation: a name, and the options that it reads beside those of all. */
export interface RegistryEntry {
  readonly name: string;
  /** Other names by which it is known, e.g. in the code of a paper. */
  readonly synonyms?: readonly string[];
  readonly options: Descriptors;
}

/**
 * The options of some entries as one type: A & B of the entries A | B, all of them optional.
 *
 * @example
 * type Given = EntryOptions<{ options: { strength: OptionDescriptor<number> } }>;
 * const given: Given = { strength: 2 };
 */
export type EntryOptions<Entry> = (
  Entry extends { readonly options: infer Options }
    ? (
        given: {
          readonly [Name in keyof Options]?: Options[Name] extends OptionDescriptor<infer T, infer _>
            ? T
            : never;
        },
      ) => void
    : never
) extends (given: infer All) => void
  ? All
  : never;

/**
 * The options of all entries, each marked by `readBy` with the entries that read it, unless all do: for flags, help
 * texts, and the refusal of options that the chosen entry does not read.
 *
 * @param choice the option by which an entry is chosen, e.g. `model`
 */
export function optionsOf(entries: readonly RegistryEntry[], choice: string): Descriptors {
  const union: Record<string, OptionDescriptor> = {};
  for (const name of new Set(entries.flatMap(({ options }) => Object.keys(options)))) {
    const readers = entries.filter(({ options }) => Object.hasOwn(options, name));
    const first = readers[0].options[name];
    const common = readers.every(({ options }) => Object.is(options[name].default, first.default));
    union[name] = {
      ...first,
      ...(readers.length < entries.length && { readBy: { [choice]: readers.map((entry) => entry.name) } }),
      ...(!common && { default: undefined, defaultText: defaultsOf(readers, name) }),
    };
  }
  return union;
}

/** `0.5 for whiten, 0.25 for graph-pca` */
function defaultsOf(readers: readonly RegistryEntry[], name: string): string {
  return readers.map((entry) => `${shown(entry.options[name].default)} for ${entry.name}`).join(', ');
}

/** What has a name, and may have others. */
type Named = Pick<RegistryEntry, 'name' | 'synonyms'>;

/** The entry's own name, where `value` is a synonym of it; `value` as it is otherwise. */
export function ownName(entries: readonly Named[], value: unknown): unknown {
  return entries.find(({ synonyms }) => synonyms?.some((name) => name === value))?.name ?? value;
}

/** The name of an entry, which may be given by a synonym. */
export function nameOf<Name extends string, D extends NoInfer<Name> | undefined = undefined>(
  names: readonly Name[],
  entries: readonly Named[],
  about: About<Name, D>,
): OptionDescriptor<Name, D> {
  const plain = oneOf<Name, D>(names, about);
  return {
    ...plain,
    check: (value, name, where) => plain.check(ownName(entries, value), name, where),
    parse: (text) => plain.parse(ownName(entries, text) as string),
  };
}

/**
 * The entry that `value` names, by a synonym too, or `value` itself where it is an entry of the caller's own.
 *
 * @param isEntry whether an object can stand for an entry
 * @throws {OptionError} on an unknown name, with the nearest one, or a value of another type
 */
export function chosenEntry<E extends RegistryEntry>(
  entries: readonly E[],
  value: unknown,
  choice: string,
  where: string,
  isEntry: (value: object) => boolean,
): E {
  const own = ownName(entries, value);
  const found = entries.find(({ name }) => name === own);
  if (found) return found;
  if (typeof value === 'object' && value !== null && isEntry(value)) return value as E;
  const names = entries.map(({ name }) => name);
  const problem = `expected ${choice} to be ${names.join(' | ')}, received ${shown(value)}`;
  throw new OptionError(where, problem, didYouMean(value, names, `Change ${choice}`), choice);
}
