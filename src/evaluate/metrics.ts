import { DataError, OptionError, shown } from '../errors.ts';
import { checkArgument, having, INT32, NUMBERS } from '../options/arguments.ts';
import { log2 } from '../runtime/log2.ts';
import type { BeyondMetricName } from './beyondAccuracy.ts';

/**
 * The ranking metrics, in the order in which every result lists them.
 *
 * @example
 * METRICS.includes('ndcg'); // → true
 */
export const METRICS = ['recall', 'ndcg', 'mrr', 'hit', 'precision', 'map'] as const;

/**
 * One of `METRICS`.
 *
 * @example
 * const metric: Metric = 'recall';
 * METRICS.indexOf(metric) >= 0; // → true
 */
export type Metric = (typeof METRICS)[number];

/**
 * A metric at a cut-off, e.g. `ndcg@10`.
 *
 * @example
 * const name: MetricName = 'ndcg@20';
 * const { means } = await evaluate(factors, split, { runtime });
 * means[name] >= 0; // → true
 */
export type MetricName = `${Metric}@${number}`;

/**
 * What a `MetricsAccumulator` has gathered.
 *
 * @example
 * const { users, perUser, means }: MetricsResult = await evaluate(factors, split, { ks: [10], runtime });
 * perUser['recall@10'].length === users.length; // → true
 */
export interface MetricsResult {
  /** Users with at least one relevant item, ascending. */
  readonly users: Int32Array;
  /** For each metric, one value per entry of `users`: two results over the same users compare pairwise. */
  readonly perUser: Readonly<Record<MetricName, Float64Array>>;
  /** For each metric, the mean of `perUser`, summed in user order. */
  readonly means: Readonly<Record<MetricName, number>>;
  /** Coverage, novelty and diversity, where they were asked for. */
  readonly beyond?: Readonly<Record<BeyondMetricName, number>>;
}

/**
 * Names of all metrics at all cut-offs, metric by metric: `recall@10`, `recall@20`, …, `map@50`.
 * @param ks cut-offs: integers ≥ 1, ascending, each once
 * @throws {OptionError} if `ks` is empty or anything else
 */
export function metricNames(ks: readonly number[]): MetricName[] {
  checkCutoffs(ks);
  return METRICS.flatMap((metric) => ks.map((k): MetricName => `${metric}@${k}`));
}

/**
 * Scores of a ranking, so that metrics can tell which items stand at the same one.
 *
 * @example
 * const tied: TiedScores = { scores: [0.9, 0.5, 0.5] };
 * const [recall] = userMetrics(Int32Array.of(4, 2, 7), [7], [3], tied);
 */
export interface TiedScores {
  /** The score at each place of `ranked`, descending. All items with the score of the k-th place must be there. */
  readonly scores: ArrayLike<number>;
}

const TIED = having<TiedScores>('{ scores }', { scores: NUMBERS });

/**
 * All metrics of one user at all cut-offs, in the order of `metricNames(ks)`; each value lies in [0, 1].
 *
 * With hₖ the relevant items among the first k places and r the number of relevant items:
 * recall = hₖ / r; precision = hₖ / k; hit = 1 if hₖ > 0; mrr = 1 / rank of the first of them;
 * ndcg = Σ 1/log₂(rank + 1) over them, divided by the same sum over ranks 1 … min(r, k);
 * map = Σ precision@rank over them, divided by min(r, k). A user without a hit has 0 everywhere.
 * Source: RecBole's full ranking (`recbole/evaluator/metrics.py`); deviation: with `tied`, items of the same score have
 * no order, and each value is its mean over all orders that they could have. A model that gives all items one score
 * is then worth what chance is, whatever the numbering of the items.
 *
 * @param ranked item indices, best first; -1 marks an unused place, and so do places beyond its end
 * @param relevant the user's held-out items, each once, in any order
 * @param ks cut-offs: integers ≥ 1, ascending, each once
 * @param tied the scores of `ranked`; without them the places are taken as they are
 * @throws {OptionError} if `ks` is invalid, or an argument of another kind
 * @throws {DataError} if `relevant` is empty, repeats an item or holds anything but indices ≥ 0, or if
 *   `ranked` holds a relevant item twice
 * @example
 * const [recall] = userMetrics(Int32Array.of(7, 3, 9), [3], [3]);
 * recall; // → 1
 */
