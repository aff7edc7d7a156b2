import { expect, it, vi } from 'vitest';
import { trainingSummary } from '../../src/cli/trainingSummary.ts';
import { Embeddings, TrainingData, type TrainOptions, train } from '../../src/index.ts';
import { sampledUsers } from '../../src/recipe/validationSample.ts';
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

it('says by how many users epochs and choices were validated, where they are not all', async () => {
  const split = plantedSplit(12, 6, 4);
  const lines = async (options: TrainOptions, sampled: boolean) => {
    const data = new TrainingData(split, null);
    const valid = sampledUsers(split.valid, 6);
    if (sampled) vi.spyOn(data, 'sampled', 'get').mockReturnValue({ ...split, valid });
    return trainingSummary(await train(data, { ...options, epochs: 2, dim: 8 }), null, 0, null).join('\n');
  };
  expect(await lines({ model: 'lightgcn' }, true)).toMatch(/best epoch \d of 2 by 6 users \(/);
  expect(await lines({}, true)).toMatch(/validation NDCG@10 [\d.]+ by 6 of 24 users;/);
  for (const options of [{ model: 'lightgcn' } as const, {}])
    expect(await lines(options, false)).not.toMatch(/ by \d/);
});
