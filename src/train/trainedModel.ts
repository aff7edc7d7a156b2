import { isInteractions } from '../data/argumentKinds.ts';
import { type Csr, interactionsToCsr } from '../data/csr.ts';
import { historiesOf } from '../data/histories.ts';
import type { Interactions } from '../data/interactions.ts';
import { ITEM_TITLES, type ItemTitles, titlesOf } from '../data/itemTitles.ts';
import type { NodeTables } from '../data/nodeTables.ts';
import { checkIdTables } from '../data/readySplit.ts';
import type { Split } from '../data/splits.ts';
import type { JsonValue } from '../format/json.ts';
import { instance, nullable } from '../options/builders.ts';
import type { DescriptorsOf } from '../options/descriptor.ts';
import { resolveOptions } from '../options/resolve.ts';
import type { ModelData } from '../serve/modelFile/data.ts';

/** What a model file holds beside the factors: titles, histories, configuration, metrics. */
export interface ModelFromOptions {
  /** By item id: a catalogue, or a map; '' stands for the items that have none in it. Default none. */
  readonly itemTitles?: ItemTitles | null;
  /**
   * What users have already and are not recommended, by the ids of users and items; those of others count for nothing.
   * Default: everything met, `split.had`.
   */
  readonly seen?: Interactions;
  /** What the model was trained with; any JSON. */
  readonly config?: Readonly<Record<string, JsonValue>>;
  readonly metrics?: Readonly<Record<string, JsonValue>>;
}

/** Every option of `modelFrom`. */
const MODEL_FROM_OPTIONS = {
  itemTitles: nullable(ITEM_TITLES),
  seen: instance<Interactions>('interactions', isInteractions, { about: 'what users have already' }),
  config: instance<NonNullable<ModelFromOptions['config']>>('an object', isObject, {
    about: 'how it was made',
  }),
  metrics: instance<NonNullable<ModelFromOptions['metrics']>>('an object', isObject, {
    about: 'what it reached',
  }),
} satisfies DescriptorsOf<ModelFromOptions>;

function isObject(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object Object]';
}

/**
 * A model for `Recommender` and `encodeModel`: the factors of `fit` with the ids and histories of the split.
 * @throws {OptionError} on an unknown option, titles by position instead of by id, or arguments of another type
 * @throws {DataError} when the parts of the split do not share their ids, or titles or histories are those of others
 */
export function modelFrom(split: Split, factors: NodeTables, options: ModelFromOptions = {}): ModelData {
  checkIdTables(split, 'modelFrom');
  const given = resolveOptions(MODEL_FROM_OPTIONS, options, 'modelFrom');
  const { config = {}, metrics = {}, seen } = given;
  const { userIds, itemIds, items } = split.train;
  const itemTitles = titlesOf(given.itemTitles, itemIds, 'modelFrom');
  const itemDegrees = new Int32Array(itemIds.length);
  for (const item of items) itemDegrees[item]++;
  const { rowPtr, colIdx } =
    (seen && historiesOf(seen, split.train)) ??
    (split.had ? interactionsToCsr(split.had) : everything(split));
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
