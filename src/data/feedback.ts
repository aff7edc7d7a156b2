import { OptionError } from '../errors.ts';
import { log2 } from '../runtime/log2.ts';
import type { EventCount } from './events.ts';

/**
 * What the number beside an interaction means.
 *
 * - `rating`: a degree of liking, such as 1–5. Where 0 or −1 is the only value that is not positive, it says "not
 *   rated" (Goodreads, Book-Crossing, MyAnimeList), and the row counts as one without a number.
 * - `count`: how often or how long: plays, purchases, hours. 0 or less is no sign of liking (owned and never played,
 *   returned).
 * - `label`: yes or no. Above 0 is yes, 0 and below is no.
 * - `event`: the weight of what the user did, such as 1 for a view and 3 for a purchase. Above 0 is liked, 0 only met,
 *   below 0 disliked.
 *
 * @example
 * const feedback: FeedbackKind = 'count';
 * const { interactions } = await readInteractions('user,item,plays\na,x,7\na,y,0\n', { feedback });
 */
export type FeedbackKind = 'rating' | 'count' | 'label' | 'event';

/**
 * All values of `FeedbackKind`.
 *
 * @example
 * FEEDBACK_KINDS; // → ['rating', 'count', 'label', 'event']
 */
export const FEEDBACK_KINDS: readonly FeedbackKind[] = ['rating', 'count', 'label', 'event'];

/**
 * How much an interaction counts by its number: all alike, by log₂(1 + number), or by the number itself.
 *
 * @example
 * const feedbackWeights: FeedbackWeights = 'log';
 * const { interactions } = await readInteractions('user,item,plays\na,x,7\na,y,1\n', { feedbackWeights });
 */
export type FeedbackWeights = 'binary' | 'log' | 'linear';

/**
 * All values of `FeedbackWeights`.
 *
 * @example
 * FEEDBACK_WEIGHTS; // → ['binary', 'log', 'linear']
 */
export const FEEDBACK_WEIGHTS: readonly FeedbackWeights[] = ['binary', 'log', 'linear'];

/**
 * What is told of the numbers of a column.
 *
 * @example
 * const { interactions } = await readInteractions(ratingsCsv);
 * const summary: FeedbackSummary | null = interactions.feedback;
 * summary?.most; // → 5
 */
export interface FeedbackSummary {
  readonly kind: FeedbackKind;
  readonly least: number;
  readonly most: number;
  /** numbers that say "not rated" */
  readonly unrated: number;
  /** numbers that stand for no rating at all, as 99 in Jester's ratings from −10 to 10; such rows are no interactions */
  readonly absent: number;
  /** the events that were read, by kind; null where there were none */
  readonly events: readonly EventCount[] | null;
}

const MOST_DISTINCT = 32;

/** What stands for "no rating" in Jester and its kin, where all other numbers are at most 10. */
export const NO_RATING = 99;
const MOST_BESIDE = 10;

/** Watches the numbers of a column go by. */
export class FeedbackStats {
  /** of the numbers that are not 99, which may stand for none */
  #least = Number.POSITIVE_INFINITY;
  #most = Number.NEGATIVE_INFINITY;
  #areIntegers = true;
  #notPositive = 0;
  #noRatings = 0;
  #mayBeAbsent = true;
  /** a bit for each whole number from 1 to 31 that was there */
  #known = 0;
  /** the distinct numbers, as long as they are few */
  readonly #distinct = new Set<number>();

