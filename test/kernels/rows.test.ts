import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/errors.ts';
import { addRows, addScaledRows, gatherRows, normalizeRows, squaredNorms } from '../../src/kernels/rows.ts';
import type { Workspace } from '../../src/runtime/workspace.ts';
import { gatherRows as gathered, normalizedRows, rowOf, scatterAddRows, toMatrix } from '../reference.ts';
import {
  builds,
  DIMS,
  kernelCase,
  ROWS,
  randomIndices,
  randomTable,
  randomValues,
  sweep,
  UNIT,
  worstRatio,
} from './harness.ts';

const TALL = 19;

describe.each(builds)('row kernels on the $name build', ({ open }) => {
  const each = (run: (ws: Workspace, dim: number, count: number) => void) => sweep(open, DIMS, ROWS, run);

  it('gather rows in any order, repeats included', () => {
    each((ws, dim, count) => {
      const x = randomTable(ws, TALL, dim);
      const rows = ws.i32From(randomIndices(count, TALL, dim));
      const [out] = kernelCase(ws, [() => ws.matrix(count, dim)], ([out]) =>
        gatherRows(ws, x.table, rows, count, out),
      );
      expect(Float64Array.from(out.read())).toEqual(gathered(x.exact, rows.view).data);
    });
  });

  it('add rows to distinct rows of a table and leave the others', () => {
    each((ws, dim, count) => {
      const x = randomTable(ws, count, dim, 1);
      const before = randomValues(TALL * dim, 2);
      const rows = ws.i32From(Int32Array.from({ length: count }, (_, n) => (n * 7 + 1) % TALL));
      const expected = toMatrix(before, TALL, dim);
      scatterAddRows(expected, rows.view, x.exact);
      const [y] = kernelCase(ws, [[() => ws.matrix(TALL, dim), before]], ([y]) =>
        addRows(ws, x.table, rows, count, y),
      );
      expect(y.read()).toEqual(Float32Array.from(expected.data));
    });
  });

  it('add listed rows times their factors to listed rows in order, repeats included', () => {
    each((ws, dim, count) => {
      const x = randomTable(ws, TALL, dim, 1);
      const before = randomValues(TALL * dim, 2);
      const factors = ws.f32(count);
      factors.view.set(randomValues(count, 3));
      const [from, to] = [randomIndices(count, TALL, 4), randomIndices(count, TALL, 5)];
      for (const listed of [true, false]) {
        const expected = toMatrix(before, TALL, dim);
        const order = Int32Array.from({ length: count }, (_, n) => n);
        const added = gathered(x.exact, listed ? from : order);
        factors.view.forEach((factor, n) => {
          for (let c = 0; c < dim; c++) added.data[n * dim + c] *= factor;
        });
        scatterAddRows(expected, listed ? to : order, added);
        const rows = listed ? ([ws.i32From(from), ws.i32From(to)] as const) : ([null, null] as const);
        const [y] = kernelCase(ws, [[() => ws.matrix(TALL, dim), before]], ([y]) =>
          addScaledRows(ws, x.table, rows[0], factors, count, y, rows[1]),
        );
        expect(worstRatio(y.read(), expected.data, () => 64 * UNIT)).toBeLessThanOrEqual(1);
      }
    });
  });

  it('give squared norms of the listed rows', () => {
    each((ws, dim, count) => {
      const x = randomTable(ws, TALL, dim);
      const rows = ws.i32From(randomIndices(count, TALL, dim));
      const [out] = kernelCase(ws, [() => ws.f32(count)], ([out]) =>
        squaredNorms(ws, x.table, rows, count, out),
      );
      const expected = Array.from(rows.view, (r) => rowOf(x.exact, r).reduce((sum, v) => sum + v * v, 0));
      const bound = (n: number) => (Math.ceil(dim / 4) + 3) * UNIT * expected[n];
      expect(worstRatio(out.view, expected, bound)).toBeLessThanOrEqual(1);
    });
  });

  it('normalise rows to length 1 and leave zero rows', () => {
    each((ws, dim, count) => {
      const values = randomValues(count * dim, dim);
      if (count > 1) values.fill(0, dim, 2 * dim);
      const [x] = kernelCase(ws, [[() => ws.matrix(count, dim), values]], ([x]) => normalizeRows(ws, x));
      const expected = normalizedRows(toMatrix(values, count, dim)).data;
      const bound = (n: number) => (Math.ceil(dim / 4) + 4) * UNIT * Math.abs(expected[n]);
      expect(worstRatio(x.read(), expected, bound)).toBeLessThanOrEqual(1);
    });
  });

  it('refuse tables that are wider than the rows beside them', () => {
    const ws = open();
    const rows = ws.i32(1);
    expect(() => gatherRows(ws, ws.matrix(1, 8), rows, 1, ws.matrix(1, 4))).toThrow(ShapeError);
    expect(() => addRows(ws, ws.matrix(1, 4), rows, 1, ws.matrix(1, 8))).toThrow(ShapeError);
  });
});
