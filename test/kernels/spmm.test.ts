import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BackwardScratch,
  type BatchGradient,
  spmm,
  spmmRows,
  spmmSlots,
} from '../../src/kernels/spmm.ts';
import { blockElements } from '../../src/kernels/step.ts';
import type { Matrix } from '../../src/runtime/buffers.ts';
import type { Csr as CsrArrays } from '../../src/runtime/csr.ts';
import type { Workspace } from '../../src/runtime/workspace.ts';
import {
  type Csr,
  type Matrix as Exact,
  gatherRows,
  spmm as product,
  rowOf,
  toMatrix,
  zeros,
} from '../reference.ts';
import {
  absolute,
  builds,
  DEGREES,
  DIMS,
  expectZeroPadding,
  guarded,
  kernelCase,
  ROWS,
  randomCsr,
  randomIndices,
  randomTable,
  sweep,
  UNIT,
  worstRatio,
  writesOnly,
} from './harness.ts';

const COLS = 41;
type Weighted = CsrArrays & { values: Float32Array };

function mixedCsr(rows: number, cols: number, start = 0): Weighted {
  return randomCsr(rows, cols, (r) => DEGREES[(r + start) % DEGREES.length], rows + start);
}

/** Error as a share of the bound: (degree + 1) · 2⁻²⁴ of Σ|terms|, one more for a scale that rounds. */
function shareOfBound(y: Matrix, a: Csr, x: Exact, addend?: Exact, scale = 1): number {
  const weights = { ...a, values: Float64Array.from(a.values as Float32Array, Math.abs) };
  const terms = product(weights, absolute(x), addend && absolute(addend), Math.abs(scale)).data;
  const roundings = Number.isInteger(Math.log2(scale)) ? 1 : 2;
  const degree = (n: number) => {
    const row = Math.floor(n / x.cols);
    return a.rowPtr[row + 1] - a.rowPtr[row];
  };
  return worstRatio(
    y.read(),
    product(a, x, addend, scale).data,
    (n) => (degree(n) + roundings) * UNIT * terms[n],
  );
}

/** A batch gradient over `numSlots` of the nodes, and the same as a table of all nodes. */
function randomBatch(ws: Workspace, nodes: number, numSlots: number, dim: number) {
  const { table: gradient, exact } = randomTable(ws, numSlots, dim, 5);
  const slots = ws.i32(nodes);
  const dense = zeros(nodes, dim);
  slots.view.fill(-1);
  for (let slot = 0; slot < numSlots; slot++) {
    const node = (slot * 7 + 3) % nodes;
    slots.view[node] = slot;
    rowOf(dense, node).set(rowOf(exact, slot));
  }
  const batch: BatchGradient = { slots, gradient, decay: ws.f32(numSlots) };
  return { batch, dense };
}

function scratchFor(ws: Workspace, maxDegree: number, dim: number): BackwardScratch {
  return {
    block: guarded(ws, () => ws.f32(blockElements(dim))),
    hits: guarded(ws, () => ws.i32(maxDegree + 4)),
    degree: maxDegree + 4,
    weights: guarded(ws, () => ws.f32(maxDegree + 4)),
  };
}

