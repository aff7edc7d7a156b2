import { checkIsInteractions, checkIsSplit } from '../data/argumentKinds.ts';
import type { Catalogue } from '../data/catalogue.ts';
import type { Interactions } from '../data/interactions.ts';
import type { ItemTitles } from '../data/itemTitles.ts';
import { leaveOneOut, type Split } from '../data/splits.ts';
import type { Embeddings } from '../embed/embeddings.ts';
import { lexicalEmbeddings } from '../embed/lexical/lexicalEmbeddings.ts';
import { DataError, OptionError, shown } from '../errors.ts';
import { checkTables, prepareTables } from '../init/initialize.ts';
import { findStrategy, type InitializeOptions } from '../init/options.ts';
import type { Initialization } from '../init/tables.ts';
import type { Runtime } from '../runtime/load.ts';
import { Turns } from '../runtime/turns.ts';
import type { ItemAttributes } from '../serve/attributes.ts';
import { inputsDigest } from './inputsDigest.ts';
import { validationSample } from './validationSample.ts';

/** What `train` learns from. */
export interface TrainData {
  /** Split for training, validation and test; or `interactions`, of which each user's last two are held out at random. */
  readonly split?: Split;
  readonly interactions?: Interactions;
  /** Text vectors of the items. Default: lexical vectors of the catalogue's texts; null for none. */
  readonly embeddings?: Embeddings | null;
  /** Titles of the items for the model, and their texts where there are no `embeddings`. */
  readonly catalogue?: Catalogue;
  /** Columns that the model keeps, to filter by, as `readCatalogue` with `keep` gives them. Default none. */
  readonly attributes?: ItemAttributes | null;
}

/** What making `TrainingData` takes besides the data. */
export interface TrainingDataOptions {
  /** Of the split that is made of `interactions`. Default 2020. */
  readonly seed?: number;
  /** Whether texts are embedded where there are no vectors. Default true. */
  readonly needsVectors?: boolean;
  readonly runtime?: Runtime;
  readonly signal?: AbortSignal;
}

/**
 * A split with the vectors of its items, and all work on them that no single training owns: initial tables are computed
 * once for all trials, protocols and models that begin with them.
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
  readonly #preparations = new Map<string, ReturnType<typeof prepareTables>>();
  readonly #tables = new Map<string, Promise<Initialization>>();

  constructor(
    split: Split,
    embeddings: Embeddings | null,
    itemTitles: ItemTitles | null = null,
    attributes: ItemAttributes | null = null,
  ) {
    this.split = split;
    this.embeddings = embeddings;
    this.itemTitles = itemTitles;
    this.attributes = attributes;
  }

  /** Whether there are vectors, and at least two of them differ: equal ones say nothing of what an item is. */
  get tellsItemsApart(): boolean {
    const { vectors = [], width = 0 } = this.embeddings ?? {};
    for (let n = width; n < vectors.length; n++) if (vectors[n] !== vectors[n % width]) return true;
    return false;
  }

  /** The split by which models are chosen: see `validationSample`. */
  get sampled(): Split {
    this.#sampled ??= validationSample(this.split);
    return this.#sampled;
  }

  /** SHA-256 of the split and the vectors, computed once. @throws `signal.reason` when aborted */
  async inputs(signal?: AbortSignal): Promise<string> {
    const { ids, vectors } = this.embeddings ?? { ids: [], vectors: null };
    this.#inputs ??= await inputsDigest(this.split, ids, vectors ? [vectors] : [], new Turns(signal));
    return this.#inputs;
  }

  /** Refuses what `initialTables` would refuse, without computing anything. @throws as `checkTables` */
  checkTables(options: InitializeOptions): void {
    const embeddings = findStrategy(options.strategy).needsVectors ? this.embeddings : null;
    checkTables(this.split.train, embeddings, options);
  }

  /** As `initialize`, where what does not depend on the scale is computed once for equal options. */
  async initialTables(options: InitializeOptions): Promise<Initialization> {
    const { runtime, scale, signal, ...decisive } = options;
    const key = JSON.stringify(Object.entries({ ...TABLE_DEFAULTS, ...defined(decisive) }).sort());
    const embeddings = findStrategy(options.strategy).needsVectors ? this.embeddings : null;
    return once(this.#tables, `${key} ${scale}`, async () => {
      const tables = await once(this.#preparations, key, () =>
        prepareTables(this.split.train, embeddings, { ...decisive, runtime, signal }),
      );
      return tables(scale);
    });
  }
}

/** What options that are left out mean, so that both ways to say it share one table. */
const TABLE_DEFAULTS = { pooling: 'mean', normalize: true, seed: 2020 };

function defined(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function once<K, T>(known: Map<K, Promise<T>>, key: K, make: () => Promise<T>): Promise<T> {
  const found = known.get(key);
  if (found) return found;
  const made = make();
  known.set(key, made);
  // What failed, or was stopped, may be tried again.
  made.catch(() => known.delete(key));
  return made;
}

/**
 * The data of a training, ready to be shared by several: splits `interactions`, embeds texts where there are no
 * vectors, and finds the titles.
 *
 * @throws {OptionError} unless there is either a split or interactions
 * @throws {DataError} when an item has no text to make its vector from
 */
export async function trainingData(
  data: TrainData,
  options: TrainingDataOptions = {},
): Promise<TrainingData> {
  checkTrainData(data);
  const { split, interactions, embeddings, catalogue, attributes = null } = data;
  const { seed = 2020, needsVectors = true, runtime, signal } = options;
  const ready = split ?? leaveOneOut(interactions!, { order: 'random', seed });
  const { itemIds } = ready.train;
  const aligned = catalogue?.aligned(itemIds);
  let vectors = embeddings ?? null;
  if (aligned && embeddings === undefined && needsVectors) {
    checkTexts(aligned.missing, itemIds.length);
    vectors = (await lexicalEmbeddings(itemIds, aligned.texts, { runtime, signal })).embeddings;
  }
  return new TrainingData(ready, vectors, catalogue ?? null, attributes);
}

/** @throws {OptionError} unless there is either a split or interactions */
export function checkTrainData(data: TrainData): void {
  if ((data?.split === undefined) !== (data?.interactions === undefined)) {
    if (data.split === undefined) checkIsInteractions(data.interactions, 'train');
    else checkIsSplit(data.split, 'train');
    return;
  }
  const problem = `expected data with either a split or interactions, received ${shown(data)}`;
  throw new OptionError('train', problem, 'Pass { split } or { interactions }');
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
