import { beforeAll, describe, expect, it } from 'vitest';
import { wholeSplit } from '../../src/data/globalSplits.ts';
import { coldStart, type Split } from '../../src/data/splits.ts';
import type { Embeddings } from '../../src/embed/embeddings.ts';
import { type Choice, choiceOf } from '../../src/recipe/choice.ts';
import type { TrainOptions } from '../../src/recipe/options.ts';
import { train } from '../../src/recipe/train.ts';
import type { Trained } from '../../src/recipe/trained.ts';
import { decodeModel } from '../../src/serve/modelFile/decode.ts';
import { interactions, small, split, vectors } from './shop.ts';

let embeddings: Embeddings;
/** A choice that came to a blend, and one that came to each of its parts. */
let blend: Trained;

/** A seed under which the blend is ahead, and the options that both trainings have. */
const LIKE = { dim: small.dim, batchSize: small.batchSize, seed: 11 };

const nothingHeldOut: Split = {
  train: split.train,
  valid: split.valid.subset([]),
  test: split.test.subset([]),
};

beforeAll(async () => {
  embeddings = await vectors();
  blend = await train({ split, embeddings }, { ...LIKE, epochs: small.epochs });
});

const repeated = (repeat: Choice, options: TrainOptions = {}) =>
  train({ split: nothingHeldOut, embeddings }, { ...LIKE, ...options, repeat });

/** The configuration of a model, as if another candidate had been kept. */
function madeBy(name: 'l3ae' | 'lightgcn') {
  const { config, metrics } = blend.model();
  const parts = config.parts as Record<string, string | number>[];
  const { weight: _, deviation: __, ...own } = parts.find(({ model }) => model === name)!;
  return {
    config: { ...config, ...own, parts: null },
    metrics: { ...metrics, bestEpoch: own.bestEpoch ?? 0 },
  };
}

describe('a choice that is repeated', () => {
  it('is the blend with its weights, settings and epochs: on the same interactions the same model', async () => {
    expect(blend.modelName).toBe('blend');
    const file = decodeModel(blend.encode(), 'm');
    const again = await repeated(choiceOf(file));
    expect(again.modelName).toBe('blend');
    const [before, after] = [blend.model(), again.model()];
    expect(after.blend).toEqual(before.blend);
    expect(after.rows).toEqual(before.rows);
    expect(after.itemFactors).toEqual(before.itemFactors);
    expect(again.metric).toBeNull();
    expect(again.contest).toBeNull();
    expect(again.trials.every(({ compared }) => compared === 0)).toBe(true);
  });

  it('learns from what was held out before', async () => {
    const all = split.train.length + split.valid.length + split.test.length;
    const whole = wholeSplit(interactions);
    expect(whole.train.length).toBe(all);
    const repeat = choiceOf(blend.model());
    const final = await train({ split: whole, embeddings }, { ...LIKE, repeat });
    expect(final.modelName).toBe('blend');
    expect(final.model().rows).not.toEqual(blend.model().rows);
    expect(choiceOf(final.model())).toEqual(repeat);
  });

  it('is one model where one was kept', async () => {
    const rows = await repeated(choiceOf(madeBy('l3ae')));
    expect(rows.modelName).toBe('l3ae');
    expect(rows.model().rows).toEqual(blend.model().rows);
    const graph = await repeated(choiceOf(madeBy('lightgcn')));
    expect(graph.modelName).toBe('lightgcn');
    expect(graph.result!.history).toHaveLength(blend.result!.bestEpoch);
    expect(graph.model().itemFactors).toEqual(blend.model().itemFactors);
  });

  it('goes on after an interruption to the same bytes', async () => {
    const repeat = choiceOf(blend.model());
    const whole = await repeated(repeat);
    let state: Parameters<NonNullable<TrainOptions['onCheckpoint']>>[0] | undefined;
    await repeated(repeat, {
      onCheckpoint: (checkpoint) => {
        if (checkpoint.history.length === 0) state ??= checkpoint;
      },
    });
    const resumed = await repeated(repeat, { resume: state });
    expect(resumed.encode()).toEqual(whole.encode());
  });

  it('is refused without the texts that it was made with, and beside options that it decides', async () => {
    const repeat = choiceOf(blend.model());
    await expect(train({ split: nothingHeldOut, embeddings: null }, { repeat })).rejects.toThrow(
      /expected training with text vectors, as the choice that is repeated was made, received none/,
    );
    for (const other of [{ epochs: 3 }, { model: 'lightgcn' }, { budget: 5 }] as const)
      await expect(repeated(repeat, other)).rejects.toThrow(/expected no .* beside repeat/);
    await expect(repeated({} as Choice)).rejects.toThrow(/expected repeat to be a choice of choiceOf/);
  });

  it('is not told by a model that was chosen among no others', async () => {
    const named = await train({ split, embeddings }, { model: 'ease' });
    expect(() => choiceOf(named.model())).toThrow(/received a model of ease that was chosen among no others/);
    expect(() => choiceOf(null as never)).toThrow(/expected a model that a choice by validation made/);
  });
});

it('cold data keep the graph: where it is ahead of text and clicks, so is what is chosen', async () => {
  const cold = coldStart(split, { fraction: 0.75, seed: 0 });
  const { trials, metric, result } = await train({ split: cold, embeddings }, { ...small, seed: 0 });
  const [rows, graph] = trials.map((trial) => trial.metric!);
  expect(graph).toBeGreaterThan(rows);
  expect(metric).toBeGreaterThanOrEqual(graph);
  expect(result).not.toBeNull();
});
