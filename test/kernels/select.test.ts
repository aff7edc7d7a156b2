import { describe, expect, it } from 'vitest';
import { centerColumns, columnMoments, gatherColumns } from '../../src/kernels/select.ts';
import type { Matrix } from '../../src/runtime/buffers.ts';
import type { Workspace } from '../../src/runtime/workspace.ts';
import { columnMeans, columnVariances, type Matrix as Exact, toMatrix } from '../reference.ts';
import {
  absolute,
  builds,
  DIMS,
  guarded,
  kernelCase,
  ROWS,
  randomIndices,
  randomTable,
  randomValues,
  sweep,
  UNIT,
  worstRatio,
  writesOnly,
} from './harness.ts';

/** One row, one block of sums and its neighbours, several blocks. */
const HEIGHTS = [1, 2, 3, 63, 64, 65, 129, 1000];

function moments(ws: Workspace, table: Matrix, divisor: number) {
  const [mean, variance] = [0, 1].map(() => guarded(ws, () => ws.f32(table.stride)));
  const sums = guarded(ws, () => ws.f64(3 * table.stride));
  writesOnly(ws, [mean, variance, sums], () => columnMoments(ws, table, divisor, { mean, variance, sums }));
  expect([...mean.view.subarray(table.dim), ...variance.view.subarray(table.dim)].every((x) => x === 0)).toBe(
    true,
  );
  return { mean: mean.view.subarray(0, table.dim), variance: variance.view.subarray(0, table.dim) };
}

function expectMoments(ws: Workspace, table: Matrix, exact: Exact): void {
  const terms = columnMeans(absolute(exact));
  for (const unbiased of exact.rows > 1 ? [false, true] : [false]) {
    const { mean, variance } = moments(ws, table, unbiased ? exact.rows - 1 : exact.rows);
    const variances = columnVariances(exact, unbiased);
    expect(worstRatio(mean, columnMeans(exact), (c) => 1e-6 * terms[c])).toBeLessThanOrEqual(1);
    // A single row has variance 0 exactly; its f32 mean is the row itself.
    expect(worstRatio(variance, variances, (c) => 1e-6 * variances[c])).toBeLessThanOrEqual(1);
  }
}

describe.each(builds)('columnMoments on the $name build', ({ open }) => {
  it('gives mean and variance within 1e-6 for every width and number of rows', () => {
    sweep(open, DIMS, HEIGHTS, (ws, dim, rows) => {
      const { table, exact } = randomTable(ws, rows, dim);
      expectMoments(ws, table, exact);
    });
  });

  it('keeps the variance of columns far from zero', () => {
    const ws = open();
    for (const [low, high] of [
      [99.9, 100.1],
      [-0.031, -0.029],
      [0, 1e-4],
      [1e4, 3e4],
      [999.9, 1000.1],
      [9999.9, 10000.1],
    ]) {
      for (const rows of [64, 1000, 6086]) {
        const { table, exact } = randomTable(ws, rows, 5, 1, low, high);
        expectMoments(ws, table, exact);
      }
    }
  });

  it('keeps the variance where blocks of rows lie far from each other, drift, or begin with an outlier', () => {
    const ws = open();
    const rows = 1000;
    const noise = randomValues(rows * 6, 9);
    const shapes = [
      (r: number) => (r < 64 ? 0 : 1000),
      (r: number) => (r < 900 ? 0 : 1e4),
      (r: number) => r,
      (r: number) => (r === 0 ? 1e5 : 0),
      (r: number) => 1e3 * Math.floor(r / 64),
      (r: number) => (r === 999 ? -1e4 : 500),
    ];
    const values = noise.map((value, n) => shapes[n % 6](Math.floor(n / 6)) + value);
    const x = ws.matrixFrom(values, rows, 6);
    const [mean, variance] = [ws.f32(x.stride), ws.f32(x.stride)];
    columnMoments(ws, x, rows, { mean, variance, sums: ws.f64(3 * x.stride) });
    for (let c = 0; c < 6; c++) {
      const column = Array.from({ length: rows }, (_, r) => values[r * 6 + c]);
      const exact = column.reduce((sum, value) => sum + value, 0) / rows;
      const squares = column.reduce((sum, value) => sum + (value - exact) ** 2, 0) / rows;
      expect(Math.abs(variance.view[c] / squares - 1), `column ${c}`).toBeLessThan(1e-6);
      expect(Math.abs(mean.view[c] - exact) / (1 + Math.abs(exact))).toBeLessThan(1e-6);
    }
  });

  it('gives a constant column its value and no variance', () => {
    const ws = open();
    const table = ws.matrixFrom(new Float32Array(300).fill(0.1), 100, 3);
    const { mean, variance } = moments(ws, table, 100);
    expect(worstRatio(mean, [0.1, 0.1, 0.1], () => 1e-7)).toBeLessThanOrEqual(1);
    expect(worstRatio(variance, [0, 0, 0], () => 1e-14)).toBeLessThanOrEqual(1);
  });
});

describe.each(builds)('centerColumns on the $name build', ({ open }) => {
  it('subtracts the mean from every row', () => {
    sweep(open, DIMS, ROWS, (ws, dim, rows) => {
      const values = randomValues(rows * dim, 1);
      const mean = ws.f32(dim + 3);
      mean.view.set(randomValues(dim, 2));
      const [table] = kernelCase(ws, [[() => ws.matrix(rows, dim), values]], ([table]) =>
        centerColumns(ws, table, mean),
      );
      expect(table.read()).toEqual(values.map((value, n) => value - mean.view[n % dim]));
    });
  });

  it('leaves columns whose mean is 0', () => {
    const ws = open();
    const { table } = randomTable(ws, 500, 7, 1, 3, 5);
    const { mean } = moments(ws, table, 500);
    const buffer = ws.f32(table.stride);
    buffer.view.set(mean);
    centerColumns(ws, table, buffer);
    const after = columnMeans(toMatrix(table.read(), 500, 7));
    expect(worstRatio(after, new Float64Array(7), () => 16 * UNIT * 4)).toBeLessThanOrEqual(1);
  });
});

describe.each(builds)('gatherColumns on the $name build', ({ open }) => {
  it('copies the listed columns in their order, repeats included, and zeroes the padding', () => {
    const ws = open();
    const start = ws.mark();
    for (const dim of DIMS) {
      for (const [rows, count] of [
        [0, 3],
        [1, 1],
        [5, 4],
        [9, 13],
        [3, 65],
        [65, 2],
        [200, 9],
      ]) {
        ws.release(start);
        const { table } = randomTable(ws, rows, dim);
        const columns = ws.i32From(randomIndices(count, dim, dim));
        const [out] = kernelCase(ws, [() => ws.matrix(rows, count)], ([out]) =>
          gatherColumns(ws, table, columns, out),
        );
        const values = table.read();
        const expected = Float32Array.from({ length: rows * count }, (_, n) => {
          return values[Math.floor(n / count) * dim + columns.view[n % count]];
        });
        expect(out.read()).toEqual(expected);
      }
    }
  });
});
