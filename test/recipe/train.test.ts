import { beforeEach, describe, expect, it, vi } from 'vitest';
import { evaluate } from '../../src/evaluate/evaluate.ts';
import { graphPrincipalCoordinates } from '../../src/init/graphPca.ts';
import { initialize } from '../../src/init/initialize.ts';
import { train } from '../../src/recipe/train.ts';
import { TrainingData } from '../../src/recipe/trainingData.ts';
import { Recommender } from '../../src/serve/recommender.ts';
import { fit } from '../../src/train/fit.ts';
import { catalogue, interactions, small, split, vectors } from './shop.ts';

vi.mock('../../src/init/graphPca.ts', { spy: true });

beforeEach(() => vi.clearAllMocks());

describe('train', () => {
  it('makes a recommender of interactions and a catalogue', async () => {
    const trained = await train({ interactions, catalogue }, small);
    expect(trained.settings.init).toBe('auto');
    const [first] = (await trained.recommender()).recommend('u3', { k: 1 });
    const opened = await Recommender.open(trained.encode());
    expect(opened.recommend('u3', { k: 1 })).toEqual([first]);
    expect(first.title).toBe(catalogue.titles?.[catalogue.index(first.id)!]);
    expect(opened.model.config).toMatchObject({ init: 'auto', dim: 8, batchSize: 32, model: 'lightgcn' });
    expect(opened.model.metrics).toMatchObject({ valid: { 'ndcg@10': trained.result.bestMetric } });
  });

  it('starts from xavier rows without vectors and texts', async () => {
    const trained = await train({ interactions }, small);
    expect(trained.settings.init).toBe('xavier');
    expect(trained.trials).toHaveLength(1);
    const tables = await initialize(split.train, null, { dim: 8 });
    expect(trained.factors).toEqual((await fit(split, tables, { batchSize: 32, epochs: 12 })).factors);
  });

  it('tries what auto stands for, and keeps the best by validation, of equals the first', async () => {
    const embeddings = await vectors();
    const { trials, chosen, chosenScale, result, settings } = await train({ split, embeddings }, small);
    expect(trials.map(({ name }) => name)).toEqual(['graph-pca, scale 1', 'graph-pca, scale 2']);
    const [one, two] = trials.map(({ metric }) => metric!);
    expect(chosenScale).toBe(two > one ? 2 : 1);
    expect(chosen).toBe(`graph-pca, scale ${chosenScale}`);
    expect(result.bestMetric).toBe(Math.max(one, two));
    const alone = await train({ split, embeddings }, { ...small, init: 'graph-pca', scale: chosenScale! });
    expect(alone.factors.items).toEqual(result.factors.items);
    expect(settings.scale).toBe(null);
  });

  it('does not look at the test interactions', async () => {
    const embeddings = await vectors();
    const blind = { ...split, test: split.valid };
    const [seeing, unseeing] = [
      await train({ split, embeddings }, small),
      await train({ split: blind, embeddings }, small),
    ];
    expect(unseeing.factors).toEqual(seeing.factors);
  });

  it('computes one graph PCA for all trials, protocols and models of one split', async () => {
    const data = new TrainingData(split, await vectors());
    await train(data, small);
    expect(graphPrincipalCoordinates).toHaveBeenCalledTimes(1);
    await train(data, { ...small, protocol: 'paper' });
    await train(data, { ...small, model: 'sgcl', init: 'graph-pca' });
    expect(graphPrincipalCoordinates).toHaveBeenCalledTimes(1);
    await train(data, { ...small, graphWeight: 0.5, init: 'graph-pca' });
    expect(graphPrincipalCoordinates).toHaveBeenCalledTimes(2);
  });

  it('measures test items when asked, as evaluate does', async () => {
    const trained = await train({ interactions }, { ...small, protocol: 'paper' });
    expect(await trained.evaluate()).toEqual(await evaluate(trained.factors, split, { protocol: 'paper' }));
    const valid = await trained.evaluate({ part: 'valid', ks: [10] });
    expect(valid.means['ndcg@10']).toBe(trained.result.bestMetric);
  });

  it('tells which trial is under way', async () => {
    const seen = new Set<string>();
    await train(
      { split, embeddings: await vectors() },
      { ...small, onProgress: ({ trial, trials, name }) => seen.add(`${trial}/${trials} ${name}`) },
    );
    expect([...seen]).toEqual(['1/2 graph-pca, scale 1', '2/2 graph-pca, scale 2']);
  });

  it.each([
    [
      'frozenColumns beside pca',
      { init: 'pca', frozenColumns: 2 },
      /expected init frozen beside frozenColumns/,
    ],
    [
      'adapterLayers beside pca',
      { init: 'pca', adapterLayers: 2 },
      /expected init adapter beside adapterLayers/,
    ],
    ['an init that needs vectors without any', { init: 'pca' }, /pca needs embeddings, received none/],
    ['an adapter without vectors', { init: 'adapter' }, /needs embeddings, received none/],
    ['epochs out of range', { epochs: 0 }, /expected epochs to be an integer ≥ 1/],
  ] as const)('refuses %s', async (_, options, message) => {
    await expect(train({ split }, { ...small, ...options })).rejects.toThrow(message);
  });

  it('refuses data without interactions, or with two kinds', async () => {
    await expect(train({})).rejects.toThrow(/expected data with either a split or interactions/);
    await expect(train({ split, interactions })).rejects.toThrow(/expected data with either a split or/);
  });

  it('names items whose text is missing', async () => {
    const { Catalogue } = await import('../../src/data/catalogue.ts');
    const gaps = new Catalogue(
      catalogue.ids,
      catalogue.texts.map((text, n) => (n === 3 ? ' ' : text)),
    );
    await expect(train({ split, catalogue: gaps }, small)).rejects.toThrow(/for 1 of them \(i3\)/);
    await train({ split, catalogue: gaps }, { ...small, init: 'xavier' });
  });
});
