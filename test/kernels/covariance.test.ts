import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/errors.ts';
import { gram } from '../../src/kernels/covariance.ts';
import { gram as exactGram, toMatrix } from '../reference.ts';
import { absolute, builds, DIMS, kernelCase, randomValues, worstRatio } from './harness.ts';

/** Below, at and above the 128 rows that are summed in f32, and several such blocks. */
const HEIGHTS = [0, 1, 2, 5, 127, 128, 129, 300];

describe.each(builds)('gram on the $name build', ({ open }) => {
  function expectGram(rows: number, dim: number, low = -1, high = 1): void {
    const ws = open();
    const stride = Math.ceil(dim / 8) * 8;
    const values = randomValues(rows * dim, dim, low, high);
    const x = ws.matrixFrom(values, rows, dim, stride);
    const [out] = kernelCase(ws, [() => ws.f64(stride * stride)], ([out]) => gram(ws, x, out));
    const exact = toMatrix(values, rows, dim);
    const upper = Float64Array.from({ length: dim * dim }, (_, n) => {
      const [i, j] = [Math.floor(n / dim), n % dim].sort((a, b) => a - b);
      return out.view[i * stride + j];
    });
    const terms = exactGram(absolute(exact)).data;
    expect(worstRatio(upper, exactGram(exact).data, (n) => 1e-6 * terms[n])).toBeLessThanOrEqual(1);
  }

  it('computes the upper triangle of xᵀx within 1e-6 of Σ|terms|', () => {
    for (const dim of DIMS) for (const rows of HEIGHTS) expectGram(rows, dim);
  });

  it('keeps that accuracy when all terms have one sign', () => {
    for (const rows of [128, 1000]) expectGram(rows, 13, 0.9, 1.1);
  });

  it('refuses a stride that is no multiple of eight', () => {
    const ws = open();
    expect(() => gram(ws, ws.matrix(3, 4), ws.f64(16))).toThrow(ShapeError);
  });
});
