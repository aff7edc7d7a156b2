import { checkIsSplit } from '../data/argumentKinds.ts';
import { csrOfUsers } from '../data/csr.ts';
import type { Interactions } from '../data/interactions.ts';
import type { Split } from '../data/splits.ts';
import { EVALUATE_OPTIONS, type EvaluateOptions, evaluateScorer } from '../evaluate/evaluate.ts';
import { argument, arrayOf, checkArgument, TEXT } from '../options/arguments.ts';
import { listOf, number, required } from '../options/builders.ts';
import { SIGNAL } from '../options/kinds.ts';
import { resolveOptions } from '../options/resolve.ts';
import { SCORER } from '../rank/argumentKinds.ts';
import { type BlendPart, BlendScorer } from '../rank/blendScorer.ts';
import { scoreDeviation } from '../rank/scoreDeviation.ts';
import type { Query, Scorer } from '../rank/scorer.ts';
import type { Runtime } from '../runtime/load.ts';
import { RUNTIME } from '../runtime/option.ts';
import { compareBlends } from './compareBlends.ts';
import { sampledUsers } from './validationSample.ts';

/** Weights of the second scorer that are compared; what lies outside is close to one of the two alone. */
export const WEIGHTS: readonly number[] = [0.2, 0.35, 0.5, 0.65, 0.8];

const SCORERS = arrayOf('two scorers', SCORER);
const PAIR = argument<readonly [Scorer, Scorer]>(
  'a pair of scorers',
  (value) => SCORERS.is(value) && value.length === 2,
);
const OF_SECOND = listOf(number({ about: 'of the second scorer', min: 0, max: 1 }), {
  ...{ about: 'weights that are compared', min: 1, default: WEIGHTS },
});
const OPTIONS = {
  protocol: EVALUATE_OPTIONS.protocol,
  signal: SIGNAL,
  runtime: required(RUNTIME),
  weights: OF_SECOND,
};

/** Users by whom weights are compared, at most: the weight that is chosen is then measured on all. */
const COMPARED_USERS = 8192;

/** Users whose scores are measured for their deviation, at most: every n-th of those with a history. */
const MEASURED_USERS = 2048;

/**
 * A blend of two scorers with the weight that validation chose.
 *
 * @example
 * const parts = [popularity(split.train), await itemKnn(split.train)] as const;
 * const { weight, valid }: ChosenBlend = await chooseBlend('both', parts, split, { runtime });
 */
export interface ChosenBlend {
  readonly scorer: BlendScorer;
  /** Of the second scorer; the first has the rest. */
  readonly weight: number;
  /** Validation NDCG@10; null without validation interactions, where the first weight is taken. */
  readonly valid: number | null;
}

/**
 * (1 − w) · first / σ₁ + w · second / σ₂ with the weight w of the highest validation NDCG@10, of equals the first. One
 * deviation σ a scorer, the mean over users of the standard deviation of a user's scores: a user's own shift cannot change
 * a ranking, so that only the ratio of the scorers' spreads matters.
 *
 * @throws as `scoreDeviation` and `evaluateScorer`
 * @example
 * const knn = await itemKnn(split.train);
 * const { weight } = await chooseBlend('both', [popularity(split.train), knn], split, { runtime });
 * weight >= 0 && weight <= 1; // → true
 */
export async function chooseBlend(
  name: string,
  scorers: readonly [Scorer, Scorer],
  split: Split,
  options: Pick<EvaluateOptions, 'protocol' | 'signal'> & {
    readonly runtime: Runtime;
    readonly weights?: readonly number[];
  },
): Promise<ChosenBlend> {
  checkArgument(TEXT, name, 'name', 'chooseBlend');
  checkArgument(PAIR, scorers, 'scorers', 'chooseBlend');
  checkIsSplit(split, 'chooseBlend');
  const { weights, ...how } = resolveOptions(OPTIONS, options, 'chooseBlend');
  const [first, second] = scorers;
  const queries = sampledQueries(split.train);
  const { runtime, signal } = how;
  const deviations = [
    await scoreDeviation(first, queries, { runtime, signal }),
    await scoreDeviation(second, queries, { runtime, signal }),
  ];
  const partsOf = (weight: number): BlendPart[] => [
    { scorer: first, weight: 1 - weight, deviation: deviations[0] },
    { scorer: second, weight, deviation: deviations[1] },
  ];
  let [weight] = weights;
  if (split.valid.length > 0 && weights.length > 1) {
    const sample = { ...split, valid: sampledUsers(split.valid, COMPARED_USERS) };
    const found = await compareBlends(weights.map(partsOf), sample, how);
    weight = weights[found.indexOf(Math.max(...found))];
  }
  const scorer = new BlendScorer(name, partsOf(weight));
  if (split.valid.length === 0) return { scorer, weight, valid: null };
  const { means } = await evaluateScorer(scorer, split, { ...how, part: 'valid', ks: [10] });
  return { scorer, weight, valid: means['ndcg@10'] };
}

/** Users with a history, evenly spread where there are many. */
function sampledQueries(train: Interactions): Query[] {
  const degrees = new Int32Array(train.numUsers);
  for (const user of train.users) degrees[user]++;
  const users = Array.from(degrees.keys()).filter((user) => degrees[user] > 0);
  const step = Math.ceil(users.length / MEASURED_USERS);
  const measured = users.filter((_, n) => n % step === 0);
  const wanted = new Uint8Array(train.numUsers);
  for (const user of measured) wanted[user] = 1;
  const { rowPtr, colIdx } = csrOfUsers(train, wanted);
  return measured.map((user) => ({ user, history: colIdx.subarray(rowPtr[user], rowPtr[user + 1]) }));
}
