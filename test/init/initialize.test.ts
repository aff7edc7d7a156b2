import { describe, expect, it } from 'vitest';
import { DataError, OptionError } from '../../src/errors.ts';
import { initialize } from '../../src/init/initialize.ts';
import type { Pooling } from '../../src/init/pooling.ts';
import { STRATEGIES, type Strategy } from '../../src/init/strategies/index.ts';
import { worstRatio } from '../kernels/harness.ts';
import {
  columnMeans,
  columnVariances,
  gatherColumns,
  gatherRows,
  type Matrix,
  normalizedRows,
  rowOf,
  toMatrix,
  topK,
} from '../reference.ts';
import {
  embeddings,
  embeddingsOf,
  expectClose,
  ITEMS,
  mean,
  norms,
  run,
  table,
  train,
  USERS,
  vectors,
  WIDTH,
} from './sample.ts';

describe.each(STRATEGIES)('%s', (strategy) => {
  it('gives the same bytes for the same seed', async () => {
    const first = await run(strategy, { seed: 3 });
    expect(await run(strategy, { seed: 3 })).toEqual(first);
    expect(first.users.every(Number.isFinite) && first.items.every(Number.isFinite)).toBe(true);
    expect([first.users.length, first.items.length]).toEqual([USERS * first.dim, ITEMS * first.dim]);
  });

  it('gives rows of the mean norm asked for, by one factor for all', async () => {
    const plain = await run(strategy);
    const { items } = await run(strategy, { scale: 0.3 });
    expect(mean(norms(items, plain.dim))).toBeCloseTo(0.3, 5);
    const factor = 0.3 / mean(norms(plain.items, plain.dim));
    expect(
      worstRatio(
        items,
        plain.items.map((value) => value * factor),
        () => 1e-6,
      ),
    ).toBeLessThanOrEqual(1);
  });
});

describe('xavier', () => {
  it('fills each table within ±√(6/(rows + K)) of its own rows, evenly', async () => {
    const { users, items } = await run('xavier', { dim: 64 });
    for (const [values, rows] of [
      [users, USERS],
      [items, ITEMS],
    ] as const) {
      const bound = Math.sqrt(6 / (rows + 64));
      const extent = Math.max(...values.map(Math.abs));
      expect(extent).toBeLessThanOrEqual(bound * (1 + 1e-6));
      expect(extent).toBeGreaterThan(0.99 * bound);
      expect(Math.abs(mean([...values]))).toBeLessThan(bound / 10);
      expect(mean([...values].map((value) => value * value))).toBeCloseTo(bound ** 2 / 3, 2);
    }
  });

  it('differs by seed and between the tables, and needs no embeddings', async () => {
    const [a, b] = [await run('xavier', { seed: 1 }), await run('xavier', { seed: 2 })];
    expect(b.items).not.toEqual(a.items);
    // The bounds differ, the signs need not: one stream for both tables would repeat them.
    expect(a.users.subarray(0, 50).map(Math.sign)).not.toEqual(a.items.subarray(0, 50).map(Math.sign));
    expect(await initialize(train, null, { dim: 5, seed: 1 })).toEqual(a);
    expect([a.columns, a.varianceKept, a.itemsWithoutEmbedding, a.usersWithoutItems]).toEqual([
      null,
      null,
      [],
      0,
    ]);
  });
});

describe('item rows of column strategies', () => {
  const unit = normalizedRows(table);

  it('are the kept columns of the L2-normalised embeddings', async () => {
    for (const strategy of ['random', 'uniform', 'variance', 'full'] as const) {
      const { items, columns, dim } = await run(strategy);
      expect(columns?.length).toBe(dim);
      expectClose(items, gatherColumns(unit, columns ?? []));
    }
  });

  it('are the kept columns as they are with normalize: false', async () => {
    const { items, columns } = await run('variance', { normalize: false });
    expect([...(columns ?? [])]).toEqual([...topK(columnVariances(table), 5).sort()]);
    expect([...items]).toEqual([...gatherColumns(table, columns ?? []).data]);
  });

  it('keep the share of variance of their columns, a column drawn twice counted once', async () => {
    const variances = columnVariances(unit);
    const share = (columns: Iterable<number>) =>
      mean([...new Set(columns)].map((c) => variances[c])) *
      (new Set(columns).size / variances.reduce((a, b) => a + b));
    for (const options of [{}, { dim: WIDTH, withReplacement: true, strategy: 'random' }] as const) {
      const { columns, varianceKept } = await run('variance', options);
      expect(Math.abs((varianceKept ?? 0) - share(columns ?? []))).toBeLessThan(1e-6);
    }
    expect((await run('full')).varianceKept).toBeCloseTo(1, 6);
  });

  it('come from the variance over the most interacted items with popularFraction', async () => {
    const counts = new Array<number>(ITEMS).fill(0);
    for (const item of train.items) counts[item]++;
    const popular = topK(counts, 4);
    const { columns } = await run('variance', { popularFraction: 0.2 });
    expect([...(columns ?? [])]).toEqual([...topK(columnVariances(gatherRows(unit, popular)), 5).sort()]);
  });

  it('follow variance by default with embeddings', async () => {
    expect(await initialize(train, embeddings, { dim: 5 })).toEqual(await run('variance'));
  });
});

