import { describe, expect, it } from 'vitest';
import { graphSize } from '../../src/data/graph.ts';
import { Interactions } from '../../src/data/interactions.ts';
import { BudgetError, isLlminitError } from '../../src/errors.ts';
import { evaluate } from '../../src/evaluate/evaluate.ts';
import { initialize } from '../../src/init/initialize.ts';
import { ADAM } from '../../src/models/parameters/optimizer.ts';
import { MODELS } from '../../src/models/registry.ts';
import { load } from '../../src/runtime/load.ts';
import { loadThreads } from '../../src/runtime/loadThreads.ts';
import type { Checkpoint } from '../../src/train/checkpoint.ts';
import { fit, fitBytes } from '../../src/train/fit.ts';
import { resolveFitOptions } from '../../src/train/fitOptions.ts';
import type { FitOptions } from '../../src/train/options.ts';
import { codesFor } from '../models/identityCodes.ts';
import { plantedSplit } from '../models/planted.ts';
import { initial, interrupted, quick, split } from './plantedFit.ts';

describe('fit', () => {
  it('keeps the weights of the best validation epoch, not the last', async () => {
    const result = await fit(split, initial, { ...quick, epochs: 30, patience: 2 });
    const metrics = result.history.map(({ metric }) => metric!);
    expect(result.bestMetric).toBe(Math.max(...metrics));
    expect(result.bestEpoch).toBe(1 + metrics.indexOf(result.bestMetric!));
    const { means } = await evaluate(result.factors, split, { part: 'valid', ks: [10] });
    expect(means['ndcg@10']).toBe(result.bestMetric);
  });

  it('stops after more than `patience` evaluations without a rise', async () => {
    const result = await fit(split, initial, { ...quick, epochs: 200, patience: 3 });
    expect(result.stoppedBy).toBe('patience');
    expect(result.history.length).toBeGreaterThanOrEqual(result.bestEpoch + 4);
    expect(result.history.length).toBeLessThan(result.bestEpoch + 12);
    const eager = await fit(split, initial, { ...quick, epochs: 200, patience: 0 });
    expect(eager.history.length).toBe(eager.bestEpoch + 1);
  });

  it('evaluates every n epochs when asked', async () => {
    const { history } = await fit(split, initial, { ...quick, epochs: 5, evaluateEvery: 2 });
    expect(history.map(({ metric }) => metric !== null)).toEqual([false, true, false, true, false]);
  });

  it('runs all epochs without validation interactions and keeps the last weights', async () => {
    const result = await fit({ ...split, valid: split.train.subset([]) }, initial, { ...quick, epochs: 4 });
    expect(result).toMatchObject({ bestEpoch: 4, bestMetric: null, stoppedBy: 'epochs' });
  });

  it('lowers the loss with SGD too', async () => {
    const optimizer = { name: 'sgd', learningRate: 2 } as const;
    const { history } = await fit(split, initial, { ...quick, epochs: 20, optimizer });
    expect(history.at(-1)!.loss).toBeLessThan(history[0].loss * 0.9);
  });

  it('sends batch and epoch progress that counts up to the end', async () => {
    const events: string[] = [];
    await fit(split, initial, {
      ...quick,
      epochs: 2,
      onProgress: (p) => events.push(`${p.kind} ${p.epoch}.${p.batch}/${p.batches}`),
    });
    expect(events.filter((e) => e.startsWith('epoch'))).toEqual(['epoch 1.13/13', 'epoch 2.13/13']);
    expect(events.filter((e) => e.startsWith('batch')).length).toBe(26);
  });

  it('does nothing when the signal is aborted beforehand', async () => {
    const signal = AbortSignal.abort(new Error('never mind'));
    let steps = 0;
    await expect(fit(split, initial, { ...quick, signal, onProgress: () => steps++ })).rejects.toThrow(
      'never mind',
    );
    expect(steps).toBe(0);
  });
});