  add(value: number): void {
    // Most columns hold few small whole numbers, which tell nothing new the second time but how often.
    const bit = value >= 1 && value < MOST_DISTINCT && Number.isInteger(value) ? 1 << value : 0;
    if ((this.#known & bit) !== 0) return;
    this.#known |= bit;
    if (value === NO_RATING) {
      this.#noRatings++;
      return;
    }
    if (value < this.#least) this.#least = value;
    if (value > this.#most) this.#most = value;
    if (value <= 0) this.#notPositive++;
    if (this.#areIntegers && !Number.isInteger(value)) this.#areIntegers = false;
    if (this.#distinct.size < MOST_DISTINCT) this.#distinct.add(value);
  }

  /** Takes 99 for a number like others. */
  keepNoRating(): void {
    this.#mayBeAbsent = false;
  }

  get isEmpty(): boolean {
    return this.#most === Number.NEGATIVE_INFINITY && this.#noRatings === 0;
  }

  /**
   * How many numbers stand for no rating: those that are 99, where no unit stands beside them, all others are at most 10 and
   * are ratings as `hint` says, or without a hint because some have fractions or are negative.
   */
  absent(hint: FeedbackKind | null): number {
    const areRatings = hint === 'rating' || (hint === null && (this.#least < 0 || !this.#areIntegers));
    const areBelow = this.#least >= -MOST_BESIDE && this.#most <= MOST_BESIDE && this.#least < this.#most;
    return this.#mayBeAbsent && areRatings && areBelow ? this.#noRatings : 0;
  }

  /** The highest number that is a rating. */
  #highest(hint: FeedbackKind | null): number {
    const hasOwn = this.#noRatings > this.absent(hint);
    return hasOwn ? Math.max(this.#most, NO_RATING) : this.#most;
  }

  /**
   * What the numbers mean: a label where there are no others than −1, 0 and 1, and 0 or −1 is among them; else as
   * `hint` says; without a hint a rating up to 10, and a count beyond.
   */
  kind(hint: FeedbackKind | null): FeedbackKind {
    const most = this.#highest(hint);
    const isLabel = this.#areIntegers && this.#least >= -1 && most <= 1 && this.#least <= 0;
    if (isLabel && hint !== 'count' && hint !== 'event') return 'label';
    if (hint !== null) return hint;
    return most <= 10 ? 'rating' : 'count';
  }

  /** Whether 0 and −1 say "not rated" in a column of ratings: the other numbers are few, and none lies near 0. */
  get hasUnrated(): boolean {
    const values = [...this.#distinct];
    return (
      this.#notPositive > 0 &&
      this.#most > 1 &&
      values.length < MOST_DISTINCT &&
      values.every((value) => value === 0 || value === -1 || value >= 0.5)
    );
  }

  /** @param hint as `kind` took it */
  summary(
    kind: FeedbackKind,
    hint: FeedbackKind | null,
    events: readonly EventCount[] | null,
  ): FeedbackSummary {
    const unrated = kind === 'rating' && this.hasUnrated ? this.#notPositive : 0;
    const most = this.#highest(hint);
    const least = Math.min(this.#least, most);
    return { kind, least, most, unrated, absent: this.absent(hint), events };
  }
}

/** How one number of a column is taken. */
export type Verdict = 'liked' | 'unrated' | 'low';

/**
 * The rule by which a number makes an interaction liked. Under `minRating` it must reach that; without it, ratings of
 * all heights, "not rated" and rows without a number are liked, and labels and counts above 0; where there are labels,
 * a row without one is not. Of events only those below 0 are low, the others that are not liked only met.
 */
export function verdictRule(
  kind: FeedbackKind,
  hasUnrated: boolean,
  minRating: number | undefined,
): (value: number) => Verdict {
  const isUnrated = (value: number) => Number.isNaN(value) || (hasUnrated && kind === 'rating' && value <= 0);
  return (value) => {
    if (kind === 'event' && !(value < 0))
      return value > 0 && !(value < (minRating ?? 0)) ? 'liked' : 'unrated';
    if (isUnrated(value)) return minRating === undefined && kind !== 'label' ? 'liked' : 'unrated';
    if (minRating !== undefined) return value >= minRating ? 'liked' : 'low';
    return kind === 'rating' || value > 0 ? 'liked' : 'low';
  };
}

/**
 * The weights of interactions with these numbers, scaled to a mean of 1, so that the strength of a regularisation
 * means the same with weights and without. Confidence by counts: Hu, Koren & Volinsky (ICDM 2008), who weigh by
 * 1 + α·count or 1 + α·log(1 + count / ε); deviation: no constant, scaled. An interaction without a number, or one
 * that is not positive, gets the least weight among the others.
 *
 * @returns one weight per number; null for `binary`, and where all weights are equal
 * @throws {OptionError} if no number is positive
 */
export function weightsOf(values: Float32Array, how: FeedbackWeights): Float32Array | null {
  if (how === 'binary' || values.length === 0) return null;
  const raw = new Float64Array(values.length);
  let least = Number.POSITIVE_INFINITY;
  for (let n = 0; n < values.length; n++) {
    if (!(values[n] > 0)) continue;
    raw[n] = how === 'log' ? log2(1 + values[n]) : values[n];
    if (raw[n] < least) least = raw[n];
  }
  if (least === Number.POSITIVE_INFINITY) {
    const problem = `expected numbers above 0 to make ${how} weights of, received none`;
    throw new OptionError('feedbackWeights', problem, 'Name the column with ratingColumn, or pass "binary"');
  }
  let sum = 0;
  for (let n = 0; n < raw.length; n++) {
    if (raw[n] === 0) raw[n] = least;
    sum += raw[n];
  }
  if (raw.every((weight) => weight === raw[0])) return null;
  return Float32Array.from(raw, (weight) => (weight * raw.length) / sum);
}
