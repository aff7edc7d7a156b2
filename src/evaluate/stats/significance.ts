import { DataError, ShapeError, shown } from '../../errors.ts';
import { checkArgument, NUMBERS } from '../../options/arguments.ts';
import { integer, number, required } from '../../options/builders.ts';
import type { DescriptorsOf } from '../../options/descriptor.ts';
import { resolveOptions } from '../../options/resolve.ts';
import { PURPOSE, Random } from '../../runtime/random.ts';

/**
 * Mean and spread of repeated measurements.
 *
 * @example
 * const { mean, sd }: MeanAndSd = meanAndSd([0.1, 0.3]);
 */
export interface MeanAndSd {
  readonly mean: number;
  /** Sample standard deviation (divided by n − 1); null for a single value. */
  readonly sd: number | null;
}

/**
 * How much one series of measurements exceeds another that was made under the same conditions.
 *
 * @example
 * const { relative }: PairedGain = pairedGain([0.1, 0.2], [0.11, 0.22]);
 */
export interface PairedGain {
  /** Mean of other − base. */
  readonly difference: number;
  /** `difference` divided by the mean of base: 0.2 is a gain of 20 %; null if that mean is 0. */
  readonly relative: number | null;
  /** Sample standard deviation of other − base; null for a single pair. */
  readonly sd: number | null;
}

/**
 * Options of `bootstrapInterval`.
 *
 * @example
 * const options: BootstrapOptions = { seed: 1, resamples: 1000, confidence: 0.95 };
 * const { low, high } = bootstrapInterval([0.1, 0.2, 0.15], options);
 */
export interface BootstrapOptions {
  /** Integer ≥ 0. */
  readonly seed: number;
  /** Number of resamples, ≥ 1; default 2000 (Efron & Tibshirani 1993, §13.3, advise 1000 or more). */
  readonly resamples?: number;
  /** Coverage in (0, 1); default 0.95. */
  readonly confidence?: number;
}

/**
 * A confidence interval for a mean.
 *
 * @example
 * const { mean, low, high }: Interval = bootstrapInterval([0.1, 0.2, 0.15], { seed: 1 });
 * low <= mean && mean <= high; // → true
 */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Mean and sample standard deviation (n − 1), in two passes.
 * @throws {DataError} if there is no value or one is not finite
 * @example
 * meanAndSd([1, 2, 3]); // → { mean: 2, sd: 1 }
 */
export function meanAndSd(values: ArrayLike<number>): MeanAndSd {
  checkFinite('meanAndSd', values);
  const mean = meanOf(values);
  if (values.length === 1) return { mean, sd: null };
  let squares = 0;
  for (let n = 0; n < values.length; n++) squares += (values[n] - mean) ** 2;
  return { mean, sd: Math.sqrt(squares / (values.length - 1)) };
}

/**
 * The gain of `other` over `base`, pair by pair, e.g. one pair per seed. The relative gain is the ratio of
 * means, not the mean of ratios, so that one bad base run does not decide it.
 * @throws {ShapeError} if the two have different lengths
 * @throws {DataError} if there is no pair or a value is not finite
 * @example
 * const { difference, relative } = pairedGain([0.1, 0.2], [0.2, 0.3]);
 * relative! > 0.6; // → true
 */
export function pairedGain(base: ArrayLike<number>, other: ArrayLike<number>): PairedGain {
  checkArgument(NUMBERS, base, 'base', 'pairedGain');
  checkArgument(NUMBERS, other, 'other', 'pairedGain');
  if (base.length !== other.length) {
    throw new ShapeError(
      'pairedGain',
      `expected as many values in other as in base (${base.length}), received ${other.length}`,
      'Measure both under the same seeds or users',
    );
  }
  checkFinite('pairedGain', base);
  checkFinite('pairedGain', other);
  const { mean: difference, sd } = meanAndSd(Float64Array.from(base, (value, n) => other[n] - value));
  const baseMean = meanOf(base);
  return { difference, relative: baseMean === 0 ? null : difference / baseMean, sd };
}

const BOOTSTRAP_OPTIONS = {
  seed: required(integer({ about: 'of the resamples', min: 0 })),
  resamples: integer({ about: 'how many', min: 1, default: 2000 }),
  confidence: number({ about: 'of the interval', above: 0, below: 1, default: 0.95 }),
} satisfies DescriptorsOf<BootstrapOptions>;

/**
 * Percentile bootstrap interval for the mean difference (Efron & Tibshirani 1993, ch. 13): the
 * (1 ± confidence) / 2 quantiles, linearly interpolated, of the means of resamples drawn with replacement.
 * Same differences and options: same interval.
 * @param differences one per user, in user order
 * @throws {OptionError} if an option is out of range
 * @throws {DataError} if there is no difference or one is not finite
 * @example
 * const { low, high } = bootstrapInterval([0.1, 0.2, 0.15, 0.12], { seed: 1 });
 * low > 0 && high < 0.3; // → true
 */
