import { userMetrics } from '../../evaluate/metrics.ts';
import { signFlipTest } from '../../evaluate/stats/signFlip.ts';
import { bootstrapInterval, type Interval } from '../../evaluate/stats/significance.ts';
import { argument, arrayOf, checkArgument, having, TEXT, TEXTS } from '../../options/arguments.ts';
import { integer } from '../../options/builders.ts';
import type { DescriptorsOf, Resolved } from '../../options/descriptor.ts';
import { resolveOptions } from '../../options/resolve.ts';
import { type AskedCase, askCases, RERANK_MANY_OPTIONS, type RerankManyOptions } from './askCases.ts';
import type { RerankCase } from './cases.ts';
import { CANDIDATES, HISTORY } from './item.ts';
import { fused } from './orders.ts';
import { reportOf } from './report.ts';
import { type RerankTotals, totalsOf } from './totals.ts';

/**
 * How a re-ranker is measured.
 *
 * @example
 * const options: EvaluateRerankerOptions = { chat, k: 5 };
 * const { gain } = await evaluateReranker(cases, options);
 */
export interface EvaluateRerankerOptions extends RerankManyOptions {
  /** Cut-off. Default 10. */
  readonly k?: number;
}

/** Every option of `evaluateReranker`. */
export const EVALUATE_RERANKER_OPTIONS = {
  ...RERANK_MANY_OPTIONS,
  k: integer({ about: 'cut-off', min: 1, default: 10 }),
} satisfies DescriptorsOf<EvaluateRerankerOptions>;

/**
 * What a re-ranker does to the measured quality.
 *
 * @example
 * const { weight, ndcg, gain }: RerankerGain = await evaluateReranker(cases, { chat, k: 5 });
 */
export interface RerankerGain {
  /** Of the chat model's order beside ours. */
  readonly weight: number;
  /** Mean over people. */
  readonly ndcg: number;
  /** Person by person over our own order, with a bootstrap interval of 95 %. */
  readonly gain: Interval;
  /** Of a gain that is only chance, one-sided: the sign-flip test. */
  readonly p: number;
}

/**
 * What was measured of our own order.
 *
 * @example
 * const { ownNdcg, ceilingNdcg }: OwnRanking = await evaluateReranker(cases, { chat, k: 5 });
 */
export interface OwnRanking {
  readonly users: number;
  readonly k: number;
  /** NDCG@k of our own order, and its mean over people of what is relevant among the first k. */
  readonly ownNdcg: number;
  readonly ownRecall: number;
  /** What no order of the candidates can exceed: the share of what is relevant among them, and the best NDCG@k. */
  readonly ceilingRecall: number;
  readonly ceilingNdcg: number;
}

/**
 * A re-ranker beside our own order.
 *
 * @example
 * const { ndcg, gain, p }: RerankEvaluation = await evaluateReranker(cases, { chat, k: 5 });
 */
export interface RerankEvaluation extends OwnRanking, RerankerGain, RerankTotals {
  readonly recall: number;
  /** NDCG@k of everybody. */
  readonly perUser: readonly { readonly id: string; readonly own: number; readonly reranked: number }[];
}

/** Of the resamples and flips, so that the same answers give the same figures. */
const STATISTICS_SEED = 2020;

const RELEVANT = argument('ids', (value) => TEXTS.is(value) && value.length > 0);

/** People whose held-out items are known. */
export const CASES = arrayOf(
  'a list of cases { id, candidates, history, relevant }',
  having<RerankCase>('a case', { id: TEXT, candidates: CANDIDATES, history: HISTORY, relevant: RELEVANT }),
);

/**
 * NDCG of re-ranked candidates beside our own order, person by person, with the ceiling that the candidates set, and what it
 * cost. A chat model that fails leaves our order, and so takes nothing; five people in a row whose questions failed end the
 * asking.
 *
 * @throws {OptionError} for other arguments
 * @throws {DataError} without cases
 * @throws the signal's reason; with a `cachedChat` what was answered is not asked again
 * @example
 * const { ndcg, ownNdcg, gain, ceilingNdcg, price } = await evaluateReranker(cases, { chat, priceIn: 0.15, priceOut: 0.6 });
 */
