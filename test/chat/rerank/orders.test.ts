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
  test('is 1 of the same, −1 of reversed orders, and unknown of one', () => {
    expect(agreementOf(whole([2, 0, 1], [2, 0, 1]), 3)).toBe(1);
    expect(agreementOf(whole([2, 0, 1], [1, 0, 2]), 3)).toBe(-1);
    expect(agreementOf(whole([2, 0, 1]), 3)).toBeNull();
  });

  test('counts only pairs that both rounds say something of', () => {
    // The first says that 3 is before all others, the second that 1 is: they differ in the one pair that both speak of.
    expect(agreementOf([completed([3], 5), completed([1], 5)], 5)).toBe(-1);
  });

  test('of orders drawn at random exceeds the bound in about one of a hundred', () => {
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
      expect(over / 3000).toBeGreaterThan(0.003);
      expect(over / 3000).toBeLessThan(0.025);
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
