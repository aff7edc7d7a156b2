import { beforeAll, describe, expect, it } from 'vitest';
import type { Embeddings } from '../../src/embed/embeddings.ts';
import type { JsonValue } from '../../src/format/json.ts';
import type { TrainOptions } from '../../src/recipe/options.ts';
import { train } from '../../src/recipe/train.ts';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../../src/train/checkpoint.ts';
import { small, split, vectors } from './shop.ts';

let embeddings: Embeddings;
beforeAll(async () => {
  embeddings = await vectors();
});

const options: TrainOptions = { ...small, patience: 12 };
/** Batches of the graph model, the second of the three trials. */
const batchesOf = 12 * Math.ceil(split.train.length / 32);
const run = (more: TrainOptions = {}) => train({ split, embeddings }, { ...options, ...more });

/** Runs until `stop` says so, and gives the last checkpoint as it comes out of a file; null when the job ended. */
async function interrupted(
  stop: (batches: number) => boolean,
  more: TrainOptions = {},
): Promise<Checkpoint | null> {
  const controller = new AbortController();
  let last: Checkpoint | null = null;
  let batches = 0;
  const job = run({
    ...more,
    signal: controller.signal,
    onCheckpoint: (checkpoint) => {
      last = checkpoint;
    },
    onProgress: ({ fit }) => {
      if (fit?.kind === 'batch' && stop(++batches)) controller.abort(new Error('stopped'));
    },
  });
  const ended = await job.then(
    () => true,
    (error: Error) => {
      if (error.message !== 'stopped') throw error;
      return false;
    },
  );
  return ended ? null : decodeCheckpoint(encodeCheckpoint(last!), 'job.ckpt');
}

/** The batches of the graph model that a resumed job still runs, and the trials that it begins. */
async function resumed(resume: Checkpoint, more: TrainOptions = {}) {
  let batches = 0;
  const begun = new Set<string>();
  const trained = await run({
    ...more,
    resume,
    onProgress: ({ name, fit }) => {
      begun.add(name);
      if (fit?.kind === 'batch') batches++;
    },
  });
  return { trained, batches, begun: [...begun] };
}

/** The checkpoint of a job after its n-th trial. */
async function afterTrial(trial: number): Promise<Checkpoint> {
  const states: Checkpoint[] = [];
  await run({ onCheckpoint: (state) => void states.push(state) });
  return decodeCheckpoint(encodeCheckpoint(states[trial - 1]), 'job.ckpt');
}

const [rows, graph, blend] = ['l3ae', 'lightgcn from graph-pca', 'lightgcn from graph-pca with l3ae'];

describe('a choice among models that is interrupted', () => {
  it('in a training goes on where it was, to the same bytes', async () => {
    const whole = await run();
    const state = (await interrupted((batch) => batch === 7))!;
    const { trained, batches, begun } = await resumed(state);
    expect(batches).toBe(batchesOf - 7);
    expect(begun).toEqual([graph, blend]);
    expect(trained.encode()).toEqual(whole.encode());
    expect(trained.trials).toEqual(whole.trials);
    expect(trained.result?.history).toEqual(whole.result?.history);
  });

  it.each([
    [1, [graph, blend]],
    [2, [blend]],
  ])('after trial %d does not run what has finished', async (trial, left) => {
    const { trained, begun } = await resumed(await afterTrial(trial));
    expect(begun).toEqual(left);
    expect(begun).not.toContain(rows);
    expect(trained.encode()).toEqual((await run()).encode());
  });

  it('ends, and to the same bytes, however often it is interrupted', async () => {
    let state = await interrupted((batch) => batch === 11);
    for (let stops = 1; state; stops++) {
      expect(stops).toBeLessThan(batchesOf);
      const next = await interrupted((batch) => batch === 11, { resume: state });
      if (!next) break;
      state = next;
    }
    const { trained } = await resumed(state!);
    expect(trained.encode()).toEqual((await run()).encode());
  });

  it('keeps a finished trial with an adapter', async () => {
    const adapter: TrainOptions = { init: 'adapter', adapterLayers: 2, adapterUsers: 'mapped' };
    const state = await interrupted((batch) => batch === 9, adapter);
    const { trained } = await resumed(state!, adapter);
    expect(trained.result?.adapter).toEqual((await run(adapter)).result?.adapter);
  });

  it('refuses to go on as another job', async () => {
    const state = await afterTrial(2);
    const other = (more: TrainOptions) => resumed(state, more);
    await expect(other({ batchSize: 16 })).rejects.toThrow(/batchSize 16\), received one with batchSize 32/);
    await expect(other({ init: 'pca' })).rejects.toThrow(/init pca\), received one with init auto/);
    await expect(other({ model: 'lightgcn' })).rejects.toThrow(
      /model lightgcn\), received one with model null/,
    );
    await expect(other({ seed: 1 })).rejects.toThrow(/\(seed 1\), received one with seed 2020/);
    await expect(other({ budget: 60 })).rejects.toThrow(/\(budget 60\), received one with budget 600/);
    await expect(other({ epochs: 20 })).rejects.toThrow(/expected epochs 12, for which the finished trial/);
    const elsewhere = train(
      { split: { ...split, test: split.valid }, embeddings },
      { ...options, resume: state },
    );
    await expect(elsewhere).rejects.toThrow(/received one with other data or vectors/);
  });

  it('refuses a checkpoint whose finished trials are damaged', async () => {
    const state = await afterTrial(2);
    const { record, tensors } = state.job!;
    const broken = (job: Checkpoint['job']) => resumed({ ...state, job });
    const without = (name: string) =>
      broken({
        record,
        tensors: Object.fromEntries(Object.entries(tensors).filter(([key]) => key !== name)),
      });
    await expect(without('1.items')).rejects.toThrow(/with items of F32 24 × 8, received none/);
    await expect(without('0.weights')).rejects.toThrow(/numbers in weights, received none/);
    const short = { ...tensors['1.items'], shape: [23, 8] };
    await expect(broken({ record, tensors: { ...tensors, '1.items': short } })).rejects.toThrow(/F32 23 × 8/);
    await expect(broken({ record: { finished: [] }, tensors })).rejects.toThrow(
      /finished trials in the checkpoint/,
    );
    await expect(broken({ record: { finished: [null, null] }, tensors })).rejects.toThrow(/a record of each/);
    type Trials = Record<string, JsonValue>[];
    const [first, second] = record.finished as unknown as Trials;
    const of = (...finished: Trials) => broken({ record: { finished }, tensors });
    await expect(of(first, { ...second, bestEpoch: 99 })).rejects.toThrow(
      /bestEpoch \d+, as its history says/,
    );
    await expect(of({ ...first, settings: { regularization: 7 } }, second)).rejects.toThrow(/known settings/);
    await expect(of({ ...first, skipped: 3 }, second)).rejects.toThrow(/why a trial was skipped/);
    await expect(broken(undefined)).rejects.toThrow(/list of finished trials/);
  });
});
