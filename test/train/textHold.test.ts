import { describe, expect, it } from 'vitest';
import { Embeddings } from '../../src/embed/embeddings.ts';
import { OptionError, ShapeError } from '../../src/errors.ts';
import { evaluate } from '../../src/evaluate/evaluate.ts';
import { adapterInput } from '../../src/init/adapterInput.ts';
import { initialize } from '../../src/init/initialize.ts';
import { adapterRows } from '../../src/models/parameters/adapterRows.ts';
import { describeModel, MODELS } from '../../src/models/registry.ts';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../../src/train/checkpoint.ts';
import { fit } from '../../src/train/fit.ts';
import type { FitOptions } from '../../src/train/options.ts';
import { randomValues } from '../kernels/harness.ts';
import { codesFor } from '../models/identityCodes.ts';
import { plantedSplit } from '../models/planted.ts';

const split = plantedSplit();
const { numUsers, numItems, itemIds } = split.train;
const dim = 6;
const width = 10;
/** Vectors that tell the two groups apart in one column among noise. */
const embeddings = new Embeddings({
  ids: itemIds,
  width,
  vectors: randomValues(numItems * width, 4).map((value, n) =>
    n % width === 3 ? (Number(itemIds[Math.floor(n / width)].slice(1)) % 2) * 2 - 1 : value,
  ),
  source: 'test',
});
const initial = await initialize(split.train, embeddings, { strategy: 'pca', dim });
const input = await adapterInput(split.train, embeddings, { dim });
const { userFeatures } = (
  await initialize(split.train, embeddings, { strategy: 'adapter', dim, adapterUsers: 'mapped' })
).adapter!;
const quick: FitOptions = {
  batchSize: 16,
  epochs: 6,
  optimizer: { name: 'adam', learningRate: 0.03, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
};

/** The state that an abort after so many batches leaves. */
async function interrupted(options: FitOptions, stopAfter: number): Promise<Checkpoint> {
  const controller = new AbortController();
  let batches = 0;
  let checkpoint: Checkpoint | undefined;
  const onProgress: FitOptions['onProgress'] = ({ kind }) => {
    if (kind === 'batch' && ++batches === stopAfter) controller.abort(new Error('stopped'));
  };
  const onCheckpoint = (state: Checkpoint) => {
    checkpoint = state;
  };
  const run = fit(split, initial, { ...options, signal: controller.signal, onProgress, onCheckpoint });
  await expect(run).rejects.toThrow('stopped');
  return checkpoint!;
}

describe.each(MODELS)('%s with text held', (model) => {
  // A model of sequences trains rows of items alone, and has fewer batches.
  const ofSequences = describeModel(model).kind === 'sequence';
  const own: FitOptions = ofSequences
    ? { ...quick, model, batchSize: 8, hiddenDropout: 0.1, ...codesFor(model, numItems) }
    : { ...quick, model };
  const ownUsers = ofSequences ? 0 : numUsers;

  it('keeps frozen columns to the bit and trains the others', async () => {
    const { parameters } = await fit(split, initial, { ...own, frozenColumns: 2 });
    // Behind the items' rows a model of codes has that of the code that all of them share.
    const before = [...(ofSequences ? [] : initial.users), ...initial.items, ...Array(dim).fill(0)];
    let moved = 0;
    for (let at = 0; at < parameters.length; at++) {
      if (at % dim < 2) expect(parameters[at]).toBe(before[at]);
      else if (parameters[at] !== before[at]) moved++;
    }
    expect(moved).toBeGreaterThan(parameters.length / 2);
  });

  if (describeModel(model).options.includes('codes')) return;

  it.each([1, 2] as const)(
    'trains an adapter of %s layers whose map makes the items’ rows',
    async (layers) => {
      const options = { ...own, adapter: { ...input, layers, hidden: 7 } };
      const { adapter, parameters, factors } = await fit(split, initial, options);
      const rows = adapterRows(adapter!, input.features);
      rows.forEach((value, n) => {
        expect(parameters[ownUsers * dim + n]).toBeCloseTo(value, 4);
      });
      expect(parameters.length).toBe((ownUsers + numItems) * dim);
      expect(adapter!.branch === null).toBe(layers === 1);
      const { means } = await evaluate(factors, split, { ks: [7] });
      expect(means['recall@7']).toBeGreaterThan(0.7);
    },
  );

  it('resumes with frozen columns and with adapters as if never interrupted', async () => {
    const adapter = { ...input, layers: 2 as const, hidden: 5 };
    const users = { adapter: { ...adapter, userFeatures } };
    for (const hold of [{ frozenColumns: 3 }, { adapter }, ...(ofSequences ? [] : [users])]) {
      const options = { ...own, ...hold };
      const whole = await fit(split, initial, options);
      const resume = decodeCheckpoint(encodeCheckpoint(await interrupted(options, 20)), 'checkpoint');
      const resumed = await fit(split, initial, { ...options, resume });
      expect(resumed.parameters).toEqual(whole.parameters);
      expect(resumed.adapter).toEqual(whole.adapter);
      expect(resumed.history).toEqual(whole.history);
    }
  });

  it('maps users’ rows as items’, where it has users', async () => {
    const options = { ...own, adapter: { ...input, userFeatures } };
    if (ofSequences)
      return expect(fit(split, initial, options)).rejects.toThrow(/which has no rows of users/);
    const { adapter, parameters } = await fit(split, initial, options);
    const rows = adapterRows(adapter!, Float32Array.of(...userFeatures!, ...input.features));
    rows.forEach((value, n) => {
      expect(parameters[n]).toBeCloseTo(value, 4);
    });
    const short = { ...input, userFeatures: userFeatures!.subarray(width) };
    await expect(fit(split, initial, { ...own, adapter: short })).rejects.toBeInstanceOf(ShapeError);
  });

  it('does not resume an adapter on other vectors', async () => {
    const options = { ...own, adapter: input };
    const resume = await interrupted(options, 20);
    const features = input.features.map((value, n) => (n === 3 ? value + 1 : value));
    const other = { ...options, adapter: { ...input, features }, resume };
    await expect(fit(split, initial, other)).rejects.toThrow(/written with adapter = /);
  });
});

describe('adapter', () => {
  it.each([1, 2] as const)('has the gradient of finite differences, %s layers', async (layers) => {
    // One SGD step of rate 1 on the whole set takes the gradient off the weights.
    const one: FitOptions = {
      batchSize: split.train.length,
      epochs: 1,
      optimizer: { name: 'sgd', learningRate: 1 },
      regularization: { weight: 0.02, form: 'squared' },
    };
    const valid = split.train.subset([]);
    const of = async (start: Float32Array) => {
      const adapter = { ...input, start, layers, hidden: 4 };
      const { history, adapter: weights } = await fit({ ...split, valid }, initial, { ...one, adapter });
      return { loss: history[0].loss, weights: weights! };
    };
    const { weights } = await of(input.start);
    for (const at of [0, 7, 23, 41]) {
      const step = 2e-2;
      const shifted = (by: number) => input.start.map((value, n) => (n === at ? value + by : value));
      const slope = ((await of(shifted(step))).loss - (await of(shifted(-step))).loss) / (2 * step);
      expect(input.start[at] - weights.linear[at]).toBeCloseTo(slope, 3);
    }
    if (weights.branch) {
      // The branch starts at zero, so that its inner weights have no slope yet and its outer ones do.
      expect(weights.branch.outer.some((value) => Math.abs(value) > 1e-5)).toBe(true);
    }
  });

  it('refuses what does not fit', async () => {
    const bad = [{ features: input.features.subarray(1) }, { start: input.start.subarray(1) }];
    for (const part of bad)
      await expect(fit(split, initial, { ...quick, adapter: { ...input, ...part } })).rejects.toThrow(
        ShapeError,
      );
    const options = [{ layers: 3 as never }, { layers: 2 as const, hidden: 0 }];
    for (const part of options)
      await expect(fit(split, initial, { ...quick, adapter: { ...input, ...part } })).rejects.toThrow(
        OptionError,
      );
    await expect(fit(split, initial, { ...quick, frozenColumns: 1, adapter: input })).rejects.toThrow(
      OptionError,
    );
    for (const frozenColumns of [dim, -1, 0.5])
      await expect(fit(split, initial, { ...quick, frozenColumns })).rejects.toThrow(OptionError);
    expect(() =>
      adapterRows({ width: 3, dim: 1, linear: new Float32Array(3), branch: null }, new Float32Array(4)),
    ).toThrow(ShapeError);
  });
});