describe('fit with an average of the weights', () => {
  const options: FitOptions = { ...quick, averaging: 0.9, epochs: 6, patience: 30 };

  it('keeps and validates the average while training goes on from the weights', async () => {
    const plain = await fit(split, initial, { ...options, averaging: 0 });
    const averaged = await fit(split, initial, options);
    expect(averaged.history.map(({ loss }) => loss)).toEqual(plain.history.map(({ loss }) => loss));
    expect(averaged.parameters).not.toEqual(plain.parameters);
    const { means } = await evaluate(averaged.factors, split, { part: 'valid', ks: [10] });
    expect(means['ndcg@10']).toBe(averaged.bestMetric);
  });

  it('is w̄ ← β w̄ + (1 − β) w of each update, from the initial values on', async () => {
    const noValid = { ...split, valid: split.train.subset([]) };
    const run = (epochs: number, averaging: number) =>
      fit(noValid, initial, { ...options, batchSize: 1000, epochs, averaging });
    const weights = [1, 2, 3].map((epochs) => run(epochs, 0));
    const average = Float64Array.from([...initial.users, ...initial.items]);
    for (const { parameters } of await Promise.all(weights))
      parameters.forEach((value, n) => {
        average[n] += 0.1 * (value - average[n]);
      });
    const { parameters } = await run(3, 0.9);
    parameters.forEach((value, n) => {
      expect(value).toBeCloseTo(average[n], 5);
    });
  });

  it('resumes to the same bytes', async () => {
    const whole = await fit(split, initial, options);
    const resume = await interrupted(options, 20);
    const resumed = await fit(split, initial, { ...options, resume });
    expect(resumed.parameters).toEqual(whole.parameters);
    expect(resumed.history).toEqual(whole.history);
    await expect(fit(split, initial, { ...options, averaging: 0, resume })).rejects.toThrow(/averaging/);
  });
});

describe('a training that diverges', () => {
  const good = { ...quick, epochs: 6, patience: 30, checkpointEvery: 1 };
  /** The state after the last good epoch, one number of it spoilt. */
  async function spoilt(): Promise<Checkpoint> {
    let state: Checkpoint | undefined;
    const onCheckpoint = (checkpoint: Checkpoint) => {
      state = checkpoint;
    };
    await fit(split, initial, { ...good, onCheckpoint });
    state!.model.parameters.values[3] = 3e38;
    return state!;
  }

  it('keeps the best weights and says what happened', async () => {
    const whole = await fit(split, initial, good);
    const resume = await spoilt();
    const result = await fit(split, initial, { ...good, epochs: 40, resume });
    expect(result.stoppedBy).toBe('diverged');
    expect(result.warning).toMatch(/^Training diverged: .* in epoch 7\. The weights of epoch \d+ were kept$/);
    expect(result.parameters).toEqual(whole.parameters);
    expect(result.bestMetric).toBe(whole.bestMetric);
    expect(result.history).toEqual(whole.history);
    expect(whole.warning).toBeNull();
  });
});

describe('fit on small data', () => {
  it('leaves out the pairs of a user who has every item, which have no negative', async () => {
    const rows = ['a', 'b', 'c'].map((item) => ({ user: 'everything', item }));
    const all = Interactions.from([...rows, { user: 'one', item: 'a' }, { user: 'two', item: 'b' }]);
    const full = { train: all, valid: all.subset([]), test: all.subset([]) };
    const tables = await initialize(all, null, { dim: 4 });
    const batches: number[] = [];
    for (const model of ['lightgcn', 'bpr-mf', 'sgl'] as const) {
      const onProgress: FitOptions['onProgress'] = ({ batches: count }) => batches.push(count);
      const { history } = await fit(full, tables, { ...quick, model, batchSize: 1, epochs: 30, onProgress });
      expect(history[29].loss).toBeLessThan(history[0].loss);
    }
    expect(new Set(batches)).toEqual(new Set([2]));
  });
});

