import { expect, test } from 'vitest';
import { signFlipTest } from '../../../src/evaluate/stats/signFlip.ts';
import { PURPOSE, Random } from '../../../src/runtime/random.ts';

test('of n equal gains p is about 1 in 2ⁿ, and of losses 1', () => {
  expect(signFlipTest([1, 1, 1, 0, 0], 1)).toBeCloseTo(1 / 8, 1);
  expect(signFlipTest([0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1], 1)).toBeLessThan(0.01);
  expect(signFlipTest([-1, -1, -1, -1], 1)).toBe(1);
});

test('counts how large gains are, which the sign test does not', () => {
  expect(signFlipTest([5, 5, 5, 5, 5, 5, 5, -0.1, -0.1, -0.1, -0.1, -0.1, -0.1, -0.1], 1)).toBeLessThan(0.02);
});

test('without a difference is 1, and the same for the same seed', () => {
  expect(signFlipTest([0, 0, 0], 1)).toBe(1);
  expect(signFlipTest([], 1)).toBe(1);
  const values = [0.3, -0.2, 0.5, -0.1];
  expect(signFlipTest(values, 7)).toBe(signFlipTest(values, 7));
});

test('of differences that are as often losses lies below p in about p of all cases', () => {
  let below = 0;
  for (let draw = 0; draw < 400; draw++) {
    const random = new Random(draw, PURPOSE.synthetic);
    const values = Array.from({ length: 70 }, () => random.uniform() - 0.5);
    if (signFlipTest(values, draw) <= 0.1) below++;
  }
  expect(below).toBeGreaterThan(20);
  expect(below).toBeLessThan(62);
});
