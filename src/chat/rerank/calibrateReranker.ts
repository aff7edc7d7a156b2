import { checkArgument } from '../../options/arguments.ts';
import { integer, listOf, number } from '../../options/builders.ts';
import type { DescriptorsOf } from '../../options/descriptor.ts';
import { resolveOptions } from '../../options/resolve.ts';
import { askCases, RERANK_MANY_OPTIONS, type RerankManyOptions } from './askCases.ts';
import type { RerankCase } from './cases.ts';
import {
  CASES,
  gainOver,
  type OwnRanking,
  ownRanking,
  type RerankerGain,
  rerankedMetrics,
} from './evaluateReranker.ts';
import { type RerankTotals, totalsOf } from './totals.ts';

/**
 * How the weight of a chat model is chosen.
 *
 * @example
 * const options: CalibrateRerankerOptions = { chat, weights: [0.25, 0.5, 1], k: 5 };
 * const { weight } = await calibrateReranker(cases, options);
 */
export interface CalibrateRerankerOptions extends Omit<RerankManyOptions, 'weight'> {
  /** Cut-off. Default 10. */
  readonly k?: number;
  /** Weights that are tried beside 0. Default 0.25, 0.5, 0.75, 1. */
  readonly weights?: readonly number[];
  /** The chance, at most, that a chat model which gains nothing is given a weight. Default 0.025. */
  readonly level?: number;
}

const { weight: _, ...MANY } = RERANK_MANY_OPTIONS;
const OPTIONS = {
  ...MANY,
  k: integer({ about: 'cut-off', min: 1, default: 10 }),
  weights: listOf(number({ about: 'a weight', above: 0, max: 1 }), {
    about: 'weights that are tried beside 0',
    min: 1,
    default: [0.25, 0.5, 0.75, 1],
  }),
  level: number({ about: 'the chance of a weight without a gain', above: 0, below: 1, default: 0.025 }),
} satisfies DescriptorsOf<CalibrateRerankerOptions>;

/**
 * What was found of a chat model.
 *
 * @example
 * const { weight, tried }: RerankCalibration = await calibrateReranker(cases, { chat, k: 5 });
 */
export interface RerankCalibration extends OwnRanking, RerankTotals {
  /** For the option `weight` of `rerank`; 0 where no gain was shown. */
  readonly weight: number;
  /** Every weight that was tried. */
  readonly tried: readonly RerankerGain[];
  /** The p that a weight had to stay below: `level` divided by how many were tried. */
  readonly threshold: number;
}

/**
 * The weight of a chat model's order beside ours, by people whose held-out items are known: that of the highest NDCG among
 * those whose gain is no chance (one-sided sign-flip test, the level shared among the weights), and 0 where there is none. Then
 * nothing is asked, and the order is ours. Every person is asked about once for all weights.
 *
 * For people like these, a chat model that gains nothing is given a weight in at most `level` of all calibrations, whatever it
 * answers. That says nothing of a service that answers otherwise later, nor of every single person.
 *
 * @param cases of validation interactions, not of those that the result is measured on
 * @throws {OptionError} for other arguments
 * @throws {DataError} without cases
 * @throws the signal's reason
 * @example
 * const { weight } = await calibrateReranker(cases, { chat });
 * const items = await recommendReranked(recommender, 'u42', { rerank: { chat, weight } });
 */
export async function calibrateReranker(
  cases: readonly RerankCase[],
  options: CalibrateRerankerOptions,
): Promise<RerankCalibration> {
  const where = 'calibrateReranker';
  checkArgument(CASES, cases, 'cases', where);
  const { k, weights, level, ...resolved } = resolveOptions(OPTIONS, options, where);
  const began = performance.now();
  const asked = await askCases(cases, resolved, where);
  const seconds = (performance.now() - began) / 1000;
  const own = ownRanking(cases, k);
  const tried = weights.map((weight) =>
    gainOver(own.ndcg, rerankedMetrics(cases, asked, weight, k).ndcg, weight),
  );
  const threshold = level / weights.length;
  const gaining = tried.filter(({ gain, p }) => gain.mean > 0 && p <= threshold);
  const best = gaining.reduce<RerankerGain | null>((a, b) => (a && a.ndcg >= b.ndcg ? a : b), null);
  return {
    ...own.ranking,
    ...totalsOf(
      asked.map(({ report }) => report),
      seconds,
      resolved,
    ),
    ...{ weight: best?.weight ?? 0, tried, threshold },
  };
}
