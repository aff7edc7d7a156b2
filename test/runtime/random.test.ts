import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { PURPOSE, Random, seedWords } from '../../src/runtime/random.ts';

const take = <T>(count: number, next: () => T): T[] => Array.from({ length: count }, next);

describe('Random', () => {
  it('repeats a sequence for the same seed, purpose and round', () => {
    const words = () => {
      const random = new Random(2020, PURPOSE.split, 1);
      return take(100, () => random.uint32());
    };
    expect(words()).toEqual(words());
    expect(new Set(words()).size).toBe(100);
  });

  it('gives another sequence to seeds that differ above 32 bits, to another purpose and to another round', () => {
    const first = (seed: number, purpose: 1 | 2, round: number) => new Random(seed, purpose, round).uint32();
    const all = [
      first(5, 1, 0),
      first(5 + 2 ** 32, 1, 0),
      first(5 + 2 ** 52, 1, 0),
      first(5, 2, 0),
      first(5, 1, 1),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it('refuses a seed that is no integer from 0 on', () => {
    for (const seed of [-1, 0.5, Number.NaN, Infinity, 2 ** 53]) {
      expect(() => new Random(seed, PURPOSE.split)).toThrow(OptionError);
    }
    expect(() => new Random('7' as unknown as number, PURPOSE.split)).toThrow(/integer ≥ 0.*"7"/);
  });

  it('splits a seed into its low and high word', () => {
    expect(seedWords(2020)).toEqual([2020, 0]);
    expect(seedWords(3 * 2 ** 32 + 4_000_000_000)).toEqual([4_000_000_000, 3]);
  });

  it('gives uniform numbers in [0, 1) that f32 holds, with the right mean and spread', () => {
    const random = new Random(1, PURPOSE.synthetic);
    const numbers = take(40_000, () => random.uniform());
    expect(numbers.every((x) => x >= 0 && x < 1 && Math.fround(x) === x)).toBe(true);
    const mean = numbers.reduce((a, b) => a + b, 0) / numbers.length;
    const variance = numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / numbers.length;
    // Five standard errors.
    expect(Math.abs(mean - 1 / 2)).toBeLessThan(5 * Math.sqrt(1 / 12 / 40_000));
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(5 * Math.sqrt(1 / 180 / 40_000));
  });

  it('draws integers below a bound without bias, also where multiplying alone would have one', () => {
    // 3 · 2³⁰ does not divide 2³²: without rejection a third of the numbers come twice as often.
    for (const [bound, bins] of [
      [7, 7],
      [3 * 2 ** 30, 3],
      [1000, 10],
    ]) {
      const random = new Random(4, PURPOSE.synthetic, bound % 97);
      const counts = new Float64Array(bins);
      const numbers = take(30_000, () => random.below(bound));
      expect(numbers.every((drawn) => Number.isInteger(drawn) && drawn >= 0 && drawn < bound)).toBe(true);
      for (const drawn of numbers) {
        counts[bound % 3 === 0 ? drawn % bins : Math.floor((drawn * bins) / bound)]++;
      }
      const expected = 30_000 / bins;
      const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
      // The 1e-4 quantile for 9 degrees of freedom, the largest here.
      expect(chiSquare).toBeLessThan(33.7);
    }
    expect(new Random(4, PURPOSE.synthetic).below(1)).toBe(0);
  });

  it('shuffles to a permutation, every order equally often', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.nat(), (values, seed) => {
        const sorted = (all: number[]) => [...all].sort((a, b) => a - b);
        const shuffled = new Random(seed, PURPOSE.shuffle).shuffle([...values]);
        expect(sorted(shuffled)).toEqual(sorted(values));
      }),
    );
    const random = new Random(8, PURPOSE.shuffle);
    const counts = new Map<string, number>();
    for (let n = 0; n < 12_000; n++) {
      const order = random.shuffle([0, 1, 2]).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
    expect(counts.size).toBe(6);
    expect(chiSquare).toBeLessThan(25.8);
  });
});
