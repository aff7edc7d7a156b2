import { type Csr, interactionsToCsr } from '../data/csr.ts';
import type { NodeTables } from '../data/nodeTables.ts';
import { checkIdTables } from '../data/readySplit.ts';
import type { Split } from '../data/splits.ts';
import type { JsonValue } from '../format/json.ts';
import type { ModelData } from '../serve/modelFile/data.ts';

/** What a model file holds beside the factors: titles, histories, configuration, metrics. */
export interface ModelFromOptions {
  /** By item index; default none. */
  readonly itemTitles?: readonly string[] | null;
  /** users × items that a user has already and is not recommended. Default: everything met, `split.had`. */
  readonly seen?: Csr;
  /** What the model was trained with; any JSON. */
  readonly config?: Readonly<Record<string, JsonValue>>;
  readonly metrics?: Readonly<Record<string, JsonValue>>;
}

/**
 * A model for `Recommender` and `encodeModel`: the factors of `fit` with the ids and histories of the split.
 * @throws {DataError} when the parts of the split do not share their ids
 */
export function modelFrom(split: Split, factors: NodeTables, options: ModelFromOptions = {}): ModelData {
  checkIdTables(split, 'modelFrom');
  const { itemTitles = null, config = {}, metrics = {} } = options;
  const { userIds, itemIds, items } = split.train;
  const itemDegrees = new Int32Array(itemIds.length);
  for (const item of items) itemDegrees[item]++;
  const { rowPtr, colIdx } = options.seen ?? (split.had ? interactionsToCsr(split.had) : everything(split));
  return {
    ...{ userIds, itemIds, itemTitles, config, metrics, itemDegrees },
    dim: factors.dim,
    userFactors: factors.users,
    itemFactors: factors.items,
    seen: { rowPtr, colIdx },
  };
}

/** users × items of all three parts, columns ascending. */
function everything({ train, valid, test }: Split): Csr {
  const parts = [train, valid, test].map(interactionsToCsr);
  const rowPtr = new Int32Array(train.numUsers + 1);
  for (let user = 0; user < train.numUsers; user++) {
    rowPtr[user + 1] = parts.reduce((sum, part) => sum + part.rowPtr[user + 1], 0);
  }
  const colIdx = new Int32Array(rowPtr[train.numUsers]);
  for (let user = 0; user < train.numUsers; user++) {
    let at = rowPtr[user];
    for (const part of parts) {
      const row = part.colIdx.subarray(part.rowPtr[user], part.rowPtr[user + 1]);
      colIdx.set(row, at);
      at += row.length;
    }
    colIdx.subarray(rowPtr[user], at).sort();
  }
  return { rows: train.numUsers, cols: train.numItems, rowPtr, colIdx, values: null };
}
