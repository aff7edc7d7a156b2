import type { TrainingData } from '../../index.ts';
import { prepareTraining } from '../../recipe/train.ts';
import type { ExperimentData } from './experimentData.ts';
import type { ForeseenRuns } from './forecasts.ts';
import { type Job, jobKey } from './jobs.ts';
import { type JobContext, trainOptionsOf } from './runJob.ts';

/**
 * What jobs are expected to take at most, those alike but for their seed together. Augmented interactions and what is asked of
 * chat models are not counted.
 */
export async function foreseeJobs(
  jobs: readonly Job[],
  data: ExperimentData,
  context: Pick<JobContext, 'runtime' | 'signal'>,
): Promise<ForeseenRuns[]> {
  const alike = new Map<string, Job[]>();
  for (const job of jobs) {
    const key = jobKey({ ...job, seed: 0 });
    alike.set(key, [...(alike.get(key) ?? []), job]);
  }
  const trainings = new Map<string, TrainingData>();
  const foreseen: ForeseenRuns[] = [];
  for (const own of alike.values()) {
    const [job] = own;
    const { vectors, condition, keep, order, seed } = job;
    const key = JSON.stringify([vectors, condition, keep, order, seed]);
    const training = trainings.get(key) ?? data.training(job);
    trainings.set(key, training);
    const { negatives: _, ...options } = trainOptionsOf(job, context);
    const { forecast } = await prepareTraining(training, options);
    foreseen.push({ runs: own.length, forecast });
  }
  return foreseen;
}
