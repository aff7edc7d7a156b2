import type { ItemTitles } from '../data/itemTitles.ts';
import type { NodeTables } from '../data/nodeTables.ts';
import type { Split } from '../data/splits.ts';
import type { Embeddings } from '../embed/embeddings.ts';
import { UnsupportedError } from '../errors.ts';
import { type EvaluateOptions, evaluateScorer } from '../evaluate/evaluate.ts';
import type { MetricsResult } from '../evaluate/metrics.ts';
import type { JsonValue } from '../format/json.ts';
import type { Initialization } from '../init/tables.ts';
import type { ClosedSettings } from '../models/closed/descriptor.ts';
import { findClosedModel, INVERTED } from '../models/closed/index.ts';
import { readsCodes } from '../models/registry.ts';
import { checkArgument, having } from '../options/arguments.ts';
import { SIGNAL } from '../options/kinds.ts';
import { optionsObject, resolveOptions } from '../options/resolve.ts';
import type { Scorer } from '../rank/scorer.ts';
import type { Runtime } from '../runtime/load.ts';
import type { ItemAttributes } from '../serve/attributes.ts';
import type { ItemInverse, ItemMap, ModelData } from '../serve/modelFile/data.ts';
import { encodeModel } from '../serve/modelFile/encode.ts';
import { Recommender } from '../serve/recommender.ts';
import { Sequences } from '../serve/scoring/sequenceReader.ts';
import type { FitResult } from '../train/fit.ts';
import { MODEL_FROM_OPTIONS, modelFrom } from '../train/trainedModel.ts';
import type { Candidate } from './candidates/candidate.ts';
import type { ContestResult, Trial } from './contest.ts';
import type { TrainSettings } from './settings.ts';
import type { TrainingData } from './trainingData.ts';

/**
 * What goes into a model beside what was trained.
 *
 * @example
 * const options: TrainedModelOptions = { itemTitles: catalogue, embeddings };
 * const model = (await train({ split }, { model: 'ease' })).model(options);
 */
export interface TrainedModelOptions {
  /** By item id. Default: the titles of the catalogue. */
  readonly itemTitles?: ItemTitles | null;
  /** Text vectors that the model keeps, see `modelFrom`. Default: those of training if they are lexical. */
  readonly embeddings?: Embeddings | null;
  /** Columns that the model keeps, see `modelFrom`. Default: those that came with the data. */
  readonly attributes?: ItemAttributes | null;
  /** What takes changes into the rows of a closed form, see `keptInverse`. Default none. */
  readonly inverse?: ItemInverse | null;
  /** Added to how it was made; any JSON. */
  readonly config?: Readonly<Record<string, JsonValue>>;
  /** Added to what training and validation reached; any JSON. */
  readonly metrics?: Readonly<Record<string, JsonValue>>;
}

const { seen: _, ...MODEL_OPTIONS } = MODEL_FROM_OPTIONS;
const FOUND = having<ContestResult>('one of a contest', {}, 'Call train');

/**
 * A choice among models, as JSON values.
 *
 * @example
 * const { config } = (await train({ split, embeddings }, { budget: 5 })).model();
 * const record = config.contest as ContestRecord | undefined;
 */
export interface ContestRecord {
  readonly [name: string]: JsonValue;
  /** Seconds of counted work, and of the clock. */
  readonly budget: number;
  readonly stopAfter: number | null;
  /** Name of the candidate that was kept. */
  readonly chosen: string;
  /** How many settings, epochs and weights were compared on the validation interactions. */
  readonly compared: number;
  /** Users who were validated on. */
  readonly validated: number;
  /** What was tried, in order: its validation NDCG@10 and settings, or why it was skipped. */
  readonly candidates: readonly Readonly<Record<string, JsonValue>>[];
}

/**
 * A trained model with how it came about.
 *
 * @example
 * const trained = await train({ split }, { model: 'ease' });
 * const bytes = encodeModel(trained.model());
 */
export class Trained {
  readonly split: Split;
  /** Everything that decided the result. */
  readonly settings: TrainSettings;
  /** What was tried, in order, with the validation metric of each. */
  readonly trials: readonly Trial[];
  /** Name of the trial that was kept: the highest metric, of equals the first. */
  readonly chosen: string;
  /** `lightgcn`, `l3ae`, `blend` … */
  readonly modelName: string;
  /** Validation NDCG@10; null without validation interactions. */
  readonly metric: number | null;
  /** What ranks. */
  readonly scorer: Scorer;
  /** The training over epochs in it; null for a model without. */
  readonly result: FitResult | null;
  /** The tables that this training began with. */
  readonly initialization: Initialization | null;
  readonly #data: TrainingData;
  readonly #candidate: Candidate;
  readonly #runtime: Runtime;

  /** @internal `train` makes these. */
  constructor(data: TrainingData, settings: TrainSettings, found: ContestResult, runtime: Runtime) {
    checkArgument(FOUND, found, 'the result', 'Trained');
    const { chosen, trials } = found;
    this.split = data.split;
    this.settings = settings;
    this.trials = trials;
    this.chosen = chosen.name;
    this.modelName = chosen.model;
    this.metric = chosen.metric;
    this.scorer = chosen.scorer;
    this.result = chosen.graph?.result ?? null;
    this.initialization = chosen.graph?.initialization ?? null;
    this.#data = data;
    this.#candidate = chosen;
    this.#runtime = runtime;
  }

  /** Final rows of users and items of the training over epochs; null for a model without. */
  get factors(): NodeTables | null {
    return this.result?.factors ?? null;
  }

