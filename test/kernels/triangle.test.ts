import { describe, expect, it } from 'vitest';
import { subtractOuter } from '../../src/kernels/triangle.ts';
import { builds, guarded, randomValues, writesOnly } from './harness.ts';

describe.each(builds)('outer products on the $name build', ({ open }) => {
  it.each([1, 2, 3, 4, 5, 8, 13, 40])('are taken off a triangle of %s rows', (size) => {
    for (const steps of [0, 1, 2, 5]) {
      const ws = open();
      const x = ws.matrix(steps, size);
      const divisors = ws.f32(steps);
      const length = (size * (size + 1)) / 2;
      const values = guarded(ws, () => ws.f32(length));
      const before = randomValues(length, 1);
      values.view.set(before);
      const numbers = randomValues(steps * size, 2);
      for (let s = 0; s < steps; s++) x.view.set(numbers.subarray(s * size, (s + 1) * size), s * x.stride);
      divisors.view.set(randomValues(steps, 3).map((value) => value + 3));
      const expected = Float64Array.from(before);
      for (let i = 0, at = 0; i < size; i++)
        for (let j = 0; j <= i; j++, at++)
          for (let s = 0; s < steps; s++)
            expected[at] -= (x.view[s * x.stride + i] * x.view[s * x.stride + j]) / divisors.view[s];
      writesOnly(ws, [values], () => subtractOuter(ws, values, size, x, divisors));
      const worst = values.view.reduce(
        (most, value, at) => Math.max(most, Math.abs(value - expected[at])),
        0,
      );
      expect(worst).toBeLessThan(1e-6 * Math.max(1, steps));
    }
  });
});
