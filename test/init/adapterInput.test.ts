import { describe, expect, it } from 'vitest';
import { adapterInput } from '../../src/init/adapterInput.ts';
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

  it('has zeros where an item has no vector', async () => {
    const { features } = await adapterInput(train, embeddingsOf([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), { dim: 5 });
    expect(features.subarray(10 * WIDTH).every((value) => value === 0)).toBe(true);
    expect(features.length).toBe(ITEMS * WIDTH);
  });
});
