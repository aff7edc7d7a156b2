import { bootstrapInterval, meanAndSd, RECOMMENDED_SCALES, signTest } from '../../index.ts';
import { type Job, type JobResult, jobKey, type SplitRecord, type StudyFile, splitKey } from './jobs.ts';

/** The runs of a study that differ in their seed alone. */
export interface Cell {
  /** The job of one of the seeds. */
  readonly job: Job;
  /** By seed, ascending. */
  readonly results: ReadonlyMap<number, JobResult>;
}

/** How much one cell exceeds another, over the seeds that both have. */
export interface Comparison {
  readonly seeds: number;
  /** Ratio of the means less one: 0.2 is a gain of 20 %. */
  readonly gain: number;
  /** 95 % bootstrap interval of the gain over users, each with the mean of the user's differences over seeds. */
  readonly low: number;
  readonly high: number;
  /** Two-sided p of the sign test over seeds; with 5 seeds no less than 0.0625. */
  readonly signP: number;
  /** Whether the interval leaves out 0. */
  readonly significant: boolean;
}

export type RankMetric = 'recall' | 'ndcg';

/** Resamples of the bootstrap depend on nothing but the data. */
const BOOTSTRAP_SEED = 2020;

/** All cells, in the order of their first run in the file. */
export function cellsOf({ runs }: StudyFile): Cell[] {
  const cells = new Map<string, { job: Job; results: Map<number, JobResult> }>();
  for (const { job, result } of runs) {
    const key = jobKey({ ...job, seed: 0 });
    const cell = cells.get(key) ?? { job, results: new Map<number, JobResult>() };
    cells.set(key, cell);
    cell.results.set(job.seed, result);
  }
  return [...cells.values()].map(({ job, results }) => ({
    job,
    results: new Map([...results].sort(([a], [b]) => a - b)),
  }));
}

/**
 * The cells of `auto`: of the trials that differ in their scale alone, seed by seed, the run of the higher validation
 * NDCG@10 (of equals the first), which is what `--init auto` keeps. Seeds without all trials are left out.
 */
export function autoCells(cells: readonly Cell[], isTrial: (job: Job) => boolean): Cell[] {
  const groups = new Map<string, Cell[]>();
  for (const cell of cells) {
    if (!isTrial(cell.job)) continue;
    const key = jobKey({ ...cell.job, seed: 0, scale: null });
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  return [...groups.values()].flatMap((group) => {
    const trials = [...group].sort((a, b) => (a.job.scale ?? 1) - (b.job.scale ?? 1));
    if (trials.length < RECOMMENDED_SCALES.length) return [];
    const results = new Map<number, JobResult>();
    for (const seed of trials[0].results.keys()) {
      const found = trials.flatMap((cell) => cell.results.get(seed) ?? []);
      if (found.length === trials.length)
        results.set(
          seed,
          found.reduce((best, result) => (result.valid > best.valid ? result : best)),
        );
    }
    return results.size > 0 ? [{ job: { ...trials[0].job, init: 'auto', scale: null }, results }] : [];
  });
}

/** Mean and sample standard deviation over seeds of a metric, e.g. `ndcg@10`. */
export function overSeeds({ results }: Cell, metric: string): { mean: number; sd: number | null } {
  return meanAndSd([...results.values()].map(({ metrics }) => metrics[metric]));
}

/** `other` against `base`, by recall@10 or ndcg@10; null without a seed in common. */
export function compare(base: Cell, other: Cell, metric: RankMetric): Comparison | null {
  const seeds = [...other.results.keys()].filter((seed) => base.results.has(seed));
  if (seeds.length === 0) return null;
  const name = `${metric}@10`;
  const bySeed = seeds.map((seed) => {
    const before = base.results.get(seed)!;
    const after = other.results.get(seed)!;
    return { before: before.metrics[name], difference: after.metrics[name] - before.metrics[name] };
  });
  const baseMean = mean(bySeed.map(({ before }) => before));
  const perUser = meanDifferences(base, other, seeds, metric);
  const { low, high } = bootstrapInterval(perUser, { seed: BOOTSTRAP_SEED });
  return {
    seeds: seeds.length,
    gain: mean(bySeed.map(({ difference }) => difference)) / baseMean,
    low: low / baseMean,
    high: high / baseMean,
    signP: signTest(bySeed.map(({ difference }) => difference)),
    significant: low > 0 || high < 0,
  };
}

/** The cells with the results of those seeds alone that all of them have. */
export function onCommonSeeds(cells: readonly Cell[]): Cell[] {
  return cells.map(({ job, results }) => ({
    job,
    results: new Map([...results].filter(([seed]) => cells.every((cell) => cell.results.has(seed)))),
  }));
}

/** Means of a metric at 10 in each bucket, over the users of all seeds. */
export function byBucket(
  cell: Cell,
  study: StudyFile,
  which: 'popularityBuckets' | 'historyBuckets',
  metric: RankMetric,
  count: number,
): { users: number; mean: number }[] {
  const splits = new Map<string, SplitRecord>(study.splits.map((split) => [splitKey(split), split]));
  const sums = Array.from({ length: count }, () => ({ users: 0, sum: 0 }));
  for (const [seed, result] of cell.results) {
    const split = splits.get(splitKey({ ...cell.job, seed }));
    if (!split) continue;
    const buckets = bytes(split[which]);
    for (const [user, value] of userValues(result, metric).entries()) {
      const bucket = sums[buckets[user]];
      bucket.users++;
      bucket.sum += value;
    }
  }
  return sums.map(({ users, sum }) => ({ users, mean: users > 0 ? sum / users : 0 }));
}

/** Each user's mean difference over seeds. Leave-one-out keeps the same test users under every seed. */
function meanDifferences(
  base: Cell,
  other: Cell,
  seeds: readonly number[],
  metric: RankMetric,
): Float64Array {
  let sums: Float64Array | null = null;
  for (const seed of seeds) {
    const before = userValues(base.results.get(seed)!, metric);
    const after = userValues(other.results.get(seed)!, metric);
    sums ??= new Float64Array(before.length);
    for (let user = 0; user < sums.length; user++) sums[user] += (after[user] - before[user]) / seeds.length;
  }
  return sums!;
}

/** A metric at 10 of each test user, from the rank of the one held-out item. */
function userValues({ ranks }: JobResult, metric: RankMetric): Float64Array {
  return Float64Array.from(bytes(ranks), (rank) => {
    if (rank === 0 || rank > 10) return 0;
    return metric === 'recall' ? 1 : 1 / Math.log2(rank + 1);
  });
}

function bytes(base64: string): Uint8Array {
  return Uint8Array.from(Buffer.from(base64, 'base64'));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
