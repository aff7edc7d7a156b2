import { describe, expect, it } from 'vitest';
import { Interactions } from '../../../src/data/interactions.ts';
import { evaluate } from '../../../src/evaluate/evaluate.ts';
import { initialize } from '../../../src/init/initialize.ts';
import { lightgcn } from '../../../src/models/lightgcn.ts';
import { keptPairs, prunePairs } from '../../../src/models/losses/prunePairs.ts';
import { ADAM } from '../../../src/models/parameters/optimizer.ts';
import { load } from '../../../src/runtime/load.ts';
import { PURPOSE, Random } from '../../../src/runtime/random.ts';
import { fit } from '../../../src/train/fit.ts';
import type { FitOptions } from '../../../src/train/options.ts';
import { adjacency, batch, e0, edges, maxDifference, numItems, numUsers } from '../../reference/sample.ts';
import { lightGcnLoss, propagate } from '../../reference.ts';
import { plantedSplit } from '../planted.ts';
import { graphOf, openModel, SGD } from '../smallGraph.ts';

const runtime = await load();
/** Of the number in an id: the group that it is of. */
const isEven = (id: string) => Number(id.slice(1)) % 2 === 0;

describe('pruning', () => {
  it('keeps the whole number of pairs below the share that stays, and one at least', () => {
    const cases = [
      [100, 0.71, 29],
      [1024, 0.71, 296],
      [10, 0.5, 5],
      [3, 0.5, 1],
      [2, 0.9, 1],
      [7, 0, 7],
    ];
    for (const [count, share, kept] of cases) expect(keptPairs(count, share)).toBe(kept);
  });

  it('keeps the smallest losses, of equals the first, and leaves what is no number to be seen', () => {
    const workspace = runtime.open();
    const pruned = (values: readonly number[], kept: number) => {
      const [losses, slopes] = [workspace.f32(8), workspace.f32(8)];
      losses.view.set(values);
      slopes.view.fill(-1, 0, values.length);
      prunePairs(losses, slopes, values.length, kept);
      const used = losses.view.subarray(0, values.length);
      expect([...slopes.view.subarray(0, values.length)]).toEqual(
        [...used].map((loss, n) => (loss === 0 && values[n] !== 0 ? 0 : -1)),
      );
      return [...used];
    };
    expect(pruned([3, 1, 2, 5, 4], 3)).toEqual([3, 1, 2, 0, 0]);
    expect(pruned([2, 1, 2, 2, 1], 3)).toEqual([2, 1, 0, 0, 1]);
    expect(pruned([1, 1, 1], 1)).toEqual([1, 0, 0]);
    expect(pruned([1, Number.NaN, 2], 1)).toEqual([1, Number.NaN, 2]);
    expect(pruned([1, Number.POSITIVE_INFINITY], 1)).toEqual([1, Number.POSITIVE_INFINITY]);
  });

  it('of a batch has the loss and the gradient of the pairs that stay alone', () => {
    const layers = 2;
    const z = propagate(e0, adjacency, layers).data;
    const dot = (a: number, b: number) => {
      let sum = 0;
      for (let c = 0; c < e0.cols; c++) sum += z[a * e0.cols + c] * z[b * e0.cols + c];
      return sum;
    };
    const { users, positives, negatives } = batch;
    const places = Array.from(users, (_, b) => b);
    const margin = (b: number) => dot(users[b], positives[b]) - dot(users[b], negatives[b]);
    const stay = places.sort((a, b) => margin(b) - margin(a) || a - b).slice(0, keptPairs(users.length, 0.6));
    const of = (column: ArrayLike<number>) => stay.sort((a, b) => a - b).map((b) => column[b]);
    const kept = { users: of(users), positives: of(positives), negatives: of(negatives) };
    expect(stay.length).toBeLessThan(users.length);
    const expected = lightGcnLoss(e0, adjacency, kept as never, { layers, reg: 0, gamma: 1e-10 });
    const { model, batch: rows } = openModel(
      runtime,
      lightgcn,
      graphOf(numUsers, numItems, edges),
      e0,
      batch,
      {
        ...{ layers, optimizer: SGD, loss: { name: 'bpr', prune: 0.6 } },
        regularization: { weight: 0, form: 'norm' },
      },
    );
    expect(model.step(rows)).toBeCloseTo(expected.loss, 5);
    const gradient = model.parameters.values().map((value, n) => e0.data[n] - value);
    expect(maxDifference(gradient, expected.gradient.data)).toBeLessThan(2e-6);
  });

  it.each(['bpr-mf', 'lightgcn'] as const)('helps %s where many interactions are wrong', async (model) => {
    const clean = plantedSplit(30, 30, 12);
    const { train } = clean;
    const random = new Random(3, PURPOSE.synthetic);
    // Five items of the other group for everybody.
    const wrong = train.userIds.flatMap((user, n) => {
      const others = train.itemIds.flatMap((item, at) => (isEven(item) === isEven(user) ? [] : [at]));
      return Array.from(random.shuffle(Int32Array.from(others)).subarray(0, 5), (item) => [n, item]);
    });
    const noisy = new Interactions({
      ...{ userTable: train.userTable, itemTable: train.itemTable },
      users: Int32Array.from([...train.users, ...wrong.map(([user]) => user)]),
      items: Int32Array.from([...train.items, ...wrong.map(([, item]) => item)]),
    });
    const initial = await initialize(noisy, null, { dim: 12, seed: 1 });
    const ndcg = async (loss: FitOptions['loss']) => {
      const options = { model, epochs: 10, batchSize: 64, optimizer: { ...ADAM, learningRate: 0.01 }, loss };
      const { factors } = await fit({ ...clean, train: noisy, valid: noisy.subset([]) }, initial, options);
      return (await evaluate(factors, clean)).means['ndcg@10'];
    };
    const [pruned, whole] = [await ndcg({ name: 'bpr', prune: 0.71 }), await ndcg({ name: 'bpr' })];
    expect(pruned).toBeGreaterThan(1.3 * whole);
  });

  it('is refused out of range, and beside other losses', async () => {
    const split = plantedSplit();
    const initial = await initialize(split.train, null, { dim: 4 });
    for (const prune of [1, -0.1, Number.NaN, '0.5'])
      await expect(fit(split, initial, { loss: { name: 'bpr', prune } as never })).rejects.toThrow(
        /loss\.prune/,
      );
    const loss = { name: 'softmax', prune: 0.5 } as never;
    await expect(fit(split, initial, { loss })).rejects.toThrow(/prune/);
  });
});
