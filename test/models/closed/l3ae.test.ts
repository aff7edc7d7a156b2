import { inverse, Matrix as SmallMatrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { interactionsToCsr } from '../../../src/data/csr.ts';
import { Interactions } from '../../../src/data/interactions.ts';
import { combineEmbeddings } from '../../../src/embed/combine.ts';
import { Embeddings } from '../../../src/embed/embeddings.ts';
import { BudgetError, DataError, OptionError } from '../../../src/errors.ts';
import { ease } from '../../../src/models/closed/ease.ts';
import { encodeItemShard, ItemShards, itemRange } from '../../../src/models/closed/itemShards.ts';
import { l3ae, l3aeColumns, l3aeModels } from '../../../src/models/closed/l3ae.ts';
import { l3aeModel } from '../../../src/models/closed/l3aeModel.ts';
import type { L3aeOptions } from '../../../src/models/closed/l3aeOptions.ts';
import { load } from '../../../src/runtime/load.ts';
import { loadThreads } from '../../../src/runtime/loadThreads.ts';
import { randomValues } from '../../kernels/harness.ts';
import { plantedSplit } from '../planted.ts';
import { denseRows } from './denseRows.ts';

const { train } = plantedSplit();
const { numItems } = train;
const WIDTH = 11;
/** Vectors of all items but two. */
const embeddings = new Embeddings({
  ids: train.itemIds.slice(0, numItems - 2),
  width: WIDTH,
  vectors: randomValues((numItems - 2) * WIDTH, 9),
  source: 'test',
});

/** B of the full problem by its definition, in float64, all signs. */
function definition(interactions: Interactions, given: Embeddings | null, options: L3aeOptions): SmallMatrix {
  const { regularization = 100, textShare = 1, textRegularization = 10, popularityPenalty = 0 } = options;
  const n = interactions.numItems;
  const csr = interactionsToCsr(interactions);
  const x = SmallMatrix.zeros(csr.rows, n);
  interactions.users.forEach((user, p) => {
    x.set(user, interactions.items[p], Math.sqrt(interactions.weights?.[p] ?? 1));
  });
  const g = x.transpose().mmul(x);
  const penalty = SmallMatrix.zeros(n, n);
  for (let i = 0; i < n; i++) penalty.set(i, i, regularization + popularityPenalty * g.get(i, i));
  const p = inverse(SmallMatrix.add(g, penalty));
  const c = given ? textMatrix(given, interactions.itemIds, textRegularization) : SmallMatrix.zeros(n, n);
  const pc = p.mmul(c).mul(textShare * regularization);
  const b = SmallMatrix.zeros(n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++)
      if (i !== j) b.set(i, j, pc.get(i, j) - (p.get(i, j) * (1 + pc.get(j, j))) / p.get(j, j));
  }
  return b;
}

/** EASE with text features as observations: C = −Q / diag(Q) off the diagonal, Q = (FFᵀ + λI)⁻¹. */
function textMatrix(given: Embeddings, itemIds: readonly string[], regularization: number): SmallMatrix {
  const { ids, vectors, width } = combineEmbeddings([{ embeddings: given }], itemIds);
  const n = itemIds.length;
  const f = SmallMatrix.zeros(n, width);
  ids.forEach((id, row) => {
    for (let k = 0; k < width; k++) f.set(itemIds.indexOf(id), k, vectors[row * width + k]);
  });
  const q = inverse(f.mmul(f.transpose()).add(SmallMatrix.eye(n).mul(regularization)));
  const c = SmallMatrix.zeros(n, n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) if (i !== j) c.set(i, j, -q.get(i, j) / q.get(j, j));
  return c;
}

/** All weights of the full problem, of both signs. */
const WHOLE: L3aeOptions = {
  candidates: numItems - 1,
  steps: 30,
  popularityPenalty: 0,
  negative: true,
  entries: Number.POSITIVE_INFINITY,
};
const { candidates: _, steps: __, ...DENSE } = { ...WHOLE, form: 'dense' as const };

function worst(found: Float32Array, expected: SmallMatrix): number {
  return found.reduce(
    (most, value, at) =>
      Math.max(most, Math.abs(value - expected.get(Math.floor(at / numItems), at % numItems))),
    0,
  );
}

