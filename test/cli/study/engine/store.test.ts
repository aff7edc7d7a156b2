import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunRecord, TrainingJob } from '../../../../src/cli/study/engine/runRecord.ts';
import { RunStore } from '../../../../src/cli/study/engine/store.ts';
import type { Job, JobResult } from '../../../../src/cli/study/jobs.ts';

const folder = mkdtempSync(join(tmpdir(), 'llminit-store-'));
const path = join(folder, 'runs.json');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => rmSync(path, { force: true }));

const training = (learningRate: number): TrainingJob => ({
  settings: {
    ...{ model: 'lightgcn', init: 'xavier', tables: { dim: 8 }, fit: { learningRate, epochs: 2 } },
    ...{ budget: null, stopAfter: null, protocol: 'standard', seed: 0, inputs: 'x' },
  },
  ks: [10],
});
const reached: RunRecord = {
  ...{ protocol: 'standard', init: 'xavier', seed: 0, bestEpoch: 1, epochs: 2, valid: 0.1 },
  ...{ metrics: { 'ndcg@10': 0.1 }, itemsWithoutVector: 0 },
};
const experiment: Job = {
  ...{ dataset: 'd', vectors: null, model: 'lightgcn', init: 'xavier', dim: 8, graphWeight: null },
  ...{ scale: null, pool: 'mean', protocol: 'standard', order: 'random', seed: 0, keep: 1 },
  ...{ batch: 32, epochs: 2 },
};
const measured: JobResult = {
  ...{ valid: 0.1, bestEpoch: 1, epochs: 2, seconds: 1, metrics: { 'ndcg@10': 0.1 }, ranks: '' },
  diagnostics: null,
};

describe('finished runs', () => {
  it('are found by what decides them, in whatever order the file names it', async () => {
    const store = await RunStore.open(path, 'training');
    expect(store.find(training(0.1))).toBeNull();
    await store.add(training(0.1), reached);
    const { settings, ks } = training(0.1);
    const turned = Object.fromEntries(
      Object.entries(settings).reverse(),
    ) as unknown as TrainingJob['settings'];
    const again = await RunStore.open(path, 'training');
    expect(again.find({ ks, settings: turned })).toEqual(reached);
    expect(again.find(training(0.2))).toBeNull();
    expect(again.find({ ...training(0.1), ks: [20] })).toBeNull();
  });

  it('of both kinds share a file, and each command sees its own', async () => {
    await (await RunStore.open(path, 'experiment')).add(experiment, measured);
    await (await RunStore.open(path, 'training')).add(training(0.1), reached);
    const runs = async (kind: 'experiment' | 'training') => (await RunStore.open(path, kind)).study.runs;
    expect(await runs('experiment')).toEqual([{ job: experiment, result: measured }]);
    expect(await runs('training')).toEqual([{ job: training(0.1), result: reached }]);
  });

  it('of two commands at a time are all kept', async () => {
    const [one, two] = [await RunStore.open(path, 'training'), await RunStore.open(path, 'training')];
    await Promise.all([
      ...[0.1, 0.2, 0.3].map((rate) => one.add(training(rate), reached)),
      ...[0.4, 0.5, 0.6].map((rate) => two.add(training(rate), reached)),
    ]);
    const { runs } = (await RunStore.open(path, 'training')).study;
    expect(
      runs.map(({ job }) => (job.settings as unknown as { fit: { learningRate: number } }).fit.learningRate),
    ).toEqual([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]);
  });

  it('of version 1 are gone on from, and written in the format of today', async () => {
    const { settings, ks } = training(0.1);
    const old = { format: 'llminit-results', version: '1', runs: [{ ...reached, ks, settings }] };
    writeFileSync(path, JSON.stringify(old));
    const store = await RunStore.open(path, 'training');
    expect(store.find(training(0.1))).toEqual(reached);
    await store.add(training(0.2), reached);
    const { format, version, runs } = JSON.parse(readFileSync(path, 'utf8'));
    expect([format, version, runs.length]).toEqual(['llminit-study', '2', 2]);
  });

  it('are kept nowhere without a file', async () => {
    const store = await RunStore.open(undefined, 'training');
    await store.add(training(0.1), reached);
    expect(store.find(training(0.1))).toEqual(reached);
  });

  it('on other data under the same name are refused', async () => {
    const data = { name: 'd', digest: 'one', users: 1, items: 1, interactions: 1, vectors: [] };
    const store = await RunStore.open(path, 'experiment');
    store.addDataset(data);
    await store.add(experiment, measured);
    const again = await RunStore.open(path, 'experiment');
    expect(() => again.addDataset({ ...data, digest: 'two' })).toThrow(
      /expected the data of d that its runs were made on, received other interactions or vectors/,
    );
  });
});
