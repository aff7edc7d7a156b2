import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Interactions } from '../../src/data/interactions.ts';
import { kCore } from '../../src/data/kCore.ts';
import { checkSplit } from '../../src/data/readySplit.ts';
import { coldStart, leaveOneOut, ratioSplit, type Split } from '../../src/data/splits.ts';
import { DataError, OptionError } from '../../src/errors.ts';
import { anyInteractions, countsOf, fromPairs, pairsOf } from './samples.ts';

const anyOptions = fc.record({
  order: fc.constantFrom('random' as const, 'time' as const),
  seed: fc.nat(1000),
});

function expectPartition(set: Interactions, { train, valid, test }: Split): void {
  const parts = [...pairsOf(train), ...pairsOf(valid), ...pairsOf(test)];
  expect(parts.sort()).toEqual(pairsOf(set).sort());
  for (const part of [train, valid, test]) {
    const positions = pairsOf(part).map((pair) => pairsOf(set).indexOf(pair));
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    expect(part.userIds).toBe(set.userIds);
  }
  checkSplit({ train, valid, test });
}

/** Ten users with twelve interactions each. */
function block(): Interactions {
  const rows: [string, string][] = [];
  for (let n = 0; n < 120; n++) rows.push([`u${n % 10}`, `i${n}`]);
  return fromPairs(rows);
}

describe('leaveOneOut', () => {
  it('partitions in file order, with one test item from two interactions on and one valid item from three', () => {
    fc.assert(
      fc.property(anyInteractions, anyOptions, (set, options) => {
        const split = leaveOneOut(set, options);
        expectPartition(set, split);
        const all = countsOf(set.users, set.numUsers);
        expect(countsOf(split.test.users, set.numUsers)).toEqual(all.map((n) => (n >= 2 ? 1 : 0)));
        expect(countsOf(split.valid.users, set.numUsers)).toEqual(all.map((n) => (n >= 3 ? 1 : 0)));
        expect(split.usersWithoutTest).toBe(all.filter((n) => n === 1).length);
        expect(split.usersWithoutValid).toBe(all.filter((n) => n <= 2).length);
      }),
    );
  });

  it('by time takes the last for test and the last but one for valid, ties by file order', () => {
    const set = Interactions.from(
      [5, 9, 1, 9, 3].map((timestamp, n) => ({ user: 'a', item: `i${n}`, timestamp })),
    );
    const split = leaveOneOut(set, { order: 'time', seed: 0 });
    expect(pairsOf(split.test)).toEqual(['a i3']);
    expect(pairsOf(split.valid)).toEqual(['a i1']);
    expect(pairsOf(split.train)).toEqual(['a i0', 'a i2', 'a i4']);
  });

  it('at random depends on the seed only', () => {
    const testOf = (seed: number) => pairsOf(leaveOneOut(block(), { order: 'random', seed }).test);
    expect(testOf(1)).toEqual(testOf(1));
    expect(testOf(1)).not.toEqual(testOf(2));
  });

  it('at random takes every interaction equally often', () => {
    const set = fromPairs(['w', 'x', 'y', 'z'].map((item): [string, string] => ['a', item]));
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 2000; seed++) {
      const [pair] = pairsOf(leaveOneOut(set, { order: 'random', seed }).test);
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
    }
    expect(counts.size).toBe(4);
    // 500 expected each, standard deviation 19.
    for (const count of counts.values()) expect(Math.abs(count - 500)).toBeLessThan(100);
  });

  it('refuses order "time" without timestamps, an unknown order and a bad seed', () => {
    const set = Interactions.from([{ user: 'a', item: 'x' }]);
    expect(() => leaveOneOut(set, { order: 'time', seed: 0 })).toThrow(DataError);
    // @ts-expect-error an order that does not exist
    expect(() => leaveOneOut(set, { order: 'last', seed: 0 })).toThrow(OptionError);
    expect(() => leaveOneOut(set, { order: 'random', seed: -1 })).toThrow(OptionError);
  });
});

