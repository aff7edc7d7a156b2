import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, expect, inject, it } from 'vitest';
import { decodeModel, type ModelData } from '../../src/serve.ts';
import { csv } from '../cli/smallShop.ts';
import { sharedData } from '../sharedData.ts';
import { output, type RunningChild, start } from './child.ts';
import { PYTHON, TORCH } from './python.ts';
import { describeOn } from './tools.ts';

const CLI = join(inject('consumer'), 'node_modules/llminit/dist/cli.js');
const LIMIT = 240_000;

describeOn('the handover to PyTorch', [PYTHON, TORCH], () => {
  const folder = mkdtempSync(join(inject('consumer'), 'torch-'));
  writeFileSync(join(folder, 'clicks.csv'), csv(['user', 'item'], clicks()));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const llminit = (...args: string[]) =>
    output(process.execPath, [CLI, ...args], { cwd: folder, timeoutMs: LIMIT });
  const train = (job: string, ...args: string[]) =>
    output(PYTHON, [join(job, 'train.py'), '--processes', '2', ...args], { cwd: folder, timeoutMs: LIMIT });
  const model = (name: string): ModelData => decodeModel(readFileSync(join(folder, name)), name);
  const data = ['--interactions', 'clicks.csv', '--quiet'];

  it.each([
    ['lightgcn', '160', '--init', 'xavier', '--reg-form', 'squared'],
    ['lightgcn', '160', '--loss', 'softmax'],
    // Two blocks of a softmax each.
    ['lightgcn', '800', '--loss', 'softmax'],
    ['sgcl', '160', '--warmup', '1'],
  ])(
    'has our factors to 1e-4 after the steps of two processes on our batches: %s, batches of %s, %s %s',
    async (name, batch, ...options) => {
      // 1,600 interactions, twice.
      const given = [
        ...data,
        '--split',
        'none',
        '--model',
        name,
        ...options,
        '--batch',
        batch,
        '--epochs',
        '2',
      ];
      const job = `steps-${name}-${batch}-${options.length}`;
      const steps = `${3200 / Number(batch)}`;
      await llminit('handover', 'torch', ...given, '--lr', '0.01', '--batches', steps, '--out', job);
      await train(job, '--batches', `${job}/batches.safetensors`);
      await llminit('import', job, '--out', `${job}.safetensors`);
      await llminit('train', ...given, '--lr', '0.01', '--out', `${job}.ours.safetensors`);
      const [theirs, ours, begun] = [
        `${job}.safetensors`,
        `${job}.ours.safetensors`,
        `${job}/start.safetensors`,
      ].map(model);
      expect(distance(theirs, ours)).toBeLessThan(1e-4);
      expect(distance(begun, ours)).toBeGreaterThan(1e-2);
      expect(theirs.seen).toEqual(ours.seen);
      expect([theirs.userIds, theirs.itemIds]).toEqual([ours.userIds, ours.itemIds]);
    },
    LIMIT,
  );

  it(
    'goes on where it was when a process is killed, to the bytes of a run that was not',
    async () => {
      const options = [
        '--model',
        'lightgcn',
        '--init',
        'xavier',
        '--batch',
        '64',
        '--epochs',
        '12',
        '--patience',
        '20',
      ];
      await llminit('handover', 'torch', ...data, ...options, '--out', 'whole');
      cpSync(join(folder, 'whole'), join(folder, 'killed'), { recursive: true });
      const steps = ['--checkpoint-every', '7'];
      await train('whole', ...steps);
      const ranks = await startRanks('killed', steps);
      await ranks[0].until(/epoch 5:/);
      ranks[1].process.kill('SIGKILL');
      const [code] = await once(ranks[0].process, 'close');
      expect(code).not.toBe(0);
      expect(await train('killed', ...steps)).toMatch(/^going on from epoch ([2-9]|1\d), batch \d+\n/);
      const bytes = (job: string) => readFileSync(join(folder, job, 'factors.safetensors'));
      expect(bytes('killed').equals(bytes('whole'))).toBe(true);
    },
    LIMIT,
  );

  /** Two processes of one job, started one by one. */
  async function startRanks(job: string, args: readonly string[]): Promise<RunningChild[]> {
    const port = await freePort();
    return [0, 1].map((rank) => {
      const env = {
        RANK: `${rank}`,
        WORLD_SIZE: '2',
        MASTER_ADDR: '127.0.0.1',
        MASTER_PORT: `${port}`,
        OMP_NUM_THREADS: '1',
      };
      return start(PYTHON, [join(job, 'train.py'), ...args], { cwd: folder, env, timeoutMs: LIMIT });
    });
  }

  it(
    'trains by itself to what training here reaches, with early stopping',
    async () => {
      const options = [
        ...data,
        '--model',
        'lightgcn',
        '--init',
        'xavier',
        '--batch',
        '100',
        '--epochs',
        '60',
        '--lr',
        '0.01',
      ];
      await llminit('handover', 'torch', ...options, '--out', 'own');
      await train('own');
      const theirs = JSON.parse(await llminit('import', 'own', '--out', 'own.safetensors', '--json'));
      const ours = JSON.parse(await llminit('train', ...options, '--out', 'ours.safetensors', '--json'));
      // Batches differ, and of 200 users the standard error of a difference is about .03.
      expect(Math.abs(ndcg(theirs) - ndcg(ours))).toBeLessThan(0.1);
      expect(ndcg(theirs)).toBeGreaterThan(0.3);
      expect(theirs.metrics.epochs).toBeGreaterThan(theirs.metrics.bestEpoch);
    },
    LIMIT,
  );

  it.skipIf(sharedData === null)(
    'reaches the NDCG of training here to .002 on amazon-office',
    async () => {
      const office = join(sharedData!, 'data/amazon-office/amazon-office');
      const vectors = [
        '--embedder',
        `${office}.use512.f16.npy`,
        '--embedding-ids',
        `${office}.use512.ids.txt`,
      ];
      const rows = [
        '--interactions',
        `${office}.inter`,
        '--min-rating',
        '4',
        '--k-core',
        '5',
        '--dim',
        '64',
        '--quiet',
      ];
      const options = [...rows, ...vectors, '--model', 'lightgcn'];
      await llminit('handover', 'torch', ...options, '--out', 'office');
      await train('office');
      const theirs = JSON.parse(await llminit('import', 'office', '--out', 'office.safetensors', '--json'));
      const ours = JSON.parse(await llminit('train', ...options, '--out', 'ours.safetensors', '--json'));
      expect(Math.abs(ndcg(theirs) - ndcg(ours))).toBeLessThan(0.002);
    },
    LIMIT,
  );

  it(
    'refuses files of two jobs before it trains',
    async () => {
      await llminit('handover', 'torch', ...data, '--seed', '1', '--out', 'first');
      await llminit('handover', 'torch', ...data, '--seed', '2', '--out', 'second');
      cpSync(join(folder, 'second/graph.safetensors'), join(folder, 'first/graph.safetensors'));
      await expect(train('first')).rejects.toThrow(
        'graph.safetensors is not the file that job.json was written with',
      );
    },
    LIMIT,
  );
});

function ndcg({ metrics }: { metrics: { test: Record<string, number> } }): number {
  return metrics.test['ndcg@10'];
}

/** 200 users of four tastes, eight items of twelve each. */
function clicks(): string[][] {
  const strides = [1, 5, 7, 11];
  return Array.from({ length: 200 }, (_, user) => {
    const stride = strides[Math.floor(user / 4) % 4];
    const place = (n: number) => (user * 5 + n * stride) % 12;
    return Array.from({ length: 8 }, (_, n) => [`u${user}`, `i${4 * place(n) + (user % 4)}`]);
  }).flat();
}

/** The largest difference between the factors of two models. */
function distance(a: ModelData, b: ModelData): number {
  const tables = [
    [a.userFactors!, b.userFactors!],
    [a.itemFactors, b.itemFactors],
  ];
  return Math.max(...tables.flatMap(([x, y]) => Array.from(x, (value, n) => Math.abs(value - y[n]))));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
