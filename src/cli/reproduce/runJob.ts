import {
  adapterInput,
  CUTOFFS,
  chooseEase,
  type Embeddings,
  evaluate,
  evaluateScorer,
  type Factors,
  type FitOptions,
  fit,
  historyBuckets,
  type Initialization,
  type InitialTables,
  initialize,
  itemKnn,
  type MetricsResult,
  popularity,
  popularityBuckets,
  propagateTables,
  type Runtime,
  type Scorer,
  type Split,
  type Strategy,
  spectrum,
} from '../../index.ts';
import type { Diagnostics, Job, JobResult, SplitRecord, StudyInit, TableSpectrum } from './study.ts';
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
  switch (job.model) {
    case 'popularity':
      return scored(popularity(split.train), job, split, context);
    case 'item-knn':
      return scored(itemKnn(split.train), job, split, context);
    case 'ease': {
      const { runtime } = context;
      const { scorer } = await chooseEase(split, { protocol: job.protocol, runtime });
      return scored(scorer, job, split, context);
    }
    case 'text-only':
      return textOnly(job, split, data, context);
    default:
      return trained(job, job.model, split, data, context);
  }
}

async function scored(scorer: Scorer, job: Job, split: Split, { runtime }: JobContext): Promise<Measured> {
  const { protocol } = job;
  const valid = await evaluateScorer(scorer, split, { part: 'valid', protocol, ks: [10], runtime });
  const test = await evaluateScorer(scorer, split, { protocol, ks: CUTOFFS, runtime });
  return { valid: valid.means['ndcg@10'], bestEpoch: 0, epochs: 0, diagnostics: null, test };
}

async function textOnly(job: Job, split: Split, data: StudyData, context: JobContext): Promise<Measured> {
  const { runtime } = context;
  const { protocol } = job;
  const tables = await initialTables(job, split, embeddingsOf(job, data), runtime);
  const factors = await propagateTables(split.train, tables, { runtime });
  const valid = await evaluate(factors, split, { part: 'valid', protocol, ks: [10], runtime });
  const test = await evaluate(factors, split, { protocol, ks: CUTOFFS, runtime });
  const diagnostics = {
    initial: tableSpectrum(tables.items, tables.dim),
    trained: null,
    varianceKept: tables.varianceKept,
    untrained: test.means['ndcg@10'],
  };
  return { valid: valid.means['ndcg@10'], bestEpoch: 0, epochs: 0, diagnostics, test };
}

async function trained(
  job: Job,
  model: FitOptions['model'],
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
    diagnostics: await diagnose(tables, result.factors, job, split, runtime),
    test,
  };
}

async function diagnose(
  tables: Initialization,
  factors: Factors,
  { protocol }: Job,
  split: Split,
  runtime: Runtime,
): Promise<Diagnostics> {
  const untrained = await evaluate(await propagateTables(split.train, tables, { runtime }), split, {
    ...{ protocol, ks: [10], runtime },
  });
  return {
    initial: tableSpectrum(tables.items, tables.dim),
    trained: tableSpectrum(factors.items, factors.dim),
    varianceKept: tables.varianceKept,
    untrained: untrained.means['ndcg@10'],
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
    ...{ strategy: STARTS_AS[init!] ?? (init as Strategy), dim, pooling, seed, runtime },
    ...(graphWeight !== null && { graphWeight }),
    ...(scale !== null && { scale }),
  });
}

/** How the two that change training fill their tables. */
const STARTS_AS: Partial<Record<StudyInit, Strategy>> = { frozen: 'pca', adapter: 'pca' };

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

function tableSpectrum(table: InitialTables['items'], dim: number): TableSpectrum {
  const { effectiveRank, singularValues } = spectrum(table, dim);
  const largest = singularValues[0] || 1;
  return {
    effectiveRank: Math.round(effectiveRank * 100) / 100,
    singularValues: Array.from(singularValues.subarray(0, 128), (value) =>
      Number((value / largest).toPrecision(4)),
    ),
  };
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