describe('pca', () => {
  it('keeps, of rows centred and normalised again, the inner products that K = N directions can', async () => {
    const unit = normalizedRows(table);
    const means = columnMeans(unit);
    const rows = normalizedRows({ ...unit, data: unit.data.map((value, n) => value - means[n % WIDTH]) });
    const { items, varianceKept, columns } = await run('pca', { dim: WIDTH });
    const found = toMatrix(items, ITEMS, WIDTH);
    // All directions are kept: the rows are rotated, nothing else.
    for (let a = 0; a < ITEMS; a++) {
      for (let b = 0; b <= a; b++) {
        const product = (m: Matrix) => rowOf(m, a).reduce((sum, value, c) => sum + value * rowOf(m, b)[c], 0);
        expect(Math.abs(product(found) - product(rows))).toBeLessThan(1e-5);
      }
    }
    expect(varianceKept).toBeCloseTo(1, 6);
    expect(columns).toBeNull();
  });

  it('has rows of mean norm 1 unless scale says otherwise, and does not depend on the seed', async () => {
    const { items } = await run('pca', { seed: 1 });
    expect(mean(norms(items, 5))).toBeCloseTo(1, 6);
    expect((await run('pca', { seed: 2 })).items).toEqual(items);
  });

  it.each(['pca', 'whiten', 'graph-pca', 'projection'] as const)(
    '%s refuses embeddings that are all the same, whose centred rows are zero',
    async (strategy) => {
      const same = embeddingsOf(
        [...Array(ITEMS).keys()],
        vectors.map((_, n) => vectors[n % WIDTH]),
      );
      const refused = run(strategy, { dim: 1 }, same);
      await expect(refused).rejects.toThrow(DataError);
      await expect(refused).rejects.toThrow('the same one for all 20 items');
    },
  );

  it('refuses a dim above min(N, items − 1)', async () => {
    await expect(run('pca', { dim: 13 })).rejects.toThrow('expected dim ≤ 12');
    await expect(run('pca', { dim: 6 }, embeddingsOf([0, 1, 2, 3, 4, 5]))).rejects.toThrow(
      'expected dim ≤ 5',
    );
  });
});

describe('initialize refuses', () => {
  it.each(STRATEGIES.filter((strategy) => strategy !== 'xavier'))(
    '%s without embeddings',
    async (strategy) => {
      await expect(initialize(train, null, { strategy, dim: 5 })).rejects.toThrow(
        `${strategy} needs embeddings`,
      );
    },
  );

  it('options out of range, each with what was received', async () => {
    for (const options of [
      { dim: 0 },
      { dim: 2.5 },
      { dim: WIDTH + 1 },
      { strategy: 'svd' as Strategy },
      { strategy: 'full', dim: 5 },
      { pooling: 'sum' as Pooling },
      { scale: 0 },
      { scale: Number.NaN },
      { seed: -1 },
      { popularFraction: 2 },
    ] as const) {
      await expect(run('variance', options)).rejects.toThrow(OptionError);
      await expect(run('variance', options)).rejects.toThrow(/received/);
    }
  });
});

it.each(['pca', 'whiten', 'graph-pca', 'adapter'] as const)(
  '%s stops when the signal says so',
  async (name) => {
    const signal = AbortSignal.abort(new Error('never mind'));
    await expect(run(name, { signal })).rejects.toThrow('never mind');
  },
);
