import { OptionError, shown } from '../errors.ts';
import type { OptionDescriptor } from './descriptor.ts';
import { partOf } from './fingerprint.ts';

/** What every builder takes besides the range: see `OptionDescriptor`. */
export type About<T, D> = Pick<
  OptionDescriptor<T>,
  'about' | 'defaultText' | 'source' | 'flag' | 'readBy' | 'affectsResult' | 'fingerprint'
> & {
  readonly default?: D;
};

const INTEGER = /^[+-]?\d+$/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A safe integer from `min` to `max`. */
export function integer<D extends number | undefined = undefined>({
  min,
  max = Number.MAX_SAFE_INTEGER,
  ...about
}: About<number, D> & { readonly min: number; readonly max?: number }): OptionDescriptor<number, D> {
  const range = max === Number.MAX_SAFE_INTEGER ? `an integer ≥ ${min}` : `an integer from ${min} to ${max}`;
  const accepts = (value: unknown) =>
    Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
  const schema = { type: 'integer', minimum: min, maximum: max };
  return described('integer', range, { ...about, schema }, accepts, (text) =>
    INTEGER.test(text) ? Number(text) : undefined,
  );
}

/** A finite number; bounds that are left out do not bind. `above` and `below` are bounds that it may not reach. */
export function number<D extends number | undefined = undefined>({
  min,
  max,
  above,
  below,
  ...about
}: About<number, D> & {
  readonly min?: number;
  readonly max?: number;
  readonly above?: number;
  readonly below?: number;
}): OptionDescriptor<number, D> {
  const accepts = (value: unknown) =>
    typeof value === 'number' &&
    Number.isFinite(value) &&
    value >= (min ?? -Infinity) &&
    value <= (max ?? Infinity) &&
    value > (above ?? -Infinity) &&
    value < (below ?? Infinity);
  const range = numberRange(min, max, above, below);
  const bounds = { minimum: min, maximum: max, exclusiveMinimum: above, exclusiveMaximum: below };
  const bound = Object.entries(bounds).filter((entry): entry is [string, number] => entry[1] !== undefined);
  const schema = { type: 'number', ...Object.fromEntries(bound) };
  return described('number', range, { ...about, schema }, accepts, (text) =>
    NUMBER.test(text) ? Number(text) : undefined,
  );
}

/** One of some names or numbers. */
export function oneOf<const T extends string | number, D extends NoInfer<T> | undefined = undefined>(
  choices: readonly T[],
  about: About<T, D>,
): OptionDescriptor<T, D> {
  const accepts = (value: unknown) => choices.includes(value as T);
  const schema = { enum: [...choices] };
  return described('choice', choices.join(' | '), { ...about, schema }, accepts, (given) =>
    choices.find((choice) => String(choice) === given),
  );
}

/** true or false. */
export function boolean<D extends boolean | undefined = undefined>(
  about: About<boolean, D>,
): OptionDescriptor<boolean, D> {
  const accepts = (value: unknown) => typeof value === 'boolean';
  const parse = (text: string) => (text === 'true' ? true : text === 'false' ? false : undefined);
  return described('boolean', 'true or false', { ...about, schema: { type: 'boolean' } }, accepts, parse);
}

/** A string that is not blank. */
export function text<D extends string | undefined = undefined>(
  about: About<string, D>,
): OptionDescriptor<string, D> {
  const accepts = (value: unknown) => typeof value === 'string' && value.trim() !== '';
  const schema = { type: 'string', minLength: 1 };
  return described('text', 'a text that is not blank', { ...about, schema }, accepts, (given) => given);
}

/** An array whose elements are in the range of `of`; as a text its elements are separated by commas. */
export function listOf<T, D extends readonly T[] | undefined = undefined>(
  of: Pick<OptionDescriptor<T>, 'range' | 'check' | 'parse' | 'schema'>,
  about: About<readonly T[], D> & { readonly min?: number; readonly range?: string },
): OptionDescriptor<readonly T[], D> {
  const { min = 0, range = `a list of which each is ${of.range}`, ...rest } = about;
  const accepts = (value: unknown) =>
    Array.isArray(value) && value.length >= min && value.every((element) => passes(of, element));
  const schema = { type: 'array', items: of.schema ?? {}, ...(min > 0 && { minItems: min }) };
  return described<readonly T[], D>('list', range, { ...rest, schema }, accepts, (given) => {
    const values = given.split(',').map((part) => of.parse(part.trim()));
    return values.some((value) => value === undefined) ? undefined : (values as T[]);
  });
}

/** A value of a type that cannot be written as text: a function, a runtime, an `AbortSignal`. Decides no result. */
export function instance<T>(
  range: string,
  accepts: (value: NonNullable<unknown>) => boolean,
  about: About<T, undefined>,
): OptionDescriptor<T, undefined> {
  const isOne = (value: unknown) => value !== null && value !== undefined && accepts(value);
  return described('object', range, { affectsResult: false, ...about }, isOne, () => undefined);
}

/** A function to be called. */
export function callback<T extends (...args: never[]) => unknown>(
  about: string,
): OptionDescriptor<T, undefined> {
  const accepts = (value: unknown) => typeof value === 'function';
  return described<T, undefined>(
    'function',
    'a function',
    { about, affectsResult: false },
    accepts,
    () => undefined,
  );
}

/** `descriptor`, which must be given. */
export function required<T>(descriptor: OptionDescriptor<T, T | undefined>): OptionDescriptor<T, T> {
  return { ...descriptor, required: true } as OptionDescriptor<T, T>;
}

/** `descriptor`, or null. */
export function nullable<T, D extends T | undefined>(
  descriptor: OptionDescriptor<T, D>,
): OptionDescriptor<T | null, D> {
  return {
    ...descriptor,
    range: `${descriptor.range}, or null`,
    fingerprint: (value) => (value === null ? null : partOf(descriptor, value)),
    check: (value, name, where) => (value === null ? null : descriptor.check(value, name, where)),
  };
}

function passes(of: Pick<OptionDescriptor, 'check'>, value: unknown): boolean {
  try {
    of.check(value, '', '');
    return true;
  } catch (error) {
    if (error instanceof OptionError) return false;
    throw error;
  }
}

function described<T, D extends T | undefined>(
  type: OptionDescriptor['type'],
  range: string,
  about: About<T, D> & Pick<OptionDescriptor, 'schema'>,
  accepts: (value: unknown) => boolean,
  parse: (text: string) => T | undefined,
): OptionDescriptor<T, D> {
  const byDefault = about.default;
  return {
    ...about,
    default: byDefault as D,
    type,
    range,
    check(value, name, where) {
      if (accepts(value)) return value as T;
      const remedy =
        byDefault === undefined
          ? `Change ${name}`
          : `Change ${name}, or leave it out for ${shown(byDefault)}`;
      throw new OptionError(where, `expected ${name} to be ${range}, received ${shown(value)}`, remedy, name);
    },
    parse(given) {
      const value = parse(given);
      return value !== undefined && accepts(value) ? value : undefined;
    },
  };
}

function numberRange(min?: number, max?: number, above?: number, below?: number): string {
  const [low, high] = [min ?? above, max ?? below];
  if (low !== undefined && high !== undefined)
    return `a number in ${min === undefined ? '(' : '['}${low}, ${high}${max === undefined ? ')' : ']'}`;
  if (low !== undefined) return `a number ${min === undefined ? '>' : '≥'} ${low}`;
  if (high !== undefined) return `a number ${max === undefined ? '<' : '≤'} ${high}`;
  return 'a number';
}
