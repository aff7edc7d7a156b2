import { describe, expect, it } from 'vitest';
import { Graph } from '../../src/data/graph.ts';
import { OptionError } from '../../src/errors.ts';
import { initialize } from '../../src/init/initialize.ts';
import { load } from '../../src/runtime/load.ts';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../../src/train/checkpoint.ts';
import { EpochBatches } from '../../src/train/epochBatches.ts';
import { fit } from '../../src/train/fit.ts';
import type { NegativesOptions } from '../../src/train/negativesOptions.ts';
import type { FitOptions } from '../../src/train/options.ts';
import { plantedSplit } from '../models/planted.ts';

const split = plantedSplit();
const graph = new Graph(split.train);
const { numUsers, numItems } = graph;
const runtime = await load();
const SAMPLERS: NegativesOptions[] = [
  { name: 'popularity' },
  { name: 'popularity', exponent: 0 },
  { name: 'hard' },
  { name: 'hard', candidates: 3 },
  { name: 'in-batch' },
];

/** Final rows for `hard`: user rows are 1, item i has i, so that the highest item wins. */
const model = {
  usesNegatives: true,
  finalRows(nodes: { view: Int32Array }, count: number, out: { view: Float32Array; stride: number }) {
    for (let n = 0; n < count; n++) {
      const node = nodes.view[n];
      out.view[n * out.stride] = node < numUsers ? 1 : node - numUsers;
    }
  },
};

interface Drawn {
  user: number;
  positive: number;
  negative: number;
}

function draw(
  negatives: NegativesOptions,
  batchSize: number,
  protocol: 'standard' | 'paper',
  epochs = 1,
): Drawn[] {
  const workspace = runtime.open();
  const options = { batchSize, seed: 3, protocol, negatives };
  const batches = new EpochBatches(workspace, graph, options, model as never, 4);
  batches.start(graph);
  const drawn: Drawn[] = [];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    batches.begin(epoch);
    for (let n = 0; n < batches.count; n++) {
      const { users, positives, negatives: found, count } = batches.batch(n);
      for (let p = 0; p < count; p++)
        drawn.push({ user: users.view[p], positive: positives.view[p], negative: found.view[p] });
    }
  }
  workspace.close();
  return drawn;
}

function has(user: number, item: number): boolean {
  const { rowPtr, colIdx } = graph.interactions;
  return colIdx.subarray(rowPtr[user], rowPtr[user + 1]).includes(item);
}

describe.each(SAMPLERS)('negatives %o', (options) => {
  it('are no training items of the user under standard, and not the positive under paper', () => {
    for (const { user, negative } of draw(options, 32, 'standard', 3)) {
      expect(negative).toBeGreaterThanOrEqual(numUsers);
      expect(negative).toBeLessThan(numUsers + numItems);
      expect(has(user, negative - numUsers)).toBe(false);
    }
    const paper = draw(options, 32, 'paper', 3);
    expect(paper.every(({ positive, negative }) => positive !== negative)).toBe(true);
    expect(paper.some(({ user, negative }) => has(user, negative - numUsers))).toBe(true);
  });

  it('are the same again, and do not depend on the batch size where a batch decides nothing', () => {
    expect(draw(options, 32, 'standard')).toEqual(draw(options, 32, 'standard'));
    if (options.name !== 'in-batch')
      expect(draw(options, 7, 'standard')).toEqual(draw(options, 32, 'standard'));
  });

  it('train, and resume to the same bytes', async () => {
    const initial = await initialize(split.train, null, { dim: 8, seed: 1 });
    const settings: FitOptions = { batchSize: 16, epochs: 4, negatives: options };
    for (const model of ['lightgcn', 'sgl', 'bpr-mf'] as const) {
      const whole = await fit(split, initial, { ...settings, model });
      const uniform = await fit(split, initial, { ...settings, model, negatives: { name: 'uniform' } });
      // With α = 0 every item is as likely as with uniform, by the same draws.
      const skewed = !(options.name === 'popularity' && options.exponent === 0);
      if (skewed) expect(whole.parameters).not.toEqual(uniform.parameters);
      let checkpoint: Checkpoint | undefined;
      const controller = new AbortController();
      let batches = 0;
      const run = fit(split, initial, {
        ...settings,
        ...{ model, signal: controller.signal },
        onProgress: ({ kind }) => {
          if (kind === 'batch' && ++batches === 17) controller.abort(new Error('stopped'));
        },
        onCheckpoint: (state) => {
          checkpoint = state;
        },
      });
      await expect(run).rejects.toThrow('stopped');
      const resume = decodeCheckpoint(encodeCheckpoint(checkpoint!), 'checkpoint');
      expect((await fit(split, initial, { ...settings, model, resume })).parameters).toEqual(
        whole.parameters,
      );
    }
  });
});

