import { describe, expect, it } from 'vitest';
import type { Graph } from '../../src/data/graph.ts';
import { OptionError, ShapeError } from '../../src/errors.ts';
import { evaluate } from '../../src/evaluate/evaluate.ts';
import type { ModelOptions } from '../../src/models/descriptor.ts';
import { LOSS_OPTION, type LossOptions, RANKING_LOSSES } from '../../src/models/losses/registry.ts';
import { ADAM } from '../../src/models/parameters/optimizer.ts';
import { describeModel, MODELS, type ModelName } from '../../src/models/registry.ts';
import { SEQUENCE_LOSSES, type SequenceLossName } from '../../src/models/sequences/losses.ts';
import { load } from '../../src/runtime/load.ts';
import { countBytes } from '../../src/runtime/workspace.ts';
import { encodeModel } from '../../src/serve/modelFile/encode.ts';
import { Recommender } from '../../src/serve/recommender.ts';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../../src/train/checkpoint.ts';
import { fit } from '../../src/train/fit.ts';
import { FIT_OPTIONS } from '../../src/train/fitOptions.ts';
import type { FitOptions } from '../../src/train/options.ts';
import { modelFrom } from '../../src/train/trainedModel.ts';
import { randomIndices } from '../kernels/harness.ts';
import { batch, e0, edges, numItems, numUsers } from '../reference/sample.ts';
import { initial, interrupted, quick, split } from '../train/plantedFit.ts';
import { codesFor } from './identityCodes.ts';
import { DEFAULTS, gradientOf, graphOf, openModel, SGD } from './smallGraph.ts';

// What every model that `fit` trains must pass, by being in the registry; and with every ranking loss that it takes.

const LOSSES: readonly LossOptions[] = [
  // The default is what every model has without the option.
  ...RANKING_LOSSES.map(({ name }) => ({ name })).filter(({ name }) => name !== LOSS_OPTION.default.name),
  { name: 'softmax', candidates: 'sampled', similarity: 'dot' },
  { name: 'softmax', candidates: 'all', softmaxTemperature: 0.5 },
];

interface Case {
  readonly title: string;
  readonly model: ModelName;
  readonly loss?: LossOptions;
  readonly sequenceLoss?: SequenceLossName;
}

const CASES: readonly Case[] = MODELS.flatMap((model) => [
  { title: model, model },
  ...(describeModel(model).options.includes('loss') ? LOSSES : []).map((loss) => ({
    ...{ title: `${model} by ${JSON.stringify(loss)}`, model, loss },
  })),
  ...(describeModel(model).options.includes('sequenceLoss') ? SEQUENCE_LOSSES : []).map((sequenceLoss) => ({
    ...{ title: `${model} by ${sequenceLoss}`, model, sequenceLoss },
  })),
]);

const SIZES = [
  { users: 3, items: 2, edges: 5, dim: 3, batchSize: 2 },
  { users: 400, items: 900, edges: 5000, dim: 20, batchSize: 64 },
  { users: 900, items: 300, edges: 3000, dim: 64, batchSize: 1024 },
];

/** What is known of a graph before it is built. */
function sizeOf({ numUsers: users, numItems: items, numNodes, numEdges, maxDegree, userDegrees }: Graph) {
  return { numUsers: users, numItems: items, numNodes, numEdges, maxDegree, userDegrees };
}

const runtime = await load();
/** As a file keeps it. */
function reread(checkpoint: Checkpoint): Checkpoint {
  return decodeCheckpoint(encodeCheckpoint(checkpoint), 'checkpoint');
}