  /** What was tried and why this was kept, as the model file keeps it; null where nothing was to choose. */
  get contest(): ContestRecord | null {
    const { budget, stopAfter } = this.settings;
    if (budget === null) return null;
    return {
      ...{ budget, stopAfter, chosen: this.chosen },
      compared: this.trials.reduce((sum, trial) => sum + trial.compared, 0),
      validated: new Set(this.#data.sampled.valid.users).size,
      candidates: this.trials.map(
        ({ name, metric, compared, report, skipped }): Readonly<Record<string, JsonValue>> =>
          skipped === null ? { name, valid: metric, compared, ...report } : { name, skipped },
      ),
    };
  }

  /** How it was made, as the model file keeps it. */
  get config(): Record<string, JsonValue> {
    const { settings, initialization, contest } = this;
    const { embeddings, split } = this.#data;
    const { numUsers: users, numItems: items } = split.train;
    const { protocol, seed, inputs } = settings;
    const vectors = embeddings && {
      source: embeddings.source,
      width: embeddings.width,
      itemsWithVector: items - (initialization?.itemsWithoutEmbedding.length ?? 0),
    };
    return {
      ...this.#made(),
      ...{ model: this.modelName, protocol, seed },
      ...(this.#candidate.graph === null || this.modelName === 'blend' ? this.#candidate.report : {}),
      varianceKept: initialization?.varianceKept ?? null,
      embeddings: this.#readsVectors ? vectors : null,
      data: { users, items, interactions: split.train.length + split.valid.length + split.test.length },
      ...(contest && { contest }),
      ...(settings.repeat !== undefined && { repeat: settings.repeat }),
      inputs,
    };
  }

  /** Options of the tables and of their training, with what came of those that were left open. */
  #made(): Record<string, JsonValue> {
    const { settings, initialization: tables } = this;
    if (!tables) return {};
    return {
      init: settings.init,
      ...settings.tables,
      dim: tables.dim,
      frozenColumns: tables.frozenColumns ?? null,
      adapterLayers: tables.adapter?.layers ?? null,
      ...settings.fit,
    };
  }

  /** What makes rows of new items: where the items' rows are a map of vectors which a file holds as this training saw them. */
  get #itemMap(): ItemMap | null {
    const { result, initialization, settings } = this;
    const center = initialization?.adapter?.center;
    if (!result?.adapter || !center || result.sequence || settings.tables?.normalize === false) return null;
    const { linear, branch } = result.adapter;
    return { center, linear, branch: branch && { inner: branch.inner, outer: branch.outer } };
  }

  get #readsVectors(): boolean {
    const closed = findClosedModel(this.modelName);
    if (closed) return closed.vectors !== 'unread';
    if (readsCodes(this.modelName)) return true;
    return this.initialization !== null && this.initialization.strategy !== 'xavier';
  }

  /** What training and validation reached, as the model file keeps it. */
  get metrics(): Record<string, JsonValue> {
    const { bestEpoch = 0, stoppedBy = null, history = [] } = this.result ?? {};
    return {
      protocol: this.settings.protocol,
      ...{ bestEpoch, stoppedBy, epochs: history.length },
      lossFirst: history[0]?.loss ?? null,
      lossLast: history[history.length - 1]?.loss ?? null,
      valid: this.metric === null ? null : { 'ndcg@10': this.metric },
    };
  }

  /** Ranks the held-out items; on the test items unless told otherwise. @throws as `evaluate` */
  async evaluate(options: Omit<EvaluateOptions, 'runtime'> = {}): Promise<MetricsResult> {
    const { protocol } = this.settings;
    const given = optionsObject(options, { where: 'evaluate' });
    return evaluateScorer(this.scorer, this.split, { protocol, ...given, runtime: this.#runtime });
  }

  /** The model for `Recommender` and `encodeModel`. */
  model(options: TrainedModelOptions = {}): ModelData {
    resolveOptions(MODEL_OPTIONS, options, 'Trained.model');
    const {
      itemTitles = this.#data.itemTitles,
      attributes = this.#data.attributes,
      inverse,
      config,
      metrics,
    } = options;
    const { embeddings: own } = this.#data;
    const { embeddings = own?.lexical ? own : null } = options;
    const itemMap = embeddings === own ? this.#itemMap : null;
    return modelFrom(this.split, this.scorer, {
      itemTitles,
      embeddings,
      itemMap,
      attributes,
      inverse,
      config: { ...this.config, ...config },
      metrics: { ...this.metrics, ...metrics },
    });
  }

  /**
   * What the model file keeps, `encode({ inverse })`, so that the opened recommender takes what people do into the rows of
   * items exactly. Takes a second training's time.
   * @throws {UnsupportedError} unless the model is EASE; as `ease`
   */
  async keptInverse(options: { readonly signal?: AbortSignal } = {}): Promise<ItemInverse> {
    const { signal } = resolveOptions({ signal: SIGNAL }, options, 'Trained.keptInverse');
    const model = findClosedModel(this.modelName);
    const settings = this.#candidate.report as ClosedSettings;
    if (model?.inverse) return model.inverse(this.split.train, settings, { runtime: this.#runtime, signal });
    throw new UnsupportedError(
      'Trained.keptInverse',
      `expected a model with an inverse to keep: ${INVERTED.join(', ')}, received ${this.modelName}`,
      `Train with model: '${INVERTED[0]}'`,
    );
  }

  /** The bytes of the model file. */
  encode(options: TrainedModelOptions = {}): Uint8Array {
    return encodeModel(this.model(options));
  }

  /** The model at work. */
  async recommender(options: TrainedModelOptions = {}): Promise<Recommender> {
    return new Recommender(this.model(options), this.#runtime, new Sequences(this.#runtime));
  }
}
