import { OptionError, shown } from '../errors.ts';
import {
  ARRAY,
  type ArgumentKind,
  checkArgument,
  FLOAT32,
  having,
  INT32,
  ITERABLE,
  maybe,
  NUMBER,
} from '../options/arguments.ts';
import type { Csr } from '../runtime/csr.ts';
import type { Interactions } from './interactions.ts';
import type { NodeTables } from './nodeTables.ts';
import type { Split } from './splits.ts';

const INTERACTIONS = having<Interactions>('interactions', {
  ...{ users: INT32, items: INT32, userIds: ARRAY, itemIds: ARRAY },
});
const SPLIT = having<Split>('a split', { train: INTERACTIONS, valid: INTERACTIONS, test: INTERACTIONS });
const TABLES = having<NodeTables>('tables', { users: FLOAT32, items: FLOAT32, dim: NUMBER });

/** A sparse matrix; whether its arrays fit each other is not looked at. */
export const CSR: ArgumentKind<Csr> = having<Csr>('a sparse matrix { rows, cols, rowPtr, colIdx, values }', {
  ...{ rows: NUMBER, cols: NUMBER, rowPtr: INT32, colIdx: INT32, values: maybe(FLOAT32) },
});

/** @throws {OptionError} unless the value is `Interactions`, by what it has: a copy of the class in another bundle will do */
export function checkIsInteractions(value: unknown, where: string): asserts value is Interactions {
  if (INTERACTIONS.is(value)) return;
  const remedy = SPLIT.is(value)
    ? 'Pass its part train'
    : 'Make them with readInteractions or Interactions.from';
  throw new OptionError(where, `expected interactions, received ${described(value)}`, remedy);
}

/** @throws {OptionError} unless the value is a `Split` */
export function checkIsSplit(value: unknown, where: string): asserts value is Split {
  if (SPLIT.is(value)) return;
  const problem = `expected a split { train, valid, test }, received ${described(value)}`;
  throw new OptionError(where, problem, 'Make one with leaveOneOut, ratioSplit or alignSplit');
}

/**
 * @param remedy what to pass instead
 * @throws {OptionError} unless the value is `NodeTables`; their lengths are not looked at
 */
export function checkAreTables(value: unknown, where: string, remedy: string): asserts value is NodeTables {
  if (TABLES.is(value)) return;
  throw new OptionError(where, `expected tables { users, items, dim }, received ${shown(value)}`, remedy);
}

/** @throws {OptionError} unless the value is a list, or other iterable */
export function checkIsIterable(value: unknown, what: string, where: string): void {
  if (ITERABLE.is(value)) return;
  throw new OptionError(where, `expected ${what}, received ${shown(value)}`, 'Pass a list');
}

/** @throws {OptionError} unless the value is an array */
export function checkIsList(value: unknown, what: string, where: string): void {
  checkArgument(ARRAY, value, what, where);
}

/** Whether a value is `Interactions`, by what it has. */
export function isInteractions(value: unknown): value is Interactions {
  return INTERACTIONS.is(value);
}

function described(value: unknown): string {
  if (INTERACTIONS.is(value)) return 'interactions';
  return SPLIT.is(value) ? 'a split' : shown(value);
}