export function userMetrics(
  ranked: Int32Array,
  relevant: ArrayLike<number>,
  ks: readonly number[],
  tied?: TiedScores,
): Float64Array {
  checkArgument(INT32, ranked, 'ranked', 'userMetrics');
  checkArgument(NUMBERS, relevant, 'relevant', 'userMetrics');
  if (tied !== undefined) checkArgument(TIED, tied, 'tied', 'userMetrics');
  checkCutoffs(ks);
  const wanted = relevantSet(relevant);
  const numRelevant = wanted.size;
  const out = new Float64Array(METRICS.length * ks.length);
  let group: Group = { begin: 0, size: 0, relevant: 0 };
  /** Relevant items in the groups before this one, all of which are passed. */
  let before = 0;
  /** Probability that no relevant item stands at the places so far. */
  let none = 1;
  let hits = 0;
  let reciprocalRank = 0;
  let dcg = 0;
  let idealDcg = 0;
  let precisionSum = 0;
  let rank = 0;
  for (let c = 0; c < ks.length; c++) {
    const k = ks[c];
    while (rank < k) {
      if (rank === group.begin + group.size) {
        before += group.relevant;
        group = groupAt(rank, ranked, wanted, tied);
      }
      rank++;
      const discount = group.relevant > 0 || rank <= numRelevant ? 1 / log2(rank + 1) : 0;
      if (rank <= numRelevant) idealDcg += discount;
      if (group.relevant === 0) continue;
      const share = group.relevant / group.size;
      const place = rank - group.begin - 1;
      const left = group.size - place;
      const noneNow = none * (Math.max(0, left - group.relevant) / left);
      hits = place + 1 === group.size ? before + group.relevant : hits + share;
      reciprocalRank += (none - noneNow) / rank;
      none = noneNow;
      dcg += share * discount;
      const others = group.size > 1 ? (place * (group.relevant - 1)) / (group.size - 1) : 0;
      precisionSum += (share * (before + 1 + others)) / rank;
    }
    const attainable = Math.min(numRelevant, k);
    out[c] = hits / numRelevant;
    out[ks.length + c] = dcg / idealDcg;
    out[2 * ks.length + c] = reciprocalRank;
    out[3 * ks.length + c] = 1 - none;
    out[4 * ks.length + c] = hits / k;
    out[5 * ks.length + c] = precisionSum / attainable;
  }
  checkDistinctHits(ranked, wanted, rank);
  return out;
}

/** Places begin … begin + size − 1 that share a score, and how many of their items are relevant. */
interface Group {
  readonly begin: number;
  readonly size: number;
  readonly relevant: number;
}

function groupAt(
  begin: number,
  ranked: Int32Array,
  wanted: ReadonlySet<number>,
  tied: TiedScores | undefined,
): Group {
  let end = begin;
  let relevant = 0;
  do {
    if (end < ranked.length && wanted.has(ranked[end])) relevant++;
    end++;
  } while (tied !== undefined && end < ranked.length && tied.scores[end] === tied.scores[begin]);
  return { begin, size: end - begin, relevant };
}

function checkCutoffs(ks: readonly number[]): void {
  const valid =
    Array.isArray(ks) && ks.every((k, n) => Number.isSafeInteger(k) && k >= 1 && (n === 0 || k > ks[n - 1]));
  if (!valid || ks.length === 0) {
    throw new OptionError(
      'ks',
      `expected cut-offs that are integers ≥ 1, ascending, each once, received ${shown(ks)}`,
      'Pass e.g. ks: [10, 20, 50]',
    );
  }
}

function relevantSet(relevant: ArrayLike<number>): Set<number> {
  const wanted = new Set<number>();
  for (let n = 0; n < relevant.length; n++) {
    const item = relevant[n];
    if (!Number.isInteger(item) || item < 0 || wanted.has(item)) {
      throw new DataError(
        'userMetrics',
        `expected distinct item indices ≥ 0 in relevant, received ${shown(item)} at position ${n}`,
        'Collapse repeated interactions before splitting',
      );
    }
    wanted.add(item);
  }
  if (wanted.size === 0) {
    throw new DataError(
      'userMetrics',
      'expected at least one relevant item, received none',
      'Leave out users without held-out items, as MetricsAccumulator does',
    );
  }
  return wanted;
}

function checkDistinctHits(ranked: Int32Array, wanted: ReadonlySet<number>, depth: number): void {
  const places = ranked.subarray(0, depth).filter((item) => wanted.has(item));
  if (new Set(places).size < places.length) {
    throw new DataError(
      'userMetrics',
      `expected each item once in ranked, received relevant items at ${places.length} places: ${shown(places.join(', '))}`,
      'Rank each candidate once',
    );
  }
}
