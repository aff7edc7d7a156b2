import { describe, expect, it } from 'vitest';
import { gemmNt, gemmTn, packColumns, packPanels } from '../../src/kernels/gemm.ts';
import { matmulTransposed } from '../reference.ts';
import {
  absolute,
  builds,
  DIMS,
  guarded,
  kernelCase,
  ROWS,
  randomTable,
  randomValues,
  scalarScores,
  sweep,
  UNIT,
  worstRatio,
  writesOnly,
} from './harness.ts';

const roundUp = (n: number, multiple: number) => Math.ceil(n / multiple) * multiple;

describe.each(builds)('packPanels on the $name build', ({ open }) => {
  it('transposes panels of eight rows and fills the last with zeros', () => {
    sweep(open, DIMS, [...ROWS, 7, 16], (ws, dim, rows) => {
      const { table } = randomTable(ws, rows, dim);
      const [panels] = kernelCase(ws, [() => ws.f32(roundUp(rows, 8) * dim)], ([panels]) =>
        packPanels(ws, table, panels),
      );
      const values = table.read();
      const expected = Float32Array.from({ length: panels.length }, (_, n) => {
        const row = Math.floor(n / (8 * dim)) * 8 + (n % 8);
        const column = Math.floor(n / 8) % dim;
        return row < rows ? values[row * dim + column] : 0;
      });
      expect(panels.view).toEqual(expected);
    });
  });
});

describe.each(builds)('gemmNt on the $name build', ({ open }) => {
  it('equals the scalar f32 loop bit for bit and stays within dim · 2⁻²⁴ of Σ|terms|', () => {
    const ws = open();
    const start = ws.mark();
    for (const dim of DIMS) {
      for (const [rows, n] of [
        [4, 1],
        [8, 7],
        [4, 8],
        [12, 9],
        [4, 17],
        [0, 5],
        [4, 0],
      ]) {
        ws.release(start);
        const a = randomTable(ws, rows, dim, 1);
        const b = randomTable(ws, n, dim, 2);
        const panels = ws.f32(roundUp(n, 8) * dim);
        packPanels(ws, b.table, panels);
        const [c] = kernelCase(ws, [() => ws.matrix(rows, n, roundUp(n, 8))], ([c]) =>
          gemmNt(ws, a.table, panels, n, c),
        );
        expect(c.read()).toEqual(scalarScores(a.table, b.table));
        const terms = matmulTransposed(absolute(a.exact), absolute(b.exact)).data;
        const exact = matmulTransposed(a.exact, b.exact).data;
        expect(worstRatio(c.read(), exact, (k) => dim * UNIT * terms[k])).toBeLessThanOrEqual(1);
      }
    }
  });

  it('adds blocks of 128 columns one after the other', () => {
    const ws = open();
    for (const dim of [127, 129, 256, 300, 520]) {
      const a = randomTable(ws, 8, dim, 1);
      const b = randomTable(ws, 9, dim, 2);
      const panels = ws.f32(16 * dim);
      packPanels(ws, b.table, panels);
      const [c] = kernelCase(ws, [() => ws.matrix(8, 9, 16)], ([c]) => gemmNt(ws, a.table, panels, 9, c));
      const expected = new Float32Array(8 * 9);
      for (let from = 0; from < dim; from += 128) {
        const [x, y] = [a.table, b.table].map((table) => {
          const columns = Math.min(128, dim - from);
          const part = ws.matrix(table.rows, columns);
          for (let r = 0; r < table.rows; r++) {
            const at = r * table.stride + from;
            part.view.set(table.view.subarray(at, at + columns), r * part.stride);
          }
          return part;
        });
        scalarScores(x, y).forEach((score, n) => {
          expected[n] = Math.fround(expected[n] + score);
        });
      }
      expect(c.read()).toEqual(expected);
    }
  });

  it('adds the product to what is there', () => {
    const ws = open();
    const a = randomTable(ws, 8, 200, 1).table;
    const b = randomTable(ws, 270, 200, 2).table;
    const panels = ws.f32(272 * 200);
    packPanels(ws, b, panels);
    const [product, sum] = [0, 1].map(() => guarded(ws, () => ws.matrix(8, 270, 272)));
    gemmNt(ws, a, panels, 270, product);
    const start = randomValues(8 * 270, 3);
    sum.view.fill(0);
    sum.write(start);
    writesOnly(ws, [sum], () => gemmNt(ws, a, panels, 270, sum, true));
    const expected = product.read().map((value, n) => value + start[n]);
    expect(worstRatio(sum.read(), expected, () => 200 * UNIT * 8)).toBeLessThanOrEqual(1);
  });

  it('makes the columns up to the next multiple of eight zero and leaves those behind', () => {
    const ws = open();
    const a = randomTable(ws, 4, 5, 1).table;
    const b = randomTable(ws, 3, 5, 2).table;
    const panels = ws.f32(8 * 5);
    packPanels(ws, b, panels);
    const c = guarded(ws, () => ws.matrix(4, 3, 12));
    gemmNt(ws, a, panels, 3, c);
    for (let r = 0; r < 4; r++) {
      expect([...c.view.subarray(r * 12 + 3, r * 12 + 12)]).toEqual([0, 0, 0, 0, 0, NaN, NaN, NaN, NaN]);
    }
  });
});

describe.each(builds)('gemmTn on the $name build', ({ open }) => {
  it('is the product of the columns of both, to the bit that of gemmNt of transposed tables', () => {
    const ws = open();
    const start = ws.mark();
    for (const steps of [1, 2, 5, 128, 131, 300]) {
      for (const [m, n] of [
        [1, 1],
        [3, 8],
        [4, 9],
        [70, 17],
        [65, 5],
      ]) {
        ws.release(start);
        const a = randomTable(ws, steps, m, 1);
        const b = randomTable(ws, steps, n, 2);
        const [panels] = kernelCase(ws, [() => ws.f32(roundUp(n, 8) * steps)], ([panels]) =>
          packColumns(ws, b.table, panels),
        );
        const [c] = kernelCase(ws, [() => ws.matrix(roundUp(m, 4), n, roundUp(n, 8))], ([c]) =>
          gemmTn(ws, a.table, panels, n, c),
        );
        const transposed = ({ exact }: typeof a) => {
          const { rows, cols, data } = exact;
          const values = Float32Array.from(data, (_, k) => data[(k % rows) * cols + Math.floor(k / rows)]);
          return ws.matrixFrom(values, cols, rows);
        };
        const rows = ws.matrix(roundUp(m, 4), steps);
        rows.write(transposed(a).read());
        const own = ws.f32(roundUp(n, 8) * steps);
        packPanels(ws, transposed(b), own);
        expect(panels.view).toEqual(own.view);
        const expected = ws.matrix(roundUp(m, 4), n, roundUp(n, 8));
        gemmNt(ws, rows, own, n, expected);
        expect(c.view).toEqual(expected.view);
      }
    }
  });

  it('is refused where the result has no room', () => {
    const ws = open();
    const [a, c, panels] = [ws.matrix(4, 5), ws.matrix(5, 8, 8), ws.f32(64)];
    expect(() => gemmTn(ws, a, panels, 8, c)).toThrow(/8 rows with stride 8/);
  });
});
