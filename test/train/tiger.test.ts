import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Interactions } from '../../src/data/interactions.ts';
import { leaveOneOut } from '../../src/data/splits.ts';
import { Embeddings } from '../../src/embed/embeddings.ts';
import { DataError, OptionError, ShapeError } from '../../src/errors.ts';
import { evaluateScorer } from '../../src/evaluate/evaluate.ts';
import { initialize } from '../../src/init/initialize.ts';
import { CodeScorer } from '../../src/rank/codeScorer.ts';
import { train } from '../../src/recipe/train.ts';
import { load, type Runtime } from '../../src/runtime/load.ts';
import { loadThreads } from '../../src/runtime/loadThreads.ts';
import type { Checkpoint } from '../../src/train/checkpoint.ts';
import { fit } from '../../src/train/fit.ts';
import { resolveFitOptions } from '../../src/train/fitOptions.ts';
import type { FitOptions } from '../../src/train/options.ts';
import { randomValues } from '../kernels/harness.ts';
import { circleCodes, circleWalks } from '../models/sequences/walks.ts';

const all = circleWalks();
const split = leaveOneOut(all, { order: 'time' });
const codes = circleCodes(split.train);
const initial = await initialize(split.train, null, { strategy: 'xavier', dim: 16, seed: 1 });
const optimizer = { name: 'adam', learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;
const OPTIONS: FitOptions = {
  ...{ model: 'tiger', epochs: 4, batchSize: 20, hiddenDropout: 0.1, maxLength: 4, optimizer, codes },
};
let runtimes: readonly Runtime[];
beforeAll(async () => {
  runtimes = [await load(), await loadThreads({ threads: 3 })];
});
afterAll(() => runtimes[1].close());

/** Vectors of items; those of equal numbers are equal. */
function vectorsOf(itemIds: readonly string[], numberOf: (n: number) => number): Embeddings {
  const width = 6;
  const rows = itemIds.map((_, n) => randomValues(width, 100 + numberOf(n)));
  const vectors = Float32Array.from(rows.flatMap((row) => [...row]));
  return new Embeddings({ ids: itemIds, width, vectors, source: 'test' });
}

describe('training of codes', () => {
  it('gives the same bytes and rankings with three threads as with one', async () => {
    const [one, three] = await Promise.all(
      runtimes.map(async (runtime) => {
        const { factors, sequence, history } = await fit(split, initial, { ...OPTIONS, runtime });
        const scorer = new CodeScorer('tiger', sequence!);
        const { perUser } = await evaluateScorer(scorer, split, { runtime });
        return { factors, sequence, history, ndcg: perUser['ndcg@10'] };
      }),
    );
    expect(three).toEqual(one);
    expect(one.history[0].metric).not.toBeNull();
  });

  it('validates by what evaluation says of the weights that it keeps', async () => {
    const { sequence, bestMetric } = await fit(split, initial, OPTIONS);
    const scorer = new CodeScorer('tiger', sequence!);
    const { means } = await evaluateScorer(scorer, split, { part: 'valid' });
    expect(means['ndcg@10']).toBe(bestMetric);
  });

  it('goes on from a checkpoint to the bytes of a run that was never interrupted', async () => {
    const whole = await fit(split, initial, OPTIONS);
    const stop = new AbortController();
    let kept: Checkpoint | null = null;
    const stopped = fit(split, initial, {
      ...{ ...OPTIONS, signal: stop.signal },
      onCheckpoint: (checkpoint) => {
        kept = checkpoint;
      },
      onProgress: ({ epoch, batch }) => {
        if (epoch === 2 && batch === 2) stop.abort(new Error('enough'));
      },
    });
    await expect(stopped).rejects.toThrow('enough');
    expect(await fit(split, initial, { ...OPTIONS, resume: kept! })).toEqual(whole);
    const others = { columns: 3, values: codes.values.map((code, at) => (at % 3 === 2 ? 1 - code : code)) };
    await expect(fit(split, initial, { ...OPTIONS, codes: others, resume: kept! })).rejects.toThrow(/codes/);
  });

  it('drops a tenth by default, and `sasrec` a half', () => {
    const dropped = (options: FitOptions) => resolveFitOptions(options).fingerprint.hiddenDropout;
    expect(dropped({ model: 'tiger' })).toBe(0.1);
    expect(dropped({ model: 'sasrec' })).toBe(0.5);
    expect(dropped({ model: 'tiger', hiddenDropout: 0 })).toBe(0);
    expect(dropped({ model: 'lightgcn' })).toBeUndefined();
  });

  it('says that a random split is ill-posed for it', async () => {
    const random = leaveOneOut(all, { seed: 3 });
    const tables = await initialize(random.train, null, { strategy: 'xavier', dim: 4, seed: 1 });
    const own = { ...OPTIONS, epochs: 1, codes: circleCodes(random.train) };
    expect((await fit(random, tables, own)).warning).toMatch(/ill-posed.*order of time/);
  });

  it('refuses what it cannot train on, naming it', async () => {
    const short = { columns: 3, values: codes.values.subarray(3) };
    const same = { columns: 2, values: new Int32Array(48) };
    const negative = { columns: 3, values: codes.values.map((code) => code - 1) };
    const cases: [Partial<FitOptions>, new (...args: never[]) => Error, RegExp][] = [
      [{ codes: undefined }, OptionError, /codes of the items beside model tiger, received none/],
      [{ codes: short }, ShapeError, /3 codes for each of 24 items, received 69/],
      [{ codes: same }, DataError, /other codes for every item, received the same for items 0 and 1/],
      [{ codes: negative }, DataError, /codes in 0 … \d+, received -1/],
      [{ codes: { columns: 3, values: [1] } as never }, OptionError, /codes of items/],
      [{ beams: 0 }, OptionError, /beams/],
      [{ model: 'sasrec' }, OptionError, /codes/],
      [{ sequenceLoss: 'bce' }, OptionError, /sequenceLoss/],
      [{ heads: 3 }, OptionError, /heads to divide dim/],
    ];
    for (const [own, kind, message] of cases) {
      const failed = fit(split, initial, { ...OPTIONS, ...own });
      await expect(failed).rejects.toThrow(message);
      await expect(failed).rejects.toBeInstanceOf(kind);
    }
    const single = Interactions.from([
      { user: 'a', item: 'i0', timestamp: 1 },
      { user: 'b', item: 'i1', timestamp: 2 },
    ]);
    const alone = { train: single, valid: single.subset([]), test: single.subset([]) };
    const tables = await initialize(single, null, { strategy: 'xavier', dim: 4, seed: 1 });
    const two = { columns: 2, values: Int32Array.of(0, 0, 1, 0) };
    const failed = fit({ ...split, ...alone }, tables, { ...OPTIONS, codes: two });
    await expect(failed).rejects.toThrow(/a user with two training interactions/);
  });
});

describe('train of tiger', () => {
  const settings = { model: 'tiger', init: 'xavier', dim: 8, epochs: 2, codeLevels: 2, codeSize: 4 } as const;

  it('makes codes of the vectors, also where some are equal or missing', async () => {
    const { itemIds } = split.train;
    const some = itemIds.slice(0, -2);
    const embeddings = vectorsOf(some, (n) => n % 10);
    const trained = await train({ split, embeddings }, settings);
    const scorer = trained.scorer as CodeScorer;
    expect(scorer.weights.codes.columns).toBe(3);
    expect(trained.config).toMatchObject({ model: 'tiger', codeLevels: 2, codeSize: 4, beams: 20 });
    const again = await train({ split, embeddings }, settings);
    expect(again.encode()).toEqual(trained.encode());
    const { means } = await trained.evaluate();
    expect(means['ndcg@10']).toBeGreaterThan(0);
  });

  it('goes on from the checkpoint of its job', async () => {
    const embeddings = vectorsOf(split.train.itemIds, (n) => n);
    let kept: Checkpoint | null = null;
    const onCheckpoint = (checkpoint: Checkpoint) => {
      kept = checkpoint;
    };
    const whole = await train({ split, embeddings }, { ...settings, onCheckpoint, checkpointEvery: 1 });
    const again = await train({ split, embeddings }, { ...settings, resume: kept! });
    expect(again.encode()).toEqual(whole.encode());
  });

  it('takes a catalogue of five items, and refuses one without vectors, and options that it does not read', async () => {
    const rows = Array.from({ length: 24 }, (_, n) => {
      const [user, step] = [Math.floor(n / 4), n % 4];
      return { user: `u${user}`, item: `i${(user + step) % 5}`, timestamp: n };
    });
    const few = leaveOneOut(Interactions.from(rows), { order: 'time' });
    const embeddings = vectorsOf(few.train.itemIds, (n) => n);
    const trained = await train({ split: few, embeddings }, { model: 'tiger', dim: 4, epochs: 2 });
    const recommender = await trained.recommender();
    const items = recommender.recommend({ history: ['i0', 'i1'] });
    expect(items).toHaveLength(3);
    await expect(train({ split: few }, { model: 'tiger', dim: 4 })).rejects.toThrow(
      /tiger needs embeddings, received none/,
    );
    await expect(train({ split: few, embeddings }, { model: 'sasrec', dim: 8, codeSize: 4 })).rejects.toThrow(
      /codeSize/,
    );
    const adapter = train({ split: few, embeddings }, { model: 'tiger', init: 'adapter', dim: 4 });
    await expect(adapter).rejects.toThrow(/no adapter beside model tiger/);
  });
});
