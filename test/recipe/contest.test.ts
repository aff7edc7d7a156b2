import { beforeAll, describe, expect, it } from 'vitest';
import type { Embeddings } from '../../src/embed/embeddings.ts';
import { BudgetError } from '../../src/errors.ts';
import { evaluateScorer } from '../../src/evaluate/evaluate.ts';
import type { TrainOptions } from '../../src/recipe/options.ts';
import { train } from '../../src/recipe/train.ts';
import { load } from '../../src/runtime/load.ts';
import { small, split, vectors } from './shop.ts';

let embeddings: Embeddings;
beforeAll(async () => {
  embeddings = await vectors();
});

const withText = (options: TrainOptions = {}) => train({ split, embeddings }, { ...small, ...options });

describe('the choice of auto', () => {
  it('tries text and clicks, a graph model and their blend, and keeps the best by validation', async () => {
    const { trials, chosen, metric, contest } = await withText();
    const names = trials.map(({ name }) => name);
    expect(names).toEqual(['l3ae', 'lightgcn from graph-pca', 'lightgcn from graph-pca with l3ae']);
    const metrics = trials.map((trial) => trial.metric!);
    expect(metric).toBe(Math.max(...metrics));
    expect(chosen).toBe(names[metrics.indexOf(Math.max(...metrics))]);
    expect(contest).toMatchObject({ budget: 600, stopAfter: null, chosen });
    expect(contest?.candidates.map(({ name, valid }) => [name, valid])).toEqual(
      names.map((name, n) => [name, metrics[n]]),
    );
    // 5 of the 9 settings of l3ae, the epochs of LightGCN, 5 weights.
    const epochs = contest?.candidates[1].epochs as number;
    expect(contest?.compared).toBe(5 + epochs + 5);
  });

  it('tries clicks alone without vectors', async () => {
    const { trials, chosen } = await train({ split }, small);
    const names = trials.map(({ name }) => name);
    expect(names).toEqual([
      'l3ae of clicks alone',
      'lightgcn from xavier',
      'lightgcn from xavier with l3ae of clicks alone',
    ]);
    expect(names).toContain(chosen);
  });

  it('has entries that are the models trained on their own', async () => {
    const { trials } = await withText();
    const rows = await train({ split, embeddings }, { model: 'l3ae' });
    const graph = await withText({ model: 'lightgcn', init: 'auto' });
    expect(trials[0]).toMatchObject({ metric: rows.metric, report: rows.trials[0].report });
    expect(trials[1]).toMatchObject({ metric: graph.metric, report: graph.trials[0].report });
  });

  it('does not look at the test interactions', async () => {
    const seeing = await withText();
    const blind = await train({ split: { ...split, test: split.valid }, embeddings }, small);
    expect(blind.contest).toEqual(seeing.contest);
    expect(blind.model().itemFactors).toEqual(seeing.model().itemFactors);
  });

  it('is what the model file says and what the model ranks by', async () => {
    const trained = await withText();
    const { config, blend } = trained.model();
    expect(config).toMatchObject({ model: trained.modelName, contest: trained.contest });
    const parts = trained.modelName === 'blend' ? (config.parts as { weight: number }[]) : [];
    expect(parts.map(({ weight }) => weight)).toEqual((blend ?? []).map(({ weight }) => weight));
    const valid = await evaluateScorer(trained.scorer, split, { part: 'valid', ks: [10] });
    expect(valid.means['ndcg@10']).toBe(trained.metric);
  });

  it('takes the closed form without validation interactions, which would have to tell when to stop', async () => {
    const none = split.valid.subset(new Int32Array(0));
    const data = { split: { ...split, valid: none }, embeddings };
    const { trials, modelName, metric } = await train(data, { dim: 8 });
    expect(trials).toHaveLength(1);
    expect([modelName, metric]).toEqual(['l3ae', null]);
    const told = await train(data, { dim: 8, epochs: 3 });
    expect([told.modelName, told.result?.history.length]).toEqual(['lightgcn', 3]);
  });

  it('gives the same bytes again', async () => {
    expect((await withText()).encode()).toEqual((await withText()).encode());
  });

  it('tells which trial is under way', async () => {
    const seen = new Set<string>();
    await withText({ onProgress: ({ trial, trials, name }) => seen.add(`${trial}/${trials} ${name}`) });
    expect([...seen]).toEqual([
      '1/3 l3ae',
      '2/3 lightgcn from graph-pca',
      '3/3 lightgcn from graph-pca with l3ae',
    ]);
  });

  it('works on a catalogue of 24 books, with the defaults of everything', async () => {
    const { factors, modelName } = await train({ split, embeddings });
    expect(['l3ae', 'lightgcn', 'blend']).toContain(modelName);
    if (factors) expect(factors.dim).toBeLessThan(24);
  });
});

describe('a budget', () => {
  it('that pays some epochs gives the training of so many epochs', async () => {
    const all = (await withText()).trials[1].report.epochs as number;
    const seconds = [1, ...Array.from({ length: 24 }, (_, n) => 1e-2 * 0.8 ** n)];
    const budgets = seconds.map((budget) => withText({ budget }).catch(() => null));
    const epochs = (await Promise.all(budgets)).map((trained) => trained?.trials[1].report.epochs);
    expect(epochs[0]).toBe(all);
    expect(epochs.some((count) => count !== undefined && Number(count) < all)).toBe(true);
  });

  it('that ends the training keeps back what the blend costs', async () => {
    const { trials } = await withText({ budget: 0.05, epochs: 100_000, patience: 100_000 });
    expect(trials[1].report.stoppedBy).toBe('epochs');
    expect(trials[2].skipped).toBe(null);
  });

  it('that does not pay an entry skips it, and says what it would cost', async () => {
    const { trials, modelName } = await withText({ budget: 2e-3, batchSize: 1 });
    expect(modelName).toBe('l3ae');
    const skipped = trials.filter((trial) => trial.skipped !== null);
    expect(skipped.map((trial) => trial.skipped).join()).toMatch(
      /needs a budget of .* s, of which .* s are left/,
    );
  });

  it('that pays nothing is refused with what is wanted', async () => {
    const job = withText({ budget: 1e-9 });
    await expect(job).rejects.toThrow(BudgetError);
    await expect(job).rejects.toThrow(/l3ae.*: it needs a budget of .* s/);
  });

  it('by the clock ends the training, keeps the epochs that had ended, and is recorded', async () => {
    const { contest, trials, encode } = await withText({ epochs: 100_000, patience: 100_000, stopAfter: 1 });
    expect(contest?.stopAfter).toBe(1);
    expect(trials[1].report.stoppedBy).toBe('clock');
    expect(trials[2].skipped).toBe('the time was up');
    expect(encode).toBeTypeOf('function');
  });
});

describe('entries that cannot work on the data', () => {
  it('are skipped as long as another works', async () => {
    const runtime = await load({ maxMemoryBytes: 8 * 2 ** 20 });
    const { trials, modelName } = await train({ split }, { dim: 8192, epochs: 2, runtime });
    expect(trials[1].skipped).toMatch(/needs [0-9]+ bytes of memory, the limit is 8388608/);
    expect(trials[2].skipped).toBe('lightgcn from xavier has no result');
    expect(modelName).toBe('l3ae');
    const alone = train({ split }, { dim: 8192, epochs: 2, init: 'xavier', runtime });
    await expect(alone).rejects.toThrow(BudgetError);
  });
});
