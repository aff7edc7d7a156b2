import { DataError } from '../errors.ts';
import { load, type Runtime } from '../runtime/load.ts';
import type { Entry } from './candidates/candidate.ts';
import { entriesOf } from './candidates/index.ts';
import { contest } from './contest.ts';
import { findInit, type InitName, readsVectors } from './inits.ts';
import { inputsDigest } from './inputsDigest.ts';
import {
  checkTrainOptions,
  TRAIN_OPTIONS,
  type TrainOptions,
  type TrainSettings,
  trainSettings,
} from './options.ts';
import { Trained } from './trained.ts';
import { checkTrainData, type TrainData, TrainingData, trainingData } from './trainingData.ts';

/**
 * Trains a recommender: initialises its tables, trains, and, where there is a choice, keeps the best by validation.
 * What `llminit train` does, in every runtime. The test interactions of the split are not looked at.
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
  run(hooks?: TrainHooks): Promise<Trained>;
}

/** What may change without changing the result. */
export type TrainHooks = Pick<
  TrainOptions,
  'signal' | 'onProgress' | 'onCheckpoint' | 'checkpointEvery' | 'resume'
>;

/** As `train`, in two steps: the settings are known, and the tables filled, before training starts. */
export async function prepareTraining(
  data: TrainData | TrainingData,
  options: TrainOptions = {},
): Promise<PreparedTraining> {
  const init = checkedInit(options, data);
  checkTrainOptions(init, options);
  const runtime = options.runtime ?? (await load());
  const { seed, signal } = options;
  const ready =
    data instanceof TrainingData
      ? data
      : await trainingData(data, { seed, runtime, signal, needsVectors: readsVectors(init) });
  const entries = entriesOf(init, options, ready);
  const settings = await settingsOf(init, options, ready, entries, runtime);
  return {
    settings,
    trials: entries.map(({ name }) => name),
    async run(hooks = {}) {
      const all = { ...options, ...hooks };
      const context = { data: ready, settings, options: all, runtime, signal: all.signal };
      return new Trained(ready, settings, await contest(entries, context, all), runtime);
    },
  };
}

/** @throws {OptionError} for data or an `init` of another kind */
function checkedInit(options: TrainOptions, data: TrainData | TrainingData): InitName {
  if (!(data instanceof TrainingData)) checkTrainData(data);
  const init = options?.init;
  if (init === undefined) return defaultInit(data);
  return findInit(init) ?? TRAIN_OPTIONS.init.check(init, 'init', 'train');
}

function defaultInit(data: TrainData | TrainingData): InitName {
  if (data instanceof TrainingData) return data.embeddings ? 'auto' : 'xavier';
  const hasTexts = data.catalogue !== undefined && data.embeddings === undefined;
  return data.embeddings || hasTexts ? 'auto' : 'xavier';
}

/** The settings with the digest of all that they work on. */
async function settingsOf(
  init: InitName,
  options: TrainOptions,
  data: TrainingData,
  entries: readonly Entry[],
  runtime: Runtime,
): Promise<TrainSettings> {
  if (data.split.train.length === 0) {
    throw new DataError('train', 'expected training interactions, received none', 'Bring more interactions');
  }
  const tables = await entries[0].tables({ data, options, runtime });
  const { users, items, adapter } = tables;
  const input = adapter ? [adapter.features] : [];
  return trainSettings(init, options, tables, inputsDigest(data.split, [users, items, ...input]));
}
