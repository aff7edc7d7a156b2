import {
  CUTOFFS,
  DataError,
  type EvaluateOptions,
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
import type { ChatPlan } from '../args/studyOptions.ts';
import { diagnose } from '../diagnostics.ts';
import { augmentedTraining, reranked } from './chatSystems.ts';
import type { ExperimentData } from './experimentData.ts';
import { flopsOf } from './flops.ts';
import type { Job, JobResult, SplitRecord, SystemCost } from './jobs.ts';
import { measureNewItems } from './measureNewItems.ts';
import { abilitiesOf } from './measureSystem.ts';
import { type MeasuredUser, packedValues } from './perUser.ts';
import { forStrangers } from './strangerScorer.ts';
import { findSystem } from './systems.ts';
import { AUGMENTED, trainingOf } from './trainings.ts';

/** What a run takes besides its job. */
export interface JobContext {
  readonly runtime: Runtime;
  readonly signal?: AbortSignal;
  readonly onProgress?: TrainOptions['onProgress'];
  /** Processor time of this run alone so far, in microseconds; undefined where it cannot be told from others'. */
  readonly processor?: () => number;
  /** How rows that ask a chat model do. */
  readonly chat?: ChatPlan;
}

type Measured = Pick<JobResult, 'metrics' | 'ranks' | 'perUser'>;

/** What coverage, novelty and diversity are measured at: how many items are shown. */
const SHOWN = 10;

/** Runs one job on its dataset. @throws as `train` and `evaluate` */
export async function runJob(job: Job, data: ExperimentData, context: JobContext): Promise<JobResult> {
  const { runtime, processor } = context;
  const asked = isAugmented(job) ? await augmentedJob(job, data, context) : null;
  const started = performance.now();
  const before = processor?.();
  const options = trainOptionsOf(job, context);
  const trained = await train(asked?.training ?? data.training(job), options);
  const spent = processor && processor() - before!;
  const seconds = performance.now() - started;
  const { result, initialization, metric, contest, chosen, trials, split } = trained;
  const { protocol } = job;
  const model = trained.encode({ embeddings: null, itemTitles: null });
  const isReranked = findSystem(job.system)?.asks === 'rerank';
  const found = isReranked ? await rerankedJob(job, trained, data, context) : null;
  return {
    valid: metric ?? 0,
    bestEpoch: result?.bestEpoch ?? 0,
    epochs: result?.history.length ?? 0,
    seconds: Math.round(seconds / 100) / 10,
    ...(spent !== undefined && { processorSeconds: Math.round(spent / 1e4) / 100 }),
    bytes: model.length,
    ...(found?.measured ?? (await measured(job, trained, data, runtime))),
    diagnostics:
      result && initialization && wantsDiagnostics(job)
        ? await diagnose(initialization, result.factors, split, { protocol, runtime })
        : null,
    ...(contest && {
      contest: {
        ...{ chosen, compared: contest.compared },
        trials: trials.map(({ name, metric: valid }) => ({ name, valid })),
      },
    }),
    ...(job.system && {
      cost: costOf(job, trained, data, { options, runtime, tokens: (asked ?? found)?.tokens ?? null }),
    }),
  };
}

function wantsDiagnostics({ model, condition, system }: Job): boolean {
  return model !== 'auto' && condition === undefined && system === undefined;
}

/** What a row of `table2` costs, and what it can do. */
function costOf(
  job: Job,
  trained: Trained,
  data: ExperimentData,
  { options, runtime, tokens }: { options: TrainOptions; runtime: Runtime; tokens: number | null },
): SystemCost {
  const vectors = job.vectors === null ? null : data.vectors(job.vectors);
  return {
    ...abilitiesOf(trained, vectors ?? data.vectors(data.record.vectors[0].name), runtime),
    flops: flopsOf(trained, options, vectors?.width ?? 0),
    tokens,
  };
}

/** The options of `train` that a job stands for. */
export function trainOptionsOf(job: Job, { runtime, signal, onProgress }: JobContext): TrainOptions {
  const { model, init, dim, seed, protocol, batch: batchSize, epochs, graphWeight, pool, scale } = job;
  // A table of the default width has as many columns as the vectors allow.
  const width = dim === DEFAULT_DIM || dim === 0 ? {} : { dim };
  const common = { seed, protocol, runtime, signal, onProgress };
  if (model === 'auto') return { ...common, ...width, init: 'auto', epochs };
  if (isBaseline(model)) return { ...common, ...(model === 'text-only' && width), model };
  const { onProgress: _, ...how } = job.training ? trainingOf(job.training, model) : { batchSize };
  return {
    ...{ ...common, ...width, ...how },
    ...readWith(init!, { graphWeight: graphWeight ?? undefined, pooling: pool }),
    ...{ init: init!, model, epochs, scale: scale ?? undefined },
    ...(isAugmented(job) && AUGMENTED),
  };
}

/** Whether a chat model adds to what is trained on. */
function isAugmented({ system }: Job): boolean {
  return findSystem(system)?.asks === 'augment';
}

/** What a chat model is asked with. @throws {DataError} without titles */
function askingOf(data: ExperimentData, { runtime, signal, chat }: JobContext) {
  const { titles } = data;
  if (chat && titles) return { plan: chat, titles, runtime, signal };
  throw new DataError('table2', 'expected a chat model and titles of the items, received none', 'Name both');
}

function augmentedJob(job: Job, data: ExperimentData, context: JobContext) {
  return augmentedTraining(data.split(job), data.vectors(job.vectors!), job.seed, askingOf(data, context));
}

/** Metrics of the people who were drawn, by their place among the test users. */
async function rerankedJob(
  job: Job,
  trained: Trained,
  data: ExperimentData,
  context: JobContext,
): Promise<{ readonly measured: Measured; readonly tokens: number | null }> {
  const { ndcg, recall, perUser, tokens } = await reranked(trained, job.seed, askingOf(data, context));
  const { train, test } = trained.split;
  const testUsers = [...new Set(test.users)].sort((a, b) => a - b);
  const places = new Map(testUsers.map((user, n) => [train.userIds[user], n]));
  // One item of each is held out: it is found where its NDCG is not 0.
  const each = perUser.map(({ id, reranked: own }) => ({
    ...{ user: places.get(id)!, ndcg: own, recall: own > 0 ? 1 : 0 },
  }));
  const metrics = rounded({ 'recall@10': recall, 'ndcg@10': ndcg });
  return { measured: { metrics, ranks: '', perUser: packedValues(each, testUsers.length) }, tokens };
}

async function measured(
  job: Job,
  trained: Trained,
  data: ExperimentData,
  runtime: Runtime,
): Promise<Measured> {
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
  // What is only supposed is neither masked nor looked for.
  const split = isAugmented(job) ? data.split(job) : trained.split;
  const evaluated = (more: Pick<EvaluateOptions, 'ks' | 'beyond'>) =>
    evaluateScorer(trained.scorer, split, { ...more, protocol, runtime });
  const test = await evaluated({ ks: CUTOFFS });
  const { beyond } = await evaluated({ ks: [SHOWN], beyond: true });
  const metrics = rounded({ ...test.means, ...beyond });
  const ranks = ranksOf(test);
  if (ranks) return { metrics, ranks: base64(ranks) };
  const { 'recall@10': recall, 'ndcg@10': ndcg } = test.perUser;
  const each = Array.from(recall, (value, user) => ({ user, recall: value, ndcg: ndcg[user] }));
  return { metrics, ranks: '', perUser: packedValues(each, each.length) };
}

function ofSomeUsers(
  metrics: Readonly<Record<string, number>>,
  users: readonly MeasuredUser[],
  numUsers: number,
): Measured {
  return { metrics: rounded(metrics), ranks: '', perUser: packedValues(users, numUsers) };
}

/** Whether the results of a job are ranks of one item of every test user of the whole split. */
export function hasRanks({ condition }: Job): boolean {
  return condition === undefined || condition === 'shuffled';
}

/** The users and buckets of a job's split. */
export function splitRecord(job: Job, data: ExperimentData): SplitRecord {
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
 * Rank of each test user's one held-out item, 0 beyond the last cut-off. null where equal scores leave an order open at the
 * places that count: metrics are then means over the orders, which no rank gives.
 */
function ranksOf({ perUser }: MetricsResult): Uint8Array | null {
  const last = CUTOFFS[CUTOFFS.length - 1];
  const reciprocal = perUser[`mrr@${last}`];
  const ranks = Uint8Array.from(reciprocal, (value) =>
    value * (last + 0.5) >= 1 ? Math.round(1 / value) : 0,
  );
  const isExact = perUser['recall@10'].every(
    (value, n) => value === (ranks[n] > 0 && ranks[n] <= 10 ? 1 : 0),
  );
  return isExact ? ranks : null;
}

function rounded(means: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(means).map(([name, value]) => [name, Number(value.toFixed(6))]));
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
