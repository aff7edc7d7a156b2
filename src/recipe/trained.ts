import type { ItemTitles } from '../data/itemTitles.ts';
import type { NodeTables } from '../data/nodeTables.ts';
import type { Split } from '../data/splits.ts';
import { type EvaluateOptions, evaluate } from '../evaluate/evaluate.ts';
import type { MetricsResult } from '../evaluate/metrics.ts';
import type { JsonValue } from '../format/json.ts';
import type { Initialization } from '../init/tables.ts';
import type { Runtime } from '../runtime/load.ts';
import type { ModelData } from '../serve/modelFile/data.ts';
import { encodeModel } from '../serve/modelFile/encode.ts';
import { Recommender } from '../serve/recommender.ts';
import type { FitResult } from '../train/fit.ts';
import { modelFrom } from '../train/trainedModel.ts';
import type { ContestResult, Trial } from './contest.ts';
import type { TrainSettings } from './options.ts';
import type { TrainingData } from './trainingData.ts';

/** What goes into a model beside its tables. */
export interface TrainedModelOptions {
  /** By item id. Default: the titles of the catalogue. */
  readonly itemTitles?: ItemTitles | null;
  /** Added to how it was made; any JSON. */
  readonly config?: Readonly<Record<string, JsonValue>>;
  /** Added to what training and validation reached; any JSON. */
  readonly metrics?: Readonly<Record<string, JsonValue>>;
}

/** A trained model with how it came about. */
export class Trained {
  readonly split: Split;
  /** Everything that decided the result. */
  readonly settings: TrainSettings;
  /** What was tried, in order, with the validation metric of each. */
  readonly trials: readonly Trial[];
  /** Name of the trial that was kept: the highest metric, of equals the first. */
  readonly chosen: string;
  /** The scale of the initial rows that was chosen among several; null where there was no choice. */
  readonly chosenScale: number | null;
  /** The training of the chosen trial. */
  readonly result: FitResult;
  /** The tables that it began with. */
  readonly initialization: Initialization;
  readonly #data: TrainingData;
  readonly #runtime: Runtime;

  /** @internal `train` makes these. */
  constructor(data: TrainingData, settings: TrainSettings, found: ContestResult, runtime: Runtime) {
    const { chosen, trials } = found;
    this.split = data.split;
    this.settings = settings;
    this.trials = trials;
    this.chosen = chosen.name;
    this.chosenScale = chosen.scale;
    this.result = chosen.result;
    this.initialization = chosen.initialization;
    this.#data = data;
    this.#runtime = runtime;
  }

  /** Final rows of users and items. */
  get factors(): NodeTables {
    return this.result.factors;
  }

  /** How it was made, as the model file keeps it. */
  get config(): Record<string, JsonValue> {
    const { fit, inputs, ...init } = this.settings;
    const { varianceKept, itemsWithoutEmbedding } = this.initialization;
    const { embeddings, split } = this.#data;
    const { numUsers: users, numItems: items } = split.train;
    return {
      ...init,
      scale: this.chosenScale ?? init.scale,
      ...fit,
      varianceKept,
      embeddings:
        this.initialization.strategy === 'xavier' || !embeddings
          ? null
          : {
              source: embeddings.source,
              width: embeddings.width,
              itemsWithVector: items - itemsWithoutEmbedding.length,
            },
      data: { users, items, interactions: split.train.length + split.valid.length + split.test.length },
      inputs,
    };
  }

  /** Ranks the held-out items; on the test items unless told otherwise. @throws as `evaluate` */
  evaluate(options: Omit<EvaluateOptions, 'runtime'> = {}): Promise<MetricsResult> {
    const protocol = this.settings.fit.protocol === 'paper' ? 'paper' : 'standard';
    return evaluate(this.factors, this.split, { protocol, ...options, runtime: this.#runtime });
  }

  /** What training and validation reached, as the model file keeps it. */
  get metrics(): Record<string, JsonValue> {
    const { bestEpoch, bestMetric, history, stoppedBy } = this.result;
    return {
      protocol: this.settings.fit.protocol,
      ...{ bestEpoch, stoppedBy, epochs: history.length },
      lossFirst: history[0].loss,
      lossLast: history[history.length - 1].loss,
      valid: bestMetric === null ? null : { 'ndcg@10': bestMetric },
    };
  }

  /** The model for `Recommender` and `encodeModel`. */
  model(options: TrainedModelOptions = {}): ModelData {
    const { itemTitles = this.#data.itemTitles, config, metrics } = options;
    return modelFrom(this.split, this.factors, {
      itemTitles,
      config: { ...this.config, ...config },
      metrics: { ...this.metrics, ...metrics },
    });
  }

  /** The bytes of the model file. */
  encode(options: TrainedModelOptions = {}): Uint8Array {
    return encodeModel(this.model(options));
  }

  /** The model at work. */
  async recommender(options: TrainedModelOptions = {}): Promise<Recommender> {
    return new Recommender(this.model(options), this.#runtime);
  }
}
