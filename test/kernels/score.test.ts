import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/errors.ts';
import { packPanels } from '../../src/kernels/gemm.ts';
import { scoreTopK } from '../../src/kernels/score.ts';
import type { Matrix } from '../../src/runtime/buffers.ts';
import { TILE_WORDS } from '../../src/runtime/constants.ts';
import type { Workspace } from '../../src/runtime/workspace.ts';
import { topK } from '../reference.ts';
import { builds, DIMS, guarded, randomTable, scalarScores, writesOnly } from './harness.ts';

interface Ranked {
  items: number[][];
  scores: number[][];
  counts: number[];
}

/** Runs the kernel between guards, with the given items excluded for each user. */
function rank(
  ws: Workspace,
  users: Matrix,
  items: Matrix,
  k: number,
  excluded: readonly (readonly number[])[] = [],
): Ranked {
  const panels = ws.f32(Math.ceil(items.rows / 8) * 8 * items.dim);
  packPanels(ws, items, panels);
  const maskBytes = Math.ceil(items.rows / 8);
  const bitmap = ws.i32(Math.ceil((users.rows * maskBytes) / 4));
  const bytes = new Uint8Array(ws.buffer, bitmap.ptr, bitmap.length * 4);
  excluded.forEach((list, user) => {
    for (const item of list) bytes[user * maskBytes + (item >> 3)] |= 1 << (item & 7);
  });
  const top = {
    scores: guarded(ws, () => ws.f32(users.rows * k)),
    items: guarded(ws, () => ws.i32(users.rows * k)),
    counts: guarded(ws, () => ws.i32(users.rows)),
    tile: guarded(ws, () => ws.f32(TILE_WORDS)),
  };
  writesOnly(ws, Object.values(top), () =>
    scoreTopK(ws, users, panels, items.rows, bitmap, maskBytes, k, top),
  );
  const rowsOf = (view: ArrayLike<number>) =>
    Array.from({ length: users.rows }, (_, u) => Array.from(view).slice(u * k, (u + 1) * k));
  return { items: rowsOf(top.items.view), scores: rowsOf(top.scores.view), counts: [...top.counts.view] };
}

/** What sorting all scores of the scalar f32 loop gives. */
function sorted(
  users: Matrix,
  items: Matrix,
  k: number,
  excluded: readonly (readonly number[])[] = [],
): Ranked {
  const scores = scalarScores(users, items);
  const out: Ranked = { items: [], scores: [], counts: [] };
  for (let u = 0; u < users.rows; u++) {
    const own = scores.subarray(u * items.rows, (u + 1) * items.rows);
    const best = [...topK(own, k, excluded[u])];
    out.items.push(best);
    out.scores.push(best.map((item) => (item < 0 ? -Infinity : own[item])));
    out.counts.push(best.filter((item) => item >= 0).length);
  }
  return out;
}

/** One-dimensional tables in which user 1.0 gives every item the score asked for. */
function withScores(ws: Workspace, scores: readonly number[]): [users: Matrix, items: Matrix] {
  const users = ws.matrixFrom(Float32Array.of(1, 0, 0, 0), 4, 1);
  return [users, ws.matrixFrom(Float32Array.from(scores), scores.length, 1)];
}

describe.each(builds)('scoreTopK on the $name build', ({ open }) => {
  it('finds the items and the exact scores of a scalar f32 loop and a full sort', () => {
    const ws = open();
    const start = ws.mark();
    for (const dim of DIMS) {
      for (const [numUsers, numItems, k] of [
        [4, 1, 1],
        [8, 7, 3],
        [4, 8, 8],
        [4, 9, 20],
        [12, 17, 5],
        [4, 300, 50],
      ]) {
        ws.release(start);
        const users = randomTable(ws, numUsers, dim, 1).table;
        const items = randomTable(ws, numItems, dim, 2).table;
        const excluded = Array.from({ length: numUsers }, (_, u) =>
          Array.from({ length: numItems }, (_, i) => i).filter((i) => (i * 7 + u) % 3 === 0),
        );
        expect(rank(ws, users, items, k)).toEqual(sorted(users, items, k));
        expect(rank(ws, users, items, k, excluded)).toEqual(sorted(users, items, k, excluded));
      }
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
          const [users, items] = withScores(
            ws,
            entries.map((e) => e.score),
          );
          const excluded = entries.flatMap((e, i) => (e.hidden ? [i] : []));
          const expected = topK(
            entries.map((e) => e.score),
            k,
            excluded,
          );
          const found = rank(ws, users.slice(0, 4), items, k, [excluded]);
          expect(found.items[0]).toEqual([...expected]);
          expect(found.scores[0]).toEqual([...expected].map((i) => (i < 0 ? -Infinity : entries[i].score)));
          expect(found.counts[0]).toBe(expected.filter((i) => i >= 0).length);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('gives ties to the lower index across tiles and blocks', () => {
    const ws = open();
    const [users, items] = withScores(ws, new Array(600).fill(-2));
    expect(rank(ws, users, items, 12).items[0]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(rank(ws, users, items, 3, [[0, 1, 2, 4]]).items[0]).toEqual([3, 5, 6]);
  });

  it('leaves places open with −1 and −Infinity when fewer than k items are left', () => {
    const ws = open();
    const [users, items] = withScores(ws, [5, 7, 6]);
    const { items: found, scores, counts } = rank(ws, users, items, 5, [[1]]);
    expect(found[0]).toEqual([2, 0, -1, -1, -1]);
    expect(scores[0]).toEqual([6, 5, -Infinity, -Infinity, -Infinity]);
    expect(counts[0]).toBe(2);
    expect(rank(ws, users, items, 2, [[0, 1, 2]]).counts[0]).toBe(0);
  });

  it('recommends items whose score is −Infinity or negative when nothing better is left', () => {
    const ws = open();
    const [users, items] = withScores(ws, [-Infinity, -4, -Infinity, -9]);
    expect(rank(ws, users, items, 4).items[0]).toEqual([1, 3, 0, 2]);
  });

  it('keeps padding users apart from real ones', () => {
    const ws = open();
    const items = randomTable(ws, 20, 5, 2).table;
    const padded = ws.matrix(4, 5);
    padded.write(randomTable(ws, 1, 5, 1).table.read());
    const { items: found } = rank(ws, padded, items, 4, [[], [], [0, 2], []]);
    expect(found[0]).toEqual(sorted(padded, items, 4).items[0]);
    expect(found.slice(1)).toEqual([
      [0, 1, 2, 3],
      [1, 3, 4, 5],
      [0, 1, 2, 3],
    ]);
  });

  it('refuses a number of users that is no multiple of four', () => {
    const ws = open();
    const users = ws.matrix(3, 2);
    expect(() => rank(ws, users, ws.matrix(8, 2), 1)).toThrow(ShapeError);
  });
});
