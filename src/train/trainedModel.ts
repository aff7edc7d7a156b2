import { checkAreTables, isInteractions } from '../data/argumentKinds.ts';
import { type Csr, interactionsToCsr } from '../data/csr.ts';
import { historiesOf } from '../data/histories.ts';
import type { Interactions } from '../data/interactions.ts';
import { ITEM_TITLES, type ItemTitles, titlesOf } from '../data/itemTitles.ts';
import type { NodeTables } from '../data/nodeTables.ts';
import { checkIdTables } from '../data/readySplit.ts';
import { sequencesOf } from '../data/sequences.ts';
import type { Split } from '../data/splits.ts';
import { Embeddings } from '../embed/embeddings.ts';
import { DataError, UnsupportedError } from '../errors.ts';
import type { JsonValue } from '../format/json.ts';
import { FLOAT32, having, RECORD } from '../options/arguments.ts';
import { instance, nullable } from '../options/builders.ts';
import type { DescriptorsOf } from '../options/descriptor.ts';
import { resolveOptions } from '../options/resolve.ts';
import { SCORER } from '../rank/argumentKinds.ts';
import { BlendScorer } from '../rank/blendScorer.ts';
import { CodeScorer } from '../rank/codeScorer.ts';
import { ItemScorer } from '../rank/itemScorer.ts';
import { RowScorer } from '../rank/rowScorer.ts';
import type { Scorer } from '../rank/scorer.ts';
import { SequenceScorer } from '../rank/sequenceScorer.ts';
import { type FactorTables, TableScorer } from '../rank/tableScorer.ts';
import { ITEM_ATTRIBUTES, type ItemAttributes, itemAttributes } from '../serve/attributes.ts';
import type { BlendShare, ItemInverse, ItemMap, ModelData } from '../serve/modelFile/data.ts';
import { textVectors } from '../serve/textVectors.ts';

const EMBEDDINGS = instance<Embeddings>('embeddings', (value) => value instanceof Embeddings, {
  about: 'text vectors that are kept',
});

const IS_INVERSE = having<ItemInverse>('an inverse', { values: FLOAT32, learned: RECORD, settings: RECORD });
const INVERSE = instance<ItemInverse>('what keptInverse gives', IS_INVERSE.is, {
  about: 'what takes changes into the rows of a closed form',
});

const IS_ITEM_MAP = having<ItemMap>('an item map', { center: FLOAT32, linear: FLOAT32 });
const ITEM_MAP = instance<ItemMap>('{ center, linear, branch }', IS_ITEM_MAP.is, {
  about: 'what makes rows of new items',
});

/**
 * What a model file holds beside the factors: titles, histories, configuration, metrics.
 *
 * @example
 * const options: ModelFromOptions = { itemTitles: catalogue, embeddings };
 * const model = modelFrom(split, factors, options);
 */
export interface ModelFromOptions {
  /** By item id: a catalogue, or a map; '' stands for the items that have none in it. Default none. */
  readonly itemTitles?: ItemTitles | null;
  /**
   * What users have already and are not recommended, by the ids of users and items; those of others count for nothing.
   * Default: everything met, `split.had`.
   */
  readonly seen?: Interactions;
  /**
   * Text vectors of the items, by which new items are placed and texts answered; with `lexical` in them for texts, else for
   * vectors only. Default none.
   */
  readonly embeddings?: Embeddings | null;
  /** Columns to filter by: values by item id, then by column; what is left out is missing. Default none. */
  readonly attributes?: ItemAttributes | null;
  /** What takes changes into the rows of a closed form, of the same training: see `keptInverse`. Default none. */
  readonly inverse?: ItemInverse | null;
  /** What makes rows of new items from their vectors, beside `embeddings`; see `ItemMap`. Default none. */
  readonly itemMap?: ItemMap | null;
  /** What the model was trained with; any JSON. */
  readonly config?: Readonly<Record<string, JsonValue>>;
  readonly metrics?: Readonly<Record<string, JsonValue>>;
}

