import { checkIdTables } from '../data/readySplit.ts';
import type { Shard } from '../embed/shards.ts';
import { DataError, OptionError } from '../errors.ts';
import { findClosedModel } from '../models/closed/index.ts';
import { readsCodes } from '../models/registry.ts';
import { optionsObject } from '../options/resolve.ts';
import { load } from '../runtime/load.ts';
import { entriesOf } from './candidates/index.ts';
import { checkTrainOptions } from './checkOptions.ts';
import { checkChoice, epochsOf } from './choice.ts';
import { composed } from './compositions.ts';
import { contest } from './contest.ts';
import { type Forecast, forecast } from './forecast.ts';
import { checkedInit, type Init, nameOfInit, needsVectors, readsVectors, strategyOf } from './inits.ts';
import { itemShard, joinedShards } from './itemShards.ts';
import { COMMON, type TrainOptions } from './options.ts';
import { type TrainSettings, trainSettings } from './settings.ts';
import { trainingSize } from './size.ts';
import { tableOptions } from './stepOptions.ts';
import { checkTrainData, type TrainData } from './trainData.ts';
import { Trained } from './trained.ts';
import { TrainingData, trainingData } from './trainingData.ts';

/**
 * Trains a recommender: by default a choice by validation among a closed form of text and clicks, LightGCN from text, and
 * their blend; or one model from one initialisation. What `llminit train` does, in every runtime. The test interactions of the split are not looked at.
 *
 *     const trained = await train({ interactions, catalogue });
 *     const recommender = await trained.recommender();
 *     const bytes = trained.encode();
 *
 * Same data, options and seed: same bytes, also when the job was interrupted and resumed.
 *
 * @param data a split, or interactions to split, with text vectors or a catalogue; or `TrainingData`, which shares its
 *   initial tables with other trainings
 * @throws as `initialize`, `adapterInput` and `fit`, and as `trainingData`
 * @throws {DataError} when `resume` belongs to another job
 * @throws `signal.reason` when aborted, after `onCheckpoint` has received the state
 * @example
 * const trained = await train({ split, embeddings }, { model: 'lightgcn', init: 'variance', dim: 8, epochs: 3 });
 * const { means } = await trained.evaluate();
 * const bytes = encodeModel(trained.model({ itemTitles: catalogue }));
 */
export async function train(data: TrainData | TrainingData, options: TrainOptions = {}): Promise<Trained> {
  return (await prepareTraining(data, options)).run();
}

/** A training that is ready to start. */
export interface PreparedTraining {
  /** Everything that decides its result. */
  readonly settings: TrainSettings;
  /** Names of what it will try. */
  readonly trials: readonly string[];
  /** Time and memory that it is expected to take at most. */
  readonly forecast: Forecast;
  run(hooks?: TrainHooks & { readonly itemShards?: readonly ShardFile[] }): Promise<Trained>;
  /**
   * The file of one part of the items of a closed form whose items are solved apart, L3AE: with those of all parts `run`
   * gives, by `itemShards`, the bytes that it gives without.
   * @throws {OptionError} for other models
   */
  itemShard(shard: Shard, hooks?: Pick<TrainHooks, 'signal' | 'onProgress'>): Promise<Uint8Array>;
}

/** A file that `itemShard` made. */
export interface ShardFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What may change without changing the result. */
export type TrainHooks = Pick<
  TrainOptions,
  'signal' | 'onProgress' | 'onCheckpoint' | 'checkpointEvery' | 'resume'
>;

/** As `train`, in two steps: options are checked and settings known before any work is done. */
export async function prepareTraining(
  data: TrainData | TrainingData,
  given: TrainOptions = {},
): Promise<PreparedTraining> {
  const options = withOwnName(optionsObject(given, { where: 'train' }));
  const { seed, signal, model } = options;
  if (!(data instanceof TrainingData)) checkTrainData(data, 'train');
  const init = checkedInit(options.init);
  checkTrainOptions(init, options, hasTexts(data));
  const runtime = options.runtime ?? (await load());
  const closed = findClosedModel(model ?? '');
  const coded = readsCodes(model);
  const reads = closed ? closed.vectors !== 'unread' : coded || readsVectors(init);
  const ready =
    data instanceof TrainingData
      ? data
      : await trainingData(data, { seed, runtime, signal, needsVectors: reads });
  checkData(init, closed, ready);
  if (coded && !ready.embeddings) refuseWithoutVectors(model!, 'model');
  if (!closed) ready.checkTables(tableOptions(strategyOf(init, ready.tellsItemsApart), options));
  if (options.repeat) checkChoice(options.repeat, ready);
  const epochs = options.repeat && epochsOf(options.repeat);
  const chosen = epochs ? { ...options, epochs } : options;
  const entries = entriesOf(init, chosen, ready);
  const settings = trainSettings(init, chosen, ready.split.train, await ready.inputs(signal));
  // What is repeated, and a closed form, is measured once.
  const split = options.repeat || closed ? ready.split : ready.sampled;
  const size = trainingSize(ready, split);
  return {
    settings,
    trials: entries.map(({ name }) => name),
    forecast: forecast(entries, size, chosen, { budget: settings.budget, threads: runtime.threads }),
    itemShard: (shard, hooks = {}) =>
      itemShard(closed, ready, settings, shard, { runtime, signal, ...hooks }),
    async run({ itemShards: files, ...hooks } = {}) {
      const all = { ...chosen, ...hooks };
      const itemShards = files && joinedShards(closed, ready, settings, files);
      const context = {
        ...{ data: ready, split, size, options: all, runtime, signal: all.signal },
        itemShards,
      };
      return new Trained(ready, settings, await contest(entries, settings, context, all), runtime);
    },
  };
}

/** A model that is given by a synonym, under its own name, and what a composition stands for. @throws {OptionError} for a model that is none */
function withOwnName(options: TrainOptions): TrainOptions {
  if (options.model === undefined) return options;
  return composed({ ...options, model: COMMON.model.check(options.model, 'model', 'train') });
}

function hasTexts(data: TrainData | TrainingData): boolean {
  if (data.embeddings) return true;
  return !(data instanceof TrainingData) && data.embeddings === undefined && data.catalogue !== undefined;
}

/** @throws {OptionError} without vectors where they are needed, @throws {DataError} on data that cannot be trained on */
function checkData(
  init: Init,
  closed: ReturnType<typeof findClosedModel>,
  { split, embeddings }: TrainingData,
): void {
  checkIdTables(split, 'train');
  if (split.train.length === 0)
    throw new DataError('train', 'expected training interactions, received none', 'Bring more interactions');
  const needy = closed
    ? closed.vectors === 'required' && closed.name
    : needsVectors(init) && nameOfInit(init);
  if (!needy || embeddings) return;
  refuseWithoutVectors(needy, closed ? 'model' : 'init');
}

function refuseWithoutVectors(needy: string, option: string): never {
  const problem = `${needy} needs embeddings, received none`;
  throw new OptionError('train', problem, 'Pass embeddings, or a catalogue with texts', option);
}
