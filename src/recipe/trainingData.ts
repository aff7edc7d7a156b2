import { checkIsSplit } from '../data/argumentKinds.ts';
import type { ItemCodes } from '../data/itemCodes.ts';
import { ITEM_TITLES, type ItemTitles } from '../data/itemTitles.ts';
import { leaveOneOut, type Split } from '../data/splits.ts';
import { embedInBatches } from '../embed/batches.ts';
import { checkIsEmbeddings, type Embeddings } from '../embed/embeddings.ts';
import { toEmbedder } from '../embed/foreign/toEmbedder.ts';
import { lexicalEmbeddings } from '../embed/lexical/lexicalEmbeddings.ts';
import { SEMANTIC_ID_OPTIONS, type SemanticIdOptions, semanticIds } from '../embed/semanticIds.ts';
import { DataError, OptionError } from '../errors.ts';
import { checkTables, prepareTables } from '../init/initialize.ts';
import { type InitializeOptions, resolveInit } from '../init/options.ts';
import type { Initialization } from '../init/tables.ts';
import { boolean, integer } from '../options/builders.ts';
import type { DescriptorsOf } from '../options/descriptor.ts';
import { SIGNAL } from '../options/kinds.ts';
import { resolveOptions } from '../options/resolve.ts';
import type { Runtime } from '../runtime/load.ts';
import { RUNTIME } from '../runtime/option.ts';
import { Turns } from '../runtime/turns.ts';
import { ITEM_ATTRIBUTES, type ItemAttributes } from '../serve/attributes.ts';
import { directionsDiffer } from './directions.ts';
import { inputsDigest } from './inputsDigest.ts';
import { keyOf, Memo } from './memo.ts';
import { checkTrainData, type TrainData } from './trainData.ts';
import { validationSample } from './validationSample.ts';

/**
 * What making `TrainingData` takes besides the data.
 *
 * @example
 * const options: TrainingDataOptions = { seed: 1, needsVectors: true };
 * const data = await trainingData({ interactions, catalogue }, options);
 */
export interface TrainingDataOptions {
  /** Of the split that is made of `interactions`. Default 2020. */
  readonly seed?: number;
  /** Whether texts are embedded where there are no vectors. Default true. */
  readonly needsVectors?: boolean;
  readonly runtime?: Runtime;
  readonly signal?: AbortSignal;
}

const DATA_OPTIONS = {
  seed: integer({ about: 'of the split that is made of interactions', min: 0, default: 2020 }),
  needsVectors: boolean({ about: 'whether texts are embedded', default: true }),
  ...{ runtime: RUNTIME, signal: SIGNAL },
} satisfies DescriptorsOf<TrainingDataOptions>;

/** Tables that are kept at a time: the initialisations and scales of one comparison. */
const MOST_TABLES = 8;

/**
 * A split with the vectors of its items, and all work on them that no single training owns: initial tables are computed
 * once for all trials, protocols and models that begin with them.
 *
 * @example
 * const data = new TrainingData(split, embeddings);
 * const first = await train(data, { model: 'ease' });
 * const second = await train(data, { model: 'l3ae' });
 */
export class TrainingData {
  readonly split: Split;
  readonly embeddings: Embeddings | null;
  /** By item id; null without a catalogue. */
  readonly itemTitles: ItemTitles | null;
  /** Columns that the model keeps; null where it keeps none. */
  readonly attributes: ItemAttributes | null;
  #sampled: Split | null = null;
  #inputs: string | null = null;
  readonly #preparations = new Memo<(scale?: number) => Initialization>(MOST_TABLES);
  readonly #tables = new Memo<Initialization>(MOST_TABLES);
  readonly #codes = new Memo<ItemCodes>(MOST_TABLES);

  constructor(
    split: Split,
    embeddings: Embeddings | null,
    itemTitles: ItemTitles | null = null,
    attributes: ItemAttributes | null = null,
  ) {
    checkIsSplit(split, 'TrainingData');
    if (embeddings !== null) checkIsEmbeddings(embeddings, 'TrainingData');
    if (itemTitles !== null) ITEM_TITLES.check(itemTitles, 'itemTitles', 'TrainingData');
    if (attributes !== null) ITEM_ATTRIBUTES.check(attributes, 'attributes', 'TrainingData');
    this.split = split;
    this.embeddings = embeddings;
    this.itemTitles = itemTitles;
    this.attributes = attributes;
  }

  /**
   * Whether there are vectors, and those of at least two items differ in more than their length, which normalisation takes away:
   * equal ones say nothing of what an item is.
   * @throws {DataError} when not one item has a vector
   */
  get tellsItemsApart(): boolean {
    return this.embeddings !== null && directionsDiffer(this.embeddings, this.split.train.itemTable);
  }

