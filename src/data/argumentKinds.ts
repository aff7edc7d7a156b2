import { OptionError, shown } from '../errors.ts';
import { isFloat32Array, isInt32Array } from '../options/kinds.ts';
import type { Interactions } from './interactions.ts';
import type { NodeTables } from './nodeTables.ts';
import type { Split } from './splits.ts';

/** @throws {OptionError} unless the value is `Interactions`, by what it has: a copy of the class in another bundle will do */
export function checkIsInteractions(value: unknown, where: string): asserts value is Interactions {
  if (isInteractions(value)) return;
  const remedy = isSplit(value)
    ? 'Pass its part train'
    : 'Make them with readInteractions or Interactions.from';
  throw new OptionError(where, `expected interactions, received ${described(value)}`, remedy);
}

/** @throws {OptionError} unless the value is a `Split` */
export function checkIsSplit(value: unknown, where: string): asserts value is Split {
  if (isSplit(value)) return;
  const problem = `expected a split { train, valid, test }, received ${described(value)}`;
  throw new OptionError(where, problem, 'Make one with leaveOneOut, ratioSplit or alignSplit');
}

function isSplit(value: unknown): boolean {
  const parts = { ...(value as Partial<Split> | null | undefined) };
  return isInteractions(parts.train) && isInteractions(parts.valid) && isInteractions(parts.test);
}

/**
 * @param remedy what to pass instead
 * @throws {OptionError} unless the value is `NodeTables`; their lengths are not looked at
 */
export function checkAreTables(value: unknown, where: string, remedy: string): asserts value is NodeTables {
  const { users, items, dim } = { ...(value as Partial<NodeTables> | null | undefined) };
  if (isFloat32Array(users) && isFloat32Array(items) && typeof dim === 'number') return;
  throw new OptionError(where, `expected tables { users, items, dim }, received ${shown(value)}`, remedy);
}

/** @throws {OptionError} unless the value is a list, or other iterable */
export function checkIsIterable(value: unknown, what: string, where: string): void {
  if (typeof value !== 'string' && typeof Object(value)[Symbol.iterator] === 'function') return;
  throw new OptionError(where, `expected ${what}, received ${shown(value)}`, 'Pass a list');
}

/** @throws {OptionError} unless the value is an array */
export function checkIsList(value: unknown, what: string, where: string): void {
  if (Array.isArray(value)) return;
  throw new OptionError(where, `expected a list of ${what}, received ${shown(value)}`, 'Pass an array');
}

/** Whether a value is `Interactions`, by what it has. */
export function isInteractions(value: unknown): value is Interactions {
  if (typeof value !== 'object' || value === null) return false;
  const { users, items, userIds, itemIds } = value as Partial<Interactions>;
  return isInt32Array(users) && isInt32Array(items) && Array.isArray(userIds) && Array.isArray(itemIds);
}

function described(value: unknown): string {
  if (isInteractions(value)) return 'interactions';
  return isSplit(value) ? 'a split' : shown(value);
}