describe('negatives', () => {
  it('by popularity follow count^α', () => {
    const counts = new Float64Array(numItems);
    for (const item of graph.interactions.colIdx) counts[item]++;
    const found = new Float64Array(numItems);
    const drawn = draw({ name: 'popularity', exponent: 1 }, 64, 'paper', 300);
    for (const { negative } of drawn) found[negative - numUsers]++;
    const total = counts.reduce((a, b) => a + b, 0);
    // Under paper only the positive is drawn again, which shifts shares by a fifth at most here.
    for (let item = 0; item < numItems; item++) {
      const expected = counts[item] / total;
      expect(Math.abs(found[item] / drawn.length - expected)).toBeLessThan(0.15 * expected + 0.002);
    }
  });

  it('hard are higher-scoring than uniform ones', () => {
    const average = (drawn: Drawn[]) => drawn.reduce((sum, { negative }) => sum + negative, 0) / drawn.length;
    const uniform = average(draw({ name: 'uniform' }, 32, 'standard', 5));
    expect(average(draw({ name: 'hard', candidates: 8 }, 32, 'standard', 5))).toBeGreaterThan(uniform + 4);
  });

  it('in-batch are positives of the batch', () => {
    const drawn = draw({ name: 'in-batch' }, split.train.length, 'standard');
    const positives = new Set(drawn.map(({ positive }) => positive));
    expect(drawn.every(({ negative }) => positives.has(negative))).toBe(true);
  });

  it.each<[NegativesOptions, NegativesOptions]>([
    [{ name: 'popularity' }, { name: 'popularity', exponent: 1 }],
    [{ name: 'popularity', exponent: undefined }, { name: 'popularity' }],
    [{ name: 'hard' }, { name: 'hard', candidates: 8 }],
  ])('resume from %o as %o, which mean the same', async (before, after) => {
    const initial = await initialize(split.train, null, { dim: 8, seed: 1 });
    const settings: FitOptions = { batchSize: 16, epochs: 3 };
    const files: Uint8Array[] = [];
    const whole = await fit(split, initial, {
      ...{ ...settings, negatives: before, checkpointEvery: 1 },
      onCheckpoint: (checkpoint) => {
        files.push(encodeCheckpoint(checkpoint));
      },
    });
    const resume = decodeCheckpoint(files[0], 'checkpoint');
    const resumed = await fit(split, initial, { ...settings, negatives: after, resume });
    expect(resumed.parameters).toEqual(whole.parameters);
    const others: NegativesOptions[] = [
      { name: 'uniform' },
      { name: 'popularity', exponent: 0.5 },
      { name: 'hard', candidates: 7 },
    ];
    for (const negatives of others)
      await expect(fit(split, initial, { ...settings, negatives, resume })).rejects.toThrow(/negatives/);
  });

  it('refuse options out of range and models without negatives', async () => {
    const initial = await initialize(split.train, null, { dim: 8 });
    const bad = [{ name: 'nearest' }, { name: 'popularity', exponent: 2 }, { name: 'hard', candidates: 0 }];
    for (const negatives of bad)
      await expect(fit(split, initial, { negatives: negatives as never })).rejects.toThrow(OptionError);
    const sgcl = fit(split, initial, { model: 'sgcl', negatives: { name: 'hard' } });
    await expect(sgcl).rejects.toThrow(/Leave negatives out/);
  });
});