  /** The split by which models are chosen: see `validationSample`. */
  get sampled(): Split {
    this.#sampled ??= validationSample(this.split);
    return this.#sampled;
  }

  /** SHA-256 of the split and the vectors, computed once. @throws `signal.reason` when aborted */
  async inputs(signal?: AbortSignal): Promise<string> {
    if (signal !== undefined) SIGNAL.check(signal, 'signal', 'TrainingData.inputs');
    const { ids, vectors } = this.embeddings ?? { ids: [], vectors: null };
    this.#inputs ??= await inputsDigest(this.split, ids, vectors ? [vectors] : [], new Turns(signal));
    return this.#inputs;
  }

  /** Refuses what `initialTables` would refuse, without computing anything. @throws as `checkTables` */
  checkTables(options: InitializeOptions): void {
    checkTables(this.split.train, this.#vectorsFor(options), options);
  }

  /**
   * As `initialize`, where what does not depend on the scale is computed once for equal options. The latest few are kept;
   * what failed is tried anew.
   */
  async initialTables(options: InitializeOptions): Promise<Initialization> {
    const embeddings = this.#vectorsFor(options);
    const { runtime, scale, signal, ...decisive } = { ...options };
    const key = keyOf({ ...TABLE_DEFAULTS, ...defined(decisive) });
    return this.#tables.of(`${key} ${scale}`, async () => {
      const tables = await this.#preparations.of(key, () =>
        prepareTables(this.split.train, embeddings, { ...decisive, runtime, signal }),
      );
      return tables(scale);
    });
  }

  /**
   * Semantic ids of the items by their vectors, made once for equal options.
   * @throws {OptionError} without vectors, and for options out of range
   */
  async itemCodes(options: SemanticIdOptions): Promise<ItemCodes> {
    const { embeddings, split } = this;
    if (!embeddings) {
      const problem = 'expected vectors of the items to make codes from, received none';
      throw new OptionError('train', problem, 'Pass embeddings, or a catalogue with texts', 'model');
    }
    const { runtime, signal, ...decisive } = resolveOptions(SEMANTIC_ID_OPTIONS, options, 'train');
    return this.#codes.of(keyOf(decisive), async () =>
      (await semanticIds(embeddings, options)).itemCodes(split.train.itemIds),
    );
  }

  /** The vectors, for a strategy that reads them. @throws {OptionError} for options that are none */
  #vectorsFor(options: InitializeOptions): Embeddings | null {
    const { strategy } = resolveInit(options, this.embeddings !== null);
    return strategy.needsVectors ? this.embeddings : null;
  }
}

/** What options that are left out mean, so that both ways to say it share one table. */
const TABLE_DEFAULTS = { pooling: 'mean', normalize: true, seed: 2020 };

function defined(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/**
 * The data of a training, ready to be shared by several: splits `interactions`, embeds texts where there are no
 * vectors, and finds the titles.
 *
 * @throws {OptionError} for data that `train` would refuse, and options out of range
 * @throws {DataError} when an item has no text to make its vector from
 * @example
 * const data = await trainingData({ interactions, catalogue }, { seed: 1 });
 * data.split.train.numUsers; // → 60
 */
export async function trainingData(
  data: TrainData,
  options: TrainingDataOptions = {},
): Promise<TrainingData> {
  const { seed, needsVectors, runtime, signal } = resolveOptions(DATA_OPTIONS, options, 'trainingData');
  checkTrainData(data, 'trainingData');
  const { split, interactions, embeddings, catalogue, embedder, attributes = null } = data;
  const ready = split ?? leaveOneOut(interactions!, { order: 'random', seed });
  const { itemIds } = ready.train;
  const aligned = catalogue?.aligned(itemIds);
  let vectors = embeddings ?? null;
  if (aligned && embeddings === undefined && needsVectors) {
    checkTexts(aligned.missing, itemIds.length);
    vectors =
      embedder === undefined
        ? (await lexicalEmbeddings(itemIds, aligned.texts, { runtime, signal })).embeddings
        : await embedInBatches(aligned.texts, toEmbedder(embedder), { ids: itemIds, signal });
  }
  return new TrainingData(ready, vectors, catalogue ?? null, attributes);
}

function checkTexts(missing: readonly string[], total: number): void {
  if (missing.length === 0) return;
  const ids = `${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ', …' : ''}`;
  const problem = `expected a text in the catalogue for each of ${total} items, received none for ${missing.length} of them (${ids})`;
  throw new DataError(
    'train',
    problem,
    'Add their texts, or pass embeddings of the others: items without get xavier rows',
  );
}
