import { number } from '../options/builders.ts';
import { optionsObject, resolveOptions } from '../options/resolve.ts';
import type { History } from './history.ts';
import { leftOut, type Person, personOf, UnknownPerson } from './person.ts';
import { boostsOf, excludedItems, rankPage } from './ranking.ts';
import type { RecommendOptions } from './recommendOptions.ts';
import { rankValues } from './scoring/denseRanking.ts';
import type { Ranked } from './scoring/factorTable.ts';
import { addBoosts } from './scoring/modelScorer.ts';
import type { ServingState } from './servingState.ts';

/**
 * Options of `recommendForText`: those of `recommend`, and whose taste counts beside the text.
 *
 * @example
 * const options: TextOptions = { k: 3, history: ['i1'], textWeight: 0.7 };
 */
export interface TextOptions extends RecommendOptions, Partial<History> {
  /**
   * Share of the text beside a history, 0 to 1: both are brought to one standard deviation over all items first. Default
   * 0.5. Without a history the text is all.
   */
  readonly textWeight?: number;
}

/** A range of `textWeight`, for every place that takes it. */
export const TEXT_WEIGHT = number({
  about: 'share of the text beside a history',
  min: 0,
  max: 1,
  default: 0.5,
});

/** Options of `recommendForText` in two parts. */
export function splitTextOptions(given: TextOptions) {
  const all = optionsObject(given, { where: 'recommendForText' }) as TextOptions;
  const { history, weights, times, halfLife, textWeight, ...options } = all;
  const own = resolveOptions({ textWeight: TEXT_WEIGHT }, { textWeight }, 'recommendForText');
  const isAnyone = history === undefined && weights === undefined && times === undefined;
  const person = isAnyone ? null : ({ history, weights, times, halfLife } as History);
  return { person, textWeight: own.textWeight, options };
}

/** What is closest to a vector, by its cosine to the items' texts, and to a history where it says something. */
export function rankForText(
  state: ServingState,
  vector: Float32Array,
  person: History | null,
  textWeight: number,
  options: RecommendOptions,
): Ranked & { readonly unknownItems: readonly string[] } {
  const found = person && personOf(state, person, options, 'recommendForText');
  const known = found instanceof UnknownPerson ? null : found;
  const scores = textScores(state, vector);
  if (known) blend(state, scores, known, textWeight);
  addBoosts(scores, boostsOf(state, options));
  const excluded = excludedItems(state, options, known ? leftOut(known, options) : []);
  const { workspace } = state.memory;
  const ranked = rankPage(state, excluded, options, (left, k) => rankValues(workspace, scores, left, k));
  return { ...ranked, unknownItems: found?.unknownItems ?? [] };
}

/** The cosine of a vector to the text of each item; 0 for items without a text. */
function textScores(
  { text, memory, catalogue }: ServingState,
  vector: Float32Array,
): Float32Array<ArrayBuffer> {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const length = Math.sqrt(squares) || 1;
  const { workspace } = memory;
  const mark = workspace.mark();
  try {
    const scores = workspace.f32(catalogue.numItems);
    text!.scoreAll(
      vector.map((value) => value / length),
      scores,
      false,
    );
    return scores.view.slice();
  } finally {
    workspace.release(mark);
  }
}

/** scores ← share · scores / deviation + (1 − share) · those of the person / their deviation. */
function blend({ scorer }: ServingState, scores: Float32Array, { query }: Person, share: number): void {
  const own = scorer.scores(query);
  const [text, person] = [share / deviation(scores), (1 - share) / deviation(own)];
  for (let item = 0; item < scores.length; item++) scores[item] = text * scores[item] + person * own[item];
}

/** Standard deviation, 1 for equal scores. Sums in float64, in order. */
function deviation(scores: Float32Array): number {
  let sum = 0;
  for (const score of scores) sum += score;
  const mean = sum / scores.length;
  let squares = 0;
  for (const score of scores) squares += (score - mean) * (score - mean);
  return Math.sqrt(squares / scores.length) || 1;
}
