import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Csr } from '../../../src/data/csr.ts';
import { drawViews } from '../../../src/models/encoders/views.ts';
import { maxDifference } from '../../reference/sample.ts';
import { type Edge, normalizedAdjacency, toDense } from '../../reference.ts';
import { graphOf } from '../smallGraph.ts';

const random = fc.record({
  users: fc.integer({ min: 1, max: 9 }),
  items: fc.integer({ min: 1, max: 9 }),
  picks: fc.uniqueArray(fc.nat(80), { maxLength: 40 }),
  dropout: fc.double({ min: 0, max: 0.99, noNaN: true }),
  seed: fc.nat(),
  epoch: fc.integer({ min: 1, max: 50 }),
});

function interactionsOf(users: number, items: number, picks: readonly number[]): Csr {
  const pairs = new Set(picks.map((pick) => pick % (users * items)));
  return graphOf(
    users,
    items,
    Array.from(pairs, (pair) => [Math.floor(pair / items), pair % items]),
  ).interactions;
}

function edgesOf(view: Csr, users: number): Edge[] {
  const edges: Edge[] = [];
  for (let user = 0; user < users; user++) {
    for (let n = view.rowPtr[user]; n < view.rowPtr[user + 1]; n++)
      edges.push([user, view.colIdx[n] - users]);
  }
  return edges;
}

const keysOf = (edges: readonly Edge[]) => edges.map(([user, item]) => `${user} ${item}`);

describe('views of the graph', () => {
  for (const augmentation of ['ED', 'ND', 'RW'] as const) {
    it(`hold edges of the graph only and are normalised by their own degrees (${augmentation})`, () => {
      fc.assert(
        fc.property(random, ({ users, items, picks, dropout, seed, epoch }) => {
          const whole = interactionsOf(users, items, picks);
          const all = new Set(
            keysOf(edgesOf({ ...whole, colIdx: whole.colIdx.map((c) => c + users) }, users)),
          );
          for (const view of drawViews(whole, { augmentation, dropout }, 2, seed, epoch)) {
            expect(view.length).toBe(2);
            for (const layer of view) {
              const edges = edgesOf(layer, users);
              expect(keysOf(edges).every((edge) => all.has(edge))).toBe(true);
              const expected = toDense(normalizedAdjacency(users, items, edges));
              expect(maxDifference(toDense(layer).data, expected.data)).toBeLessThan(1e-7);
            }
          }
        }),
      );
    });
  }

  it('keep ⌊nnz · (1 − ρ)⌋ edges under edge dropout, another choice in each view and layer', () => {
    const whole = interactionsOf(
      9,
      9,
      Array.from({ length: 60 }, (_, n) => n),
    );
    const [first, second] = drawViews(whole, { augmentation: 'ED', dropout: 0.25 }, 3, 1, 1);
    expect(first[0].colIdx.length).toBe(2 * 45);
    expect(first[1]).toBe(first[0]);
    expect(second[0].colIdx).not.toEqual(first[0].colIdx);
    const [walk] = drawViews(whole, { augmentation: 'RW', dropout: 0.25 }, 3, 1, 1);
    expect(walk.map(({ colIdx }) => colIdx.length)).toEqual([90, 90, 90]);
    expect(walk[1].colIdx).not.toEqual(walk[0].colIdx);
  });

  it('take all edges from ⌊users · ρ⌋ users and ⌊items · ρ⌋ items under node dropout, and no other', () => {
    const complete = interactionsOf(
      8,
      9,
      Array.from({ length: 72 }, (_, n) => n),
    );
    for (const epoch of [1, 2, 3]) {
      for (const [view] of drawViews(complete, { augmentation: 'ND', dropout: 0.3 }, 1, 5, epoch)) {
        const degrees = Array.from({ length: 17 }, (_, node) => view.rowPtr[node + 1] - view.rowPtr[node]);
        expect(degrees.slice(0, 8).sort()).toEqual([0, 0, 7, 7, 7, 7, 7, 7]);
        expect(degrees.slice(8).sort()).toEqual([0, 0, 6, 6, 6, 6, 6, 6, 6]);
      }
    }
  });

  it('drop every edge about equally often', () => {
    const whole = interactionsOf(
      5,
      4,
      Array.from({ length: 20 }, (_, n) => n),
    );
    const counts = new Map<string, number>();
    for (let epoch = 1; epoch <= 500; epoch++) {
      for (const [view] of drawViews(whole, { augmentation: 'ED', dropout: 0.5 }, 1, 3, epoch)) {
        for (const edge of keysOf(edgesOf(view, 5))) counts.set(edge, (counts.get(edge) ?? 0) + 1);
      }
    }
    // 1000 draws of one half: five standard deviations are 79.
    expect(counts.size).toBe(20);
    for (const count of counts.values()) expect(Math.abs(count - 500)).toBeLessThan(79);
  });

  it('are the same for the same seed and epoch and differ for another', () => {
    const whole = interactionsOf(
      9,
      9,
      Array.from({ length: 60 }, (_, n) => n),
    );
    const draw = (seed: number, epoch: number) =>
      drawViews(whole, { augmentation: 'ED', dropout: 0.3 }, 1, seed, epoch).map(([view]) => view.colIdx);
    expect(draw(4, 9)).toEqual(draw(4, 9));
    expect(draw(4, 10)).not.toEqual(draw(4, 9));
    expect(draw(5, 9)).not.toEqual(draw(4, 9));
  });
});
