import { describe, expect, test } from 'vitest';
import {
  agreementOf,
  bordaOrder,
  chanceAgreement,
  completed,
  fused,
  shuffledOrder,
} from '../../../src/chat/rerank/orders.ts';

const whole = (...orders: number[][]) => orders.map((order) => completed(order, order.length));

test('candidates that a round leaves out stand behind those that it names, in our order', () => {
  expect(completed([3, 1], 5)).toEqual({ order: [3, 1, 0, 2, 4], named: 2 });
});

test('places of rounds are added up; of equals the one that we have first stands first', () => {
  expect(bordaOrder(whole([2, 1, 0], [2, 0, 1]), 3)).toEqual([2, 0, 1]);
});

describe('orders are fused', () => {
  test('by the sum of 1 / (60 + rank) at a weight of a half', () => {
    const other = [4, 2, 0, 1, 3];
    const score = (candidate: number) => 1 / (61 + candidate) + 1 / (61 + other.indexOf(candidate));
    const wanted = [0, 1, 2, 3, 4].sort((a, b) => score(b) - score(a));
    expect(fused(other, 0.5)).toEqual(wanted);
  });

  test('to ours at 0 and to the other one at 1', () => {
    expect(fused([2, 0, 1], 0)).toEqual([0, 1, 2]);
    expect(fused([2, 0, 1], 1)).toEqual([2, 0, 1]);
  });
});

describe('agreement', () => {
  test('is 1 of the same orders, below 0 of reversed ones, and unknown of one', () => {
    expect(agreementOf(whole([2, 0, 1], [2, 0, 1]), 3)).toBeCloseTo(1, 12);
    expect(agreementOf(whole([2, 0, 1], [1, 0, 2]), 3)).toBeLessThan(-0.5);
    expect(agreementOf(whole([2, 0, 1]), 3)).toBeNull();
  });

  test('is that of the first places, however the rest is ordered', () => {
    const rest = (seed: number) => Array.from(shuffledOrder(18, seed, 0, 1), (n) => n + 2);
    const first = whole([0, 1, ...rest(1)], [0, 1, ...rest(2)], [0, 1, ...rest(3)]);
    expect(agreementOf(first, 20)).toBeGreaterThan(chanceAgreement(20, 3));
    const last = whole([...rest(1), 0, 1], [...rest(2), 0, 1], [...rest(3), 0, 1]);
    expect(agreementOf(last, 20)).toBeLessThan(chanceAgreement(20, 3));
  });

  test('counts nothing for candidates that no round names', () => {
    // Each names another one first: our order behind it is no agreement of theirs.
    expect(agreementOf([completed([3], 5), completed([1], 5)], 5)).toBeLessThan(0);
    expect(agreementOf([completed([3], 5), completed([3], 5)], 5)).toBeCloseTo(1, 12);
    expect(agreementOf([completed([], 5), completed([], 5)], 5)).toBe(0);
  });

  test('of orders drawn at random exceeds the bound in one or two of a hundred', () => {
    for (const [count, rounds] of [
      [20, 3],
      [10, 2],
      [20, 5],
    ]) {
      let over = 0;
      for (let draw = 0; draw < 3000; draw++) {
        const orders = Array.from({ length: rounds }, (_, n) => Array.from(shuffledOrder(count, draw, n, 7)));
        if (agreementOf(whole(...orders), count)! >= chanceAgreement(count, rounds)) over++;
      }
      expect(over / 3000).toBeLessThan(0.025);
    }
  });

  test('of the same orders passes, however few candidates there are', () => {
    for (const count of [2, 3, 4]) {
      const same = Array.from({ length: count }, (_, n) => n);
      expect(agreementOf(whole(same, same), count)).toBeGreaterThanOrEqual(chanceAgreement(count, 2));
    }
  });
});

test('shuffles depend on seed, round and content', () => {
  const drawn = [
    shuffledOrder(20, 1, 0, 5),
    shuffledOrder(20, 2, 0, 5),
    shuffledOrder(20, 1, 1, 5),
    shuffledOrder(20, 1, 0, 6),
  ];
  expect(new Set(drawn.map(String)).size).toBe(4);
  expect(shuffledOrder(20, 1, 0, 5)).toEqual(drawn[0]);
  expect(Array.from(drawn[0]).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n));
});
