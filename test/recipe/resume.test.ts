import { beforeAll, describe, expect, it } from 'vitest';
import type { Embeddings } from '../../src/embed/embeddings.ts';
import type { TrainOptions } from '../../src/recipe/options.ts';
import { train } from '../../src/recipe/train.ts';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../../src/train/checkpoint.ts';
import { small, split, vectors } from './shop.ts';

let embeddings: Embeddings;
beforeAll(async () => {
  embeddings = await vectors();
});

const options: TrainOptions = { ...small, patience: 12 };
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
      if (fit.kind === 'batch' && stop(++batches)) controller.abort(new Error('stopped'));
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

/** The batches that a resumed job still runs, by trial. */
async function resumed(resume: Checkpoint, more: TrainOptions = {}) {
  const batches = [0, 0];
  const trained = await run({
    ...more,
    resume,
    onProgress: ({ trial, fit }) => {
      if (fit.kind === 'batch') batches[trial - 1]++;
    },
  });
  return { trained, batches };
}

describe('a job of two trials that is interrupted', () => {
  const perTrial = 12 * Math.ceil(split.train.length / 32);

  it.each([
    ['in the first', 7, [perTrial - 7, perTrial]],
    ['at the end of the first', perTrial, [0, perTrial]],
    ['in the second', perTrial + 20, [0, perTrial - 20]],
  ])('%s goes on where it was, to the same bytes', async (_, at, left) => {
    const whole = await run();
    const { trained, batches } = await resumed((await interrupted((batch) => batch === at))!);
    expect(batches).toEqual(left);
    expect(trained.encode()).toEqual(whole.encode());
    expect(trained.trials).toEqual(whole.trials);
    expect(trained.result.history).toEqual(whole.result.history);
  });

  it('ends, and to the same bytes, however often it is interrupted', async () => {
    let state = await interrupted((batch) => batch === 11);
    for (let stops = 1; state; stops++) {
      expect(stops).toBeLessThan(2 * perTrial);
      const next = await interrupted((batch) => batch === 11, { resume: state });
      if (!next) break;
      state = next;
    }
    const { trained } = await resumed(state!);
    expect(trained.encode()).toEqual((await run()).encode());
  });

  it('keeps a finished trial with an adapter', async () => {
    const adapter: TrainOptions = { init: 'adapter', adapterLayers: 2 };
    const state = await interrupted((batch) => batch === 9, adapter);
    const { trained } = await resumed(state!, adapter);
    expect(trained.result.adapter).toEqual((await run(adapter)).result.adapter);
  });

  it('refuses to go on as another job', async () => {
    const state = (await interrupted((batch) => batch === perTrial + 5))!;
    const other = (more: TrainOptions) => resumed(state, more);
    await expect(other({ batchSize: 16 })).rejects.toThrow(/batchSize 16\), received one with batchSize 32/);
    await expect(other({ init: 'pca' })).rejects.toThrow(/init pca\), received one with init auto/);
    await expect(other({ seed: 1 })).rejects.toThrow(
      /\(seed 1\), received one with seed 2020|other data or vectors/,
    );
    await expect(other({ epochs: 20 })).rejects.toThrow(/expected epochs 12, for which the finished trial/);
  });

  it('refuses a checkpoint whose finished trials are damaged', async () => {
    const state = (await interrupted((batch) => batch === perTrial + 5))!;
    const { record, tensors } = state.job!;
    const { '0.items': items, ...others } = tensors;
    const broken = (job: Checkpoint['job']) => resumed({ ...state, job });
    await expect(broken({ record, tensors: others })).rejects.toThrow(
      /with items of F32 24 × 8, received none/,
    );
    const short = { ...items, shape: [23, 8] };
    await expect(broken({ record, tensors: { ...tensors, '0.items': short } })).rejects.toThrow(
      /received F32 23 × 8/,
    );
    await expect(broken({ record: { finished: [] }, tensors })).rejects.toThrow(
      /finished trials in the checkpoint/,
    );
    await expect(broken({ record: { finished: [null] }, tensors })).rejects.toThrow(/a record of each/);
    const finished = [{ ...(record.finished as object[])[0], bestEpoch: 99 }];
    await expect(broken({ record: { finished }, tensors })).rejects.toThrow(/bestEpoch in the history/);
    await expect(broken(undefined)).rejects.toThrow(/list of finished trials/);
  });
});