describe('what was met and not liked', () => {
  const rated = Interactions.from(
    Array.from({ length: 60 }, (_, n) => ({
      user: `u${n % 6}`,
      item: `i${Math.floor(n / 6) + (n % 6 === 0 ? 0 : 1)}`,
      rating: (n % 6) + (n % 5) > 4 ? 5 : 1,
    })),
    { minRating: 4 },
  );

  it('stays with a split, over its ids, and in none of its parts', () => {
    for (const split of [leaveOneOut(rated), ratioSplit(rated)]) {
      expect(split.had).toBe(rated.had);
      expect(split.disliked).toBe(rated.disliked);
      expect(split.train.had).toBeNull();
      const liked = [split.train, split.valid, split.test].flatMap(pairsOf);
      expect([...liked, ...pairsOf(split.disliked!)].sort()).toEqual(pairsOf(split.had!).sort());
    }
  });

  it('is thinned by k-core to the users and items that are left', () => {
    const core = kCore(rated, { user: 6 });
    expect(core.numUsers).toBeLessThan(rated.numUsers);
    const stays = (pair: string) =>
      core.userIds.includes(pair.split(' ')[0]) && core.itemIds.includes(pair.split(' ')[1]);
    expect(pairsOf(core.had!)).toEqual(pairsOf(rated.had!).filter(stays));
    expect(pairsOf(core.disliked!)).toEqual(pairsOf(rated.disliked!).filter(stays));
  });
});

describe('ratioSplit', () => {
  it('partitions in file order', () => {
    fc.assert(
      fc.property(anyInteractions, anyOptions, (set, options) => {
        const split = ratioSplit(set, options);
        expectPartition(set, split);
        expect(Math.min(...countsOf(split.train.users, set.numUsers))).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  it.each([
    [1, [1, 0, 0]],
    [2, [1, 0, 1]],
    [3, [1, 1, 1]],
    [9, [7, 1, 1]],
    [10, [8, 1, 1]],
    [20, [16, 2, 2]],
    [29, [25, 2, 2]],
  ])('cuts %i interactions as RecBole does', (count, expected) => {
    const set = fromPairs(Array.from({ length: count }, (_, n): [string, string] => ['a', `i${n}`]));
    const { train, valid, test } = ratioSplit(set, { order: 'time', seed: 0 });
    expect([train.length, valid.length, test.length]).toEqual(expected);
    expect(pairsOf(test).at(-1)).toBe(count === 1 ? undefined : `a i${count - 1}`);
  });

  it('gives nothing to a part whose ratio is 0', () => {
    const { valid, test } = ratioSplit(block(), { ratios: [0.75, 0, 0.25], order: 'random', seed: 3 });
    expect([valid.length, test.length]).toEqual([0, 30]);
  });

  it.each([[[0.5, 0.2, 0.2]], [[1.1, -0.1, 0]], [[0, 0.5, 0.5]], [[Number.NaN, 0.5, 0.5]]])(
    'refuses the ratios %j',
    (ratios) => {
      const [train, valid, test] = ratios;
      const options = { ratios: [train, valid, test] as const, order: 'random' as const, seed: 0 };
      expect(() => ratioSplit(block(), options)).toThrow(OptionError);
    },
  );
});

describe('coldStart', () => {
  it('removes half of every training history, keeps at least one, and leaves valid and test alone', () => {
    fc.assert(
      fc.property(anyInteractions, fc.nat(100), (set, seed) => {
        const split = leaveOneOut(set, { order: 'random', seed });
        const cold = coldStart(split, { seed });
        const before = countsOf(split.train.users, set.numUsers);
        expect(countsOf(cold.train.users, set.numUsers)).toEqual(
          before.map((n) => Math.max(1, Math.ceil(n / 2))),
        );
        const known = new Set(pairsOf(split.train));
        expect(pairsOf(cold.train).filter((pair) => !known.has(pair))).toEqual([]);
        expect(cold.valid).toBe(split.valid);
        expect(cold.test).toBe(split.test);
      }),
    );
  });

  it('keeps one interaction even at fraction 1, and all at 0', () => {
    const split = leaveOneOut(block(), { order: 'random', seed: 1 });
    expect(coldStart(split, { fraction: 1, seed: 1 }).train.length).toBe(10);
    expect(pairsOf(coldStart(split, { fraction: 0, seed: 1 }).train)).toEqual(pairsOf(split.train));
    expect(() => coldStart(split, { fraction: 1.5, seed: 1 })).toThrow(OptionError);
  });

  it('depends on the seed only', () => {
    const split = leaveOneOut(block(), { order: 'random', seed: 1 });
    const trainOf = (seed: number) => pairsOf(coldStart(split, { seed }).train);
    expect(trainOf(4)).toEqual(trainOf(4));
    expect(trainOf(4)).not.toEqual(trainOf(5));
  });
});
