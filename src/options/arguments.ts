import { OptionError, shown } from '../errors.ts';
import { isFloat32Array, isInt32Array } from './kinds.ts';

/**
 * What an argument may be. It is told by what it has, not by `instanceof`, which fails for what comes from another realm or
 * from a copy of this package in another bundle.
 */
export interface ArgumentKind<T = unknown> {
  /** As it stands in errors: `a text`. */
  readonly range: string;
  /** What to pass instead. Default: `Change` and the argument's name. */
  readonly remedy?: string;
  is(value: unknown): value is T;
}

/**
 * Refuses an argument of another kind.
 * @param name of the argument, for the error
 * @param where the function that takes it
 * @throws {OptionError} unless the value is of the kind
 */
export function checkArgument<T>(
  kind: ArgumentKind<T>,
  value: unknown,
  name: string,
  where: string,
): asserts value is T {
  if (kind.is(value)) return;
  const problem = `expected ${name} to be ${kind.range}, received ${shown(value)}`;
  throw new OptionError(where, problem, kind.remedy ?? `Change ${name}`);
}

/** A kind from a test of values. */
export function argument<T>(
  range: string,
  is: (value: unknown) => boolean,
  remedy?: string,
): ArgumentKind<T> {
  return { range, remedy, is: is as ArgumentKind<T>['is'] };
}

/** An object with certain members. */
export function having<T>(
  range: string,
  members: { readonly [Name in keyof T]?: ArgumentKind },
  remedy?: string,
): ArgumentKind<T> {
  const kinds = Object.entries(members) as [string, ArgumentKind][];
  const has = (value: unknown) =>
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    kinds.every(([name, kind]) => kind.is((value as Record<string, unknown>)[name]));
  return argument(range, has, remedy);
}

/** An array of values of a kind. */
export function arrayOf<T>(range: string, kind: ArgumentKind<T>): ArgumentKind<readonly T[]> {
  return argument(range, (value) => Array.isArray(value) && value.every((entry) => kind.is(entry)));
}

/** Of a kind, or null or left out. */
export function maybe<T>(kind: ArgumentKind<T>): ArgumentKind<T | null | undefined> {
  return { ...kind, is: (value): value is T => value === null || value === undefined || kind.is(value) };
}

export const TEXT = argument<string>('a text', (value) => typeof value === 'string');
export const NUMBER = argument<number>('a number', (value) => typeof value === 'number');
export const FUNCTION = argument<(...args: never[]) => unknown>(
  'a function',
  (value) => typeof value === 'function',
);
export const ARRAY = argument<readonly unknown[]>('a list', Array.isArray);
export const TEXTS = arrayOf('a list of texts', TEXT);
export const BYTES = argument<Uint8Array>('a Uint8Array', isBytes, 'Pass the bytes, e.g. those of a file');
export const FLOAT32 = argument<Float32Array>('a Float32Array', isFloat32Array);
export const INT32 = argument<Int32Array>('an Int32Array', isInt32Array);

/** An object of members by name, of no class. */
export const RECORD = argument<Readonly<Record<string, unknown>>>(
  'an object',
  (value) => Object.prototype.toString.call(value) === '[object Object]',
);

/** Anything that can be gone through, but a text. */
export const ITERABLE = argument<Iterable<unknown>>(
  'a list',
  (value) => typeof value !== 'string' && typeof Object(value)[Symbol.iterator] === 'function',
);

/** Numbers by position: an array or a typed array. */
export const NUMBERS = argument<ArrayLike<number>>('a list of numbers', (value) =>
  Array.isArray(value)
    ? value.every((entry) => typeof entry === 'number')
    : ArrayBuffer.isView(value) && 'length' in value && !/Big/.test(Object.prototype.toString.call(value)),
);

function isBytes(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object Uint8Array]';
}
