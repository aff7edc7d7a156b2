import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanRows, scoreListed } from '../../src/kernels/scan.ts';
import { clearTopK, sortTopK } from '../../src/kernels/topk.ts';
import { HalfMatrix, Matrix } from '../../src/runtime/buffers.ts';
import type { Workspace } from '../../src/runtime/workspace.ts';
import { topK } from '../reference.ts';
import {
  builds,
  DIMS,
  guarded,
  randomIndices,
  randomTable,
  randomValues,
  scalarScores,
  writesOnly,
} from './harness.ts';

interface Ranked {
  readonly items: number[];
  readonly scores: number[];
  readonly count: number;
}

/** One query against a table between guards, in as many pieces as asked for. */
function rank(
  ws: Workspace,
  query: Matrix,
  table: Matrix | HalfMatrix,
  k: number,
  excluded: readonly number[] = [],
  { factors = null, cut = table.rows }: { factors?: Float32Array | null; cut?: number } = {},
): Ranked {
  const bitmap = ws.bytes(Math.ceil(table.rows / 8) + 1);
  for (const item of excluded) bitmap.view[item >> 3] |= 1 << (item & 7);
  const top = {
    scores: guarded(ws, () => ws.f32(k)),
    items: guarded(ws, () => ws.i32<'item'>(k)),
    counts: guarded(ws, () => ws.i32(1)),
  };
  const scratch = guarded(ws, () => ws.f32(4));
  const own = factors && [0, cut].map((from) => f32From(ws, factors.subarray(from)));
  writesOnly(ws, [...Object.values(top), scratch], () => {
    clearTopK(ws, 1, k, top);
    for (const [n, first] of [0, cut].entries()) {
      const part = sliced(ws, table, first, n === 0 ? cut : table.rows - cut);
      if (part.rows === 0) continue;
      const options = { first, factors: own?.[n], excluded: bitmap, maskBytes: 0 };
      scanRows(ws, query, 0, part, options, k, top, scratch);
    }
    sortTopK(ws, 1, k, top);
  });
  return { items: [...top.items.view], scores: [...top.scores.view], count: top.counts.view[0] };
}

function sliced(ws: Workspace, table: Matrix | HalfMatrix, first: number, rows: number): Matrix | HalfMatrix {
  if (table instanceof Matrix) return table.slice(first, rows);
  return new HalfMatrix(ws, table.ptr + 2 * first * table.stride, rows, table.dim);
}

function f32From(ws: Workspace, values: Float32Array) {
  const buffer = ws.f32(values.length);
  buffer.view.set(values);
  return buffer;
}

/** What sorting all scores of the scalar f32 loop gives. */
function sorted(scores: ArrayLike<number>, k: number, excluded: readonly number[] = []): Ranked {
  const best = [...topK(Array.from(scores), k, excluded)];
  return {
    items: best,
    scores: best.map((item) => (item < 0 ? -Infinity : scores[item])),
    count: best.filter((item) => item >= 0).length,
  };
}

/** A one-dimensional table in which query 1.0 gives every item the score asked for. */
function withScores(ws: Workspace, scores: readonly number[]): [query: Matrix, table: Matrix] {
  return [
    ws.matrixFrom(Float32Array.of(1), 1, 1),
    ws.matrixFrom(Float32Array.from(scores), scores.length, 1, 1),
  ];
}