describe('l3ae over all items', () => {
  it.each([
    { regularization: 20, textShare: 1, textRegularization: 2 },
    { regularization: 5, textShare: 2.5, textRegularization: 0.5 },
    { regularization: 60, textShare: 0, textRegularization: 10, popularityPenalty: 0.7 },
    { regularization: 60, textShare: 0.5, textRegularization: 10, popularityPenalty: 0.7 },
  ])('is the full model within 1e-6, in both forms: %o', async (given) => {
    const expected = definition(train, embeddings, given);
    const sparse = await l3ae(train, embeddings, { ...WHOLE, ...given });
    const dense = await l3ae(train, embeddings, { ...DENSE, ...given });
    expect(worst(denseRows(sparse.rows), expected)).toBeLessThan(1e-6);
    expect(worst(denseRows(dense.rows), expected)).toBeLessThan(1e-6);
    const listed = { ...WHOLE, ...given, candidates: 2 * numItems, textSearch: 'approximate' } as const;
    expect(worst(denseRows((await l3ae(train, embeddings, listed)).rows), expected)).toBeLessThan(1e-6);
  });

  it('is EASE without text', async () => {
    const exact = denseRows(
      (await ease(train, { regularization: 8, entries: Number.POSITIVE_INFINITY })).rows,
    );
    for (const given of [null, embeddings]) {
      const options = { ...WHOLE, regularization: 8, textShare: 0 };
      const found = denseRows((await l3ae(train, given, options)).rows);
      for (const [at, value] of found.entries()) expect(Math.abs(value - exact[at])).toBeLessThan(1e-6);
    }
  });

  it('counts interactions by their weights', async () => {
    const userTable = tableOf(train.userIds);
    const itemTable = tableOf(train.itemIds);
    const weights = randomValues(train.length, 3, 0.3, 2);
    const { users, items } = train;
    const weighted = new Interactions({ userTable, itemTable, users, items, weights });
    const expected = definition(weighted, embeddings, { regularization: 10 });
    const options = { regularization: 10 };
    const listed = { ...WHOLE, candidates: 2 * numItems, textSearch: 'approximate' } as const;
    for (const how of [WHOLE, DENSE, listed]) {
      const found = denseRows((await l3ae(weighted, embeddings, { ...how, ...options })).rows);
      expect(worst(found, expected)).toBeLessThan(1e-6);
    }
  });
});

function tableOf(ids: readonly string[]) {
  return { ids, size: ids.length, index: (id: string) => ids.indexOf(id) } as never;
}

