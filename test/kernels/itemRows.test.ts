import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/errors.ts';
import { addItemRows, rankScores } from '../../src/kernels/itemRows.ts';
import type { Workspace } from '../../src/runtime/workspace.ts';
import { topK } from '../reference.ts';
import { builds, guarded, randomCsr, randomValues, writesOnly } from './harness.ts';

const HISTORIES = [[], [0], [3, 1], [2, 2, 5], [6, 5, 4, 3, 2, 1, 0], [1]];

function historiesIn(ws: Workspace) {
  const starts = [0];
  for (const history of HISTORIES) starts.push(starts[starts.length - 1] + history.length);
  return { ptr: ws.i32From(starts), items: ws.i32From(HISTORIES.flat()) };
}

describe.each(builds)('addItemRows on the $name build', ({ open }) => {
  it.each([1, 0.37])('adds factor %s times the rows of each history, in order, in f32', (factor) => {
    const ws = open();
    const items = 7;
    const csr = randomCsr(items, items, (r) => [0, 1, 3, 7, 2, 5, 4][r]);
    const weights = ws.f32(csr.values.length);
    weights.view.set(csr.values);
    const rows = { rowPtr: ws.i32From(csr.rowPtr), indices: ws.i32From(csr.colIdx), weights };
    const histories = historiesIn(ws);
    const scores = guarded(ws, () => ws.matrix(8, items, 8));
    const start = randomValues(8 * items, 3);
    scores.view.fill(0);
    scores.write(start);
    const expected = start.slice();
    const f = Math.fround(factor);
    for (const [q, history] of HISTORIES.entries()) {
      for (const j of history) {
        for (let n = csr.rowPtr[j]; n < csr.rowPtr[j + 1]; n++) {
          const at = q * items + csr.colIdx[n];
          expected[at] = Math.fround(expected[at] + Math.fround(f * csr.values[n]));
        }
      }
    }
    writesOnly(ws, [scores], () => addItemRows(ws, rows, histories, HISTORIES.length, factor, scores));
    expect(scores.read()).toEqual(expected);
  });
});

describe.each(builds)('rankScores on the $name build', ({ open }) => {
  it('gives what sorting gives: ties to the lower item, excluded items left out', () => {
    for (const numItems of [1, 7, 8, 9, 40]) {
      for (const k of [1, 3, 12]) {
        const ws = open();
        const queries = 5;
        const scores = ws.matrix(queries, numItems, Math.ceil(numItems / 8) * 8);
        // Few distinct values, so that there are ties, and negative ones beside the zeros of the pad lanes.
        scores.write(randomValues(queries * numItems, k).map((value) => Math.round(3 * value) - 2));
        const hidden = Array.from({ length: queries }, (_, q) =>
          [...Array(numItems).keys()].filter((item) => (item + q) % 3 === 0 && q > 0),
        );
        const maskBytes = Math.ceil(numItems / 8);
        const bits = ws.i32(Math.ceil((queries * maskBytes) / 4));
        const bytes = new Uint8Array(ws.buffer, bits.ptr, bits.length * 4);
        for (const [q, items] of hidden.entries())
          for (const item of items) bytes[q * maskBytes + (item >> 3)] |= 1 << (item & 7);
        const top = {
          scores: guarded(ws, () => ws.f32(queries * k)),
          items: guarded(ws, () => ws.i32(queries * k)),
          counts: guarded(ws, () => ws.i32(queries)),
        };
        writesOnly(ws, Object.values(top), () => rankScores(ws, scores, queries, bits, maskBytes, k, top));
        const values = scores.read();
        for (let q = 0; q < queries; q++) {
          const own = values.subarray(q * numItems, (q + 1) * numItems);
          const expected = topK(own, k, hidden[q]);
          expect([...top.items.view.subarray(q * k, (q + 1) * k)]).toEqual([...expected]);
          expect(top.counts.view[q]).toBe(expected.filter((item) => item >= 0).length);
          for (const [place, item] of expected.entries())
            expect(top.scores.view[q * k + place]).toBe(item < 0 ? Number.NEGATIVE_INFINITY : own[item]);
        }
      }
    }
  });

  it('refuses a table whose rows are not padded to eight', () => {
    const ws = open();
    const top = { scores: ws.f32(1), items: ws.i32(1), counts: ws.i32(1) };
    expect(() => rankScores(ws, ws.matrix(1, 4, 4), 1, ws.i32(1), 4, 1, top)).toThrow(ShapeError);
  });
});
