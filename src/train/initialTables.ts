import type { ItemCodes } from '../data/itemCodes.ts';
import type { NodeTables } from '../data/nodeTables.ts';
import type { Split } from '../data/splits.ts';
import { DataError, OptionError, ShapeError, shown } from '../errors.ts';
import { firstNonFinite } from '../format/finite.ts';
import type { AdapterOptions } from '../models/parameters/adapterTable.ts';
import { isFloat32Array } from '../options/kinds.ts';

/**
 * E⁽⁰⁾, and what holds it to the text that it comes from.
 *
 * @example
 * const tables: InitialTables = await initialize(split.train, embeddings, { dim: 8 });
 */
export interface InitialTables extends NodeTables {
  /** Columns, from the first, that training leaves as they are, unless the options of `fit` say otherwise. */
  readonly frozenColumns?: number;
  /** Makes the items' rows a trained map of their text vectors, unless the options of `fit` say otherwise. */
  readonly adapter?: AdapterOptions;
  /** What items are to a model of codes, unless the options of `fit` say otherwise. */
  readonly codes?: ItemCodes;
}

/**
 * @throws {OptionError} when they are no tables, or `frozenColumns` leaves no column to train
 * @throws {ShapeError} unless the tables have one row for each user and item of the split
 * @throws {DataError} on NaN or Inf
 */
export function checkInitial(split: Split, initial: InitialTables, frozenColumns = 0): void {
  checkKind(initial);
  const { dim, users, items } = initial;
  if (frozenColumns >= dim) {
    const problem = `expected frozenColumns below dim, which is ${dim}, received ${frozenColumns}`;
    throw new OptionError('fit', problem, 'Freeze fewer columns', 'frozenColumns');
  }
  const { numUsers, numItems } = split.train;
  for (const [what, values, rows] of [
    ['user', users, numUsers],
    ['item', items, numItems],
  ] as const) {
    if (values.length !== rows * dim) {
      throw new ShapeError(
        'fit',
        `expected ${rows} × ${dim} initial ${what} values, received ${values.length}`,
        'Initialise from the training interactions of this split',
      );
    }
    const at = firstNonFinite(values);
    if (at < 0) continue;
    throw new DataError(
      'fit',
      `expected finite initial ${what} values, received ${values[at]} in row ${Math.floor(at / dim)}`,
      'Mend the vectors that they come from',
    );
  }
}

function checkKind(initial: unknown): void {
  const { users, items, dim } = { ...(initial as Partial<InitialTables> | null | undefined) };
  if (isFloat32Array(users) && isFloat32Array(items) && Number.isSafeInteger(dim) && dim! >= 1) return;
  const problem = `expected initial tables { users, items, dim } with dim ≥ 1, received ${shown(initial)}`;
  throw new OptionError('fit', problem, 'Pass what initialize gives');
}
