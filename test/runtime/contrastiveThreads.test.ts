import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { initialize } from '../../src/init/initialize.ts';
import { load, type Runtime } from '../../src/runtime/load.ts';
import { loadThreads } from '../../src/runtime/loadThreads.ts';
import { fit } from '../../src/train/fit.ts';
import { plantedSplit } from '../models/planted.ts';

let single: Runtime;
let threaded: Runtime;
beforeAll(async () => {
  single = await load();
  threaded = await loadThreads({ threads: 3 });
});
afterAll(() => threaded.close());

describe('contrastive losses on threads', () => {
  // More than one chunk of 512 rows on both sides of every loss.
  const split = plantedSplit(400, 300, 12);

  for (const model of ['sgl', 'sgcl', 'mixsgcl'] as const) {
    it(`train ${model} to the bytes of one thread`, async () => {
      const initial = await initialize(split.train, null, { dim: 32, seed: 1 });
      const [expected, actual] = await Promise.all(
        [single, threaded].map((runtime) =>
          fit(split, initial, { model, batchSize: 2048, epochs: 2, runtime }),
        ),
      );
      expect(actual).toEqual(expected);
    });
  }

  it('train the softmax over the items of a batch, fewer than a chunk, to the bytes of one thread', async () => {
    const initial = await initialize(split.train, null, { dim: 32, seed: 1 });
    const options = { loss: { name: 'softmax' }, batchSize: 800, epochs: 2 } as const;
    const [expected, actual] = await Promise.all(
      [single, threaded].map((runtime) => fit(split, initial, { ...options, runtime })),
    );
    expect(actual).toEqual(expected);
  });
});
