import { expect, it } from 'vitest';
import { trainingSummary } from '../../src/cli/trainingSummary.ts';
import { Embeddings, train } from '../../src/index.ts';
import { plantedSplit } from '../models/planted.ts';

it('says where the vectors allow fewer columns than the usual ones', async () => {
  const split = plantedSplit(6, 6, 4);
  const ids = split.train.itemIds;
  const vectors = Float32Array.from({ length: 4 * ids.length }, (_, n) => Math.fround(Math.sin(n * n)));
  const embeddings = new Embeddings({ ids, width: 4, vectors, source: 'test' });
  const how = { init: 'pca', epochs: 1 } as const;
  const [reduced] = trainingSummary(await train({ split, embeddings }, how), null, 0, null);
  expect(reduced).toMatch(/dim 4 \(of 128: the vectors have no more\)/);
  const [asked] = trainingSummary(await train({ split, embeddings }, { ...how, dim: 3 }), null, 0, null);
  expect(asked).toMatch(/dim 3, init pca/);
});
