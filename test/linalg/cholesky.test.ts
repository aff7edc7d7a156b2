import { inverse, Matrix as SmallMatrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { choleskyInPlace, invertSmall } from '../../src/linalg/cholesky.ts';
import { randomValues } from '../kernels/harness.ts';

function positiveDefinite(n: number): SmallMatrix {
  const a = SmallMatrix.from1DArray(n, n, Array.from(randomValues(n * n, n)));
  return a.mmul(a.transpose()).add(SmallMatrix.eye(n));
}

describe('choleskyInPlace', () => {
  it.each([1, 2, 5, 33])('leaves L with L Lᵀ = A below the diagonal for n = %s', (n) => {
    const a = positiveDefinite(n);
    const values = Float64Array.from(a.to1DArray());
    expect(choleskyInPlace(values, n)).toBeGreaterThan(0);
    const l = SmallMatrix.from1DArray(
      n,
      n,
      Array.from(values, (value, at) => (at % n <= Math.floor(at / n) ? value : 0)),
    );
    expect(l.mmul(l.transpose()).sub(a).abs().max()).toBeLessThan(1e-12 * n * n);
  });

  it('says that a matrix is not positive definite', () => {
    expect(choleskyInPlace(Float64Array.of(1, 2, 2, 1), 2)).toBeLessThan(0);
    expect(choleskyInPlace(Float64Array.of(1, 1, 1, 1), 2)).toBe(0);
    expect(invertSmall(Float64Array.of(0), 1)).toBeNaN();
  });
});

describe('invertSmall', () => {
  it.each([1, 2, 5, 33])('gives the whole inverse for n = %s', (n) => {
    const a = positiveDefinite(n);
    const values = Float64Array.from(a.to1DArray());
    expect(invertSmall(values, n)).toBeGreaterThan(0);
    const expected = inverse(a).to1DArray();
    for (const [at, value] of values.entries()) expect(value).toBeCloseTo(expected[at], 10);
  });
});
