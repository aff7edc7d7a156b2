import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError, OptionError, ShapeError } from '../../../src/errors.ts';
import {
  bootstrapInterval,
  meanAndSd,
  pairedGain,
  Resamples,
  signTest,
} from '../../../src/evaluate/stats/significance.ts';

describe('meanAndSd', () => {
  it('divides by n - 1', () => {
    expect(meanAndSd([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ mean: 5, sd: Math.sqrt(32 / 7) });
  });

  it('does not lose the spread of values far from zero', () => {
    expect(meanAndSd([1e9 + 1, 1e9 + 2, 1e9 + 3])).toEqual({ mean: 1e9 + 2, sd: 1 });
  });

  it('has no deviation for a single value', () => {
    expect(meanAndSd([0.25])).toEqual({ mean: 0.25, sd: null });
  });

  it('refuses nothing at all and values that are not finite', () => {
    expect(() => meanAndSd([])).toThrow(DataError);
    expect(() => meanAndSd([1, Number.NaN])).toThrow(/NaN at position 1/);
  });
});

describe('pairedGain', () => {
  it('gives difference, ratio of means and deviation of the differences', () => {
    const gain = pairedGain([1, 2, 3], [2, 2, 5]);
    expect(gain.difference).toBe(1);
    expect(gain.relative).toBe(0.5);
    expect(gain.sd).toBe(1);
  });

  it('has no relative gain over a base of zero and no deviation for one pair', () => {
    expect(pairedGain([0], [0.5])).toEqual({ difference: 0.5, relative: null, sd: null });
  });

  it('refuses series of different lengths, no pairs, and values that are not finite', () => {
    expect(() => pairedGain([1, 2], [1])).toThrow(ShapeError);
    expect(() => pairedGain([], [])).toThrow(DataError);
    expect(() => pairedGain([1], [Number.POSITIVE_INFINITY])).toThrow(DataError);
  });
});

describe('bootstrapInterval', () => {
  const coin = Array.from({ length: 400 }, (_, n) => n % 2);

  it('matches the normal interval of a fair coin, 0.5 ± 1.96 · 0.5 / √400', () => {
    const { mean, low, high } = bootstrapInterval(coin, { seed: 1, resamples: 20_000 });
    expect(mean).toBe(0.5);
    expect(Math.abs(low - 0.451)).toBeLessThan(0.004);
    expect(Math.abs(high - 0.549)).toBeLessThan(0.004);
  });

  it('covers the true mean about as often as it says', () => {
    // Sums of sines of distinct integers: spread like noise around 0, and the same in every run.
    let covered = 0;
    for (let run = 0; run < 200; run++) {
      const noise = Array.from({ length: 50 }, (_, n) => Math.sin((run * 50 + n + 1) ** 2));
      const { low, high } = bootstrapInterval(noise, { seed: run, resamples: 300, confidence: 0.8 });
      if (low <= 0 && high >= 0) covered++;
    }
    expect(covered).toBeGreaterThan(140);
    expect(covered).toBeLessThan(180);
  });

  it('repeats with the seed and moves with another', () => {
    const first = bootstrapInterval(coin, { seed: 7, resamples: 200 });
    expect(bootstrapInterval(coin, { seed: 7, resamples: 200 })).toEqual(first);
    expect(bootstrapInterval(coin, { seed: 8, resamples: 200 })).not.toEqual(first);
  });

  it('widens with the confidence', () => {
    const narrow = bootstrapInterval(coin, { seed: 7, confidence: 0.5 });
    const wide = bootstrapInterval(coin, { seed: 7, confidence: 0.99 });
    expect(wide.low).toBeLessThan(narrow.low);
    expect(wide.high).toBeGreaterThan(narrow.high);
  });

  it('closes on the value when all differences are the same', () => {
    expect(bootstrapInterval([0.5, 0.5, 0.5], { seed: 1 })).toEqual({ mean: 0.5, low: 0.5, high: 0.5 });
  });

  it('refuses options out of range and differences that are absent or not finite', () => {
    for (const resamples of [0, 1.5, -1]) {
      expect(() => bootstrapInterval(coin, { seed: 1, resamples })).toThrow(OptionError);
    }
    for (const confidence of [0, 1, 95, Number.NaN]) {
      expect(() => bootstrapInterval(coin, { seed: 1, confidence })).toThrow(OptionError);
    }
    expect(() => bootstrapInterval(coin, { seed: -1 })).toThrow(OptionError);
    expect(() => bootstrapInterval([], { seed: 1 })).toThrow(DataError);
    expect(() => bootstrapInterval([Number.NaN], { seed: 1 })).toThrow(DataError);
  });
});

describe('signTest', () => {
  const signs = (positive: number, negative: number, zero = 0) => [
    ...new Array(positive).fill(0.1),
    ...new Array(negative).fill(-0.1),
    ...new Array(zero).fill(0),
  ];

  it('gives the binomial probabilities', () => {
    expect(signTest(signs(5, 0))).toBe(2 / 32);
    expect(signTest(signs(8, 2))).toBe((2 * (1 + 10 + 45)) / 1024);
    expect(signTest(signs(2, 8))).toBe((2 * (1 + 10 + 45)) / 1024);
    expect(signTest(signs(15, 5))).toBeCloseTo((2 * 21700) / 2 ** 20, 15);
    expect(signTest(signs(4, 4))).toBe(1);
  });

  it('leaves out zero differences, and is 1 when nothing else is there', () => {
    expect(signTest(signs(8, 2, 1000))).toBe(signTest(signs(8, 2)));
    expect(signTest(signs(0, 0, 3))).toBe(1);
  });

  it('equals the sum of exact binomial coefficients for any counts', () => {
    fc.assert(
      fc.property(fc.nat(120), fc.nat(120), (positive, negative) => {
        const n = positive + negative;
        fc.pre(n > 0);
        let coefficient = 1n;
        let tail = 0n;
        for (let i = 0; i <= Math.min(positive, negative); i++) {
          tail += coefficient;
          coefficient = (coefficient * BigInt(n - i)) / BigInt(i + 1);
        }
        const expected = Math.min(1, Number(2n * tail) / 2 ** n);
        expect(Math.abs(signTest(signs(positive, negative)) / expected - 1)).toBeLessThan(1e-12);
      }),
    );
  });

  it('neither overflows nor underflows for tens of thousands of users', () => {
    // Normal approximation with continuity correction: z = (200 - 1) / √40000, p = 2 Φ(-0.995).
    expect(signTest(signs(20_100, 19_900))).toBeCloseTo(0.31974, 4);
    expect(signTest(signs(40_000, 0))).toBe(0);
  });

  it('refuses no differences and differences that are not finite', () => {
    expect(() => signTest([])).toThrow(DataError);
    expect(() => signTest([0.1, Number.NaN])).toThrow(DataError);
  });
});

describe('Resamples', () => {
  it('gives the intervals of bootstrapInterval to the bit, series after series', () => {
    const options = { seed: 4, resamples: 200 };
    const resamples = new Resamples(options);
    const series = (length: number, factor: number) =>
      Float64Array.from({ length }, (_, n) => Math.sin(factor * n));
    for (const values of [series(90, 1), series(90, 2), series(31, 1), series(90, 1)])
      expect(resamples.interval(values)).toEqual(bootstrapInterval(values, options));
  });

  it('refuses what bootstrapInterval refuses', () => {
    expect(() => new Resamples({ seed: 1 }).interval([])).toThrow(/at least one value/);
    expect(() => new Resamples({ seed: 1 }).interval([Number.NaN])).toThrow(/finite/);
  });
});
