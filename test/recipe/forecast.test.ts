import { describe, expect, it, vi } from 'vitest';
import { Graph, graphSize } from '../../src/data/graph.ts';
import { Interactions } from '../../src/data/interactions.ts';
import { leaveOneOut } from '../../src/data/splits.ts';
import { BudgetError } from '../../src/errors.ts';
import { findClosedModel } from '../../src/models/closed/index.ts';
import { blend } from '../../src/recipe/candidates/blend.ts';
import type { Candidate } from '../../src/recipe/candidates/candidate.ts';
import { closedForm } from '../../src/recipe/candidates/closedForm.ts';
import { entriesOf } from '../../src/recipe/candidates/index.ts';
import { trainingSize } from '../../src/recipe/size.ts';
import { prepareTraining, train } from '../../src/recipe/train.ts';
import { TrainingData } from '../../src/recipe/trainingData.ts';
import { load, loadSync } from '../../src/runtime/load.ts';
import { fitBytes } from '../../src/train/fit.ts';
import { resolveFitOptions } from '../../src/train/fitOptions.ts';
import { split, vectors } from './shop.ts';

const MEGABYTE = 2 ** 20;

describe('a forecast', () => {
  it('names every stage, with the most of each', async () => {
    const { forecast } = await prepareTraining({ split }, { epochs: 7, dim: 16 });
    expect(forecast.stages.map(({ stage, units }) => `${stage}: ${units}`)).toEqual([
      'l3ae of clicks alone: 3',
      'lightgcn from xavier: 7',
      'lightgcn from xavier with l3ae of clicks alone: 1',
      'test: 1',
    ]);
    const seconds = forecast.stages.reduce((sum, stage) => sum + stage.seconds, 0);
    expect(forecast.seconds).toBeCloseTo(seconds, 12);
    expect(forecast.bytes).toBe(Math.max(...forecast.stages.map(({ bytes }) => bytes)));
  });

  it('grows with epochs, width and threads', async () => {
    const of = async (options: object) =>
      (await prepareTraining({ split }, { init: 'xavier', epochs: 2, dim: 32, ...options })).forecast;
    const small = await of({});
    expect((await of({ epochs: 4 })).stages[0].seconds).toBeCloseTo(2 * small.stages[0].seconds, 9);
    expect((await of({ dim: 64 })).bytes).toBeGreaterThan(small.bytes);
    expect((await of({ dim: 64 })).seconds).toBeGreaterThan(small.seconds);
    expect((await of({ model: 'sgl' })).seconds).toBeGreaterThan(small.seconds);
  });

  it('counts the map of text vectors that an adapter trains, layer by layer', async () => {
    const embeddings = await vectors();
    const bytesOf = async (options: object) =>
      (await prepareTraining({ split, embeddings }, { ...options, dim: 8 })).forecast.bytes;
    const sizes = [
      await bytesOf({ init: 'pca' }),
      await bytesOf({ init: 'adapter' }),
      await bytesOf({ init: 'adapter', adapterLayers: 2 }),
      await bytesOf({ init: 'adapter', adapterLayers: 2, adapterUsers: 'mapped' }),
    ];
    expect(sizes[3]).toBeGreaterThan(sizes[2]);
    expect(sizes[1]).toBeGreaterThan(sizes[0]);
    expect(sizes[2]).toBeGreaterThan(sizes[1]);
  });

  it('says which batch would do where an epoch is long, and nothing where it is short', async () => {
    const long = { init: 'xavier', dim: 2_000_000, batchSize: 1, layers: 3 } as const;
    const { batch, stages } = (await prepareTraining({ split }, long)).forecast;
    expect(stages[0].unitSeconds).toBeGreaterThan(60);
    expect(batch?.size).toBeGreaterThan(1);
    expect(batch!.unitSeconds).toBeLessThan(stages[0].unitSeconds / 2);
    expect((await prepareTraining({ split }, { init: 'xavier' })).forecast.batch).toBeNull();
  });

  it('counts the linear memory of every entry, the blend and what stands in for the graph model included', async () => {
    const runtime = loadSync((await load()).module);
    const opened = vi.spyOn(runtime, 'open');
    const rows = Array.from({ length: 20_000 }, (_, n) => ({
      user: `u${n % 2000}`,
      item: `i${(n * 7 + Math.floor(n / 2000) ** 2 * 13 + (n % 2000)) % 1000}`,
    }));
    const many = leaveOneOut(Interactions.from(rows), { order: 'random', seed: 1 });
    const data = new TrainingData(many, null);
    const size = trainingSize(data, many);
    const options = { dim: 32, epochs: 1, runtime };
    const entries = [...entriesOf('auto', options, data), closedForm('svd', findClosedModel('svd')!)];
    entries.push(blend('another blend', ['svd', entries[0].name]));
    const finished: Candidate[] = [];
    for (const entry of entries) {
      opened.mockClear();
      const { units } = entry.cost(size, options);
      finished.push(await entry.run({ data, split: many, size, options, runtime, finished, units }));
      const taken = Math.max(...opened.mock.calls.map(([bytes = 0]) => bytes));
      expect(taken, entry.name).toBeGreaterThan(MEGABYTE);
      expect(taken, entry.name).toBeLessThanOrEqual(entry.bytes(size, options, 1).working);
    }
  });

  it('counts the bytes of a graph that is not built yet as those of the graph', () => {
    const graph = new Graph(split.train);
    expect(graphSize(split.train)).toMatchObject({
      numUsers: graph.numUsers,
      numItems: graph.numItems,
      numNodes: graph.numNodes,
      numEdges: graph.numEdges,
      maxDegree: graph.maxDegree,
      userDegrees: graph.userDegrees,
    });
    const options = resolveFitOptions({ batchSize: 32 });
    const run = { validates: true, threads: 1 };
    expect(fitBytes(graphSize(split.train), 16, options, run)).toBe(fitBytes(graph, 16, options, run));
  });
});

describe('maxProcessBytes', () => {
  it('refuses a training that is expected to take more, and says what would fit', async () => {
    const { forecast } = await prepareTraining({ split }, { init: 'xavier', dim: 4096 });
    const most = Math.floor(forecast.bytes - 10 * MEGABYTE);
    const epochs: unknown[] = [];
    const job = train(
      { split },
      { init: 'xavier', dim: 4096, maxProcessBytes: most, onProgress: ({ fit }) => fit && epochs.push(fit) },
    );
    await expect(job).rejects.toThrow(BudgetError);
    await expect(job).rejects.toThrow(
      /for the process, xavier takes about \d+ MB\. With dim \d+ it takes about \d+ MB/,
    );
    expect(epochs).toEqual([]);
  });

  it('leaves out of a choice what would take more, and chooses among the others', async () => {
    const wide = { dim: 20_000, epochs: 1 };
    const { stages } = (await prepareTraining({ split }, wide)).forecast;
    const maxProcessBytes = Math.floor((stages[0].bytes + stages[1].bytes) / 2);
    const { trials, modelName } = await train({ split }, { ...wide, maxProcessBytes });
    expect(modelName).toBe('l3ae');
    expect(trials[1].skipped).toMatch(/expected at most \d+ MB of memory for the process/);
  });

  it('changes nothing where there is room', async () => {
    const options = { epochs: 2, dim: 8 };
    const [limited, free] = [
      await train({ split }, { ...options, maxProcessBytes: 1024 * MEGABYTE }),
      await train({ split }, options),
    ];
    expect(limited.encode()).toEqual(free.encode());
  });
});
