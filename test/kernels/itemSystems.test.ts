import { inverse, Matrix as SmallMatrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { transpose } from '../../src/data/csr.ts';
import {
  type InteractionMatrices,
  type ItemSources,
  pickSources,
  pickWords,
  solveItems,
  solveWords,
} from '../../src/kernels/itemSystems.ts';
import { gramTable } from '../../src/models/closed/gramTable.ts';
import type { Csr } from '../../src/runtime/csr.ts';
import { Turns } from '../../src/runtime/turns.ts';
import type { Workspace } from '../../src/runtime/workspace.ts';
import { builds, guarded, randomCsr, randomValues, writesOnly } from './harness.ts';

const USERS = 60;
const ITEMS = 37;
/** Degrees from none to many; item 5 has no users. */
const ratings = withoutItem(
  randomCsr(USERS, ITEMS, (r) => r % 9, 2),
  5,
);
const positive = { ...ratings, values: ratings.values.map((value) => 0.25 + Math.abs(value)) };

function withoutItem(csr: Csr & { values: Float32Array }, item: number) {
  const kept = [...csr.colIdx.keys()].filter((n) => csr.colIdx[n] !== item);
  const rowPtr = csr.rowPtr.map((from) => kept.filter((n) => n < from).length);
  const pick = <T extends Int32Array | Float32Array>(from: T, n: number) => from[n];
  return {
    ...csr,
    rowPtr,
    colIdx: Int32Array.from(kept, (n) => pick(csr.colIdx, n)),
    values: Float32Array.from(kept, (n) => pick(csr.values, n)),
  };
}

function matricesIn(ws: Workspace, weighted: boolean): InteractionMatrices {
  return { byUser: ws.csr(positive), byItem: ws.csr(transpose(positive)), weighted };
}

/** XᵀX in float64. */
function gramOf(weighted: boolean): number[][] {
  const gram = Array.from({ length: ITEMS }, () => new Array<number>(ITEMS).fill(0));
  for (let u = 0; u < USERS; u++) {
    for (let m = positive.rowPtr[u]; m < positive.rowPtr[u + 1]; m++) {
      for (let n = positive.rowPtr[u]; n < positive.rowPtr[u + 1]; n++)
        gram[positive.colIdx[m]][positive.colIdx[n]] += weighted
          ? positive.values[m] * positive.values[n]
          : 1;
    }
  }
  return gram;
}

function sourcesIn(ws: Workspace, targets: number, most: number) {
  return {
    most,
    sources: guarded(ws, () => ws.i32(targets * most)),
    weights: guarded(ws, () => ws.f32(targets * most)),
    counts: guarded(ws, () => ws.i32(targets)),
  } satisfies ItemSources;
}

describe.each(builds)('pickSources on the $name build', ({ open }) => {
  it.each([
    { most: 4, withText: true, weighted: false },
    { most: 11, withText: true, weighted: true },
    { most: 4, withText: false, weighted: false },
    { most: 7, withText: false, weighted: true },
    { most: ITEMS - 1, withText: false, weighted: false },
    { most: ITEMS - 1, withText: true, weighted: true },
  ])('takes the $most best sources of each target: $withText text, $weighted values', (how) => {
    const { most, withText, weighted } = how;
    const ws = open();
    const matrices = matricesIn(ws, weighted);
    const [first, targets] = [3, 30];
    const text = withText ? ws.matrix(32, ITEMS, 40) : null;
    text?.write(randomValues(32 * ITEMS, 7));
    const scales = ws.f32(ITEMS);
    scales.view.set(randomValues(ITEMS, 8, 0.5, 2));
    const out = sourcesIn(ws, targets, most);
    const scratch = ws.i32(pickWords(ITEMS));
    const clean = scratch.view.slice(0, ITEMS);
    const textFactor = withText ? 3 : 0;
    writesOnly(ws, [out.sources, out.weights, out.counts, scratch], () =>
      pickSources(ws, matrices, first, targets, { text, textFactor, scales }, out, scratch),
    );
    expect(scratch.view.slice(0, ITEMS)).toEqual(clean);
    const gram = gramOf(weighted);
    for (let t = 0; t < targets; t++) {
      const target = first + t;
      const weight = (i: number) => gram[i][target] + (text ? 3 * text.view[t * 40 + i] : 0);
      const candidates = [...Array(ITEMS).keys()].filter(
        (i) => i !== target && (withText || most === ITEMS - 1 || gram[i][target] > 0),
      );
      const best = candidates
        .sort((a, b) => {
          const [x, y] = [weight(a) * scales.view[a], weight(b) * scales.view[b]];
          return Math.abs(x - y) < 1e-5 ? a - b : y - x;
        })
        .slice(0, most);
      expect(out.counts.view[t]).toBe(best.length);
      const found = [...out.sources.view.subarray(t * most, t * most + best.length)];
      expect(new Set(found)).toEqual(new Set(best));
      for (const [n, i] of found.entries()) expect(out.weights.view[t * most + n]).toBeCloseTo(weight(i), 4);
    }
  });
});

describe.each(builds)('solveItems on the $name build', ({ open }) => {
  it.each([
    { most: 1, weighted: false },
    { most: 6, weighted: true },
    { most: 9, weighted: false },
  ])('solves the system of each target, $most sources, $weighted values', ({ most, weighted }) => {
    const ws = open();
    const matrices = matricesIn(ws, weighted);
    const targets = 20;
    const out = sourcesIn(ws, targets, most);
    out.counts.view.set(Array.from({ length: targets }, (_, t) => Math.min(most, t)));
    out.weights.view.set(randomValues(targets * most, 3));
    for (let t = 0; t < targets; t++)
      for (let n = 0; n < most; n++) out.sources.view[t * most + n] = (5 + 7 * t + 4 * n) % ITEMS;
    const right = out.weights.view.slice();
    const ridge = ws.f32(ITEMS);
    ridge.view.set(randomValues(ITEMS, 4, 1, 3));
    const entries = positive.colIdx.length;
    const scratch = ws.i32(solveWords(USERS, entries, most));
    writesOnly(ws, [out.weights, scratch], () =>
      solveItems(ws, matrices, ridge, out, targets, 30, scratch, entries),
    );
    expect(scratch.view.subarray(0, USERS).every((head) => head === 0)).toBe(true);
    const gram = gramOf(weighted);
    for (let t = 0; t < targets; t++) {
      const own = [...out.sources.view.subarray(t * most, t * most + out.counts.view[t])];
      if (own.length === 0) continue;
      const system = new SmallMatrix(
        own.map((i) => own.map((j) => gram[i][j] + (i === j ? ridge.view[i] : 0))),
      );
      const b = inverse(system).mmul(
        SmallMatrix.columnVector([...right.subarray(t * most, t * most + own.length)]),
      );
      for (const n of own.keys()) expect(out.weights.view[t * most + n]).toBeCloseTo(b.get(n, 0), 5);
    }
  });

  it('takes as many steps as it is told', () => {
    const ws = open();
    const solved = [1, 2, 40].map((steps) => {
      const matrices = matricesIn(ws, false);
      const out = sourcesIn(ws, 1, 9);
      out.counts.view[0] = 9;
      out.sources.view.set([0, 1, 2, 3, 4, 6, 7, 8, 9]);
      out.weights.view.set([1, 2, 3, 4, 5, 6, 7, 8, 9]);
      const ridge = ws.f32(ITEMS);
      ridge.view.fill(0.1);
      const scratch = ws.i32(solveWords(USERS, 500, 9));
      solveItems(ws, matrices, ridge, out, 1, steps, scratch, 500);
      return [...out.weights.view];
    });
    const distance = (a: number[], b: number[]) => Math.max(...a.map((value, n) => Math.abs(value - b[n])));
    expect(distance(solved[0], solved[2])).toBeGreaterThan(distance(solved[1], solved[2]));
    expect(distance(solved[1], solved[2])).toBeGreaterThan(0.01);
  });

  it.each([1, 5, 20, ITEMS])('gives the same bytes with a table of %i items as without', async (size) => {
    const most = 9;
    const solve = async (tableItems: number) => {
      const ws = open();
      const matrices = matricesIn(ws, false);
      const table = await gramTable(ws, matrices, positive, transpose(positive), new Turns(), tableItems);
      const out = sourcesIn(ws, 20, most);
      out.counts.view.fill(most);
      out.weights.view.set(randomValues(20 * most, 3));
      for (let t = 0; t < 20; t++)
        for (let n = 0; n < most; n++) out.sources.view[t * most + n] = (5 + 7 * t + 4 * n) % ITEMS;
      const ridge = ws.f32(ITEMS);
      ridge.view.set(randomValues(ITEMS, 4, 1, 3));
      const entries = positive.colIdx.length;
      const scratch = ws.i32(solveWords(USERS, entries, most, table ? ITEMS : 0));
      writesOnly(ws, [out.weights, scratch], () =>
        solveItems(ws, matrices, ridge, out, 20, 30, scratch, entries, table),
      );
      return out.weights.view.slice();
    };
    expect(await solve(size)).toEqual(await solve(0));
  });
});
