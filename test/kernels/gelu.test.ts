import { describe, expect, it } from 'vitest';
import { gelu, geluBackward } from '../../src/kernels/gelu.ts';
import { gelu as exact, geluSlope } from '../reference.ts';
import { builds, DIMS, guarded, ROWS, randomTable, randomValues, writesOnly } from './harness.ts';

describe.each(builds)('GELU on the $name build', ({ open }) => {
  it('is off by at most 4e-7 · max(1, |x|) from −12 to 12, its slope by 1e-6', () => {
    const ws = open();
    const count = 24001;
    const x = ws.matrixFrom(
      Float32Array.from({ length: count }, (_, n) => (n - 12000) / 1000),
      1,
      count,
    );
    const values = x.read();
    const [bias, out, slope] = [ws.f32(x.stride), ws.matrix(1, count), ws.matrix(1, count)];
    slope.view.fill(1);
    gelu(ws, x, 1, bias, out);
    geluBackward(ws, slope, x, 1);
    for (const [n, value] of values.entries()) {
      const allowed = 4e-7 * Math.max(1, Math.abs(value));
      expect(Math.abs(out.view[n] - exact(value)), `GELU(${value})`).toBeLessThan(allowed);
      expect(Math.abs(slope.view[n] - geluSlope(value)), `slope at ${value}`).toBeLessThan(1e-6);
    }
  });

  it.each(DIMS)('adds an offset before, for rows of dim %i', (dim) => {
    for (const rows of ROWS) {
      const ws = open();
      const { table: x, exact: X } = randomTable(ws, rows, dim, 1, -3, 3);
      const offset = randomValues(dim, 2);
      const bias = ws.f32(x.stride);
      bias.view.set(offset);
      const out = guarded(ws, () => ws.matrix(rows, dim));
      writesOnly(ws, [x, out], () => gelu(ws, x, rows, bias, out));
      const [sums, results] = [x.read(), out.read()];
      for (let n = 0; n < rows * dim; n++) {
        expect(sums[n]).toBe(Math.fround(Math.fround(X.data[n]) + offset[n % dim]));
        expect(Math.abs(results[n] - exact(sums[n]))).toBeLessThan(2e-6);
      }
    }
  });

  it('stays finite far out', () => {
    const ws = open();
    const x = ws.matrixFrom(Float32Array.of(-1e4, 1e4, -100, 100), 1, 4);
    const [bias, out, slope] = [ws.f32(4), ws.matrix(1, 4), ws.matrix(1, 4)];
    slope.view.fill(1);
    gelu(ws, x, 1, bias, out);
    geluBackward(ws, slope, x, 1);
    expect(Array.from(out.view, (value) => Math.round(value) + 0)).toEqual([0, 1e4, 0, 100]);
    expect(Array.from(slope.view, (value) => Math.round(value) + 0)).toEqual([0, 1, 0, 1]);
  });
});
