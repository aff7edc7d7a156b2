import { describe, expect, it } from 'vitest';
import type { DuplicatePolicy } from '../../src/data/collapse.ts';
import type { FeedbackKind, FeedbackWeights } from '../../src/data/feedback.ts';
import { IdTable } from '../../src/data/idTable.ts';
import { Interactions } from '../../src/data/interactions.ts';
import { DataError, OptionError, ShapeError } from '../../src/errors.ts';
import { fromPairs, pairsOf } from './samples.ts';

describe('Interactions.from', () => {
  it('numbers ids in order of first appearance and keeps file order', () => {
    const set = fromPairs([
      ['b', 'y'],
      ['a', 'x'],
      ['b', 'x'],
    ]);
    expect(set.userIds).toEqual(['b', 'a']);
    expect(set.itemIds).toEqual(['y', 'x']);
    expect([...set.users]).toEqual([0, 1, 0]);
    expect([...set.items]).toEqual([0, 1, 1]);
    expect([set.userIndex('a'), set.itemIndex('y'), set.userIndex('x')]).toEqual([1, 0, undefined]);
  });

  it('keeps the earliest row of a repeated pair without numbers and counts the others', () => {
    const set = Interactions.from([
      { user: 'a', item: 'x', timestamp: 9 },
      { user: 'b', item: 'x', timestamp: 8 },
      { user: 'a', item: 'x', timestamp: 7 },
      { user: 'a', item: 'x', timestamp: 12 },
    ]);
    expect(pairsOf(set)).toEqual(['b x', 'a x']);
    expect([...set.timestamps!]).toEqual([8, 7]);
    expect(set.duplicates).toBe(2);
  });

  it.each<[DuplicatePolicy | undefined, string[], number[], number[]]>([
    [undefined, ['b x', 'a x'], [4, 5], [8, 12]],
    ['last', ['b x', 'a x'], [4, 5], [8, 12]],
    ['first', ['b x', 'a x'], [4, 1], [8, 6]],
    ['max', ['b x', 'a x'], [4, 5], [8, 12]],
    ['sum', ['b x', 'a x'], [4, 9], [8, 6]],
  ])('lets one row stand for a repeated rating by duplicates %s', (duplicates, pairs, ratings, times) => {
    const rows = [
      { user: 'a', item: 'x', rating: 3, timestamp: 9 },
      { user: 'b', item: 'x', rating: 4, timestamp: 8 },
      { user: 'a', item: 'x', rating: 5, timestamp: 12 },
      { user: 'a', item: 'x', rating: 1, timestamp: 6 },
    ];
    const set = Interactions.from(rows, { duplicates });
    expect(pairsOf(set)).toEqual(pairs);
    expect([...set.ratings!]).toEqual(ratings);
    expect([...set.timestamps!]).toEqual(times);
    expect(set.duplicates).toBe(2);
  });

  it('takes the row further down for the last one where there are no times', () => {
    const rows = [5, 1].map((rating) => ({ user: 'a', item: 'x', rating }));
    const set = Interactions.from([...rows, { user: 'a', item: 'y', rating: 5 }], { minRating: 4 });
    expect(pairsOf(set)).toEqual(['a y']);
  });

  it('collapses pairs, then applies the threshold, and forgets ids that no liked pair names', () => {
    const set = Interactions.from(
      [
        { user: 'a', item: 'x', rating: 3 },
        { user: 'c', item: 'z', rating: 3.9 },
        { user: 'a', item: 'x', rating: 4 },
      ],
      { minRating: 4 },
    );
    expect([...set.ratings!]).toEqual([4]);
    expect([set.belowRating, set.duplicates, set.numUsers, set.numItems]).toEqual([1, 1, 1, 1]);
  });

  it('keeps what was met and not liked beside what is liked, over the same ids', () => {
    const set = Interactions.from(
      [
        { user: 'b', item: 'y', rating: 1 },
        { user: 'a', item: 'x', rating: 5 },
        { user: 'a', item: 'y', rating: 2 },
        { user: 'a', item: 'w', rating: 0 },
        { user: 'b', item: 'w', rating: 4 },
        { user: 'c', item: 'x', rating: 1 },
        { user: 'b', item: 'x', rating: 0 },
        { user: 'b', item: 'q', rating: 1 },
        { user: 'b', item: 'y', rating: 4 },
      ],
      { minRating: 4 },
    );
    expect(pairsOf(set)).toEqual(['a x', 'b w', 'b y']);
    expect(set.userIds).toEqual(['a', 'b']);
    expect(pairsOf(set.had!)).toEqual(['a x', 'a y', 'a w', 'b w', 'b x', 'b y']);
    // 0 says "not rated" on a scale of 1 to 5: met, and not disliked.
    expect(pairsOf(set.disliked!)).toEqual(['a y']);
    expect(set.had!.userIds).toBe(set.userIds);
    expect(set.feedback).toEqual({ kind: 'rating', least: 0, most: 5, unrated: 2, absent: 0, events: null });
  });

  it.each<[string, number[], FeedbackKind | undefined, string]>([
    ['ratings of all heights', [1, 3, 5], undefined, 'i0 i1 i2'],
    ['rows that are not rated', [0, 3, 5], undefined, 'i0 i1 i2'],
    ['labels above 0', [0, 1, 1], undefined, 'i1 i2'],
    ['likes but no dislikes', [-1, 1, 0], undefined, 'i1'],
    ['counts above 0', [0, 3, -2], 'count', 'i1'],
    ['what is said to be a rating', [0, 1, 1], 'rating', 'i0 i1 i2'],
  ])('takes %s for liked without a threshold', (_, ratings, feedback, expected) => {
    const rows = ratings.map((rating, n) => ({ user: 'a', item: `i${n}`, rating }));
    expect(Interactions.from(rows, { feedback }).itemIds.join(' ')).toBe(expected);
  });

  it('adds up counts, so that what was returned is not liked', () => {
    const rows = [
      { user: 'a', item: 'x', rating: 12 },
      { user: 'a', item: 'y', rating: 3 },
      { user: 'a', item: 'x', rating: -12 },
      { user: 'a', item: 'y', rating: 4 },
    ];
    const set = Interactions.from(rows, { feedback: 'count' });
    expect(pairsOf(set)).toEqual(['a y']);
    expect([...set.ratings!]).toEqual([7]);
  });

  it.each<[FeedbackWeights, number[] | null]>([
    ['binary', null],
    ['linear', [0.25, 1.75, 0]],
    ['log', [0.5, 1.5, 0]],
  ])('weighs by %s, scaled to a mean of 1', (feedbackWeights, expected) => {
    const rows = [1, 7, 0].map((rating, n) => ({ user: 'a', item: `i${n}`, rating }));
    const { weights } = Interactions.from(rows, { feedback: 'count', feedbackWeights });
    if (expected === null) expect(weights).toBeNull();
    else
      expect([...weights!, 0]).toEqual(
        expected.map((weight) => (weight === 0 ? 0 : expect.closeTo(weight, 6))),
      );
  });

  it('gives rows without a number the least weight, and refuses weights without any number', () => {
    const rows = [
      { user: 'a', item: 'x', rating: 1 },
      { user: 'a', item: 'y' },
      { user: 'a', item: 'z', rating: 2 },
    ];
    const { weights } = Interactions.from(rows, { feedbackWeights: 'linear' });
    expect([...weights!]).toEqual([0.75, 0.75, 1.5]);
    expect(() =>
      Interactions.from([{ user: 'a', item: 'x', rating: -3 }], {
        feedbackWeights: 'log',
        feedback: 'rating',
      }),
    ).toThrow(OptionError);
  });

  it('has ratings and timestamps only if every row has one', () => {
    const set = Interactions.from([
      { user: 'a', item: 'x', rating: 3, timestamp: 1 },
      { user: 'a', item: 'y', timestamp: 2 },
    ]);
    expect(set.ratings).toBeNull();
    expect([...set.timestamps!]).toEqual([1, 2]);
  });

  it('grows past its first capacity without losing a row', () => {
    const rows = Array.from({ length: 70000 }, (_, n) => ({ user: `u${n % 70}`, item: `i${n}`, rating: n }));
    const set = Interactions.from(rows);
    expect(set.length).toBe(70000);
    expect(pairsOf(set)[4321]).toBe('u51 i4321');
    expect(set.ratings![69999]).toBe(69999);
  });

  it.each([
    [{ user: '', item: 'x' }, /row 0: the user id is ""/],
    [{ user: 'a', item: '  ' }, /row 0: the item id/],
    [{ user: 'a', item: 'x', rating: Number.NaN }, /row 0: the rating is NaN/],
    [{ user: 'a', item: 'x', rating: 1e300 }, /row 0: the rating is 1e\+300/],
    [{ user: 'a', item: 'x', rating: 4, timestamp: Number.POSITIVE_INFINITY }, /the timestamp is Infinity/],
  ])('refuses the row %j', (row, message) => {
    expect(() => Interactions.from([row])).toThrow(message);
    expect(() => Interactions.from([row])).toThrow(DataError);
  });

  it('refuses a threshold where a row has no rating, and one that is no number', () => {
    expect(() => Interactions.from([{ user: 'a', item: 'x' }], { minRating: 4 })).toThrow(/no rating/);
    expect(() => Interactions.from([], { minRating: Number.NaN })).toThrow(OptionError);
  });
});

