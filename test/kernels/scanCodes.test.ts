import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodedItems, type ItemIndex, PlainItems } from '../../src/rank/itemIndex.ts';
import { PURPOSE, Random } from '../../src/runtime/random.ts';
import type { Workspace } from '../../src/runtime/workspace.ts';
import { builds } from './harness.ts';

const KINDS = [
  'plain',
  'ties',
  'near',
  'small',
  'wide',
  'zeros',
  'parallel',
  'lowRank',
  'lengths',
  'copies',
  'infinite',
] as const;
type Kind = (typeof KINDS)[number];

interface Job {
  numUsers: number;
  numItems: number;
  dim: number;
  k: number;
  seed: number;
  /** What makes the bounds' work hard. */
  kind: Kind;
  /** Scale of users and items. */
  scale?: number;
}

/** Rows that put the bounds to the test: equal, nearly equal, tiny, of very different size, or all alike. */
function rows(job: Job, count: number, round: number): Float32Array {
  const random = new Random(job.seed, PURPOSE.synthetic, round);
  const { dim, kind } = job;
  const values = Float32Array.from({ length: count * dim }, () => 2 * random.uniform() - 1);
  for (let r = 0; r < count; r++) {
    const row = values.subarray(r * dim, (r + 1) * dim);
    if (kind === 'ties') row.set(row.map((value) => Math.round(2 * value) / 2));
    if (kind === 'near') row.set(row.map((value, c) => (c === 0 ? 1 : 0.5) + value * 1e-6));
    if (kind === 'small') row.set(row.map((value) => value * 1e-20));
    if (kind === 'wide') row.set(row.map((value) => value * 10 ** (random.below(9) - 4)));
    if (kind === 'zeros' && random.below(2) === 0) row.fill(0);
    if (kind === 'parallel') row.set(row.map((value) => 3 + 0.01 * value));
    if (kind === 'lowRank')
      row.set(row.map((value, c) => 0.05 * value + row[c % 3] * Math.cos(c * (1 + (c % 3)))));
    if (kind === 'lengths') row.set(row.map((value) => value / (1 + random.below(40))));
    // One infinite item.
    if (kind === 'infinite' && round === 2 && r === count >> 1) row[0] = Number.POSITIVE_INFINITY;
    // Every third row again and again.
    if (kind === 'copies' && r >= 3) row.set(values.subarray((r % 3) * dim, ((r % 3) + 1) * dim));
  }
  return values.map((value) => value * (job.scale ?? 1));
}

/** Items, scores and counts of all users, as plain numbers. */
function ranking(workspace: Workspace, index: ItemIndex, job: Job): number[][] {
  const { numUsers, numItems, dim, k } = job;
  const users4 = (numUsers + 3) & ~3;
  const random = new Random(job.seed, PURPOSE.synthetic, 9);
  const maskBytes = Math.ceil(numItems / 32) * 4;
  const excluded = workspace.i32((users4 * maskBytes) / 4 + 1);
  excluded.view.set(
    Int32Array.from(excluded.view, () => random.uint32() & random.uint32() & random.uint32()),
  );
  const users = workspace.matrix(users4, dim);
  users.write(rows(job, numUsers, 1));
  index.set(workspace.matrixFrom(rows(job, numItems, 2), numItems, dim));
  const top = {
    scores: workspace.f32(users4 * k),
    items: workspace.i32(users4 * k),
    counts: workspace.i32(users4),
  };
  index.topK(users, numUsers, excluded, maskBytes, k, top);
  return [[...top.scores.view], [...top.items.view], [...top.counts.view]].map((values, n) =>
    values.slice(0, numUsers * (n === 2 ? 1 : k)),
  );
}

function both(open: () => Workspace, job: Job): [number[][], number[][]] {
  const [a, b] = [open(), open()];
  return [
    ranking(a, new CodedItems(a, job.numItems, job.dim, (job.numUsers + 3) & ~3), job),
    ranking(b, new PlainItems(b), job),
  ];
}

describe.each(builds)('codes in front of exact scores, on the $name build', ({ open }) => {
  it('gives the items, scores and counts of the plain path, to the bit', () => {
    const job = fc.record({
      numUsers: fc.integer({ min: 1, max: 9 }),
      numItems: fc.integer({ min: 1, max: 300 }),
      dim: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 41, max: 130 })),
      k: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 21, max: 300 })),
      seed: fc.nat(1e6),
      kind: fc.constantFrom(...KINDS),
      scale: fc.constantFrom(1, 1, 1e-20, 1e-12, 1e6, 1e14, 1e17),
    });
    fc.assert(
      fc.property(job, (sample) => {
        const [coded, plain] = both(open, sample);
        expect(coded).toEqual(plain);
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  it('does so at the sizes it is made for', () => {
    for (const kind of ['plain', 'near', 'parallel', 'wide', 'lowRank', 'lengths'] as const) {
      for (const [dim, k] of [
        [128, 10],
        [64, 50],
        [127, 16],
        [600, 5],
        [64, 700],
      ]) {
        const [coded, plain] = both(open, { numUsers: 33, numItems: 3001, dim, k, seed: 11, kind });
        expect(coded).toEqual(plain);
      }
    }
  });

  it('ranks every item once where one has an infinite row, as diverged training leaves it', () => {
    const job = { numUsers: 8, numItems: 300, dim: 16, k: 300, seed: 5, kind: 'infinite' } as const;
    const [coded, plain] = both(open, job);
    expect(coded).toEqual(plain);
    expect(coded[0].some((score) => score === Number.POSITIVE_INFINITY)).toBe(true);
  });

  it('ranks every item, and hidden items never', () => {
    for (const numItems of [1, 7, 8, 61]) {
      const job = { numUsers: 5, numItems, dim: 9, k: numItems, seed: 3, kind: 'ties' } as const;
      const [coded, plain] = both(open, job);
      expect(coded).toEqual(plain);
      expect(coded[2].every((count) => count <= numItems)).toBe(true);
    }
  });

  it('ranks nothing for queries beyond those asked for', () => {
    const ws = open();
    const index = new CodedItems(ws, 40, 4, 8);
    index.set(
      ws.matrixFrom(
        Float32Array.from({ length: 160 }, (_, n) => n % 7),
        40,
        4,
      ),
    );
    const users = ws.matrixFrom(new Float32Array(32).fill(1), 8, 4);
    const top = { scores: ws.f32(16), items: ws.i32<'item'>(16), counts: ws.i32(8) };
    index.topK(users, 5, ws.i32(17), 8, 2, top);
    expect([...top.counts.view]).toEqual([2, 2, 2, 2, 2, 0, 0, 0]);
  });

  it('computes all scores where they leave the range of f32', () => {
    for (const kind of ['plain', 'ties'] as const) {
      const job = { numUsers: 6, numItems: 200, dim: 1, k: 7, seed: 5, kind, scale: 1e20 };
      const [coded, plain] = both(open, job);
      expect(coded).toEqual(plain);
    }
  });

  it('finds among many near-equal items the few that are best', () => {
    for (const k of [1, 10, 50, 127, 128, 129, 300]) {
      for (const kind of ['near', 'copies', 'ties', 'lengths'] as const) {
        const [coded, plain] = both(open, { numUsers: 9, numItems: 1501, dim: 24, k, seed: k, kind });
        expect(coded).toEqual(plain);
      }
    }
  });
});
