import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Catalogue } from '../../src/data/catalogue.ts';
import { evaluateScorer } from '../../src/evaluate/evaluate.ts';
import { graphPrincipalCoordinates } from '../../src/init/graphPca.ts';
import { initialize } from '../../src/init/initialize.ts';
import { CLOSED_MODELS } from '../../src/models/closed/index.ts';
import { prepareTraining, train } from '../../src/recipe/train.ts';
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
    expect(opened.model.config).toMatchObject({ init: 'auto', contest: trained.contest });
    expect(opened.model.metrics).toMatchObject({ valid: { 'ndcg@10': trained.metric } });
  });

  it('trains one model from one initialisation as fit does', async () => {
    const trained = await train({ interactions }, { ...small, init: 'xavier' });
    expect(trained.trials).toHaveLength(1);
    expect(trained.contest).toBeNull();
    const tables = await initialize(split.train, null, { dim: 8 });
    expect(trained.factors).toEqual((await fit(split, tables, { batchSize: 32, epochs: 12 })).factors);
  });

  it.each(CLOSED_MODELS)('trains %s, with settings by validation, and says which', async (model) => {
    const data = new TrainingData(split, await vectors());
    const trained = await train(data, { model, ...(model === 'text-only' && { dim: 8 }) });
    expect([trained.modelName, trained.result, trained.factors]).toEqual([model, null, null]);
    expect(trained.config).toMatchObject({ model, ...trained.trials[0].report, protocol: 'standard' });
    const valid = await trained.evaluate({ part: 'valid', ks: [10] });
    expect(valid.means['ndcg@10']).toBe(trained.metric);
  });

  it('computes one graph PCA for all trainings on one split', async () => {
    const data = new TrainingData(split, await vectors());
    await train(data, small);
    await train(data, { ...small, protocol: 'paper' });
    await train(data, { ...small, model: 'sgcl', init: 'graph-pca' });
    await train(data, { model: 'text-only', dim: 8 });
    expect(graphPrincipalCoordinates).toHaveBeenCalledTimes(1);
    await train(data, { ...small, graphWeight: 0.5, init: 'graph-pca' });
    expect(graphPrincipalCoordinates).toHaveBeenCalledTimes(2);
  });

  it('measures test items when asked, as evaluateScorer does', async () => {
    const trained = await train({ interactions }, { ...small, init: 'xavier', protocol: 'paper' });
    const test = await evaluateScorer(trained.scorer, split, { protocol: 'paper' });
    expect(await trained.evaluate()).toEqual(test);
    const valid = await trained.evaluate({ part: 'valid', ks: [10] });
    expect(valid.means['ndcg@10']).toBe(trained.result?.bestMetric);
  });

  it.each([
    [
      'frozenColumns beside pca',
      { init: 'pca', frozenColumns: 2 },
      /expected init frozen beside frozenColumns/,
    ],
    [
      'graphWeight beside pca',
      { init: 'pca', graphWeight: 2 },
      /expected init graph-pca or auto beside graphWeight/,
    ],
    ['an unknown option', { epoch: 3 }, /Did you mean epochs\?/],
    ['epochs out of range', { epochs: 0 }, /expected epochs to be an integer ≥ 1/],
    ['epochs beside a model without', { model: 'l3ae', epochs: 3 }, /beside epochs, received l3ae/],
    ['a budget beside a model', { model: 'lightgcn', budget: 3 }, /beside budget, received lightgcn/],
    ['a budget of nothing', { budget: 0 }, /expected budget to be a number > 0, received 0/],
    ['a time that is no number', { stopAfter: 'soon' }, /expected stopAfter to be a number > 0/],
    ['an unknown model', { model: 'l4ae' }, /expected model to be/],
    ['an unknown init', { init: 'graph-pcs' }, /expected init to be .* graph-pca .*, received "graph-pcs"/],
  ] as const)('refuses %s', async (_, options, message) => {
    const job = train({ split, embeddings: await vectors() }, options as object);
    await expect(job).rejects.toThrow(message);
  });

  it.each([{ init: 'pca' }, { init: 'adapter' }, { model: 'text-only' }] as const)(
    'refuses %o without vectors',
    async (options) => {
      await expect(train({ split }, options)).rejects.toThrow(/needs embeddings, received none/);
    },
  );

  it('refuses data without interactions, or with two kinds', async () => {
    await expect(train({})).rejects.toThrow(/expected data with either a split or interactions/);
    await expect(train({ split, interactions })).rejects.toThrow(/expected data with either a split or/);
    for (const wrong of ['x', 7, [1], split, null] as never[])
      await expect(train({ interactions: wrong })).rejects.toThrow(/expected interactions, received/);
    await expect(train({ split: interactions } as never)).rejects.toThrow(/expected a split/);
  });

  it('names items whose text is missing', async () => {
    const texts = catalogue.texts.map((text, n) => (n === 3 ? ' ' : text));
    const gaps = new Catalogue(catalogue.ids, texts);
    await expect(train({ split, catalogue: gaps }, small)).rejects.toThrow(/for 1 of them \(i3\)/);
    await train({ split, catalogue: gaps }, { ...small, init: 'xavier' });
  });
});

it('settings tell every option of a strategy that is given', async () => {
  const data = new TrainingData(split, await vectors());
  const tablesOf = async (options: object) =>
    (await prepareTraining(data, { ...small, ...options })).settings.tables;
  expect(await tablesOf({ init: 'uniform', spacing: 'linspace' })).toMatchObject({ spacing: 'linspace' });
  expect(await tablesOf({ init: 'random', withReplacement: true })).toMatchObject({ withReplacement: true });
  expect(await tablesOf({ init: 'uniform' })).not.toHaveProperty('spacing');
});