describe('l3ae', () => {
  it('has the same bytes with any number of threads, and in one go with other settings', async () => {
    const split = plantedSplit(300, 200, 12);
    const vectors = randomValues(split.train.numItems * 24, 4);
    const given = new Embeddings({ ids: split.train.itemIds, width: 24, vectors, source: 'test' });
    const single = await l3ae(split.train, given, { candidates: 40 });
    for (const threads of [2, 3]) {
      const runtime = await loadThreads({ threads, onFallback: () => {} });
      expect((await l3ae(split.train, given, { candidates: 40, runtime })).rows).toEqual(single.rows);
      const listed = { candidates: 40, textSearch: 'approximate' } as const;
      const rows = await l3ae(split.train, given, { ...listed, runtime });
      expect(rows.rows).toEqual((await l3ae(split.train, given, listed)).rows);
      runtime.close();
    }
    const several = await l3aeModels(split.train, given, [
      { candidates: 40, regularization: 20 },
      { candidates: 40 },
      { form: 'dense' },
    ]);
    expect(several[1].rows).toEqual(single.rows);
    expect(several[0].rows).not.toEqual(single.rows);
    expect(several[2].rows).toEqual((await l3ae(split.train, given, { form: 'dense' })).rows);
  });

  it('keeps weights above 0 only, and rows within their budgets', async () => {
    const split = plantedSplit(300, 200, 12);
    const { rows } = await l3ae(split.train, null, { entries: 6, regularization: 20 });
    expect(rows.weights.every((weight) => weight > 0)).toBe(true);
    expect(rows.indices.length).toBeLessThan(7 * split.train.numItems);
    const all = await l3ae(split.train, null, { entries: Number.POSITIVE_INFINITY, regularization: 20 });
    expect(all.rows.indices.length).toBeGreaterThan(rows.indices.length);
  });

  it('recommends items without a single click from their texts', async () => {
    const kept = [...train.items.keys()].filter((p) => train.items[p] !== 3);
    const vectors = randomValues(numItems * WIDTH, 9);
    vectors.copyWithin(3 * WIDTH, 5 * WIDTH, 6 * WIDTH);
    const given = new Embeddings({ ids: train.itemIds, width: WIDTH, vectors, source: 'test' });
    const { rows } = await l3ae(train.subset(kept), given, { textRegularization: 0.5 });
    const row = rows.indices.subarray(rows.rowPtr[5], rows.rowPtr[6]);
    expect(row.includes(3)).toBe(true);
  });

  it('takes catalogues of one item and of two', async () => {
    for (const count of [1, 2]) {
      const few = Interactions.from(
        Array.from({ length: 3 * count }, (_, n) => ({ user: `u${n % 3}`, item: `i${Math.floor(n / 3)}` })),
      );
      const { rows } = await l3ae(few, null, {});
      expect(rows.indices.length).toBe(count === 1 ? 0 : 2);
    }
  });

  it('reports how far it is, and stops when aborted', async () => {
    const seen: number[] = [];
    await l3ae(train, null, { onProgress: ({ done }) => seen.push(done) });
    expect(seen.at(-1)).toBe(numItems);
    const signal = AbortSignal.abort(new Error('enough'));
    for (const form of ['sparse', 'dense'] as const)
      await expect(l3ae(train, embeddings, { signal, form })).rejects.toThrow('enough');
  });

  it.each<[string, Embeddings | null, L3aeOptions]>([
    ['clicks alone', null, {}],
    ['text', embeddings, {}],
    ['text found by clusters', embeddings, { textSearch: 'approximate', candidates: 12 }],
  ])('gives the same rows where jobs solve parts of the items: %s', async (_, given, options) => {
    const models = [{ ...options, regularization: 50 }, options];
    const whole = await l3aeModels(train, given, models);
    const mark = { of: 3, digest: 'd' };
    const files = await Promise.all(
      [2, 3, 1].map(async (number) => {
        const columns = await l3aeColumns(train, given, models, itemRange(numItems, { number, of: 3 }));
        return { name: `${number}`, bytes: encodeItemShard({ ...mark, number }, columns) };
      }),
    );
    const shards = ItemShards.open(files, 'd', numItems);
    const joined = await l3aeModels(train, given, models, (model) => shards.columns(model));
    expect(joined.map(({ rows }) => rows)).toEqual(whole.map(({ rows }) => rows));
    expect(() => ItemShards.open(files, 'e', numItems)).toThrow('a shard of these data and options');
    expect(() => ItemShards.open(files.slice(1), 'd', numItems)).toThrow(
      'expected all 3 shards, received 2: 2/3',
    );
    expect(() => ItemShards.open([...files, files[0]], 'd', numItems)).toThrow('received 2/3 twice');
  });

  it('refuses options out of range, vectors that tell nothing, and jobs beyond the memory', async () => {
    for (const regularization of [0, -5, Number.NaN])
      await expect(l3ae(train, null, { regularization })).rejects.toThrow(OptionError);
    await expect(l3ae(train, null, { textShare: -0.1 })).rejects.toThrow(
      /textShare to be a number ≥ 0, received -0.1/,
    );
    await expect(l3ae(train, null, { textRegularization: 0 })).rejects.toThrow(OptionError);
    await expect(l3ae(train, null, { form: 'dense', candidates: 5 })).rejects.toThrow('nothing reads it');
    const two = l3aeModels(train, embeddings, [{ textRegularization: 2 }, {}]);
    await expect(two).rejects.toThrow('one textRegularization for all models, received 2 and 10');
    await expect(l3ae(train, null, { lambda: 5 } as never)).rejects.toThrow(OptionError);
    const vectors = new Float32Array(numItems * 3).fill(1);
    const equal = new Embeddings({ ids: train.itemIds, width: 3, vectors, source: 'test' });
    await expect(l3ae(train, equal)).rejects.toThrow(DataError);
    const foreign = new Embeddings({
      ids: ['x', 'y'],
      width: 3,
      vectors: vectors.slice(0, 6),
      source: 'test',
    });
    await expect(l3ae(train, foreign)).rejects.toThrow(DataError);
    const runtime = await load({ maxMemoryBytes: 65536 });
    const wide = plantedSplit(50, 1500, 7).train;
    await expect(l3ae(wide, null, { runtime })).rejects.toThrow(BudgetError);
  });
});

it('counts the work of searching by text by near clusters where the catalogue is large', () => {
  const seconds = (items: number) => l3aeModel.textWork!(items, 256) / 4e9;
  expect(seconds(20_000)).toBeCloseTo(25.6);
  // All 200,000 × 200,000 products would be 2,560 s, more than the budget of a choice among models.
  expect(seconds(200_000)).toBeLessThan(120);
});
