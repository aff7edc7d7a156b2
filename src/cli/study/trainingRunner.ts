import {
  Embeddings,
  type MetricsResult,
  type Protocol,
  type Split,
  TrainingData,
  type TrainOptions,
  train,
} from '../../index.ts';
import type { Dataset } from '../dataset.ts';
import type { Session } from '../session.ts';
import { splitsOf } from '../splitArguments.ts';
import type { Machine, OpenRunner, Runner } from './engine/runner.ts';
import type { RunRecord } from './engine/runRecord.ts';
import {
  openSplits,
  type SharedEmbeddings,
  type SharedSplits,
  sharedEmbeddings,
  sharedSplits,
} from './engine/sharedData.ts';
import type { Means, PlannedRun } from './engine/study.ts';
import { type AskedWorkers, workersOf } from './engine/workers.ts';
import { type ForeseenRuns, largestOf, secondsOfAll } from './forecasts.ts';
import type { MeasureOptions } from './measures.ts';
import type { RerankRuns } from './rerankRuns.ts';

/** A training of `evaluate` or `tune`, and what is measured of it. */
export interface TrainingTask extends Pick<MeasureOptions, 'seen' | 'beyond'> {
  /** What is compared: an initialisation, or a model without epochs. */
  readonly init: string;
  readonly protocol: Protocol;
  readonly seed: number;
  /** Those of `train`. */
  readonly options: TrainOptions;
  /** Cut-offs, ascending; with none nothing is tested. */
  readonly ks: readonly number[];
  /** Whether the metrics of every user are told. */
  readonly perUser: boolean;
}

/** What came of a training. */
export interface TrainingResult extends RunRecord {
  /** Where they were asked for. */
  readonly perUser?: Pick<MetricsResult, 'users' | 'perUser'>;
}

/** The data of a comparison: the split of each seed, of which the latest is kept, and the vectors. */
export class SeedData {
  readonly #split: (seed: number) => Split;
  readonly #embeddings: Embeddings | null;
  #latest: { readonly seed: number; readonly data: TrainingData } | null = null;

  constructor(split: (seed: number) => Split, embeddings: Embeddings | null) {
    this.#split = split;
    this.#embeddings = embeddings;
  }

  of(seed: number): TrainingData {
    if (this.#latest?.seed !== seed)
      this.#latest = { seed, data: new TrainingData(this.#split(seed), this.#embeddings) };
    return this.#latest.data;
  }
}

/** What a worker thread is told of a comparison. */
interface TrainingSource {
  readonly splits: SharedSplits;
  readonly embeddings: SharedEmbeddings | null;
}

function trainingSource({ splits }: Dataset, embeddings: Embeddings | null): TrainingSource {
  return { splits: sharedSplits(splits), embeddings: embeddings && sharedEmbeddings(embeddings) };
}

/** A runner of a worker thread. */
export const openTrainings: OpenRunner<TrainingSource, TrainingTask, TrainingResult> = async (
  { splits, embeddings },
  machine,
) => {
  const data = new SeedData(splitsOf(openSplits(splits)), embeddings && new Embeddings(embeddings));
  return trainingRunner(data, null, machine);
};

/** Trains and measures. @param rerank null where nothing is re-ranked */
export function trainingRunner(
  data: SeedData,
  rerank: RerankRuns | null,
  { runtime, maxProcessBytes }: Machine,
): Runner<TrainingTask, TrainingResult> {
  return async (
    { init, protocol, seed, options, ks, seen, beyond, perUser },
    { label, signal, onProgress },
  ) => {
    const trained = await train(data.of(seed), { ...options, runtime, maxProcessBytes, signal, onProgress });
    const { result, initialization, metric: valid } = trained;
    const { bestEpoch = 0, history = [] } = result ?? {};
    const test = ks.length > 0 ? await trained.evaluate({ ks, seen, beyond, signal }) : null;
    return {
      ...{ protocol, init, seed, bestEpoch, epochs: history.length, valid },
      metrics: { ...test?.means, ...test?.beyond },
      itemsWithoutVector: initialization?.itemsWithoutEmbedding.length ?? 0,
      ...(rerank && { rerank: await rerank.measure(trained, seed, ks[0], label) }),
      ...(perUser && test && { perUser: { users: test.users, perUser: test.perUser } }),
    };
  };
}

/** A training that has not run. */
export type PlannedTraining = PlannedRun<'training', TrainingTask>;

/** What all trainings of a command read. */
export interface TrainingInputs {
  readonly data: SeedData;
  readonly dataset: Dataset;
  readonly embeddings: Embeddings | null;
  /** null where nothing is re-ranked. */
  readonly rerank: RerankRuns | null;
}

/** How the trainings of a command are run, of which all are foreseen. */
export function trainingMeans(
  { data, dataset, embeddings, rerank }: TrainingInputs,
  workers: AskedWorkers,
  foreseen: readonly ForeseenRuns[],
  { runtime, maxProcessBytes }: Session,
): Omit<Means<TrainingTask, TrainingResult>, 'told'> {
  const needs = { seconds: secondsOfAll(foreseen), bytes: largestOf(foreseen) };
  return {
    workers: workersOf(workers, needs, maxProcessBytes),
    here: trainingRunner(data, rerank, { runtime, maxProcessBytes }),
    away: { runner: 'training', source: () => trainingSource(dataset, embeddings) },
  };
}
