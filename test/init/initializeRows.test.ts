import { beforeAll, describe, expect, it } from 'vitest';
import { DataError } from '../../src/errors.ts';
import { POOLINGS } from '../../src/init/pooling.ts';
import type { Initialization } from '../../src/init/tables.ts';
import { columnMeans, poolUsers, toMatrix } from '../reference.ts';
import { ACTIVE, csr, embeddingsOf, expectClose, ITEMS, run, USERS, vectors, WIDTH } from './sample.ts';

describe('user rows', () => {
  it.each(POOLINGS)(
    'are the %s of the final item rows, rescaled and Xavier ones included',
    async (pooling) => {
      const some = embeddingsOf([0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
      for (const strategy of ['variance', 'pca'] as const) {
        const { users, items, usersWithoutItems } = await run(strategy, { pooling, scale: 2 }, some);
        expectClose(users, poolUsers(csr, toMatrix(items, ITEMS, 5), pooling), 5e-6);
        expect(usersWithoutItems).toBe(USERS - ACTIVE);
      }
    },
  );

  it('are the mean of all item rows for users without items', async () => {
    const { users, items } = await run('variance');
    expectClose(users.slice(-5), { rows: 1, cols: 5, data: columnMeans(toMatrix(items, ITEMS, 5)) });
  });
});

describe('items without an embedding', () => {
  let whole: Initialization;
  let xavier: Initialization;
  beforeAll(async () => {
    [whole, xavier] = [await run('uniform', { seed: 4 }), await run('xavier', { seed: 4 })];
  });
  const row = (rows: Float32Array, item: number) => [...rows.subarray(item * 5, (item + 1) * 5)];

  it('get the Xavier row of their place and are listed; the others keep theirs in any order of ids', async () => {
    const shuffled = [19, 3, 4, 0, 1, 2, 5, 6, 8, 9, 18, 10, 11, 12, 13, 14, 15, 16];
    const { items, itemsWithoutEmbedding } = await run('uniform', { seed: 4 }, embeddingsOf(shuffled));
    expect(itemsWithoutEmbedding).toEqual([7, 17]);
    for (let item = 0; item < ITEMS; item++) {
      expect(row(items, item)).toEqual(row(item === 7 || item === 17 ? xavier.items : whole.items, item));
    }
  });

  it('are those with a vector of zeros too: no row is silently zero', async () => {
    const zeroed = vectors.map((value, n) => (Math.floor(n / WIDTH) === 7 ? 0 : value));
    const from = embeddingsOf([...Array(ITEMS).keys()], zeroed);
    const { items, itemsWithoutEmbedding } = await run('uniform', { seed: 4 }, from);
    expect(itemsWithoutEmbedding).toEqual([7]);
    expect(row(items, 7)).toEqual(row(xavier.items, 7));
  });

  it('cannot be all of them', async () => {
    const zeros = embeddingsOf([0, 1], new Float32Array(ITEMS * WIDTH));
    await expect(run('variance', {}, zeros)).rejects.toThrow('received zeros for all 20 items');
    await expect(run('variance', {}, embeddingsOf([]))).rejects.toThrow(DataError);
  });
});
