import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/errors.ts';
import { touchesAhead } from '../../src/kernels/layout.ts';
import { sgd } from '../../src/kernels/optimizers.ts';
import { addRows, addScaledRows, gatherRows, squaredNorms } from '../../src/kernels/rows.ts';
import {
  type BackwardScratch,
  type BatchGradient,
  spmm,
  spmmRows,
  spmmSlots,
} from '../../src/kernels/spmm.ts';
import { blockElements, spmmAdam, spmmSgd } from '../../src/kernels/step.ts';
import type { Matrix, Table } from '../../src/runtime/buffers.ts';
import { PANEL_COLUMNS } from '../../src/runtime/constants.ts';
import type { Csr as CsrArrays } from '../../src/runtime/csr.ts';
import type { Workspace } from '../../src/runtime/workspace.ts';
import {
  builds,
  DEGREES,
  guarded,
  kernelCase,
  randomCsr,
  randomIndices,
  randomValues,
  worstRatio,
  writesOnly,
} from './harness.ts';

const DIMS = [16, 32, 48, 128];
/** Tables in panels, and row-major ones, also of a width that is no multiple of 16. */
const LAYOUTS = [
  ...DIMS.map((dim) => [dim, true] as const),
  ...[4, 8, 20, 32, 100, 128].map((dim) => [dim, false] as const),
];
const NODES = 41;
const ADAM = { rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** A symmetric graph, normalised by its degrees, with nodes without neighbours. */
function normalizedGraph(nodes: number): CsrArrays & { values: Float32Array; norms: Float32Array } {
  const half = randomCsr(nodes, nodes, (r) => DEGREES[r % DEGREES.length]);
  const neighbours = Array.from({ length: nodes }, () => new Set<number>());
  for (let r = 0; r < nodes; r++) {
    for (let e = half.rowPtr[r]; e < half.rowPtr[r + 1]; e++) {
      if (r % 9 === 8 || half.colIdx[e] % 9 === 8) continue;
      neighbours[r].add(half.colIdx[e]);
      neighbours[half.colIdx[e]].add(r);
    }
  }
  const sorted = neighbours.map((set) => [...set].sort((a, b) => a - b));
  const rowPtr = new Int32Array(nodes + 1);
  sorted.forEach(({ length }, r) => {
    rowPtr[r + 1] = rowPtr[r] + length;
  });
  const norms = Float32Array.from(sorted, ({ length }) => (length > 0 ? 1 / Math.sqrt(length) : 0));
  const colIdx = Int32Array.from(sorted.flat());
  const values = Float32Array.from(
    sorted.flatMap((row) => row.map((c) => 1 / Math.sqrt(row.length * sorted[c].length))),
  );
  return { rows: nodes, cols: nodes, rowPtr, colIdx, values, norms };
}

/** Rows of 0, 1 and 2 entries, and a last one of 40, over all columns. */
function spreadCsr(rows: number): CsrArrays {
  const degrees = Array.from({ length: rows }, (_, r) => (r === rows - 1 ? 40 : r % 3));
  const columns = degrees.flatMap((degree, r) =>
    Array.from(
      { length: degree },
      (_, e) => Math.floor((e * rows) / degree) + ((r * 7919) % Math.floor(rows / degree)),
    ),
  );
  const rowPtr = new Int32Array(rows + 1);
  for (let r = 0; r < rows; r++) rowPtr[r + 1] = rowPtr[r] + degrees[r];
  const colIdx = Int32Array.from(columns);
  return { rows, cols: rows, rowPtr, colIdx, values: randomValues(colIdx.length, 9) };
}

/** The same numbers in panels and row-major. */
function both(ws: Workspace, rows: number, dim: number, round: number) {
  const values = randomValues(rows * dim, round);
  const panels = guarded(ws, () => ws.panelMatrix(rows, dim));
  panels.write(values);
  return { panels, whole: ws.matrixFrom(values, rows, dim), values };
}

/** As `toEqual`, which takes minutes for millions of numbers. */
function expectSame(received: Table, expected: Table): void {
  const [one, other] = [received.read(), expected.read()];
  expect(one.length).toBe(other.length);
  expect(one.findIndex((value, n) => !Object.is(value, other[n]))).toBe(-1);
}

function times(table: Float32Array, norms: Float32Array, dim: number): Float32Array {
  return table.map((value, n) => value * norms[Math.floor(n / dim)]);
}

function expectClose(received: Float32Array, expected: ArrayLike<number>): void {
  expect(worstRatio(received, expected, () => 2e-6)).toBeLessThanOrEqual(1);
}

function batchOf(ws: Workspace, dim: number): { batch: BatchGradient; scratch: BackwardScratch } {
  const numSlots = 12;
  const slots = ws.i32(NODES);
  slots.view.fill(-1);
  for (let slot = 0; slot < numSlots; slot++) slots.view[(slot * 5 + 2) % NODES] = slot;
  const decay = ws.f32(numSlots);
  decay.view.set(randomValues(numSlots, 2, 0, 0.1));
  const scratch = {
    block: guarded(ws, () => ws.f32(blockElements(dim))),
    hits: guarded(ws, () => ws.i32(NODES + 4)),
    weights: guarded(ws, () => ws.f32(NODES + 4)),
    degree: NODES + 4,
  };
  return {
    batch: { slots, gradient: ws.matrixFrom(randomValues(numSlots * dim, 1), numSlots, dim), decay },
    scratch,
  };
}

describe.each(builds)('tables in panels on the $name build', ({ open }) => {
  it('hold what was written, and refuse a dim that is no multiple of 16', () => {
    const ws = open();
    const { panels, values } = both(ws, 5, 48, 1);
    expect(panels.read()).toEqual(values);
    expect(panels.view[PANEL_COLUMNS]).toBe(values[48]);
    expect(() => ws.panelMatrix(5, 40)).toThrow(/dim of 16n, received 40/);
    expect(() => panels.write(values.subarray(1))).toThrow(ShapeError);
  });

  it('give the bytes of row-major tables in products with weights, whole and for listed rows', () => {
    const ws = open();
    const start = ws.mark();
    for (const dim of DIMS) {
      ws.release(start);
      const a = ws.csr(randomCsr(NODES, NODES, (r) => DEGREES[r % DEGREES.length], dim));
      const [x, addend] = [both(ws, NODES, dim, 1), both(ws, NODES, dim, 2)];
      const y = guarded(ws, () => ws.panelMatrix(NODES, dim));
      const [rowMajor, whole] = [guarded(ws, () => ws.matrix(NODES, dim)), ws.matrix(NODES, dim)];
      const options = { scale: Math.fround(1 / 3) };
      spmm(ws, a, x.whole, whole, addend.whole, options);
      writesOnly(ws, [y], () => spmm(ws, a, x.panels, y, addend.panels, options));
      writesOnly(ws, [rowMajor], () => spmm(ws, a, x.panels, rowMajor, addend.panels, options));
      expect(y.read()).toEqual(whole.read());
      expect(rowMajor.read()).toEqual(whole.read());
      const rows = ws.i32From(randomIndices(9, NODES));
      const [listed, expected] = [guarded(ws, () => ws.matrix(9, dim)), ws.matrix(9, dim)];
      spmmRows(ws, a, x.whole, rows, 9, expected, addend.whole, options);
      writesOnly(ws, [listed], () => spmmRows(ws, a, x.panels, rows, 9, listed, addend.panels, options));
      expect(listed.read()).toEqual(expected.read());
      spmm(ws, a, x.panels, addend.panels, addend.panels, options);
      expect(addend.panels.read()).toEqual(whole.read());
    }
  });

  it('need no weights where they, or row-major ones, hold D^-½ times their values, and may pass it on', () => {
    const ws = open();
    const start = ws.mark();
    for (const [dim, panels] of LAYOUTS) {
      const make = () => (panels ? ws.panelMatrix(NODES, dim) : ws.matrix(NODES, dim));
      ws.release(start);
      const graph = normalizedGraph(NODES);
      const a = ws.csr(graph);
      const [x, addend, scaled, y] = [make(), make(), make(), guarded(ws, make)];
      const values = randomValues(NODES * dim, 1);
      const added = randomValues(NODES * dim, 2);
      x.write(values);
      addend.write(added);
      scaled.write(times(values, graph.norms, dim));
      const whole = ws.matrix(NODES, dim);
      for (const base of [null, addend]) {
        const plainBase = base && ws.matrixFrom(added, NODES, dim);
        spmm(ws, a, ws.matrixFrom(values, NODES, dim), whole, plainBase, { scale: 0.25 });
        const expected = whole.read();
        const options = { scale: 0.25, scaledIn: true };
        writesOnly(ws, [y], () => spmm(ws, a, scaled, y, base, options));
        expectClose(y.read(), expected);
        spmm(ws, a, scaled, y, base, { ...options, scaledOut: true });
        expectClose(y.read(), times(expected, graph.norms, dim));
        spmm(ws, a, x, y, base, { scale: 0.25, scaledOut: true });
        expectClose(y.read(), times(expected, graph.norms, dim));
        y.view.fill(Number.NaN);
        writesOnly(ws, [y], () => spmm(ws, a, x, y, base, { scale: 0.25 }));
        expectClose(y.read(), expected);
        if (panels) {
          // All panels but the last are gathered without weights, too.
          const free = make();
          spmm(ws, a, scaled, free, base, options);
          const unweighted = (table: Table) => table.view.slice(0, -PANEL_COLUMNS * NODES);
          expect(unweighted(y)).toEqual(unweighted(free));
        }
        if (base) {
          const over = guarded(ws, make);
          over.write(added);
          writesOnly(ws, [over], () => spmm(ws, a, scaled, over, over, options));
          expectClose(over.read(), expected);
          over.write(added);
          writesOnly(ws, [over], () => spmm(ws, a, x, over, over, { scale: 0.25 }));
          expectClose(over.read(), expected);
        }
        const rows = ws.i32From([40, 8, 8, 3]);
        const [listed] = kernelCase(ws, [() => ws.matrix(4, dim)], ([listed]) =>
          spmmRows(ws, a, scaled, rows, 4, listed, base, options),
        );
        const picked = [40, 8, 8, 3].flatMap((row) => [...expected.subarray(row * dim, (row + 1) * dim)]);
        expectClose(listed.read(), picked);
      }
    }
  });

  it('take and update what a batch leaves as row-major tables do, and so do those without weights', () => {
    const ws = open();
    const start = ws.mark();
    for (const [dim, inPanels] of LAYOUTS) {
      ws.release(start);
      const make = () => (inPanels ? ws.panelMatrix(NODES, dim) : ws.matrix(NODES, dim));
      const graph = normalizedGraph(NODES);
      const a = ws.csr(graph);
      const { batch, scratch } = batchOf(ws, dim);
      const [whole, y] = [ws.matrix(NODES, dim), guarded(ws, make)];
      spmmSlots(ws, a, batch, whole, scratch);
      const outputs = [scratch.block, scratch.hits, scratch.weights];
      writesOnly(ws, [y, ...outputs], () => spmmSlots(ws, a, batch, y, scratch));
      expect(y.read()).toEqual(whole.read());
      spmmSlots(ws, a, batch, y, scratch, true);
      expectClose(y.read(), times(whole.read(), graph.norms, dim));
      const [p, m, v, s] = [3, 4, 5, 6].map((round) => {
        const values = randomValues(NODES * dim, round).map(round === 5 ? Math.abs : Number);
        const tested = guarded(ws, make);
        tested.write(values);
        return { tested, whole: ws.matrixFrom(values, NODES, dim) };
      });
      const options = { scale: Math.fround(1 / 3), scaledIn: true };
      const update = (first: Table | null, tables: Table[], last: Table, scaledIn: boolean) => {
        const [p0, m0, v0] = tables;
        spmmAdam(ws, a, first, batch, p0, m0, v0, scratch, { ...options, scaledIn }, { ...ADAM, step: 3 });
        spmmSgd(ws, a, first, batch, last, scratch, { ...options, scaledIn }, 0.1);
      };
      update(whole, [p.whole, m.whole, v.whole], s.whole, false);
      const updated = [p, m, v, s].map(({ tested }) => tested);
      writesOnly(ws, [...updated, ...outputs], () => update(y, updated, s.tested, true));
      for (const table of [p, m, v, s]) expectClose(table.tested.read(), table.whole.read());
      update(null, [p.whole, m.whole, v.whole], s.whole, false);
      update(null, updated, s.tested, false);
      for (const table of [p, m, v, s]) expectClose(table.tested.read(), table.whole.read());
    }
  });

  it('are read and added to by rows', () => {
    const ws = open();
    const { panels, whole } = both(ws, NODES, 48, 1);
    const rows = ws.i32From([7, 0, 40, 3]);
    const more = ws.matrixFrom(randomValues(4 * 48, 2), 4, 48);
    const factors = ws.f32(NODES);
    factors.view.set(randomValues(NODES, 3));
    const [one, other] = [guarded(ws, () => ws.matrix(4, 48)), ws.matrix(4, 48)];
    const [few, many] = [guarded(ws, () => ws.f32(4)), ws.f32(4)];
    const read = (table: Table, out: Matrix, norms: typeof few) => {
      gatherRows(ws, table, rows, 4, out);
      squaredNorms(ws, table, rows, 4, norms);
      addRows(ws, more, rows, 4, table);
      addRows(ws, more, rows, 4, table, factors);
      addScaledRows(ws, table, rows, factors, 4, table, rows);
    };
    read(whole, other, many);
    writesOnly(ws, [panels, one, few], () => read(panels, one, few));
    expect(one.read()).toEqual(other.read());
    expect(panels.read()).toEqual(whole.read());
    expectClose(few.view, many.view);
  });

  it('give the bytes of large row-major tables, of which rows are touched ahead', () => {
    const ws = open();
    const [rows, dim] = [33_000, 128];
    expect(touchesAhead(ws.matrix(rows, dim))).toBe(true);
    const a = ws.csr(spreadCsr(rows));
    const x = both(ws, rows, dim, 1);
    const [y, whole] = [ws.panelMatrix(rows, dim), ws.matrix(rows, dim)];
    spmm(ws, a, x.panels, y);
    spmm(ws, a, x.whole, whole);
    expectSame(whole, y);
    const list = ws.i32From([rows - 1, 1, 0, rows - 1]);
    const [few, same] = [ws.matrix(4, dim), ws.matrix(4, dim)];
    spmmRows(ws, a, x.panels, list, 4, few);
    spmmRows(ws, a, x.whole, list, 4, same);
    expect(same.read()).toEqual(few.read());
    const { batch, scratch } = batchOf(ws, dim);
    const slots = ws.i32(rows);
    slots.view.fill(-1);
    slots.view[rows - 2] = 3;
    const update = (table: Table) =>
      spmmSgd(ws, a, table, { ...batch, slots }, table === whole ? x.whole : x.panels, scratch, {}, 0.1);
    update(y);
    update(whole);
    expect(x.whole.view[rows * dim - 1]).not.toBe(x.values[rows * dim - 1]);
    expectSame(x.whole, x.panels);
  });

  it('are refused where the other tables have another layout, or a scaled product lacks what it needs', () => {
    const ws = open();
    const { panels, whole } = both(ws, NODES, 32, 1);
    const plain = ws.csr(randomCsr(NODES, NODES, () => 3));
    const y = ws.panelMatrix(NODES, 32);
    expect(() => spmm(ws, plain, whole, y)).toThrow(/as many panels as x, 1, received/);
    const others = ws.panelMatrix(NODES, 48);
    expect(() => spmm(ws, plain, panels, others)).toThrow(/as many panels as x/);
    expect(() => spmm(ws, plain, panels, y, whole)).toThrow(/tables of one layout/);
    expect(() => spmm(ws, plain, panels, ws.matrix(NODES, 48))).toThrow(/one stride, received 32 and 48/);
    expect(() => spmm(ws, plain, panels, y, null, { scaledIn: true })).toThrow(/with norms/);
    expect(() => sgd(ws, panels, whole, 1)).toThrow(ShapeError);
  });
});

describe('Workspace.table', () => {
  it('lays out in panels what has more than 1 MB and a dim of 16n, more than one panel', () => {
    const ws = builds[0].open();
    const panels = (rows: number, dim: number) => ws.table(rows, dim).panels;
    expect([panels(8_192, 32), panels(8_193, 32), panels(8_193, 48)]).toEqual([1, 2, 3]);
    expect([panels(40_000, 16), panels(40_000, 40)]).toEqual([1, 1]);
    expect(ws.tableLike(ws.table(8_193, 32)).panels).toBe(2);
  });
});
