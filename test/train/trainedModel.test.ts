import { describe, expect, it } from 'vitest';
import { interactionsToCsr } from '../../src/data/csr.ts';
import { decodeModel } from '../../src/serve/modelFile/decode.ts';
import { encodeModel } from '../../src/serve/modelFile/encode.ts';
import { modelFrom } from '../../src/train/trainedModel.ts';
import { plantedSplit } from '../models/planted.ts';

const split = plantedSplit();
const { numUsers, numItems } = split.train;
const factors = {
  users: new Float32Array(numUsers * 3).fill(1),
  items: new Float32Array(numItems * 3).fill(2),
  dim: 3,
};

describe('modelFrom', () => {
  it('counts as seen what any part of the split holds, and as degree what training holds', () => {
    const model = decodeModel(encodeModel(modelFrom(split, factors)), 'model');
    const { rowPtr, colIdx } = model.seen!;
    for (let user = 0; user < numUsers; user++) {
      const expected = [split.train, split.valid, split.test].flatMap(({ users, items }) =>
        [...items].filter((_, n) => users[n] === user),
      );
      expect([...colIdx.subarray(rowPtr[user], rowPtr[user + 1])]).toEqual(expected.sort((a, b) => a - b));
    }
    const degrees = new Int32Array(numItems);
    for (const item of split.train.items) degrees[item]++;
    expect(model.itemDegrees).toEqual(degrees);
  });

  it('takes another history, titles, configuration and metrics', () => {
    const seen = interactionsToCsr(split.train);
    const titles = split.train.itemIds.map((id) => `title of ${id}`);
    const options = { seen, itemTitles: titles, config: { dim: 3 }, metrics: { 'ndcg@10': 0.5 } };
    const model = decodeModel(encodeModel(modelFrom(split, factors, options)), 'model');
    expect(model.seen).toEqual({ rowPtr: seen.rowPtr, colIdx: seen.colIdx });
    expect(model.itemTitles).toEqual(titles);
    expect([model.config, model.metrics]).toEqual([{ dim: 3 }, { 'ndcg@10': 0.5 }]);
  });
});
