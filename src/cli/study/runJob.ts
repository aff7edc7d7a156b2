import {
  adapterInput,
  CUTOFFS,
  type Embeddings,
  evaluate,
  type FitOptions,
  fit,
  historyBuckets,
  type Initialization,
  initialize,
  type MetricsResult,
  type ModelName,
  popularityBuckets,
  type Runtime,
  type Split,
} from '../../index.ts';
import { strategyOf } from '../args/initNames.ts';
import { BASELINES, type BaselineName, runBaseline } from '../baselines.ts';
import { diagnose } from '../diagnostics.ts';
import type { Job, JobResult, SplitRecord } from './jobs.ts';
import type { StudyData } from './studyData.ts';

/** What a run takes besides its job. */
export interface JobContext {
  readonly runtime: Runtime;
  readonly signal?: AbortSignal;
  readonly onProgress?: FitOptions['onProgress'];
}

interface Measured extends Omit<JobResult, 'seconds' | 'metrics' | 'ranks'> {
  readonly test: MetricsResult;
}

/** Runs one job on its dataset. @throws as `initialize`, `fit` and `evaluate` */
export async function runJob(job: Job, data: StudyData, context: JobContext): Promise<JobResult> {
  const started = performance.now();
  const split = data.split(job);
  const { test, ...result } = await measured(job, split, data, context);
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

async function measured(job: Job, split: Split, data: StudyData, context: JobContext): Promise<Measured> {
  const { model, dim, seed, protocol } = job;
  if (!isBaseline(model)) return trained(job, model, split, data, context);
  const embeddings = embeddingsOf(job, data);
  const baseline = { split, embeddings, dim, seed, protocol, ks: CUTOFFS, runtime: context.runtime };
  const { valid, test } = await runBaseline(model, baseline);
  return { valid: valid ?? 0, bestEpoch: 0, epochs: 0, diagnostics: null, test };
}

function isBaseline(model: Job['model']): model is BaselineName {
  return BASELINES.some((name) => name === model);
}

async function trained(
  job: Job,
  model: ModelName,
  split: Split,
  data: StudyData,
  context: JobContext,
): Promise<Measured> {
  const { runtime, signal, onProgress } = context;
  const { protocol, seed, batch: batchSize, epochs } = job;
  const embeddings = embeddingsOf(job, data);
  const tables = await initialTables(job, split, embeddings, runtime);
  const hold = await textHold(job, split, embeddings, runtime);
  const options = { ...hold, model, batchSize, epochs, seed, protocol, runtime, signal, onProgress };
  const result = await fit(split, tables, options);
  const test = await evaluate(result.factors, split, { protocol, ks: CUTOFFS, runtime });
  return {
    valid: result.bestMetric ?? 0,
    bestEpoch: result.bestEpoch,
    epochs: result.history.length,
    diagnostics: await diagnose(tables, result.factors, split, { protocol, runtime }),
    test,
  };
}

function embeddingsOf({ vectors }: Job, data: StudyData): Embeddings | null {
  return vectors === null ? null : data.embeddings(vectors);
}

function initialTables(
  job: Job,
  { train }: Split,
  embeddings: Embeddings | null,
  runtime: Runtime,
): Promise<Initialization> {
  const { init, dim, pool: pooling, seed, graphWeight, scale } = job;
  return initialize(train, embeddings, {
    ...{ strategy: strategyOf(init!), dim, pooling, seed, runtime },
    ...(graphWeight !== null && { graphWeight }),
    ...(scale !== null && { scale }),
  });
}

/** What `fit` is told for `frozen` (the top half of the components stays) and `adapter`. */
async function textHold(
  { init, dim }: Job,
  { train }: Split,
  embeddings: Embeddings | null,
  runtime: Runtime,
): Promise<Pick<FitOptions, 'frozenColumns' | 'adapter'>> {
  if (init === 'frozen') return { frozenColumns: Math.floor(dim / 2) };
  if (init === 'adapter') return { adapter: await adapterInput(train, embeddings!, { dim, runtime }) };
  return {};
}

/** Rank of each test user's one held-out item, 0 beyond the last cut-off. */
function ranksOf({ perUser }: MetricsResult): Uint8Array {
  const reciprocal = perUser[`mrr@${CUTOFFS[CUTOFFS.length - 1]}`];
  return Uint8Array.from(reciprocal, (value) => (value > 0 ? Math.round(1 / value) : 0));
}

function rounded(means: MetricsResult['means']): Record<string, number> {
  return Object.fromEntries(Object.entries(means).map(([name, value]) => [name, Number(value.toFixed(6))]));
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
