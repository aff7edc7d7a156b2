import { describe, expect, it } from 'vitest';
import { Interactions } from '../../../src/data/interactions.ts';
import {
  HISTORY_BUCKETS,
  historyBuckets,
  POPULARITY_BUCKETS,
  popularityBuckets,
} from '../../../src/evaluate/stats/buckets.ts';
import { randomIndices } from '../../kernels/harness.ts';

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

  it('gives a single item with all interactions to the head, and equal items by index to each third', () => {
    expect([...popularityBuckets(Interactions.from(rows([9])))]).toEqual([0]);
    expect([...popularityBuckets(Interactions.from(rows([2, 2, 2, 2, 2, 2])))]).toEqual([0, 0, 1, 1, 2, 2]);
  });

  it('follows its definition on random counts', () => {
    const counts = Array.from(randomIndices(60, 40), Number).map((n) => n + 1);
    const train = Interactions.from(rows(counts));
    const found = popularityBuckets(train);
    const total = counts.reduce((a, b) => a + b, 0);
    for (let item = 0; item < counts.length; item++) {
      const before = counts
        .filter((count, other) => count > counts[item] || (count === counts[item] && other < item))
        .reduce((a, b) => a + b, 0);
      expect(found[item]).toBe(3 * before < total ? 0 : 3 * before < 2 * total ? 1 : 2);
    }
    expect(new Set(found).size).toBe(3);
  });

  it('cuts users by 5, 10 and 20 interactions', () => {
    const train = Interactions.from(
      [4, 5, 9, 10, 19, 20].flatMap((count, user) =>
        Array.from({ length: count }, (_, n) => ({ user: `u${user}`, item: `i${n}` })),
      ),
    );
    expect(Array.from(historyBuckets(train), (bucket) => HISTORY_BUCKETS[bucket])).toEqual([
      '0–4',
      '5–9',
      '5–9',
      '10–19',
      '10–19',
      '20+',
    ]);
  });

  it('counts training interactions only', () => {
    const train = Interactions.from(rows([1, 1, 1, 1, 1]));
    expect([...historyBuckets(train)]).toEqual([1]);
    expect([...historyBuckets(train.subset([0, 1, 2, 3]))]).toEqual([0]);
    expect([...historyBuckets(train.subset([]))]).toEqual([0]);
  });
});