describe('Interactions', () => {
  it('gives subsets in the order asked for, over the same id tables', () => {
    const set = fromPairs([
      ['a', 'x'],
      ['b', 'y'],
      ['c', 'z'],
    ]);
    const subset = set.subset([2, 0]);
    expect(pairsOf(subset)).toEqual(['c z', 'a x']);
    expect([...subset.timestamps!]).toEqual([2, 0]);
    expect(subset.userIds).toBe(set.userIds);
    expect(subset.userIndex('b')).toBe(1);
  });

  it.each([[[0, 0]], [[3]], [[-1]], [[0.5]]])('refuses the positions %j', (positions) => {
    const set = fromPairs([
      ['a', 'x'],
      ['b', 'y'],
      ['c', 'z'],
    ]);
    expect(() => set.subset(positions)).toThrow(DataError);
  });

  it('refuses columns that do not fit each other or their id tables', () => {
    const userTable = IdTable.of(['a']);
    const itemTable = IdTable.of(['x', 'y']);
    const tables = { userTable, itemTable };
    const users = Int32Array.of(0, 0);
    const make = (items: Int32Array, ratings?: Float32Array) => () =>
      new Interactions({ ...tables, users, items, ratings });
    expect(make(Int32Array.of(0))).toThrow(ShapeError);
    expect(make(Int32Array.of(0, 1), new Float32Array(3))).toThrow(ShapeError);
    expect(make(Int32Array.of(0, 2))).toThrow(/items\[1\] is 2/);
    expect(make(Int32Array.of(-1, 1))).toThrow(DataError);
    expect(pairsOf(make(Int32Array.of(0, 1))())).toEqual(['a x', 'a y']);
  });
});

describe('IdTable.of', () => {
  it('refuses blank and repeated ids', () => {
    expect(() => IdTable.of(['a', ' '])).toThrow(/entry 1/);
    expect(() => IdTable.of(['a', 'b', 'a'])).toThrow(/entry 2 is "a", as is entry 0/);
  });
});
