import { describe, expect, it } from 'vitest';
import { Embeddings } from '../../../src/embed/embeddings.ts';
import { DataError, OptionError } from '../../../src/errors.ts';
import { evaluateScorer } from '../../../src/evaluate/evaluate.ts';
import { CLOSED_MODELS, findClosedModel } from '../../../src/models/closed/index.ts';
import { loadThreads } from '../../../src/runtime/loadThreads.ts';
import { randomValues } from '../../kernels/harness.ts';
import { plantedSplit } from '../planted.ts';

const split = plantedSplit(60, 20, 7);
const { train } = split;
/** Vectors that tell the two groups apart, beside noise. */
const vectors = randomValues(train.numItems * 12, 5).map((value, at) =>
  at % 12 === 0 ? value + 3 * (Number(train.itemIds[Math.floor(at / 12)].slice(1)) % 2) : value,
);
const embeddings = new Embeddings({ ids: train.itemIds, width: 12, vectors, source: 'test' });

describe.each(CLOSED_MODELS)('%s', (name) => {
  const model = findClosedModel(name)!;

  it('learns the two groups, but for popularity, and has the same bytes again and with threads', async () => {
    const settings = model.grid(true).slice(0, 2);
    const scorers = await model.train(train, embeddings, settings);
    expect(scorers.map((scorer) => [scorer.name, scorer.numItems])).toEqual(
      settings.map(() => [name, train.numItems]),
    );
    expect(await model.train(train, embeddings, settings)).toEqual(scorers);
    const runtime = await loadThreads({ threads: 2, onFallback: () => {} });
    expect(await model.train(train, embeddings, settings, { runtime })).toEqual(scorers);
    runtime.close();
    const { means } = await evaluateScorer(scorers[0], split, { ks: [15] });
    // 13 items of the own group and 20 of the other are left to rank.
    if (name !== 'popularity') expect(means['recall@15']).toBeGreaterThan(0.75);
  });

  it('reads vectors as it says', async () => {
    const settings = model.grid(false).slice(0, 1);
    const without = model.train(train, null, settings);
    if (model.vectors === 'required') await expect(without).rejects.toThrow(DataError);
    else expect((await without)[0].name).toBe(name);
    if (model.vectors === 'unread')
      expect(await model.train(train, embeddings, settings)).toEqual(await without);
  });

  it('refuses options that it does not have', async () => {
    await expect(model.train(train, embeddings, [{ lambda: 3 }])).rejects.toThrow(OptionError);
  });
});
