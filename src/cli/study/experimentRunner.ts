import { Embeddings, type Runtime } from '../../index.ts';
import type { ChatPlan } from '../args/studyOptions.ts';
import type { OpenRunner, Runner } from './engine/runner.ts';
import {
  openCatalogue,
  openSplits,
  type SharedCatalogue,
  type SharedEmbeddings,
  type SharedSplits,
  sharedCatalogue,
  sharedEmbeddings,
  sharedSplits,
} from './engine/sharedData.ts';
import { type ExperimentData, type ExperimentParts, experimentData } from './experimentData.ts';
import type { Job, JobResult } from './jobs.ts';
import { runJob } from './runJob.ts';

/** What a worker thread is told of a study. */
interface ExperimentSource extends Pick<ExperimentParts, 'record'> {
  readonly splits: SharedSplits;
  readonly vectors: readonly (readonly [name: string, embeddings: SharedEmbeddings])[];
  readonly titles: SharedCatalogue | null;
  /** How rows that ask a chat model do; null where there are none. */
  readonly chat: ChatPlan | null;
}

/** What worker threads are told of a study. */
export function experimentSource(
  { record, splits, vectors, titles }: ExperimentParts,
  chat: ChatPlan | null,
): ExperimentSource {
  return {
    ...{ record, chat, splits: sharedSplits(splits) },
    vectors: Array.from(vectors, ([name, embeddings]) => [name, sharedEmbeddings(embeddings)] as const),
    titles: chat && titles && sharedCatalogue(titles),
  };
}

/** A runner of a worker thread. */
export const openExperiments: OpenRunner<ExperimentSource, Job, JobResult> = async (
  { record, splits, vectors, titles, chat },
  { runtime },
) => {
  const data = experimentData({
    ...{ record, splits: openSplits(splits), titles: titles && openCatalogue(titles) },
    vectors: new Map(vectors.map(([name, embeddings]) => [name, new Embeddings(embeddings)])),
  });
  return experimentRunner(data, chat, runtime);
};

/** Runs jobs of a study. @param processor as in `JobContext`: time of a run alone */
export function experimentRunner(
  data: ExperimentData,
  chat: ChatPlan | null,
  runtime: Runtime,
  processor?: () => number,
): Runner<Job, JobResult> {
  return (job, { signal, onProgress }) =>
    runJob(job, data, { runtime, signal, onProgress, processor, chat: chat ?? undefined });
}

/** Processor time of this process, in microseconds: of the run, where no others go at the same time. */
export function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