describe('fit with contrastive models', () => {
  for (const augmentation of ['ND', 'RW'] as const) {
    it(`trains and resumes SGL with ${augmentation} views`, async () => {
      const options = { ...quick, model: 'sgl', augmentation, dropout: 0.3, epochs: 4 } as const;
      const whole = await fit(split, initial, options);
      const state = await interrupted(options, 20);
      const resumed = await fit(split, initial, { ...options, resume: state });
      expect(resumed.parameters).toEqual(whole.parameters);
      expect(whole.history[3].loss).toBeLessThan(whole.history[0].loss);
    });
  }

  it('trains SGCL where a user has every item, since it draws no negatives', async () => {
    const rows = ['a', 'b', 'c'].map((item) => ({ user: 'everything', item }));
    const all = Interactions.from([...rows, { user: 'one', item: 'a' }]);
    const full = { train: all, valid: all.subset([]), test: all.subset([]) };
    const tables = await initialize(all, null, { dim: 4 });
    const { history } = await fit(full, tables, { ...quick, model: 'sgcl' });
    expect(history[11].loss).toBeLessThan(history[0].loss);
  });

  it('needs the memory that it says, and not a byte less, for each model', async () => {
    const { module } = await load();
    const base = (await load()).open().usedBytes;
    const graph = graphSize(split.train);
    for (const model of MODELS) {
      for (const augmentation of ['ED', 'RW'] as const) {
        const views = model === 'sgl' && { augmentation };
        const codes = codesFor(model, split.train.numItems);
        const own: FitOptions = { ...quick, model, ...views, ...codes };
        const run = { validates: split.valid.length > 0, threads: 1 };
        const bytes = base + fitBytes(graph, initial.dim, resolveFitOptions(own), run);
        await fit(split, initial, {
          ...{ ...own, epochs: 1, runtime: await load({ module, maxMemoryBytes: bytes }) },
        });
        const less = await load({ module, maxMemoryBytes: bytes - 1 });
        await expect(fit(split, initial, { ...own, runtime: less })).rejects.toThrow(BudgetError);
      }
    }
  });

  it('counts the memory of further threads as well', async () => {
    const threads = 9;
    const run = { validates: split.valid.length > 0, threads };
    const bytes = fitBytes(graphSize(split.train), initial.dim, resolveFitOptions(quick), run);
    const free = await loadThreads({ threads, onFallback: () => {} });
    const base = free.open().usedBytes;
    free.close();
    const runtime = await loadThreads({ threads, maxMemoryBytes: base + bytes, onFallback: () => {} });
    try {
      await fit(split, initial, { ...quick, epochs: 1, runtime });
    } finally {
      runtime.close();
    }
  });

  it('does not resume SGL with another temperature', async () => {
    const model = 'sgl' as const;
    const resume = await interrupted({ ...quick, model }, 3);
    await expect(fit(split, initial, { ...quick, model, temperature: 0.3, resume })).rejects.toThrow(
      /written with temperature = 0.2, this run has 0.3/,
    );
  });
});

