import { beforeEach, describe, expect, it, vi } from 'vitest';
import { graphPrincipalCoordinates } from '../../src/init/graphPca.ts';
import { initialize, prepareTables } from '../../src/init/initialize.ts';
import { embeddings, embeddingsOf, train } from './sample.ts';

vi.mock('../../src/init/graphPca.ts', { spy: true });

beforeEach(() => vi.clearAllMocks());

describe('prepareTables', () => {
  it('gives the tables of initialize at every scale, for one graph PCA', async () => {
    const options = { strategy: 'graph-pca', dim: 5, pooling: 'max' } as const;
    const some = embeddingsOf([0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
    const tables = await prepareTables(train, some, options);
    const all = [tables(1), tables(2), tables()];
    expect(graphPrincipalCoordinates).toHaveBeenCalledTimes(1);
    expect(all).toEqual([
      await initialize(train, some, { ...options, scale: 1 }),
      await initialize(train, some, { ...options, scale: 2 }),
      await initialize(train, some, options),
    ]);
  });

  it('doubles all rows from one scale to the next power of two, bit for bit', async () => {
    const tables = await prepareTables(train, embeddings, { strategy: 'graph-pca', dim: 5 });
    const [one, two] = [tables(1), tables(2)];
    for (const part of ['users', 'items'] as const)
      expect(two[part]).toEqual(one[part].map((value) => 2 * value));
  });

  it('refuses a scale that is no number above 0', async () => {
    const tables = await prepareTables(train, null, { dim: 5 });
    expect(() => tables(0)).toThrow(/expected scale to be a number > 0, received 0/);
  });
});