describe.each(builds)('scanRows on the $name build', ({ open }) => {
  it('finds the items and the exact scores of a scalar f32 loop and a full sort', () => {
    const ws = open();
    const start = ws.mark();
    for (const dim of DIMS) {
      for (const [numItems, k] of [
        [1, 1],
        [7, 3],
        [8, 8],
        [9, 20],
        [17, 5],
        [300, 50],
      ]) {
        ws.release(start);
        const query = randomTable(ws, 1, dim, 1).table;
        // Rows without padding, at addresses that are multiples of four bytes only.
        const table = ws.matrixFrom(randomValues(numItems * dim, 2), numItems, dim, dim);
        const excluded = Array.from({ length: numItems }, (_, i) => i).filter((i) => (i * 7) % 3 === 0);
        const scores = scalarScores(query, table);
        expect(rank(ws, query, table, k)).toEqual(sorted(scores, k));
        expect(rank(ws, query, table, k, excluded)).toEqual(sorted(scores, k, excluded));
      }
    }
  });

  it('ranks a table in two pieces as it ranks it in one', () => {
    const ws = open();
    const query = randomTable(ws, 1, 13, 1).table;
    const table = ws.matrixFrom(randomValues(61 * 13, 2), 61, 13, 13);
    const excluded = [0, 5, 8, 30, 60];
    const whole = rank(ws, query, table, 20, excluded);
    for (const cut of [0, 1, 3, 8, 13, 60])
      expect(rank(ws, query, table, 20, excluded, { cut })).toEqual(whole);
  });

  it('multiplies scores by factors', () => {
    const ws = open();
    const query = randomTable(ws, 1, 6, 1).table;
    const table = ws.matrixFrom(randomValues(23 * 6, 2), 23, 6, 6);
    const factors = randomValues(23, 3, 0, 2);
    const scores = scalarScores(query, table).map((score, item) => Math.fround(score * factors[item]));
    expect(rank(ws, query, table, 9, [], { factors, cut: 10 })).toEqual(sorted(scores, 9));
  });

  it('reads rows of f16 as the f32 numbers that they stand for, subnormal ones included', () => {
    const ws = open();
    for (const dim of [1, 3, 4, 7, 64]) {
      const halves = ws.bytes(40 * dim * 2);
      const table = new HalfMatrix(ws, halves.ptr, 40, dim);
      // All exponents but that of infinities, both signs.
      table.view.set(
        randomIndices(40 * dim, 1 << 16, 4).map((bits) =>
          (bits & 0x7c00) === 0x7c00 ? bits & 0x83ff : bits,
        ),
      );
      const values = Float32Array.from(table.view, (bits) => {
        const [exponent, mantissa] = [(bits >> 10) & 31, bits & 1023];
        const size = exponent === 0 ? mantissa * 2 ** -24 : (1024 + mantissa) * 2 ** (exponent - 25);
        return bits & 0x8000 ? -size : size;
      });
      const query = randomTable(ws, 1, dim, 1).table;
      const scores = scalarScores(query, ws.matrixFrom(values, 40, dim));
      expect(rank(ws, query, table, 12)).toEqual(sorted(scores, 12));
    }
  });

  it('equals a full sort for any scores, ties, exclusions and k', () => {
    const ws = open();
    const start = ws.mark();
    const score = fc.oneof({ weight: 6, arbitrary: fc.integer({ min: -3, max: 3 }) }, fc.constant(-Infinity));
    const entry = fc.record({ score, hidden: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(entry, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 64 }),
        (entries, k) => {
          ws.release(start);
          const scores = entries.map((e) => e.score);
          const [query, table] = withScores(ws, scores);
          const excluded = entries.flatMap((e, i) => (e.hidden ? [i] : []));
          expect(rank(ws, query, table, k, excluded)).toEqual(sorted(scores, k, excluded));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('gives ties to the lower index', () => {
    const ws = open();
    const [query, table] = withScores(ws, new Array(600).fill(-2));
    expect(rank(ws, query, table, 12).items).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(rank(ws, query, table, 3, [0, 1, 2, 4]).items).toEqual([3, 5, 6]);
  });

  it('ranks items whose score is −Infinity or negative when nothing better is left', () => {
    const ws = open();
    const [query, table] = withScores(ws, [-Infinity, -4, -Infinity, -9]);
    expect(rank(ws, query, table, 4).items).toEqual([1, 3, 0, 2]);
    expect(rank(ws, query, table, 4, [0, 1, 2, 3]).count).toBe(0);
  });
});

describe.each(builds)('scoreListed on the $name build', ({ open }) => {
  it('gives the scores of the listed rows in their order, or adds them', () => {
    const ws = open();
    for (const dim of [1, 4, 13]) {
      const query = randomTable(ws, 1, dim, 1).table;
      const table = ws.matrixFrom(randomValues(31 * dim, 2), 31, dim, dim);
      const all = scalarScores(query, table);
      for (const count of [0, 1, 2, 3, 4, 7]) {
        const list = randomIndices(count, 31, 5);
        const out = guarded(ws, () => ws.f32(count));
        const items = ws.i32From(list);
        writesOnly(ws, [out], () => scoreListed(ws, query, table, items, count, out));
        expect([...out.view]).toEqual(Array.from(list, (item) => all[item]));
        scoreListed(ws, query, table, null, count, out, true);
        expect([...out.view]).toEqual(Array.from(list, (item, n) => Math.fround(all[item] + all[n])));
      }
    }
  });
});
