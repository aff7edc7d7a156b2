import { describe, expect, it } from 'vitest';
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

  it('keeps the first row of a repeated pair and counts the others', () => {
    const set = Interactions.from([
      { user: 'a', item: 'x', rating: 3, timestamp: 9 },
      { user: 'b', item: 'x', rating: 4, timestamp: 8 },
      { user: 'a', item: 'x', rating: 5, timestamp: 7 },
      { user: 'a', item: 'x', rating: 1, timestamp: 6 },
    ]);
    expect(pairsOf(set)).toEqual(['a x', 'b x']);
    expect([...set.ratings!]).toEqual([3, 4]);
    expect([...set.timestamps!]).toEqual([9, 8]);
    expect(set.duplicates).toBe(2);
  });

  it('applies the threshold before it collapses pairs, and forgets the ids of rows below', () => {
    const set = Interactions.from(
      [
        { user: 'a', item: 'x', rating: 3 },
        { user: 'c', item: 'z', rating: 3.9 },
        { user: 'a', item: 'x', rating: 4 },
      ],
      { minRating: 4 },
    );
    expect([...set.ratings!]).toEqual([4]);
    expect([set.belowRating, set.duplicates, set.numUsers, set.numItems]).toEqual([2, 0, 1, 1]);
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
    const rows = Array.from({ length: 5000 }, (_, n) => ({ user: `u${n % 70}`, item: `i${n}`, rating: n }));
    const set = Interactions.from(rows);
    expect(set.length).toBe(5000);
    expect(pairsOf(set)[4321]).toBe('u51 i4321');
    expect(set.ratings![4999]).toBe(4999);
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