/** Every option of `modelFrom`. */
export const MODEL_FROM_OPTIONS = {
  itemTitles: nullable(ITEM_TITLES),
  seen: instance<Interactions>('interactions', isInteractions, { about: 'what users have already' }),
  embeddings: nullable(EMBEDDINGS),
  attributes: nullable(ITEM_ATTRIBUTES),
  inverse: nullable(INVERSE),
  itemMap: nullable(ITEM_MAP),
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
 * A model for `Recommender` and `encodeModel`: what was trained, with the ids and histories of the split. It shares arrays with
 * both: do not write to them.
 * @param trained the factors of `fit`, or any scorer: tables, sparse rows, one score an item, or a blend of one of each
 * @throws {OptionError} on an unknown option, titles by position instead of by id, or arguments of another type
 * @throws {DataError} when the parts of the split do not share their ids, or titles or histories are those of others
 * @throws {UnsupportedError} for a blend that no file can hold: one of blends, or of two of a kind
 * @example
 * const model = modelFrom(split, factors, { itemTitles: catalogue });
 * const recommender = new Recommender(model, runtime);
 */
export function modelFrom(
  split: Split,
  trained: NodeTables | Scorer,
  options: ModelFromOptions = {},
): ModelData {
  checkIdTables(split, 'modelFrom');
  if (!SCORER.is(trained)) checkAreTables(trained, 'modelFrom', 'Pass the factors of fit, or a scorer');
  const given = resolveOptions(MODEL_FROM_OPTIONS, options, 'modelFrom');
  const { config = {}, metrics = {}, seen } = given;
  const { userIds, itemIds, items } = split.train;
  const itemTitles = titlesOf(given.itemTitles, itemIds, 'modelFrom');
  const itemDegrees = new Int32Array(itemIds.length);
  for (const item of items) itemDegrees[item]++;
  const liked = everything(split);
  const histories = seen && historiesOf(seen, split.train);
  const { rowPtr, colIdx } = histories ?? (split.had ? interactionsToCsr(split.had) : liked);
  return {
    ...{ userIds, itemIds, itemTitles, config, metrics, itemDegrees },
    ...('kind' in trained ? partsOf(trained) : factorsOf(trained)),
    seen: { rowPtr, colIdx },
    ...('readsOrder' in trained && { seenOrder: seenOrder(split, { rowPtr, colIdx }) }),
    ...(given.embeddings && { text: textVectors(given.embeddings.source, given.embeddings, itemIds) }),
    ...(given.inverse && { inverse: fitting(given.inverse, trained, split.train) }),
    ...(given.itemMap && { itemMap: given.itemMap }),
    ...(given.attributes && { attributes: itemAttributes(given.attributes, itemIds) }),
    ...(split.had && !seen && { liked: likedBits({ rowPtr, colIdx }, liked) }),
  };
}

type ScoringParts = Pick<
  ModelData,
  'dim' | 'userFactors' | 'itemFactors' | 'rows' | 'itemScores' | 'sequence' | 'blend'
>;

const NO_FACTORS = { dim: 0, userFactors: null, itemFactors: new Float32Array(0) };

function factorsOf({ users, items, dim }: FactorTables): ScoringParts {
  return { dim, userFactors: users, itemFactors: items };
}

/** The parts of a model file that a scorer is made of. */
function partsOf(scorer: Scorer): ScoringParts {
  if (scorer instanceof TableScorer) return factorsOf(scorer.tables);
  if (scorer instanceof SequenceScorer) {
    const { items, weights } = scorer.tables;
    return { dim: weights.dim, userFactors: null, itemFactors: items, sequence: weights };
  }
  if (scorer instanceof CodeScorer) {
    const { items, weights } = scorer;
    return { dim: weights.dim, userFactors: null, itemFactors: items, sequence: weights };
  }
  if (scorer instanceof RowScorer) return { ...NO_FACTORS, rows: scorer.rows };
  if (scorer instanceof ItemScorer) return { ...NO_FACTORS, itemScores: scorer.scores };
  const parts = scorer instanceof BlendScorer ? scorer.parts : [];
  const kinds = parts.map((part) => partName(part.scorer));
  if (parts.length === 0 || new Set(kinds).size < parts.length) {
    const problem = `expected tables, rows, scores of items or a blend of one of each, received ${scorer.name}`;
    throw new UnsupportedError('modelFrom', problem, 'Save its parts on their own');
  }
  return {
    ...NO_FACTORS,
    ...Object.assign({}, ...parts.map((part) => withoutEmpty(partsOf(part.scorer)))),
    blend: parts.map(({ weight, deviation }, n) => ({ part: kinds[n], weight, deviation })),
  };
}

/** The parts of one scorer of a blend, without the factors of those that have none. */
function withoutEmpty(parts: ScoringParts): Partial<ScoringParts> {
  const { dim, userFactors, itemFactors, ...others } = parts;
  return dim > 0 ? parts : others;
}

function partName({ kind, name }: Scorer): BlendShare['part'] {
  if (kind !== 'blend' && kind !== 'sequence') return kind;
  throw new UnsupportedError(
    'modelFrom',
    `expected no blend or transformer within a blend, received ${name}`,
    'Save it on its own, or blend its parts',
  );
}

/** @throws {DataError} for the inverse of another training, @throws {UnsupportedError} for a model without rows */
function fitting(inverse: ItemInverse, trained: object, train: Interactions): ItemInverse {
  const parts = trained instanceof BlendScorer ? trained.parts.map(({ scorer }) => scorer) : [trained];
  const rows = parts.find((part) => part instanceof RowScorer)?.rows;
  if (!rows) {
    const problem = 'expected the rows of a closed form beside an inverse, received none';
    throw new UnsupportedError('modelFrom', problem, 'Leave the inverse out');
  }
  const { numUsers, numItems } = train;
  const { values, learned } = inverse;
  const [triangle, starts] = [(numItems * (numItems + 1)) / 2, learned.rowPtr.length - 1];
  if (values.length === triangle && starts === numUsers && learned.rowPtr[starts] === train.length)
    return inverse;
  const problem = `expected the inverse of ${numUsers} users and ${numItems} items, received that of another training`;
  throw new DataError('modelFrom', problem, 'Make it from the training interactions of the split');
}

/** A bit for each entry of `had` that is in `liked` too. */
function likedBits(had: Pick<Csr, 'rowPtr' | 'colIdx'>, liked: Csr): Uint8Array {
  const bits = new Uint8Array(Math.ceil(had.colIdx.length / 8));
  for (let user = 0; user < liked.rows; user++) {
    const own = new Set(liked.colIdx.subarray(liked.rowPtr[user], liked.rowPtr[user + 1]));
    for (let n = had.rowPtr[user]; n < had.rowPtr[user + 1]; n++)
      if (own.has(had.colIdx[n])) bits[n >> 3] |= 1 << (n & 7);
  }
  return bits;
}

/** The place of each entry in its user's history: the parts' items by time, and before them what was met and not liked. */
function seenOrder(
  { train, valid, test }: Split,
  { rowPtr, colIdx }: Pick<Csr, 'rowPtr' | 'colIdx'>,
): Int32Array {
  const all = sequencesOf([train, valid, test]);
  const order = new Int32Array(colIdx.length);
  for (let user = 0; user < train.numUsers; user++) {
    const places = new Map<number, number>();
    const own = all.items.subarray(all.rowPtr[user], all.rowPtr[user + 1]);
    for (const [place, item] of own.entries()) places.set(item, place);
    const entries = Array.from(colIdx.subarray(rowPtr[user], rowPtr[user + 1]), (item, n) => ({
      at: rowPtr[user] + n,
      place: places.get(item) ?? -1,
    }));
    entries.sort((a, b) => a.place - b.place || a.at - b.at);
    for (const [place, { at }] of entries.entries()) order[at] = place;
  }
  return order;
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
