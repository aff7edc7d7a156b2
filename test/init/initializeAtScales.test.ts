import { beforeEach, describe, expect, it, vi } from 'vitest';
import { graphPrincipalCoordinates } from '../../src/init/graphPca.ts';
import { initialize, initializeAtScales } from '../../src/init/initialize.ts';
import { embeddings, embeddingsOf, train } from './sample.ts';

vi.mock('../../src/init/graphPca.ts', { spy: true });

beforeEach(() => vi.clearAllMocks());

describe('initializeAtScales', () => {
  it('gives the tables of initialize at each scale, for one graph PCA', async () => {
    const options = { strategy: 'graph-pca', dim: 5, pooling: 'max' } as const;
    const some = embeddingsOf([0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
    const all = await initializeAtScales(train, some, options, [1, 2, undefined]);
    expect(graphPrincipalCoordinates).toHaveBeenCalledTimes(1);
    expect(all).toEqual([
      await initialize(train, some, { ...options, scale: 1 }),
      await initialize(train, some, { ...options, scale: 2 }),
      await initialize(train, some, options),
    ]);
  });

  it('doubles all rows from one scale to the next power of two, bit for bit', async () => {
    const [one, two] = await initializeAtScales(train, embeddings, { strategy: 'graph-pca', dim: 5 }, [1, 2]);
    for (const part of ['users', 'items'] as const)
      expect(two[part]).toEqual(one[part].map((value) => 2 * value));
  });

  it('refuses a scale before anything is computed', async () => {
    const job = initializeAtScales(train, embeddings, { strategy: 'graph-pca', dim: 5 }, [1, 0]);
    await expect(job).rejects.toThrow(/expected scale to be a number > 0, received 0/);
    expect(graphPrincipalCoordinates).not.toHaveBeenCalled();
  });
});
