import {
  CUTOFFS,
  historyBuckets,
  type MetricsResult,
  popularityBuckets,
  type Runtime,
  type TrainOptions,
  train,
} from '../../index.ts';
import { DEFAULT_DIM } from '../../init/options.ts';
import { isBaseline, runBaseline } from '../../recipe/baselines.ts';
import { readWith } from '../../recipe/options.ts';
import { diagnose } from '../diagnostics.ts';
import type { Job, JobResult, SplitRecord } from './jobs.ts';
import type { StudyData } from './studyData.ts';

/** What a run takes besides its job. */
export interface JobContext {
  readonly runtime: Runtime;
  readonly signal?: AbortSignal;
  readonly onProgress?: TrainOptions['onProgress'];
}

interface Measured extends Omit<JobResult, 'seconds' | 'metrics' | 'ranks'> {
  readonly test: MetricsResult;
}

/** Runs one job on its dataset. @throws as `train` and `evaluate` */
export async function runJob(job: Job, data: StudyData, context: JobContext): Promise<JobResult> {
  const started = performance.now();
  const { test, ...result } = await measured(job, data, context);
  return {
    ...result,
    seconds: Math.round((performance.now() - started) / 100) / 10,
    metrics: rounded(test.means),
    ranks: base64(ranksOf(test)),
  };
}

/** The users and buckets of a job's split. */
export function splitRecord(job: Job, data: StudyData): SplitRecord {
  const { dataset, order, seed, keep } = job;
  const { train, test } = data.split(job);
  const byHistory = historyBuckets(train);
  const byPopularity = popularityBuckets(train);
  const items = new Map(Array.from(test.users, (user, n) => [user, test.items[n]]));
  const users = [...items.keys()].sort((a, b) => a - b);
  return {
    ...{ dataset, order, seed, keep },
    users: train.numUsers,
    items: train.numItems,
    interactions: train.length,
    testUsers: users.length,
    historyBuckets: base64(Uint8Array.from(users, (user) => byHistory[user])),
    popularityBuckets: base64(Uint8Array.from(users, (user) => byPopularity[items.get(user)!])),
  };
}

async function measured(job: Job, data: StudyData, context: JobContext): Promise<Measured> {
  const { model, init, dim, seed, protocol, batch: batchSize, epochs } = job;
  const { runtime, signal, onProgress } = context;
  const inputs = data.training(job);
  // A table of the default width has as many columns as the vectors allow.
  const width = dim === DEFAULT_DIM ? undefined : dim;
  if (isBaseline(model)) {
    const { valid, test } = await runBaseline(model, inputs, {
      dim: width,
      seed,
      protocol,
      ks: CUTOFFS,
      runtime,
    });
    return { valid: valid ?? 0, bestEpoch: 0, epochs: 0, diagnostics: null, test };
  }
  const trained = await train(inputs, {
    ...readWith(init!, { graphWeight: job.graphWeight ?? undefined, pooling: job.pool }),
    ...{ init: init!, model, seed, protocol, batchSize, epochs, scale: job.scale ?? undefined },
    dim: width,
    ...{ runtime, signal, onProgress },
  });
  const { result, initialization, split, metric } = trained;
  return {
    valid: metric ?? 0,
    bestEpoch: result?.bestEpoch ?? 0,
    epochs: result?.history.length ?? 0,
    diagnostics:
      result &&
      initialization &&
      (await diagnose(initialization, result.factors, split, { protocol, runtime })),
    test: await trained.evaluate({ ks: CUTOFFS }),
  };
}

/**
 * Rank of each test user's one held-out item, 0 beyond the last cut-off. Among equal scores, the rank of the mean
 * reciprocal rank over their orders.
 */
function ranksOf({ perUser }: MetricsResult): Uint8Array {
  const reciprocal = perUser[`mrr@${CUTOFFS[CUTOFFS.length - 1]}`];
  const last = CUTOFFS[CUTOFFS.length - 1];
  return Uint8Array.from(reciprocal, (value) => (value * (last + 0.5) >= 1 ? Math.round(1 / value) : 0));
}

function rounded(means: MetricsResult['means']): Record<string, number> {
  return Object.fromEntries(Object.entries(means).map(([name, value]) => [name, Number(value.toFixed(6))]));
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
