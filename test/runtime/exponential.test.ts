import { expect, it } from 'vitest';
import { exponential, naturalLog } from '../../src/runtime/exponential.ts';

it('gives e to numbers up to 0 within 1e-13, and 0 far below', () => {
  for (let x = 0; x >= -690; x -= 0.37)
    expect(Math.abs(exponential(x) / Math.exp(x) - 1)).toBeLessThan(1e-13);
  expect(exponential(0)).toBe(1);
  expect(exponential(-701)).toBe(0);
  expect(exponential(Number.NEGATIVE_INFINITY)).toBe(0);
  expect(exponential(Number.NaN)).toBeNaN();
});

it('gives logarithms of numbers from 1 on within 1e-15', () => {
  for (let x = 1; x < 1e6; x *= 1.7)
    expect(Math.abs(naturalLog(x) - Math.log(x))).toBeLessThan(1e-15 * Math.max(1, Math.log(x)));
});
