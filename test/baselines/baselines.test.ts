import { join } from 'node:path';
import { inverse, Matrix as SmallMatrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { chooseEase, ease } from '../../src/baselines/ease.ts';
import { invertPositiveDefinite } from '../../src/baselines/inverse.ts';
import { itemKnn } from '../../src/baselines/itemKnn.ts';
import { popularity } from '../../src/baselines/popularity.ts';
import type { Scorer } from '../../src/baselines/scorer.ts';
import { Interactions } from '../../src/data/interactions.ts';
import { readInteractions } from '../../src/data/readers/readInteractions.ts';
import { alignSplit } from '../../src/data/readySplit.ts';
import { OptionError } from '../../src/errors.ts';
import { evaluateScorer } from '../../src/evaluate/evaluate.ts';
import { openSource } from '../../src/node.ts';
import { load } from '../../src/runtime/load.ts';
import { randomValues } from '../kernels/harness.ts';
import { plantedSplit } from '../models/planted.ts';
import { sharedData } from '../sharedData.ts';

const train = Interactions.from(
  ['a1', 'a2', 'a3', 'b1', 'b2', 'c1', 'c4', 'd1', 'd2', 'd4'].map(([user, item]) => ({ user, item })),
);

function scores({ items, dim, query }: Scorer, user: number): number[] {
  const row = query(user);
  return Array.from({ length: items.length / dim }, (_, item) =>
    row.reduce((sum, value, k) => sum + value * items[item * dim + k], 0),
  );
}

/** R as rows of 0 and 1; items in order of appearance: 1, 2, 3, 4. */
const R = [
  [1, 1, 1, 0],
  [1, 1, 0, 0],
  [1, 0, 0, 1],
  [1, 1, 0, 1],
];

describe('popularity', () => {
  it('scores by training interactions, the same for all', () => {
    expect(scores(popularity(train), 0)).toEqual([4, 3, 1, 2]);
    expect(scores(popularity(train), 3)).toEqual([4, 3, 1, 2]);
  });
});

describe('item-knn', () => {
  const similarity = (i: number, j: number, shrink = 0) => {
    const column = (item: number) => R.map((row) => row[item]);
    const common = column(i).reduce((sum, value, u) => sum + value * column(j)[u], 0);
    const norm = (item: number) => Math.sqrt(column(item).reduce((a, b) => a + b, 0));
    return i === j ? 0 : common / (norm(i) * norm(j) + shrink);
  };

  it.each([0, 2])('sums cosines over the history, shrink %s', (shrink) => {
    const found = scores(itemKnn(train, { shrink }), 0);
    for (let item = 0; item < 4; item++) {
      const expected = [0, 1, 2].reduce((sum, j) => sum + similarity(item, j, shrink), 0);
      expect(found[item]).toBeCloseTo(expected, 6);
    }
  });

  it('keeps the nearest neighbours only', () => {
    const { items } = itemKnn(train, { neighbours: 1 });
    for (let item = 0; item < 4; item++)
      expect(items.subarray(item * 4, item * 4 + 4).filter((value) => value > 0).length).toBe(1);
    expect(() => itemKnn(train, { neighbours: 0 })).toThrow(OptionError);
    expect(() => itemKnn(train, { shrink: -1 })).toThrow(OptionError);
  });
});

describe('invertPositiveDefinite', () => {
  it.each([8, 120, 128, 136, 264])('inverts %s × %s within 1e-4', async (n) => {
    const values = randomValues(n * n, n);
    const exact = new SmallMatrix(n, n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        const value = values[i * n + j] + (i === j ? n : 0);
        exact.set(i, j, value);
        exact.set(j, i, value);
      }
    }
    const workspace = (await load()).open();
    const a = workspace.matrixFrom(Float32Array.from(exact.to1DArray()), n, n);
    invertPositiveDefinite(workspace, a);
    const expected = inverse(exact).to1DArray();
    const largest = Math.max(...expected.map(Math.abs));
    a.read().forEach((value, at) => {
      expect(Math.abs(value - expected[at])).toBeLessThan(1e-4 * largest);
    });
    workspace.close();
  });
});

describe('ease', () => {
  it('is I − P diag(1/P) with a zero diagonal', async () => {
    const gram = new SmallMatrix(4, 4);
    for (let i = 0; i < 4; i++)
      for (let j = 0; j < 4; j++)
        gram.set(i, j, R.reduce((sum, row) => sum + row[i] * row[j], 0) + (i === j ? 3 : 0));
    const p = inverse(gram);
    const found = scores(await ease(train, { regularization: 3 }), 2);
    for (let item = 0; item < 4; item++) {
      const expected = [0, 3].reduce(
        (sum, j) => sum + (j === item ? 0 : -p.get(j, item) / p.get(item, item)),
        0,
      );
      expect(found[item]).toBeCloseTo(expected, 5);
    }
  });

  it('chooses λ by validation, and refuses bad ones', async () => {
    const split = plantedSplit();
    const found = await chooseEase(split, { grid: [1, 1e6] });
    const each = await Promise.all(
      [1, 1e6].map(async (regularization) => {
        const scorer = await ease(split.train, { regularization });
        return (await evaluateScorer(scorer, split, { part: 'valid', ks: [10] })).means['ndcg@10'];
      }),
    );
    expect(found.valid).toBe(Math.max(...each));
    expect(found.regularization).toBe([1, 1e6][each.indexOf(found.valid)]);
    for (const regularization of [0, -1, Number.NaN])
      await expect(ease(train, { regularization })).rejects.toThrow(OptionError);
    await expect(chooseEase(split, { grid: [] })).rejects.toThrow(OptionError);
  });

  it.skipIf(!sharedData)(
    'has the published quality on amazon-office split s0 (needs ../shared/data)',
    async () => {
      const read = async (part: string) => {
        const path = join(sharedData!, 'golden/office-splits', `s0.${part}.inter`);
        return (await readInteractions(openSource(path), { name: path })).interactions;
      };
      const split = alignSplit(await read('train'), await read('valid'), await read('test'));
      const at10 = async (scorer: Scorer) => (await evaluateScorer(scorer, split, { ks: [10] })).means;
      const found = await at10(await ease(split.train, { regularization: 50 }));
      expect(found['recall@10']).toBeCloseTo(0.1055, 3);
      expect(found['ndcg@10']).toBeCloseTo(0.0569, 3);
      expect((await at10(popularity(split.train)))['recall@10']).toBeCloseTo(0.045, 3);
    },
  );
});
