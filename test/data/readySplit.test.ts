import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Interactions } from '../../src/data/interactions.ts';
import { readInteractions } from '../../src/data/readers/readInteractions.ts';
import { alignSplit, checkSplit } from '../../src/data/readySplit.ts';
import { DataError } from '../../src/errors.ts';
import { sharedData } from '../sharedData.ts';
import { fromPairs, pairsOf } from './samples.ts';

const train = fromPairs([
  ['b', 'x'],
  ['a', 'y'],
]);

describe('alignSplit', () => {
  it('numbers ids by train, then valid, then test, and changes no pair', () => {
    const valid = fromPairs([
      ['c', 'z'],
      ['a', 'x'],
    ]);
    const test = fromPairs([
      ['d', 'w'],
      ['c', 'y'],
    ]);
    const split = alignSplit(train, valid, test);
    expect(split.test.userIds).toEqual(['b', 'a', 'c', 'd']);
    expect(split.test.itemIds).toEqual(['x', 'y', 'z', 'w']);
    expect(split.train.userIds).toBe(split.test.userIds);
    expect(split.train.userIndex('d')).toBe(3);
    expect([split.train, split.valid, split.test].map(pairsOf)).toEqual([train, valid, test].map(pairsOf));
    expect([...split.test.timestamps!]).toEqual([0, 1]);
  });

  it('takes a split without validation data', () => {
    const split = alignSplit(train, null, fromPairs([['a', 'x']]));
    expect(split.valid.length).toBe(0);
    expect(split.valid.itemIds).toBe(split.train.itemIds);
  });

  it('joins what was met beside the liked pairs, and holds a liked pair for disliked in no part', () => {
    const rated = (rows: [string, string, number][]) =>
      Interactions.from(
        rows.map(([user, item, rating]) => ({ user, item, rating })),
        { minRating: 4 },
      );
    const first = rated([
      ['a', 'x', 5],
      ['a', 'y', 1],
      ['b', 'y', 5],
      ['b', 'z', 1],
      ['b', 'x', 1],
    ]);
    const second = rated([
      ['a', 'y', 4],
      ['b', 'x', 2],
      ['b', 'z', 3],
      ['b', 'w', 4],
      ['c', 'w', 1],
    ]);
    const split = alignSplit(first, null, second);
    // z and c are in no table: nobody likes z, and c likes nothing.
    expect(pairsOf(split.had!).sort()).toEqual(['a x', 'a y', 'b w', 'b x', 'b y']);
    expect(pairsOf(split.disliked!)).toEqual(['b x']);
    expect(split.had!.itemIds).toBe(split.train.itemIds);
  });

  it('names a pair that stands in two parts', () => {
    const overlap = fromPairs([
      ['c', 'z'],
      ['a', 'y'],
    ]);
    const other = fromPairs([['a', 'x']]);
    expect(() => alignSplit(train, other, overlap)).toThrow(/user a and item y stand in train and in test/);
    expect(() => alignSplit(train, overlap, other)).toThrow(/in train and in valid/);
    expect(() => alignSplit(other, overlap, overlap)).toThrow(/in valid and in test/);
  });

  describe.skipIf(!sharedData)('on the office splits', () => {
    it.each(['s0', 's1', 's2'])('%s has 30024 + 3260 + 3260 interactions of 3260 users', async (seed) => {
      const [a, b, c] = await Promise.all(
        ['train', 'valid', 'test'].map(async (part) => {
          const name = `${seed}.${part}.inter`;
          const file = readFileSync(join(sharedData!, 'golden/office-splits', name));
          return (await readInteractions(file, { name })).interactions;
        }),
      );
      const split = alignSplit(a, b, c);
      const lengths = [split.train, split.valid, split.test].map((part) => part.length);
      expect(lengths).toEqual([30024, 3260, 3260]);
      expect([split.train.numUsers, split.train.numItems]).toEqual([3260, 1583]);
      expect(new Set(split.test.users).size).toBe(3260);
    });
  });
});

describe('checkSplit', () => {
  it('refuses parts that do not share their id tables', () => {
    const test = fromPairs([['q', 'r']]);
    expect(() => checkSplit({ train, valid: train.subset([]), test })).toThrow(DataError);
    expect(() => checkSplit({ train, valid: train.subset([]), test })).toThrow(/alignSplit/);
  });
});