export async function evaluateReranker(
  cases: readonly RerankCase[],
  options: EvaluateRerankerOptions,
): Promise<RerankEvaluation> {
  const where = 'evaluateReranker';
  checkArgument(CASES, cases, 'cases', where);
  const { k, ...resolved } = resolveOptions(EVALUATE_RERANKER_OPTIONS, options, where);
  const { weight } = resolved;
  const began = performance.now();
  const asked = weight === 0 ? unasked(cases, resolved) : await askCases(cases, resolved, where);
  const seconds = (performance.now() - began) / 1000;
  const own = ownRanking(cases, k);
  const reranked = rerankedMetrics(cases, asked, weight, k);
  return {
    ...own.ranking,
    ...gainOver(own.ndcg, reranked.ndcg, weight),
    recall: meanOf(reranked.recall),
    ...totalsOf(
      asked.map(({ report }) => report),
      seconds,
      resolved,
    ),
    perUser: cases.map(({ id }, n) => ({ id, own: own.ndcg[n], reranked: reranked.ndcg[n] })),
  };
}

function unasked(
  cases: readonly RerankCase[],
  { rounds }: Pick<Resolved<typeof RERANK_MANY_OPTIONS>, 'rounds'>,
): AskedCase[] {
  return cases.map(() => {
    const report = reportOf(rounds);
    return { order: report.stop('weight', 'the weight of the chat model is 0'), report };
  });
}

/** Metrics of our own order, and what the candidates allow. */
export function ownRanking(
  cases: readonly RerankCase[],
  k: number,
): { ranking: OwnRanking; ndcg: Float64Array } {
  const own = metricsOf(cases, k, (_, n) => Array.from(cases[n].candidates.keys()));
  const all = cases.map(({ candidates, relevant }) => {
    const ids = new Set(candidates.map(({ id }) => id));
    return relevant.filter((id) => ids.has(id)).length / relevant.length;
  });
  const best = metricsOf(cases, k, ({ candidates, relevant }) => {
    const wanted = new Set(relevant);
    return [...candidates.keys()].sort(
      (a, b) => Number(wanted.has(candidates[b].id)) - Number(wanted.has(candidates[a].id)) || a - b,
    );
  });
  return {
    ranking: {
      ...{ users: cases.length, k, ownNdcg: meanOf(own.ndcg), ownRecall: meanOf(own.recall) },
      ...{ ceilingRecall: meanOf(all), ceilingNdcg: meanOf(best.ndcg) },
    },
    ndcg: own.ndcg,
  };
}

/** Metrics of the fused orders. */
export function rerankedMetrics(
  cases: readonly RerankCase[],
  asked: readonly AskedCase[],
  weight: number,
  k: number,
): CaseMetrics {
  return metricsOf(cases, k, ({ candidates }, n) => {
    const { order } = asked[n];
    return order ? fused(order, weight) : [...candidates.keys()];
  });
}

/** A gain person by person. */
export function gainOver(own: Float64Array, reranked: Float64Array, weight: number): RerankerGain {
  const differences = reranked.map((value, n) => value - own[n]);
  return {
    ...{ weight, ndcg: meanOf(reranked) },
    gain: bootstrapInterval(differences, { seed: STATISTICS_SEED }),
    p: signFlipTest(differences, STATISTICS_SEED),
  };
}

interface CaseMetrics {
  readonly ndcg: Float64Array;
  readonly recall: Float64Array;
}

function metricsOf(
  cases: readonly RerankCase[],
  k: number,
  orderOf: (one: RerankCase, n: number) => readonly number[],
): CaseMetrics {
  const ndcg = new Float64Array(cases.length);
  const recall = new Float64Array(cases.length);
  for (const [n, one] of cases.entries()) {
    const { candidates, relevant } = one;
    // Candidates by their place; what is relevant and no candidate gets a place that nothing is ranked at.
    const places = new Map(candidates.map(({ id }, place) => [id, place]));
    const wanted = relevant.map((id, at) => places.get(id) ?? candidates.length + at);
    [recall[n], ndcg[n]] = userMetrics(Int32Array.from(orderOf(one, n)), wanted, [k]);
  }
  return { ndcg, recall };
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let n = 0; n < values.length; n++) sum += values[n];
  return sum / values.length;
}
