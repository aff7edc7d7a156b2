import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { Graph } from '../../../src/data/graph.ts';
import { finishedJob } from '../../../src/exchange/torch/finishedJob.ts';
import { type TorchJob, torchJob } from '../../../src/exchange/torch/job.ts';
import { decodeSafetensors, encodeSafetensors } from '../../../src/format/safetensors.ts';
import { encodeStrings } from '../../../src/format/stringTable.ts';
import { load, TrainingData, type TrainOptions } from '../../../src/index.ts';
import { plantedSplit } from '../../models/planted.ts';

const split = plantedSplit();
const { userIds, itemIds } = split.train;
const OPTIONS: TrainOptions = { init: 'xavier', dim: 4, layers: 1 };

async function made(options: TrainOptions = OPTIONS, batches?: number): Promise<TorchJob> {
  const data = new TrainingData(split, null);
  return torchJob(data, options, { runtime: await load(), keep: {}, config: (config) => config, batches });
}

describe('a job for PyTorch', () => {
  it('holds E⁽⁰⁾, Â, what is held out and the options, with SHA-256 of its files', async () => {
    const { files, tables } = await made();
    const job = JSON.parse(new TextDecoder().decode(files['job.json']));
    expect(job).toMatchObject({
      users: userIds.length,
      items: itemIds.length,
      dim: 4,
      interactions: split.train.length,
    });
    expect(job.training).toMatchObject({ model: 'lightgcn', layers: 1, batchSize: split.train.length });
    for (const name of ['start.safetensors', 'graph.safetensors'])
      expect(job.files[name]).toBe(bytesToHex(sha256(files[name])));
    const start = decodeSafetensors(files['start.safetensors'], 'start');
    expect(start.tensors.item_factors.data).toEqual(tables.items);
    const graph = decodeSafetensors(files['graph.safetensors'], 'graph');
    const { adjacency } = new Graph(split.train);
    expect(graph.tensors.row_ptr.data).toEqual(adjacency.rowPtr);
    expect(graph.tensors.col_idx.data).toEqual(adjacency.colIdx);
    expect(graph.tensors.values.data).toEqual(adjacency.values);
  });

  it('holds batches over the ends of epochs, each pair of an epoch once', async () => {
    const { files } = await made({ ...OPTIONS, batchSize: 64 }, 5);
    const { users, positives, negatives, bounds } = decodeSafetensors(
      files['batches.safetensors'],
      'batches',
    ).tensors;
    const perEpoch = [
      ...Array.from({ length: Math.floor(split.train.length / 64) }, () => 64),
      split.train.length % 64,
    ];
    const ends = Array.from({ length: 6 }, (_, n) =>
      Array.from({ length: n }, (_, at) => perEpoch[at % perEpoch.length]),
    );
    expect(Array.from(bounds.data as Int32Array)).toEqual(
      ends.map((sizes) => sizes.reduce((a, b) => a + b, 0)),
    );
    const pairs = new Set(
      Array.from({ length: split.train.length }, (_, n) => `${users.data[n]} ${positives.data[n]}`),
    );
    expect(pairs.size).toBe(split.train.length);
    expect(Math.max(...(negatives.data as Int32Array))).toBeLessThan(itemIds.length);
  });

  it.each<[string, TrainOptions]>([
    ['model', { ...OPTIONS, model: 'sgl' }],
    ['model', { model: 'ease' }],
    ['negatives', { ...OPTIONS, negatives: { name: 'hard' } }],
    ['loss.candidates', { ...OPTIONS, loss: { name: 'softmax', candidates: 'all' } }],
    ['averaging', { ...OPTIONS, averaging: 0.9 }],
  ])('is refused for what train.py does not know, naming %s', async (option, options) => {
    await expect(made(options)).rejects.toMatchObject({ name: 'UnsupportedError', option });
  });
});

describe('a job that comes back', () => {
  let job: TorchJob;
  beforeAll(async () => {
    job = await made();
  });

  interface Returned {
    readonly users?: readonly string[];
    readonly items?: readonly string[];
    readonly value?: number;
    readonly of?: string;
  }

  function returned({ users = userIds, items = itemIds, value = 0.5, of }: Returned = {}) {
    const table = (rows: number) => ({
      dtype: 'F32' as const,
      shape: [rows, 4],
      data: new Float32Array(4 * rows).fill(value),
    });
    const factors = encodeSafetensors(
      {
        ...{ user_factors: table(users.length), item_factors: table(items.length) },
        ...encodeStrings('user_ids', users),
        ...encodeStrings('item_ids', items),
      },
      {
        format: 'llminit-factors',
        version: '1',
        job: of ?? bytesToHex(sha256(job.files['job.json'])),
        training: '{"bestEpoch":3}',
      },
    );
    const { 'job.json': text, 'start.safetensors': start, 'graph.safetensors': graph } = job.files;
    return { folder: 'job', job: text, start, graph, factors };
  }

  it('is a model with the trained rows, and the split that it was trained on', () => {
    const { model, split: found, made: training } = finishedJob(returned());
    expect(model.itemFactors.every((value) => value === 0.5)).toBe(true);
    expect([model.userIds, model.itemIds]).toEqual([userIds, itemIds]);
    expect(training).toEqual({ bestEpoch: 3 });
    const pairs = ({ users, items }: { users: Int32Array; items: Int32Array }) =>
      Array.from(users, (user, n) => user * itemIds.length + items[n]).sort((a, b) => a - b);
    for (const part of ['train', 'valid', 'test'] as const)
      expect(pairs(found[part])).toEqual(pairs(split[part]));
  });

  it.each<[string, Returned, RegExp]>([
    [
      'another order',
      { items: itemIds.toReversed() },
      /expected the item ids in the same order: "i\d+" in row 0, received "i\d+"; .* in row 1, .*; .* in row 2/,
    ],
    [
      'others',
      { users: userIds.map((id, n) => (n % 5 === 1 ? `${id}x` : id)) },
      /expected the same user ids: "u1" in row 1, received "u1x"; .*; /,
    ],
    [
      'fewer',
      { items: itemIds.slice(4) },
      /expected 24 item ids, received 20 \(missing "i\d+", "i\d+", "i\d+" and 1 more\)/,
    ],
    ['more', { users: [...userIds, 'new'] }, /expected 40 user ids, received 41 \(not expected "new"\)/],
    [
      'the ids of another job',
      { of: 'ab' },
      /expected factors of the job [0-9a-f]{64}, received those of "ab"/,
    ],
    ['NaN', { value: Number.NaN }, /expected finite user_factors, received NaN in row 0/],
  ])('is refused with factors of %s', (_, change, message) => {
    expect(() => finishedJob(returned(change))).toThrow(message);
  });

  it('is refused with another graph, and with a damaged byte', () => {
    const whole = returned();
    expect(() => finishedJob({ ...whole, graph: whole.start })).toThrow(
      /job\/graph.safetensors: expected SHA-256/,
    );
    const damaged = whole.factors.slice();
    damaged[damaged.length - 1] ^= 1;
    expect(() => finishedJob({ ...whole, factors: damaged })).toThrow(/expected checksum crc32/);
  });
});
