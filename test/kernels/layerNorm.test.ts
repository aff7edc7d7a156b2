import { describe, expect, it } from 'vitest';
import { layerNorm, layerNormBackward } from '../../src/kernels/layerNorm.ts';
import { layerNorm as exact, layerNormBackward as exactBackward, toMatrix } from '../reference.ts';
import {
  builds,
  DIMS,
  expectZeroPadding,
  guarded,
  ROWS,
  randomTable,
  randomValues,
  writesOnly,
} from './harness.ts';

const EPSILON = 1e-6;

function rowVector(values: Float32Array, stride: number): Float32Array {
  const row = new Float32Array(stride);
  row.set(values);
  return row;
}

describe.each(builds)('layer normalisation on the $name build', ({ open }) => {
  it.each(DIMS)('of dim %i is that of the reference, forward and backward', (dim) => {
    for (const rows of ROWS) {
      const ws = open();
      const { table: x, exact: X } = randomTable(ws, rows, dim, 1, -2, 3);
      const { table: d, exact: D } = randomTable(ws, rows, dim, 2);
      const [g, b] = [randomValues(dim, 3, 0.5, 1.5), randomValues(dim, 4)];
      const [gamma, beta] = [g, b].map((values) => {
        const buffer = ws.f32(x.stride);
        buffer.view.set(rowVector(values, x.stride));
        return buffer;
      });
      const out = guarded(ws, () => ws.matrix(rows, dim));
      const stats = guarded(ws, () => ws.f32(2 * rows));
      out.view.fill(0);
      writesOnly(ws, [out, stats], () => layerNorm(ws, x, rows, gamma, beta, EPSILON, out, stats));
      const Y = exact(X, g, b, EPSILON);
      const dX = guarded(ws, () => ws.matrix(rows, dim));
      dX.view.fill(0);
      const [dGamma, dBeta] = [0, 1].map(() => guarded(ws, () => ws.f32(x.stride)));
      for (const sums of [dGamma, dBeta]) sums.view.fill(0);
      writesOnly(ws, [dX, dGamma, dBeta], () =>
        layerNormBackward(ws, d, x, rows, gamma, stats, dX, dGamma, dBeta),
      );
      const [dG, dB] = [new Float64Array(dim), new Float64Array(dim)];
      const exactX = exactBackward(D, X, g, EPSILON, dG, dB);
      expectZeroPadding(out);
      expectZeroPadding(dX);
      const off = (actual: ArrayLike<number>, expected: ArrayLike<number>, largest: number) =>
        Array.from(expected, (value, n) => Math.abs(value - actual[n]) / largest).reduce(
          (p, q) => Math.max(p, q),
          0,
        );
      const widest = Y.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      expect(off(out.read(), Y.data, widest)).toBeLessThan(1e-5);
      // A row of two or three columns may have nearly no variance.
      const steep = exactX.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      expect(off(dX.read(), exactX.data, steep), `${rows} rows`).toBeLessThan(2e-3);
      expect(off(dGamma.view, dG, 1 + rows)).toBeLessThan(1e-4);
      expect(off(dBeta.view, dB, 1 + rows)).toBeLessThan(1e-6);
    }
  });

  it('of one column gives beta, and of equal numbers too', () => {
    const ws = open();
    const x = ws.matrixFrom(Float32Array.of(3, 3, 3, 3, 3), 1, 5);
    const [gamma, beta, stats] = [ws.f32(8), ws.f32(8), ws.f32(2)];
    gamma.view.fill(2, 0, 5);
    beta.view.set([1, 2, 3, 4, 5]);
    layerNorm(ws, x, 1, gamma, beta, EPSILON, x, stats);
    expect(Array.from(x.read())).toEqual([1, 2, 3, 4, 5]);
    expect(toMatrix(x.view, 1, 8, 8).data.slice(5)).toEqual(new Float64Array(3));
  });
});
