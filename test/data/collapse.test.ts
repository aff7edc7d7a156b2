import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DUPLICATE_POLICIES, type DuplicatePolicy } from '../../src/data/collapse.ts';
import { Interactions } from '../../src/data/interactions.ts';

interface Row {
  readonly user: string;
  readonly item: string;
  readonly rating: number;
  readonly timestamp: number;
}

/** Rows of few pairs, each with a time of its own, in any order. */
const anyRows = fc
  .array(
    fc.record({
      user: fc.constantFrom('a', 'b'),
      item: fc.constantFrom('x', 'y', 'z'),
      rating: fc.integer({ min: 1, max: 5 }),
    }),
    {
      minLength: 1,
      maxLength: 24,
    },
  )
  .chain((rows) =>
    fc.tuple(fc.constant(rows), fc.shuffledSubarray([...rows.keys()], { minLength: rows.length })),
  )
  .map(([rows, times]): Row[] => rows.map((row, n) => ({ ...row, timestamp: 100 + times[n] })));

/** Number and time by pair. */
function found(rows: readonly Row[], duplicates: DuplicatePolicy, feedback: 'rating' | 'count' = 'rating') {
  const { users, items, userIds, itemIds, ratings, timestamps } = Interactions.from(rows, {
    duplicates,
    feedback,
  });
  return new Map(
    Array.from(users, (user, n) => [`${userIds[user]} ${itemIds[items[n]]}`, [ratings![n], timestamps![n]]]),
  );
}

/** The same with plain loops. */
function expected(rows: readonly Row[], duplicates: DuplicatePolicy) {
  const byPair = new Map<string, Row[]>();
  for (const row of rows) {
    const pair = `${row.user} ${row.item}`;
    byPair.set(pair, [...(byPair.get(pair) ?? []), row]);
  }
  return new Map(
    [...byPair].map(([pair, own]) => {
      const inTime = [...own].sort((a, b) => a.timestamp - b.timestamp);
      const most = Math.max(...own.map(({ rating }) => rating));
      const chosen = {
        first: inTime[0],
        sum: inTime[0],
        last: inTime[inTime.length - 1],
        max: own.find(({ rating }) => rating === most)!,
        strongest: inTime.findLast(({ rating }) => rating === most)!,
      }[duplicates];
      const sum = own.reduce((total, { rating }) => total + rating, 0);
      return [pair, [duplicates === 'sum' ? sum : chosen.rating, chosen.timestamp]];
    }),
  );
}

describe('rows of one pair', () => {
  it.each(DUPLICATE_POLICIES)('under %s are one, by their times and not by their lines', (policy) => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        expect(found(rows, policy)).toEqual(expected(rows, policy));
      }),
    );
  });

  it('without a time go behind those with one', () => {
    const times = [10, undefined, 5, undefined];
    const rows = times.map((timestamp, n) => ({ user: 'a', item: 'x', rating: n + 1, timestamp }));
    const rating = (duplicates: DuplicatePolicy) => Interactions.from(rows, { duplicates }).ratings![0];
    expect([rating('last'), rating('first'), rating('sum')]).toEqual([1, 3, 10]);
    const none = rows.map(({ timestamp: _, ...row }) => row);
    expect(Interactions.from(none, { duplicates: 'last' }).ratings![0]).toBe(4);
    expect(Interactions.from(none, { duplicates: 'first' }).ratings![0]).toBe(1);
  });

  it('keep the number that is there where others have none', () => {
    const rows = [undefined, 3, undefined].map((rating) => ({ user: 'a', item: 'x', rating }));
    for (const duplicates of ['max', 'sum', 'strongest'] as const)
      expect([...Interactions.from(rows, { duplicates, feedback: 'count' }).ratings!]).toEqual([3]);
  });
});
