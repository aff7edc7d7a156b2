import { describe, expect, it } from 'vitest';
import { Interactions } from '../../src/data/interactions.ts';
import { ShapeError } from '../../src/errors.ts';
import { historyBuckets, POPULARITY_BUCKETS, popularityBuckets } from '../../src/evaluate/buckets.ts';
import { spectrum } from '../../src/evaluate/spectrum.ts';

describe('spectrum', () => {
  it('has the singular values of a diagonal table', () => {
    const { singularValues, effectiveRank, informationAbundance } = spectrum(
      Float32Array.of(3, 0, 0, 0, -4, 0, 0, 0, 0, 0, 0, 0),
      3,
    );
    expect(Array.from(singularValues, (value) => Number(value.toFixed(6)))).toEqual([4, 3, 0]);
    const entropy = -(4 / 7) * Math.log(4 / 7) - (3 / 7) * Math.log(3 / 7);
    expect(effectiveRank).toBeCloseTo(Math.exp(entropy), 6);
    expect(informationAbundance).toBeCloseTo(7 / 4, 6);
  });

  it('is 1 for rank one, dim for orthonormal columns, 0 for zeros', () => {
    expect(spectrum(Float32Array.of(1, 2, 2, 4, 3, 6), 2).effectiveRank).toBeCloseTo(1, 3);
    expect(spectrum(Float32Array.of(1, 0, 0, 1, 0, 0), 2).effectiveRank).toBeCloseTo(2, 6);
    expect(spectrum(new Float32Array(6), 2)).toMatchObject({ effectiveRank: 0, informationAbundance: 0 });
  });

  it('refuses a table without whole rows', () => {
    for (const [length, dim] of [
      [5, 2],
      [0, 2],
      [4, 0],
      [4, 1.5],
    ])
      expect(() => spectrum(new Float32Array(length), dim)).toThrow(ShapeError);
  });
});

describe('buckets', () => {
  const rows = (counts: number[]) =>
    counts.flatMap((count, item) =>
      Array.from({ length: count }, (_, n) => ({ user: `u${n}`, item: `i${item}` })),
    );

  it('cuts items by thirds of the interactions, most popular first', () => {
    const train = Interactions.from(rows([1, 6, 2, 2, 1]));
    // By count: 6 (head, from 0), 2 (from 6 of 12: middle), 2 (from 8: tail), 1, 1.
    expect(Array.from(popularityBuckets(train), (bucket) => POPULARITY_BUCKETS[bucket])).toEqual([
      'tail',
      'head',
      'middle',
      'tail',
      'tail',
    ]);
  });

  it('puts items without interactions into the tail, also when none has one', () => {
    const train = Interactions.from(rows([2, 1])).subset([0, 1]);
    expect(popularityBuckets(train)[1]).toBe(2);
    expect([...popularityBuckets(train.subset([]))]).toEqual([2, 2]);
  });

  it('cuts users by 5, 10 and 20 interactions', () => {
    const train = Interactions.from(
      [4, 5, 9, 10, 19, 20].flatMap((count, user) =>
        Array.from({ length: count }, (_, n) => ({ user: `u${user}`, item: `i${n}` })),
      ),
    );
    expect([...historyBuckets(train)]).toEqual([0, 1, 1, 2, 2, 3]);
  });
});
