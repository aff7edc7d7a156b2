import { Resamples } from '../../evaluate/stats/significance.ts';
import { meanAndSd, signTest } from '../../index.ts';
import {
  type ExperimentResults,
  type Job,
  type JobResult,
  jobKey,
  type SplitRecord,
  splitKey,
} from './jobs.ts';
import { unpackedValues } from './perUser.ts';

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
export function cellsOf({ runs }: ExperimentResults): Cell[] {
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

/** Mean and sample standard deviation over seeds of a metric, e.g. `ndcg@10`. */
export function overSeeds({ results }: Cell, metric: string): { mean: number; sd: number | null } {
  return meanAndSd([...results.values()].map(({ metrics }) => metrics[metric]));
}

/** Comparisons of one study, each made once; resamples are drawn once for all of a length. */
export class Comparisons {
  readonly #resamples = new Map<number, Resamples>();
  readonly #known = new Map<Cell, Map<Cell, Partial<Record<RankMetric, Comparison | null>>>>();

  /** `other` against `base`, by recall@10 or ndcg@10; null without a seed in common. */
  of(base: Cell, other: Cell, metric: RankMetric): Comparison | null {
    const ofBase = this.#known.get(base) ?? new Map<Cell, Partial<Record<RankMetric, Comparison | null>>>();
    this.#known.set(base, ofBase);
    const found = ofBase.get(other) ?? {};
    ofBase.set(other, found);
    if (found[metric] === undefined) found[metric] = this.#compare(base, other, metric);
    return found[metric];
  }

  /** 95 % bootstrap interval over users of a metric at 10, each with the mean of the user's values over seeds. */
  interval(cell: Cell, metric: RankMetric): { readonly low: number; readonly high: number } {
    const values = onAverage([...cell.results.values()].map((result) => userValues(result, metric)));
    return this.#resampled(values);
  }

  #resampled(values: Float64Array): { low: number; high: number } {
    const resamples = this.#resamples.get(values.length) ?? new Resamples({ seed: BOOTSTRAP_SEED });
    this.#resamples.set(values.length, resamples);
    return resamples.interval(values);
  }

  #compare(base: Cell, other: Cell, metric: RankMetric): Comparison | null {
    const seeds = [...other.results.keys()].filter((seed) => base.results.has(seed));
    if (seeds.length === 0) return null;
    const name = `${metric}@10`;
    const bySeed = seeds.map((seed) => {
      const before = base.results.get(seed)!;
      const after = other.results.get(seed)!;
      return { before: before.metrics[name], difference: after.metrics[name] - before.metrics[name] };
    });
    const baseMean = mean(bySeed.map(({ before }) => before));
    const perUser = userDifferences(base, other, seeds, metric);
    const { low, high } = this.#resampled(perUser);
    return {
      seeds: seeds.length,
      gain: mean(bySeed.map(({ difference }) => difference)) / baseMean,
      low: low / baseMean,
      high: high / baseMean,
      signP: signTest(bySeed.map(({ difference }) => difference)),
      significant: low > 0 || high < 0,
    };
  }
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
  study: ExperimentResults,
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

/** The differences of each user, on average over seeds. */
function userDifferences(
  base: Cell,
  other: Cell,
  seeds: readonly number[],
  metric: RankMetric,
): Float64Array {
  return onAverage(
    seeds.map((seed) => {
      const before = userValues(base.results.get(seed)!, metric);
      return userValues(other.results.get(seed)!, metric).map((value, user) => value - before[user]);
    }),
  );
}

/**
 * A number for each user whose mean is the mean over all measurements: the user's mean over seeds where everybody is measured
 * under every seed. Elsewhere it is the value summed over the user's seeds, less the mean so often, divided by how often a
 * user is measured on average, plus the mean: the linearised ratio of two sums over users (Cochran 1977, §2.11), so that
 * resampling users resamples all that belongs to them.
 * @param bySeed of each user; NaN where the user was not measured
 */
function onAverage(bySeed: readonly Float64Array[]): Float64Array {
  const sums = new Float64Array(bySeed[0].length);
  const counts = new Float64Array(sums.length);
  for (const values of bySeed) {
    for (const [user, value] of values.entries()) {
      if (Number.isNaN(value)) continue;
      sums[user] += value;
      counts[user]++;
    }
  }
  const measured = Int32Array.from(counts.keys()).filter((user) => counts[user] > 0);
  const total = (values: Float64Array) => measured.reduce((sum, user) => sum + values[user], 0);
  const overall = total(sums) / total(counts);
  const often = total(counts) / measured.length;
  return Float64Array.from(measured, (user) => overall + (sums[user] - overall * counts[user]) / often);
}

/** A metric at 10 of each user: from the rank of the one held-out item of a test user, or as it was measured. */
function userValues({ ranks, perUser }: JobResult, metric: RankMetric): Float64Array {
  if (perUser) return unpackedValues(perUser[metric]);
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
