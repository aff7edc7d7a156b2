import { describe, expect, it } from 'vitest';
import { Catalogue } from '../../src/data/catalogue.ts';
import { Embeddings } from '../../src/embed/embeddings.ts';
import type { InitStrategy } from '../../src/init/strategy.ts';
import { integer } from '../../src/options/builders.ts';
import { train } from '../../src/recipe/train.ts';
import { TrainingData, trainingData } from '../../src/recipe/trainingData.ts';
import { load } from '../../src/runtime/load.ts';
import type { Checkpoint } from '../../src/train/checkpoint.ts';
import { plantedSplit } from '../models/planted.ts';

const split = plantedSplit(6, 6, 4);
const { itemIds } = split.train;
const QUICK = { epochs: 2, dim: 4, seed: 1 } as const;

/** Item n of row n has ones in column (n + shift) mod dim. */
const STAIRS: InitStrategy = {
  name: 'stairs',
  needsVectors: false,
  options: { shift: integer({ about: 'of the first one', min: 0, default: 0 }) },
  rows({ dim, present, options }) {
    const { shift } = options as { shift: number };
    const rows = new Float32Array(present.length * dim);
    for (const n of present.keys()) rows[n * dim + ((n + shift) % dim)] = 1;
    return { rows, dim };
  },
};

describe('train with a strategy of the caller’s own', () => {
  it('begins with its tables, and records its name and options', async () => {
    const trained = await train({ split }, { ...QUICK, init: STAIRS, shift: 1 } as never);
    expect([...trained.initialization!.items.subarray(0, 8)]).toEqual([0, 1, 0, 0, 0, 0, 1, 0]);
    expect(trained.settings).toMatchObject({ init: 'stairs', tables: { shift: 1 } });
    expect(trained.config).toMatchObject({ init: 'stairs', model: 'lightgcn' });
  });

  it('gives the same bytes again, and from a checkpoint', async () => {
    const whole = await train({ split }, { ...QUICK, init: STAIRS });
    const stop = new AbortController();
    let kept: Checkpoint | undefined;
    const first = train(
      { split },
      {
        ...{ ...QUICK, init: STAIRS, checkpointEvery: 1, signal: stop.signal },
        onCheckpoint: (found) => {
          kept = found;
          stop.abort(new Error('stopped'));
        },
      },
    );
    await expect(first).rejects.toThrow('stopped');
    const resumed = await train({ split }, { ...QUICK, init: STAIRS, resume: kept });
    expect(resumed.encode()).toEqual(whole.encode());
    await expect(
      train({ split }, { ...QUICK, init: { ...STAIRS, name: 'other' }, resume: kept }),
    ).rejects.toThrow(/init/);
  });

  it('tells two of one name apart by what they are, where data are shared', async () => {
    const data = new TrainingData(split, null);
    const shifted: InitStrategy = {
      ...STAIRS,
      rows: (context) => STAIRS.rows({ ...context, options: { shift: 1 } }),
    };
    const [a, b] = [
      await data.initialTables({ strategy: STAIRS, dim: 4 }),
      await data.initialTables({ strategy: shifted, dim: 4 }),
    ];
    expect(a.items[0]).toBe(1);
    expect(b.items[1]).toBe(1);
  });

  it.each<[string, unknown, RegExp]>([
    ['the name of another', { ...STAIRS, name: 'pca' }, /a name of its own, received one called "pca"/],
    ['no rows', { name: 'none', options: {} }, /expected init to be /],
    ['a misspelled name', 'varance', /received "varance"/],
  ])('refuses one with %s', async (_, init, message) => {
    await expect(train({ split }, { ...QUICK, init: init as never })).rejects.toMatchObject({
      ...{ code: 'ERR_LLMINIT_OPTION', option: 'init' },
      message: expect.stringMatching(message),
    });
  });
});

describe('data with an embedder of the caller’s own', () => {
  const catalogue = new Catalogue(
    [...itemIds],
    itemIds.map((id) => `text of ${id}`),
  );
  /** The number in an id, as two numbers. */
  const embedder = {
    id: 'numbers',
    embed: async (texts: readonly string[]) => texts.map((text) => [Number(text.slice(9)) + 1, 1]),
  };

  it('has the vectors that it makes of the texts', async () => {
    const { embeddings } = await trainingData({ split, catalogue, embedder });
    expect(embeddings).toMatchObject({ width: 2, source: 'numbers' });
    expect(embeddings!.vectors[0]).toBe(Number(itemIds[0].slice(1)) + 1);
    const trained = await train({ split, catalogue, embedder }, { ...QUICK, dim: 2, init: 'full' });
    expect(trained.config.embeddings).toMatchObject({ source: 'numbers' });
  });

  it('takes whatever toEmbedder takes', async () => {
    const { embeddings } = await trainingData({ split, catalogue, embedder: embedder.embed });
    expect(embeddings!.width).toBe(2);
  });

  it('is refused without texts, and beside vectors', async () => {
    const vectors = new Float32Array(itemIds.length).fill(1);
    const embeddings = new Embeddings({ ids: itemIds, width: 1, vectors, source: 'test' });
    for (const data of [
      { split, embedder },
      { split, catalogue, embedder, embeddings },
    ])
      await expect(train(data, QUICK)).rejects.toMatchObject({
        code: 'ERR_LLMINIT_OPTION',
        option: 'embedder',
      });
  });
});

describe('data of a training', () => {
  it.each<[string, object]>([
    ['bogus', { split, bogus: 1 }],
    ['catalogue', { split, catalogue: 3 }],
    ['embeddings', { split, embeddings: {} }],
    ['attributes', { split, attributes: { colour: ['red'] } }],
  ])('with %s that is none is refused by train and trainingData', async (option, data) => {
    for (const call of [train(data as never, QUICK), trainingData(data as never)])
      await expect(call).rejects.toMatchObject({ code: 'ERR_LLMINIT_OPTION', option });
  });

  it('with an option that trainingData does not have is refused', async () => {
    await expect(trainingData({ split }, { sed: 1 } as never)).rejects.toThrow(/Did you mean seed\?/);
  });

  it('whose tables could not be made for one caller are made for the next', async () => {
    const data = new TrainingData(split, null);
    const runtime = await load({ maxMemoryBytes: 1000 });
    await expect(data.initialTables({ strategy: 'xavier', runtime })).rejects.toMatchObject({
      code: 'ERR_LLMINIT_BUDGET',
    });
    expect((await data.initialTables({ strategy: 'xavier' })).dim).toBe(128);
  });
});

it.each([
  ['ContGCN', 'lightgcn'],
  ['ContSGL', 'sgl'],
  ['ContSGCL', 'sgcl'],
] as const)('%s is a name of %s', async (model, own) => {
  const [named, synonym] = await Promise.all([
    train({ split }, { ...QUICK, init: 'xavier', model: own }),
    train({ split }, { ...QUICK, init: 'xavier', model }),
  ]);
  expect(synonym.settings.model).toBe(own);
  expect(synonym.encode()).toEqual(named.encode());
});