export function bootstrapInterval(differences: ArrayLike<number>, options: BootstrapOptions): Interval {
  const { seed, resamples, confidence } = resolveOptions(BOOTSTRAP_OPTIONS, options, 'bootstrapInterval');
  checkFinite('bootstrapInterval', differences);
  const random = new Random(seed, PURPOSE.bootstrap);
  const means = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    let sum = 0;
    for (let n = 0; n < differences.length; n++) sum += differences[random.below(differences.length)];
    means[r] = sum / differences.length;
  }
  return intervalOf(differences, means, confidence);
}

function intervalOf(differences: ArrayLike<number>, means: Float64Array, confidence: number): Interval {
  means.sort();
  return {
    mean: meanOf(differences),
    low: quantile(means, (1 - confidence) / 2),
    high: quantile(means, (1 + confidence) / 2),
  };
}

/** Places that are kept, at most: 256 MiB of them. */
const MOST_PLACES = 2 ** 26;

/**
 * Resamples that are drawn once for many series of one length: the intervals of `bootstrapInterval` to the bit, in a
 * tenth of the time.
 */
export class Resamples {
  readonly #options: BootstrapOptions;
  #length = -1;
  #places = new Int32Array(0);

  constructor(options: BootstrapOptions) {
    this.#options = options;
  }

  /** @throws as `bootstrapInterval` */
  interval(differences: ArrayLike<number>): Interval {
    const { seed, resamples, confidence } = resolveOptions(BOOTSTRAP_OPTIONS, this.#options, 'Resamples');
    const { length } = differences;
    if (length * resamples > MOST_PLACES) return bootstrapInterval(differences, this.#options);
    checkFinite('bootstrapInterval', differences);
    if (this.#length !== length) {
      const random = new Random(seed, PURPOSE.bootstrap);
      this.#places = Int32Array.from({ length: resamples * length }, () => random.below(length));
      this.#length = length;
    }
    const values = Float64Array.from(differences);
    const places = this.#places;
    const means = new Float64Array(resamples);
    for (let r = 0, at = 0; r < resamples; r++) {
      let sum = 0;
      for (const end = at + length; at < end; at++) sum += values[places[at]];
      means[r] = sum / length;
    }
    return intervalOf(differences, means, confidence);
  }
}

/**
 * Exact two-sided p of the sign test: the probability, if either sign were equally likely, of a split of the
 * non-zero differences at least as uneven as the one seen. Zero differences are left out; 1 if none remains.
 * @throws {DataError} if there is no difference or one is not finite
 * @example
 * signTest([1, 1, 1, 1, 1]) < 0.07; // → true
 */
export function signTest(differences: ArrayLike<number>): number {
  checkFinite('signTest', differences);
  let positive = 0;
  let negative = 0;
  for (let n = 0; n < differences.length; n++) {
    if (differences[n] > 0) positive++;
    else if (differences[n] < 0) negative++;
  }
  return Math.min(1, 2 * lowerTail(positive + negative, Math.min(positive, negative)));
}

/** P(X ≤ k) for X ~ Binomial(n, ½). */
function lowerTail(n: number, k: number): number {
  // C(n, k) overflows and 2⁻ⁿ underflows: the halves are multiplied in as soon as the product exceeds 1.
  let term = 1;
  let halves = n;
  for (let i = 1; i <= k; i++) {
    term *= (n - k + i) / i;
    while (term > 1 && halves > 0) {
      term /= 2;
      halves--;
    }
  }
  term *= 2 ** -halves;
  let tail = 0;
  for (let i = k; i >= 0; i--) {
    tail += term;
    term *= i / (n - i + 1);
  }
  return tail;
}

/** Linear interpolation between the order statistics at position p · (n − 1). */
function quantile(sorted: Float64Array, p: number): number {
  const position = p * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.ceil(position);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let n = 0; n < values.length; n++) sum += values[n];
  return sum / values.length;
}

function checkFinite(where: string, values: ArrayLike<number>): void {
  checkArgument(NUMBERS, values, 'values', where);
  if (values.length === 0) {
    throw new DataError(where, 'expected at least one value, received none', 'Measure something first');
  }
  for (let n = 0; n < values.length; n++) {
    if (Number.isFinite(values[n])) continue;
    throw new DataError(
      where,
      `expected finite values, received ${shown(values[n])} at position ${n}`,
      'Find the run that gave it: a diverged model gives NaN',
    );
  }
}
