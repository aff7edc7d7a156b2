import { beforeAll, describe, expect, it } from 'vitest';
import { DataError, FormatError, isLlminitError } from '../../src/errors.ts';
import { Embeddings, Interactions, leaveOneOut, type TrainOptions, train } from '../../src/index.ts';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../../src/train/checkpoint.ts';
import { randomIndices, randomValues } from '../kernels/harness.ts';

const rows = Array.from({ length: 24 }, (_, user) =>
  [...new Set(randomIndices(6, 16, user))].map((item) => ({ user: `u${user}`, item: `i${item}` })),
).flat();
const split = leaveOneOut(Interactions.from(rows));
const ids = [...split.train.itemIds];
const data = {
  split,
  embeddings: new Embeddings({
    ...{ ids, width: 6, source: 'test' },
    vectors: randomValues(ids.length * 6, 1),
  }),
};
const GRAPH: TrainOptions = { model: 'lightgcn', init: 'random', dim: 4, epochs: 3, seed: 3 };
const CHOICE: TrainOptions = { epochs: 3, patience: 3, seed: 3 };

async function saved(options: TrainOptions): Promise<Checkpoint[]> {
  const found: Uint8Array[] = [];
  const onCheckpoint = (checkpoint: Checkpoint) => void found.push(encodeCheckpoint(checkpoint));
  await train(data, { ...options, checkpointEvery: 1, onCheckpoint });
  return found.map((bytes) => decodeCheckpoint(bytes, 'saved'));
}

let [ofGraph, ofChoice]: Checkpoint[] = [];
beforeAll(async () => {
  ofGraph = (await saved(GRAPH))[1];
  ofChoice = (await saved(CHOICE)).findLast(({ steps }) => steps > 0)!;
});

type Change = (checkpoint: Checkpoint) => unknown;

const table = (change: object) => (checkpoint: Checkpoint) => ({
  ...checkpoint,
  model: { ...checkpoint.model, parameters: { ...checkpoint.model.parameters, ...change } },
});

/** What no run writes, each with a true checksum. */
const CHANGES: Readonly<Record<string, Change>> = {
  'a step more': (c) => ({ ...c, steps: c.steps + 1 }),
  'no history': (c) => ({ ...c, history: null }),
  'a metric above 1': (c) => ({
    ...c,
    history: c.history.map((epoch) => ({ ...epoch, metric: 1.5 })),
    best: { ...c.best, metric: 1.5 },
  }),
  'another best metric than in the history': (c) => ({ ...c, best: { ...c.best, metric: 0.999 } }),
  'no best epoch': (c) => ({ ...c, best: null }),
  'a best epoch of another type': (c) => ({ ...c, best: 'x' }),
  'best parameters that are none': (c) => ({ ...c, best: { ...c.best, parameters: [1, 2] } }),
  'a table that is none': (c) => ({ ...c, model: { ...c.model, parameters: null } }),
  'a table without numbers': table({ values: null }),
  'a table of fewer numbers': table({ values: new Float32Array(3) }),
  'a table with a hole': table({ rows: 1, dim: 2, values: Float32Array.of(1, 2) }),
  'another fingerprint': (c) => ({ ...c, fingerprint: { ...c.fingerprint, batchSize: 7 } }),
  'a fingerprint that is none': (c) => ({ ...c, fingerprint: null }),
};

describe.each([
  ['a training', GRAPH, () => ofGraph],
  ['a choice', CHOICE, () => ofChoice],
] as const)('a checkpoint of %s with', (_, options, checkpoint) => {
  it.each(Object.entries(CHANGES))('%s is a typed error, in memory and as a file', async (_, change) => {
    const changed = change(checkpoint()) as Checkpoint;
    const failed = await train(data, { ...options, resume: changed }).catch((error: unknown) => error);
    expect(failed).toSatisfy(isLlminitError);
    const fromFile = async () => {
      const resume = decodeCheckpoint(encodeCheckpoint(changed), 'file');
      return train(data, { ...options, resume });
    };
    expect(await fromFile().catch((error: unknown) => error)).toSatisfy(isLlminitError);
  });
});

describe('a checkpoint of a choice with', () => {
  const record =
    (change: object): Change =>
    (c) => ({
      ...c,
      job: {
        ...c.job,
        record: { finished: (c.job!.record.finished as object[]).map((trial) => ({ ...trial, ...change })) },
      },
    });
  it.each<[string, Change]>([
    ['a metric above 1 of a finished trial', record({ metric: 1e9 })],
    ['no number of settings', record({ compared: 0.5 })],
    ['finished trials that are none', (c) => ({ ...c, job: { ...c.job, record: { finished: 3 } } })],
    ['tensors that are none', (c) => ({ ...c, job: { ...c.job, tensors: { '0.rowPtr': null } } })],
    [
      'a tensor without a shape',
      (c) => ({ ...c, job: { ...c.job, tensors: { '0.rowPtr': { dtype: 'I32', data: Int32Array.of(1) } } } }),
    ],
  ])('%s is a typed error', async (_, change) => {
    const changed = change(ofChoice) as Checkpoint;
    const failed = await train(data, { ...CHOICE, resume: changed }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(FormatError);
  });

  it('the state of another training is refused, not taken for a trial that failed', async () => {
    const { parameters } = ofChoice.best!;
    const changed = {
      ...ofChoice,
      best: { ...ofChoice.best!, parameters: parameters.map(() => Number.NaN) },
    };
    await expect(train(data, { ...CHOICE, resume: changed })).rejects.toThrow(DataError);
    await expect(train(data, { ...CHOICE, resume: changed })).rejects.toThrow(/finite best parameters/);
  });
});
