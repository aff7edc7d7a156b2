import {
  CUTOFFS,
  evaluateScorer,
  historyBuckets,
  type MetricsResult,
  popularityBuckets,
  type Runtime,
  type Trained,
  type TrainOptions,
  train,
} from '../../index.ts';
import { DEFAULT_DIM } from '../../init/options.ts';
import { isBaseline } from '../../recipe/baselines.ts';
import { readWith } from '../../recipe/checkOptions.ts';
import { recommendedTraining } from '../../train/recommended.ts';
import { diagnose } from '../diagnostics.ts';
import type { Job, JobResult, SplitRecord } from './jobs.ts';
import { measureNewItems } from './measureNewItems.ts';
import { type MeasuredUser, packedValues } from './perUser.ts';
import { forStrangers } from './strangerScorer.ts';
import type { StudyData } from './studyData.ts';

/** What a run takes besides its job. */
export interface JobContext {
  readonly runtime: Runtime;
  readonly signal?: AbortSignal;
  readonly onProgress?: TrainOptions['onProgress'];
  /** Processor time of this run alone so far, in microseconds; undefined where it cannot be told from others'. */
  readonly processor?: () => number;
}

type Measured = Pick<JobResult, 'metrics' | 'ranks' | 'perUser'>;

/** What coverage, novelty and diversity are measured at: how many items are shown. */
const SHOWN = 10;

/** Runs one job on its dataset. @throws as `train` and `evaluate` */
export async function runJob(job: Job, data: StudyData, context: JobContext): Promise<JobResult> {
  const { runtime, processor } = context;
  const started = performance.now();
  const before = processor?.();
  const trained = await train(data.training(job), optionsOf(job, context));
  const spent = processor && processor() - before!;
  const seconds = performance.now() - started;
  const { result, initialization, metric, contest, chosen, trials, split } = trained;
  const { protocol } = job;
  const model = trained.encode({ embeddings: null, itemTitles: null });
  return {
    valid: metric ?? 0,
    bestEpoch: result?.bestEpoch ?? 0,
    epochs: result?.history.length ?? 0,
    seconds: Math.round(seconds / 100) / 10,
    ...(spent !== undefined && { processorSeconds: Math.round(spent / 1e4) / 100 }),
    bytes: model.length,
    ...(await measured(job, trained, data, runtime)),
    diagnostics:
      result && initialization && job.model !== 'auto' && job.condition === undefined
        ? await diagnose(initialization, result.factors, split, { protocol, runtime })
        : null,
    ...(contest && {
      contest: {
        ...{ chosen, compared: contest.compared },
        trials: trials.map(({ name, metric: valid }) => ({ name, valid })),
      },
    }),
  };
}

/** The options of `train` that a job stands for. */
function optionsOf(
  { model, init, dim, seed, protocol, batch: batchSize, epochs, graphWeight, pool, scale, training }: Job,
  { runtime, signal, onProgress }: JobContext,
): TrainOptions {
  // A table of the default width has as many columns as the vectors allow.
  const width = dim === DEFAULT_DIM || dim === 0 ? {} : { dim };
  const common = { seed, protocol, runtime, signal, onProgress };
  if (model === 'auto') return { ...common, ...width, init: 'auto', epochs };
  if (isBaseline(model)) return { ...common, ...(model === 'text-only' && width), model };
  const { onProgress: _, ...how } = training === 'recommended' ? recommendedTraining(model) : { batchSize };
  return {
    ...{ ...common, ...width, ...how },
    ...readWith(init!, { graphWeight: graphWeight ?? undefined, pooling: pool }),
    ...{ init: init!, model, epochs, scale: scale ?? undefined },
  };
}

async function measured(job: Job, trained: Trained, data: StudyData, runtime: Runtime): Promise<Measured> {
  const { protocol, condition, vectors } = job;
  if (condition === 'new-items') {
    const split = data.newItems(job);
    const { metrics, users } = measureNewItems(trained.scorer, split, data.vectors(vectors!), runtime);
    return ofSomeUsers(metrics, users, trained.split.train.numUsers);
  }
  if (condition === 'strangers') {
    const scorer = forStrangers(trained.scorer);
    const test = await evaluateScorer(scorer, data.strangers(job).ranked, { protocol, ks: CUTOFFS, runtime });
    const { users, perUser } = test;
    const each = Array.from(users, (user, n) => ({
      ...{ user, recall: perUser['recall@10'][n], ndcg: perUser['ndcg@10'][n] },
    }));
    return ofSomeUsers(test.means, each, trained.split.train.numUsers);
  }
  const test = await trained.evaluate({ ks: CUTOFFS });
  const { beyond } = await trained.evaluate({ ks: [SHOWN], beyond: true });
  return { metrics: rounded({ ...test.means, ...beyond }), ranks: base64(ranksOf(test)) };
}

function ofSomeUsers(
  metrics: Readonly<Record<string, number>>,
  users: readonly MeasuredUser[],
  numUsers: number,
): Measured {
  return { metrics: rounded(metrics), ranks: '', perUser: packedValues(users, numUsers) };
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

/**
 * Rank of each test user's one held-out item, 0 beyond the last cut-off. Among equal scores, the rank of the mean
 * reciprocal rank over their orders.
 */
function ranksOf({ perUser }: MetricsResult): Uint8Array {
  const reciprocal = perUser[`mrr@${CUTOFFS[CUTOFFS.length - 1]}`];
  const last = CUTOFFS[CUTOFFS.length - 1];
  return Uint8Array.from(reciprocal, (value) => (value * (last + 0.5) >= 1 ? Math.round(1 / value) : 0));
}

function rounded(means: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(means).map(([name, value]) => [name, Number(value.toFixed(6))]));
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