describe('fit refuses', () => {
  const cases: [string, FitOptions, RegExp][] = [
    [
      'an unknown model',
      { model: 'gcn' as never },
      /expected model to be lightgcn \| bpr-mf \| sgl \| sgcl \| mixsgcl \| sasrec \| tiger, received "gcn"/,
    ],
    ['layers below 0', { layers: -1 }, /expected layers to be an integer ≥ 0, received -1/],
    ['no layers for sgl', { model: 'sgl', layers: 0 }, /layers to be an integer ≥ 1 for sgl/],
    [
      'a temperature below 0.01',
      { model: 'sgcl', temperature: 0.001 },
      /temperature to be a number ≥ 0.01, received 0.001/,
    ],
    ['a negative contrastive weight', { model: 'sgl', sslWeight: -1 }, /sslWeight to be a number ≥ 0/],
    [
      'an unknown augmentation',
      { model: 'sgl', augmentation: 'ed' as never },
      /ED \| ND \| RW, received "ed"/,
    ],
    [
      'a dropout of all edges',
      { model: 'sgl', dropout: 1 },
      /dropout to be a number in \[0, 1\), received 1/,
    ],
    [
      'a temperature that lightgcn does not read',
      { temperature: 0.3 },
      /expected model sgl, sgcl or mixsgcl beside/,
    ],
    [
      'negatives that sgcl does not draw',
      { model: 'sgcl', negatives: { name: 'hard' } },
      /beside negatives, received sgcl/,
    ],
    ['a misspelled option', { epoch: 3 } as FitOptions, /received epoch\. Did you mean epochs\?/],
    [
      'a runtime of another kind',
      { runtime: 'wasm' as never },
      /expected runtime to be a runtime of load\(\)/,
    ],
    ['layers for bpr-mf', { model: 'bpr-mf', layers: 2 }, /layers/],
    ['a batch of 0', { batchSize: 0 }, /batchSize/],
    ['no epochs', { epochs: 0 }, /epochs/],
    ['a negative patience', { patience: -1 }, /patience/],
    ['a negative seed', { seed: -1 }, /seed/],
    ['a protocol that is neither', { protocol: 'full' as never }, /protocol/],
    ['a learning rate of 0', { optimizer: { name: 'sgd', learningRate: 0 } }, /learningRate/],
    ['a negative regularisation', { regularization: { weight: -1, form: 'norm' } }, /regularization\.weight/],
  ];
  for (const [what, options, message] of cases) {
    it(what, async () => {
      await expect(fit(split, initial, options)).rejects.toThrow(message);
    });
  }

  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'interactions instead of a split',
      () => fit(split.train as never, initial),
      /expected a split \{ train, valid, test \}, received interactions\. Make one with leaveOneOut/,
    ],
    [
      'nothing instead of a split',
      () => fit(undefined as never, initial),
      /expected a split \{ train, valid, test \}, received undefined/,
    ],
    [
      'vectors instead of tables',
      () => fit(split, new Float32Array(3) as never),
      /expected initial tables \{ users, items, dim \}.*received a Float32Array/,
    ],
    ['no tables', () => fit(split, null as never), /expected initial tables .*received null/],
    [
      'a number for options',
      () => fit(split, initial, 3 as never),
      /expected an object of options, received 3/,
    ],
  ])('%s', async (_, call, message) => {
    const error = await call().catch((thrown: unknown) => thrown);
    expect(isLlminitError(error, 'ERR_LLMINIT_OPTION'), String(error)).toBe(true);
    expect(String(error)).toMatch(message);
  });

  it('initial tables of another split', async () => {
    const other = plantedSplit(10);
    await expect(fit(other, initial, quick)).rejects.toThrow(
      /expected 20 × 12 initial user values, received 480/,
    );
  });

  it('users who have every item, since no negative is left', async () => {
    const rows = ['one', 'two'].flatMap((user) => ['a', 'b', 'c'].map((item) => ({ user, item })));
    const all = Interactions.from(rows);
    const full = { train: all, valid: all.subset([]), test: all.subset([]) };
    const tables = await initialize(all, null, { dim: 4 });
    await expect(fit(full, tables, quick)).rejects.toThrow(/every user has all 3 items/);
    await fit(full, tables, { ...quick, protocol: 'paper', epochs: 1 });
  });

  it('a job that does not fit the memory limit, before it starts', async () => {
    const { module } = await load();
    const runtime = await load({ module, maxMemoryBytes: 20000 });
    await expect(fit(split, initial, { ...quick, runtime })).rejects.toThrow(
      /needs \d+ bytes of memory, the limit is 20000/,
    );
  });

  it('to resume a run with other options', async () => {
    const resume = await interrupted({ ...quick, seed: 1 }, 3);
    await expect(fit(split, initial, { ...quick, seed: 2, resume })).rejects.toThrow(
      /written with seed = 1, this run has 2/,
    );
  });

  it('to resume with fewer epochs than the checkpoint has done', async () => {
    const resume = await interrupted(quick, 40);
    await expect(fit(split, initial, { ...quick, epochs: 2, resume })).rejects.toThrow(
      /epochs ≥ 3.*received 2/,
    );
  });

  it('parts of a split that do not share their ids', async () => {
    const other = plantedSplit(30);
    await expect(fit({ ...split, valid: other.valid }, initial, quick)).rejects.toThrow(
      /id tables of their own/,
    );
    const { factors } = await fit(split, initial, { ...quick, epochs: 1 });
    await expect(evaluate(factors, { ...split, test: other.test })).rejects.toThrow(/id tables of their own/);
  });

  it('initial values that are no numbers', async () => {
    const items = initial.items.slice();
    items[25] = Number.NaN;
    await expect(fit(split, { ...initial, items }, quick)).rejects.toThrow(
      /finite initial item values.*NaN in row 2/,
    );
  });

  it('a split without training interactions', async () => {
    const empty = { ...split, train: split.train.subset([]) };
    await expect(fit(empty, initial, quick)).rejects.toThrow(/training interactions/);
  });

  it('weights whose scores are no numbers, of whatever model, in the last update too', async () => {
    const noValid = { ...split, valid: split.train.subset([]) };
    for (const optimizer of [
      { name: 'sgd', learningRate: 1e38 },
      { ...ADAM, learningRate: 3e38 },
      { ...ADAM, learningRate: 1e20 },
    ] as const) {
      for (const part of [split, noValid]) {
        for (const model of MODELS) {
          const own = { model, optimizer, ...codesFor(model, split.train.numItems) };
          const run = fit(part, initial, { ...quick, ...own, epochs: 1, batchSize: 1000 });
          await expect(run, `${model}, ${optimizer.name}`).rejects.toThrow(/training diverged/);
        }
      }
    }
  });
});