describe.each(builds)('spmm on the $name build', ({ open }) => {
  it('computes A x, addend + A x and scale · (addend + A x) for every width and height', () => {
    sweep(open, DIMS, ROWS, (ws, dim, rows) => {
      const arrays = mixedCsr(rows, COLS, dim);
      const a = ws.csr(arrays);
      const x = randomTable(ws, COLS, dim, 1);
      const addend = randomTable(ws, rows, dim, 2);
      const [y] = kernelCase(ws, [() => ws.matrix(rows, dim)], ([y]) => spmm(ws, a, x.table, y));
      expect(shareOfBound(y, arrays, x.exact)).toBeLessThanOrEqual(1);
      writesOnly(ws, [y], () => spmm(ws, a, x.table, y, addend.table));
      expect(shareOfBound(y, arrays, x.exact, addend.exact)).toBeLessThanOrEqual(1);
      for (const scale of [0.25, Math.fround(1 / 3)]) {
        writesOnly(ws, [y], () => spmm(ws, a, x.table, y, addend.table, { scale }));
        expect(shareOfBound(y, arrays, x.exact, addend.exact, scale)).toBeLessThanOrEqual(1);
      }
    });
  });

  it('may overwrite its addend', () => {
    const ws = open();
    for (const dim of [13, 16, 32, 100]) {
      const arrays = mixedCsr(17, COLS);
      const x = randomTable(ws, COLS, dim, 1);
      const y = randomTable(ws, 17, dim, 2);
      const apart = ws.matrix(17, dim);
      spmm(ws, ws.csr(arrays), x.table, apart, y.table, { scale: 0.5 });
      spmm(ws, ws.csr(arrays), x.table, y.table, y.table, { scale: 0.5 });
      expect(y.table.read()).toEqual(apart.read());
      expect(shareOfBound(apart, arrays, x.exact, y.exact, 0.5)).toBeLessThanOrEqual(1);
    }
  });

  it('handles one column, a row with all columns, and a matrix of empty rows', () => {
    const ws = open();
    const shapes = [randomCsr(9, 1, (r) => r % 2), randomCsr(3, 64, () => 64), randomCsr(5, 3, () => 0)];
    for (const arrays of shapes) {
      const a = ws.csr(arrays);
      const x = randomTable(ws, arrays.cols, 5);
      const [y] = kernelCase(ws, [() => ws.matrix(arrays.rows, 5)], ([y]) => spmm(ws, a, x.table, y));
      expect(shareOfBound(y, arrays, x.exact)).toBeLessThanOrEqual(1);
    }
  });

  it('takes a matrix without values as ones', () => {
    const ws = open();
    const arrays = mixedCsr(17, COLS);
    const x = randomTable(ws, COLS, 7);
    const [y, ones] = [ws.matrix(17, 7), ws.matrix(17, 7)];
    spmm(ws, ws.csr({ ...arrays, values: null }), x.table, y);
    spmm(ws, ws.csr({ ...arrays, values: arrays.values.fill(1) }), x.table, ones);
    expect(y.read()).toEqual(ones.read());
    expect(shareOfBound(y, arrays, x.exact)).toBeLessThanOrEqual(1);
  });

  it('covers every row when there are more than one call takes', () => {
    const ws = open();
    for (const rows of [1023, 1024, 1025, 2500]) {
      const arrays = randomCsr(rows, 7, (r) => r % 5, rows);
      const x = randomTable(ws, 7, 3);
      const a = ws.csr(arrays);
      const [y] = kernelCase(ws, [() => ws.matrix(rows, 3)], ([y]) => spmm(ws, a, x.table, y));
      expect(shareOfBound(y, arrays, x.exact)).toBeLessThanOrEqual(1);
    }
  });

  it('is linear in x', () => {
    const ws = open();
    const start = ws.mark();
    const value = fc.integer({ min: -64, max: 64 });
    const columns = fc.array(value, { minLength: 2 * 11 * 5, maxLength: 2 * 11 * 5 });
    fc.assert(
      fc.property(columns, value, (numbers, factor) => {
        ws.release(start);
        // Integers of this size are exact in f32, so that equality needs no tolerance.
        const arrays = randomCsr(13, 11, (r) => r % 12);
        const a = ws.csr({ ...arrays, values: arrays.values.map((v) => Math.round(8 * v)) });
        const [first, second] = [numbers.slice(0, 55), numbers.slice(55)].map((half) =>
          Float32Array.from(half),
        );
        const product = (x: Float32Array) => {
          const y = ws.matrix(13, 5);
          spmm(ws, a, ws.matrixFrom(x, 11, 5), y);
          return y.read();
        };
        const combined = product(first.map((v, n) => factor * v + second[n]));
        const [one, two] = [product(first), product(second)];
        // Adding 0 makes −0 and +0 alike.
        expect(combined.map((v) => v + 0)).toEqual(one.map((v, n) => factor * v + two[n] + 0));
      }),
      { numRuns: 50 },
    );
  });
});

describe.each(builds)('spmmRows on the $name build', ({ open }) => {
  it('gives the same bytes as the listed rows of spmm, repeats and any order included', () => {
    sweep(open, DIMS, ROWS, (ws, dim, count) => {
      const a = ws.csr(mixedCsr(23, COLS, dim));
      const x = randomTable(ws, COLS, dim, 1);
      const addend = randomTable(ws, 23, dim, 2).table;
      const rows = ws.i32From(randomIndices(count, 23, dim));
      const all = ws.matrix(23, dim);
      const y = guarded(ws, () => ws.matrix(count, dim));
      for (const [base, scale] of [[null, 1] as const, [addend, 1] as const, [addend, 1 / 3] as const]) {
        spmm(ws, a, x.table, all, base, { scale });
        writesOnly(ws, [y], () => spmmRows(ws, a, x.table, rows, count, y, base, { scale }));
        const expected = gatherRows(toMatrix(all.read(), 23, dim), rows.view).data;
        expect(Float64Array.from(y.read())).toEqual(expected);
        expectZeroPadding(y);
      }
    });
  });
});

describe.each(builds)('spmmSlots on the $name build', ({ open }) => {
  it('computes G + A G from the rows of a batch for every width', () => {
    sweep(open, DIMS, [0, 1, 5, COLS], (ws, dim, numSlots) => {
      const arrays = mixedCsr(COLS, COLS, dim);
      const a = ws.csr(arrays);
      const { batch, dense } = randomBatch(ws, COLS, numSlots, dim);
      const scratch = scratchFor(ws, a.maxDegree, dim);
      const y = guarded(ws, () => ws.matrix(COLS, dim));
      const outputs = [y, scratch.hits, scratch.weights];
      writesOnly(ws, outputs, () => spmmSlots(ws, a, batch, y, scratch));
      expect(shareOfBound(y, arrays, dense, dense)).toBeLessThanOrEqual(1);
      expectZeroPadding(y);
    });
  });

  it('covers every row when there are more than one call takes', () => {
    const ws = open();
    const arrays = randomCsr(2100, 2100, (r) => r % 4);
    const a = ws.csr(arrays);
    const { batch, dense } = randomBatch(ws, 2100, 900, 2);
    const y = ws.matrix(2100, 2);
    spmmSlots(ws, a, batch, y, scratchFor(ws, a.maxDegree, 2));
    expect(shareOfBound(y, arrays, dense, dense)).toBeLessThanOrEqual(1);
  });
});