describe.each(CASES)('the contract of models: $title', ({ title: _, model, ...losses }) => {
  const descriptor = describeModel(model);
  const ofSequences = descriptor.kind === 'sequence';
  const sized: FitOptions = ofSequences ? { ...quick, batchSize: 8, hiddenDropout: 0.1 } : quick;
  const codes = codesFor(model, split.train.numItems);
  const options: FitOptions = { ...sized, model, ...losses, ...codes };

  it('has the gradient of its loss by finite differences, isolated nodes and repeats included', () => {
    const graph = graphOf(numUsers, numItems, edges);
    const own: Partial<ModelOptions> = {
      ...{ optimizer: SGD, temperature: 0.5, sslWeight: 0.5, ...losses, ...codesFor(model, numItems) },
      regularization: { weight: 0.03, form: 'squared' },
    };
    const at = (data: Float64Array) => openModel(runtime, descriptor, graph, { ...e0, data }, batch, own);
    const lossAt = (data: Float64Array) => {
      const opened = at(data);
      return opened.model.step(opened.batch);
    };
    const { model: trained, batch: rows } = at(e0.data);
    trained.step(rows);
    const gradient = gradientOf(trained, ofSequences ? e0.data.slice(numUsers * e0.cols) : e0.data);
    const largest = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0.1);
    const step = 2 ** -6;
    // A model of sequences has rows of items alone.
    const first = ofSequences ? numUsers * e0.cols : 0;
    for (let n = first; n < e0.data.length; n += 3) {
      const shifted = (by: number) => lossAt(e0.data.with(n, e0.data[n] + by));
      const slope =
        (8 * (shifted(step) - shifted(-step)) - (shifted(2 * step) - shifted(-2 * step))) / (12 * step);
      expect(Math.abs(gradient[n - first] - slope) / largest, `element ${n}`).toBeLessThan(2e-3);
    }
  });

  it('takes to the byte what its layout counts, and nothing more while it trains', () => {
    for (const { users, items, edges: count, dim, batchSize } of SIZES) {
      const pairs = new Set(randomIndices(count, users * items));
      const graph = graphOf(
        users,
        items,
        Array.from(pairs, (p) => [Math.floor(p / items), p % items]),
      );
      const { min, max = 4 } = descriptor.layers;
      for (const layers of new Set([Math.max(min, Math.min(1, max)), Math.min(2, max), max])) {
        for (const augmentation of ['ED', 'RW'] as const) {
          const views = { layers, batchSize, augmentation, ...codesFor(model, items) };
          const own: ModelOptions = { ...DEFAULTS, ...views, ...losses };
          const counted = countBytes((empty) => descriptor.create(empty, sizeOf(graph), dim, own));
          const workspace = runtime.open(counted);
          const trained = descriptor.create(workspace, graph, dim, own);
          trained.start(graph, new Float32Array(graph.numNodes * dim).fill(0.1));
          trained.beginEpoch(1);
          trained.propagate();
          const what = `${users} × ${items}, dim ${dim}, ${layers} layers, ${augmentation}`;
          expect(workspace.peakBytes, what).toBe(counted);
        }
      }
    }
  });

  it('lowers its loss', async () => {
    const { history } = await fit(split, initial, { ...options, epochs: 30, patience: 30 });
    expect(history[29].loss).toBeLessThan(0.95 * history[0].loss);
    expect(history.every(({ loss: value }) => Number.isFinite(value))).toBe(true);
  });

  it('finds the planted groups: recall@7 of at least 0.8, where chance is 7/18', async () => {
    // At ten times the rate binary cross entropy learns the pairs by heart first.
    const optimizer = { ...ADAM, learningRate: 0.003 };
    const { factors } = await fit(split, initial, { ...options, optimizer, epochs: 60, patience: 60 });
    const { means } = await evaluate(factors, split, { ks: [7] });
    expect(means['recall@7']).toBeGreaterThanOrEqual(0.8);
  });

  it('gives the same bytes for the same seed and other bytes for another', async () => {
    const run = (seed: number) => fit(split, initial, { ...options, seed, epochs: 3 });
    const [first, again, other] = [await run(7), await run(7), await run(8)];
    expect(again.parameters).toEqual(first.parameters);
    expect(again.factors).toEqual(first.factors);
    expect(other.parameters).not.toEqual(first.parameters);
  });

  it.each([1, 13, 40])(
    'goes on after an interruption at batch %i as if there had been none',
    async (batches) => {
      const whole = await fit(split, initial, options);
      const resumed = await fit(split, initial, {
        ...options,
        resume: reread(await interrupted(options, batches)),
      });
      expect(resumed.parameters).toEqual(whole.parameters);
      expect(resumed.factors).toEqual(whole.factors);
      expect(resumed.history).toEqual(whole.history);
      expect(resumed.bestEpoch).toBe(whole.bestEpoch);
    },
  );

  it('is saved, opened and served', async () => {
    const { factors } = await fit(split, initial, { ...options, epochs: 2 });
    const recommender = await Recommender.open(encodeModel(modelFrom(split, factors)));
    const [user] = split.train.userIds;
    const { items, users, dim } = factors;
    const score = (item: string) => {
      const at = split.train.itemIds.indexOf(item);
      return users.subarray(0, dim).reduce((sum, value, c) => sum + value * items[at * dim + c], 0);
    };
    for (const { id, score: found } of recommender.recommend(user, { k: 5 }))
      expect(found).toBeCloseTo(score(id), 4);
  });

  it('refuses what does not fit', async () => {
    const { layers, create } = descriptor;
    const graph = graphOf(numUsers, numItems, edges);
    const short = { ...e0, data: e0.data.slice(5) };
    expect(() => openModel(runtime, { create, layers } as never, graph, short, batch)).toThrow(ShapeError);
    for (const wrong of [layers.min - 1, (layers.max ?? 0.5) + 1, Number.NaN])
      await expect(fit(split, initial, { ...options, layers: wrong })).rejects.toThrow(OptionError);
    const unread = ['temperature', 'sslWeight', 'augmentation', 'dropout', 'loss', 'regularization'] as const;
    for (const name of unread) {
      if (descriptor.options.includes(name)) continue;
      const given = { ...options, [name]: FIT_OPTIONS[name].default };
      await expect(fit(split, initial, given), name).rejects.toThrow(`Leave ${name} out`);
    }
  });
});

describe('the ranking loss', () => {
  it('is refused where it is unknown, its options are out of range, or not its own', async () => {
    for (const loss of [
      { name: 'hinge' },
      { name: 'bpr', candidates: 'all' },
      { name: 'softmax', candidates: 'some' },
      { name: 'softmax', softmaxTemperature: 0 },
    ])
      await expect(fit(split, initial, { ...quick, loss: loss as never })).rejects.toThrow(OptionError);
  });

  it('takes no negatives one by one where it brings candidates of its own', async () => {
    const run = fit(split, initial, { ...quick, loss: { name: 'softmax' }, negatives: { name: 'hard' } });
    await expect(run).rejects.toThrow(/Leave negatives out/);
  });
});
