import { join } from 'node:path';
import { inverse, Matrix as SmallMatrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { Interactions } from '../../../src/data/interactions.ts';
import { readInteractions } from '../../../src/data/readers/readInteractions.ts';
import { alignSplit } from '../../../src/data/readySplit.ts';
import { BudgetError, OptionError } from '../../../src/errors.ts';
import { evaluateScorer } from '../../../src/evaluate/evaluate.ts';
import { ease } from '../../../src/models/closed/ease.ts';
import { popularity } from '../../../src/models/closed/popularity.ts';
import { openSource } from '../../../src/node.ts';
import type { RowScorer } from '../../../src/rank/rowScorer.ts';
import type { Scorer } from '../../../src/rank/scorer.ts';
import { load } from '../../../src/runtime/load.ts';
import { loadThreads } from '../../../src/runtime/loadThreads.ts';
import { sharedData } from '../../sharedData.ts';
import { plantedSplit } from '../planted.ts';
import { denseRows } from './denseRows.ts';

const split = plantedSplit();
const { train } = split;
const { numItems } = train;

/** B of Steck's Eq. 8 with ml-matrix in float64. */
function exactWeights(interactions: Interactions, regularization: number): SmallMatrix {
  const r = SmallMatrix.zeros(interactions.numUsers, interactions.numItems);
  interactions.users.forEach((user, p) => {
    r.set(user, interactions.items[p], 1);
  });
  const p = inverse(r.transpose().mmul(r).add(SmallMatrix.eye(interactions.numItems).mul(regularization)));
  const b = SmallMatrix.zeros(p.rows, p.rows);
  for (let i = 0; i < p.rows; i++)
    for (let j = 0; j < p.rows; j++) if (i !== j) b.set(i, j, -p.get(i, j) / p.get(j, j));
  return b;
}

const ALL = Number.POSITIVE_INFINITY;
const denseWeights = ({ rows }: RowScorer) => denseRows(rows);

describe('ease', () => {
  it.each([0.5, 20, 500])('has the rows of B = I − P diag(1/P), λ %s', async (regularization) => {
    const b = exactWeights(train, regularization);
    const scorer = await ease(train, { regularization, entries: ALL });
    expect(scorer.name).toBe('ease');
    const found = denseWeights(scorer);
    for (let j = 0; j < numItems; j++) {
      for (let i = 0; i < numItems; i++)
        expect(Math.abs(found[j * numItems + i] - b.get(j, i))).toBeLessThan(1e-6);
    }
  });

  it('keeps the largest weights above 0 of each row when entries are limited', async () => {
    const all = denseWeights(await ease(train, { regularization: 5, entries: ALL }));
    const { rows } = await ease(train, { regularization: 5, entries: 4 });
    for (let j = 0; j < numItems; j++) {
      const kept = [...rows.indices.subarray(rows.rowPtr[j], rows.rowPtr[j + 1])];
      const row = all.subarray(j * numItems, (j + 1) * numItems);
      const least = Math.min(...kept.map((i) => row[i]));
      expect(least).toBeGreaterThan(0);
      for (const [i, weight] of row.entries())
        if (!kept.includes(i)) expect(weight).toBeLessThanOrEqual(least);
    }
    expect(rows.indices.length).toBeLessThan(6 * numItems);
  });

  it('leaves items without users out of all rows', async () => {
    const part = train.subset(
      [...train.users.keys()].filter((p) => train.users[p] > 0 && train.items[p] > 0),
    );
    const { rows } = await ease(part, { regularization: 5 });
    expect(rows.rowPtr[1]).toBe(0);
    expect(rows.indices.includes(0)).toBe(false);
  });

  it('gives the same bytes again, and with two threads', async () => {
    const runtime = await loadThreads({ threads: 2, onFallback: () => {} });
    const first = await ease(train, { regularization: 20 });
    expect((await ease(train, { regularization: 20 })).rows).toEqual(first.rows);
    expect((await ease(train, { regularization: 20, runtime })).rows).toEqual(first.rows);
    runtime.close();
  });

  it('refuses λ that are no number > 0, and jobs beyond the memory', async () => {
    for (const regularization of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      await expect(ease(train, { regularization })).rejects.toThrow(OptionError);
    const runtime = await load({ maxMemoryBytes: 65536 });
    const wide = Interactions.from(Array.from({ length: 200 }, (_, n) => ({ user: 'u', item: `i${n}` })));
    await expect(ease(wide, { regularization: 1, runtime })).rejects.toThrow(BudgetError);
  });

  // Items with the same users: RᵀR has rank 1, and all of B's entries are 1/(n − 1 + λ/3).
  const equal = Interactions.from(
    Array.from({ length: 900 }, (_, n) => ({ user: `u${n % 3}`, item: `i${Math.floor(n / 3)}` })),
  );

  it.each([1e-9, 1e-6, 1e-4])('refuses λ %s, which f32 loses beside items with the same users', async (λ) => {
    await expect(ease(equal, { regularization: λ })).rejects.toThrow(OptionError);
    await expect(ease(equal, { regularization: λ })).rejects.toThrow(/can be inverted in f32, received/);
  });

  it.each([1, 100, 1e6])('is exact where all items have the same users, λ %s', async (regularization) => {
    const found = denseWeights(await ease(equal, { regularization, entries: ALL }));
    const expected = 1 / (299 + regularization / 3);
    const worst = found.reduce(
      (most, value, at) => Math.max(most, Math.abs(value - (at % 301 === 0 ? 0 : expected))),
      0,
    );
    expect(worst / expected).toBeLessThan(2e-3);
  });
});

describe.skipIf(!sharedData)('on amazon-office split s0', () => {
  it('ease and popularity have their known quality under the standard protocol', async () => {
    const read = async (part: string) => {
      const path = join(sharedData ?? '', 'golden/office-splits', `s0.${part}.inter`);
      return (await readInteractions(openSource(path), { name: path })).interactions;
    };
    const office = alignSplit(await read('train'), await read('valid'), await read('test'));
    const at10 = async (scorer: Scorer) =>
      (await evaluateScorer(scorer, office, { protocol: 'standard', ks: [10] })).means;
    const found = await at10(await ease(office.train, { regularization: 50, entries: ALL }));
    expect(Math.abs(found['recall@10'] - 0.1055)).toBeLessThan(1e-4);
    expect(Math.abs(found['ndcg@10'] - 0.0569)).toBeLessThan(1e-4);
    const popular = await at10(popularity(office.train));
    // The golden value ranks equal counts by item number; their mean rank moves the last digit.
    expect(Math.abs(popular['recall@10'] - 0.0451)).toBeLessThan(2e-4);
  });
});
