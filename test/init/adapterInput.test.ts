import { describe, expect, it } from 'vitest';
import { adapterInput } from '../../src/init/adapterInput.ts';
import { initialize } from '../../src/init/initialize.ts';
import { adapterRows } from '../../src/models/parameters/adapterRows.ts';
import { embeddings, embeddingsOf, ITEMS, run, train, WIDTH } from './sample.ts';

describe('adapterInput', () => {
  it('starts from the map whose rows are those of pca', async () => {
    const { features, width, start } = await adapterInput(train, embeddings, { dim: 5 });
    expect(width).toBe(WIDTH);
    const rows = adapterRows({ width, dim: 5, linear: start, branch: null }, features);
    const { items } = await run('pca');
    rows.forEach((value, n) => {
      expect(value).toBeCloseTo(items[n], 4);
    });
  });

  it('gives users the mean vector of their items, of all items where they have none', async () => {
    const some = embeddingsOf([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const options = { strategy: 'adapter', dim: 5, adapterUsers: 'mapped' } as const;
    const { features, userFeatures, width } = (await initialize(train, some, options)).adapter!;
    for (let user = 0; user < train.numUsers; user++) {
      const met = Array.from(train.items).filter((item, n) => train.users[n] === user && item < 10);
      const own = met.length > 0 ? met : [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
      for (let k = 0; k < width; k++) {
        const mean = own.reduce((sum, item) => sum + features[item * width + k], 0) / own.length;
        expect(userFeatures![user * width + k]).toBeCloseTo(mean, 6);
      }
    }
    expect((await initialize(train, some, { ...options, adapterUsers: 'own' })).adapter).not.toHaveProperty(
      'userFeatures',
    );
  });

  it('has zeros where an item has no vector', async () => {
    const { features } = await adapterInput(train, embeddingsOf([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), { dim: 5 });
    expect(features.subarray(10 * WIDTH).every((value) => value === 0)).toBe(true);
    expect(features.length).toBe(ITEMS * WIDTH);
  });
});
