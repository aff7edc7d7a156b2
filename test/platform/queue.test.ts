import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { answerVectors, type EmbeddingServer, embeddingServer } from '../embed/http/embeddingServer.ts';
import { output, type RunningChild, start } from './child.ts';
import { REDIS_PROGRAM, RedisServer } from './redisServer.ts';
import { describeOn } from './tools.ts';

const ITEMS = 400;
const SHARDS = 8;

describeOn('parts of a command in a queue of BullMQ', [REDIS_PROGRAM], () => {
  const folder = join(inject('consumer'), 'queue');
  const cli = join(folder, 'node_modules/llminit/dist/cli.js');
  let redis: RedisServer;
  let encoder: EmbeddingServer;
  const running: RunningChild[] = [];

  beforeAll(async () => {
    cpSync(join(inject('consumer'), 'node_modules'), join(folder, 'node_modules'), { recursive: true });
    for (const name of ['bullmq', 'ioredis']) {
      const installed = fileURLToPath(new URL(`../../node_modules/${name}`, import.meta.url));
      symlinkSync(installed, join(folder, 'node_modules', name));
    }
    const rows = Array.from({ length: ITEMS }, (_, n) => `i${n},thing number ${n}`);
    writeFileSync(join(folder, 'items.csv'), `item_id,title\n${rows.join('\n')}\n`);
    redis = await RedisServer.start();
    encoder = await embeddingServer();
    encoder.answer = async (...request) => {
      await new Promise((resolve) => setTimeout(resolve, 150));
      answerVectors(...request);
    };
  });
  afterAll(async () => {
    for (const child of running) child.stop();
    await redis?.stop();
    await encoder?.close();
  });

  const began = (...args: string[]) => {
    const child = start(process.execPath, [cli, ...args], { cwd: folder, timeoutMs: 100_000 });
    running.push(child);
    return child;
  };
  const worker = (...more: string[]) => began('worker', '--redis', redis.url, '--lost-after', '1', ...more);
  const embed = (out: string, ...more: string[]) => [
    ...['embed', '--items', 'items.csv', '--embedder', encoder.url, '--encoder', 'm', '--out', out],
    ...more,
  ];
  const queued = (out: string, url = redis.url, ...more: string[]) =>
    embed(out, '--shards', String(SHARDS), '--redis', url, ...more);
  const has = (name: string) => existsSync(join(folder, name));

  it('gives the bytes of one run where one of two workers is killed at its work', async () => {
    await output(process.execPath, [cli, ...embed('whole.safetensors', '--quiet')], { cwd: folder });
    const [first, second] = [worker(), worker()];
    const all = output(process.execPath, [cli, ...queued('joined.safetensors')], { cwd: folder });
    await Promise.all([first.until(/shard \d\/8 begins/), second.until(/shard \d\/8 begins/)]);
    first.stop();
    expect(await all).toContain('wrote joined.safetensors: 8 shards');
    const bytes = (name: string) => readFileSync(join(folder, name));
    expect(bytes('joined.safetensors').equals(bytes('whole.safetensors'))).toBe(true);
    expect(has('joined.safetensors.parts')).toBe(false);
    expect(second.printed().stderr).toContain('merge is done');
    second.stop();
    const left = await withRedis((client) => client.keys('bull:llminit:[0-9]*'));
    expect(left).toEqual([]);
  });

  it('solves a closed form in parts, with the bytes of one run', async () => {
    const books = fileURLToPath(new URL('../../examples/data/', import.meta.url));
    const data = ['--interactions', `${books}loans.csv`, '--items', `${books}books.csv`, '--model', 'l3ae'];
    const train = (out: string, ...more: string[]) =>
      output(process.execPath, [cli, 'train', ...data, '--quiet', '--out', out, ...more], { cwd: folder });
    await train('own.safetensors');
    const only = worker('--queue', 'rows', '--concurrency', '2');
    await train('parts.safetensors', '--shards', '3', '--redis', redis.url, '--queue', 'rows');
    const bytes = (name: string) => readFileSync(join(folder, name));
    expect(bytes('parts.safetensors').equals(bytes('own.safetensors'))).toBe(true);
    only.stop();
  });

  it('says which part failed and why, and writes nothing', async () => {
    const only = worker('--queue', 'failing');
    const answer = encoder.answer;
    encoder.answer = (_, response) => response.writeHead(400).end('{"error":{"message":"no such encoder"}}');
    const failed = output(
      process.execPath,
      [cli, ...queued('no.safetensors', redis.url, '--queue', 'failing')],
      {
        cwd: folder,
      },
    );
    await expect(failed).rejects.toThrow(/expected shard \d\/8 to be done, received .*no such encoder/);
    encoder.answer = answer;
    expect(has('no.safetensors')).toBe(false);
    only.stop();
  });

  it('says so where Redis has lost a job', async () => {
    const lost = began(...queued('lost.safetensors', redis.url, '--queue', 'lossy'));
    await lost.until(/no worker is there/);
    await withRedis((client) => client.flushall());
    await lost.until(/expected the job .* in the queue lossy, received none: Redis has lost it/);
    expect(has('lost.safetensors')).toBe(false);
  });

  it('refuses a Redis that is absent, refuses or is no Redis', async () => {
    const guarded = await RedisServer.start('--requirepass', 'secret');
    const run = (url: string) =>
      output(process.execPath, [cli, ...queued('x.safetensors', url)], { cwd: folder });
    await expect(run(guarded.url)).rejects.toThrow(
      /a Redis that answers, received NOAUTH.*name:password@ before the host/s,
    );
    const wrong = run(guarded.url.replace('//', '//:wrong@'));
    await expect(wrong).rejects.toThrow(
      /redis:\/\/127\.0\.0\.1:\d+\/?: expected a Redis that answers, received WRONGPASS/,
    );
    await guarded.stop();
    await expect(run(guarded.url)).rejects.toThrow(/a Redis that answers, received connect ECONNREFUSED/);
    await expect(run('http://127.0.0.1')).rejects.toThrow(
      '--redis: expected an address, received "http://127.0.0.1"',
    );
    expect(has('x.safetensors')).toBe(false);
  });

  async function withRedis<T>(use: (client: Redis) => Promise<T>): Promise<T> {
    const client = new Redis(redis.url);
    try {
      return await use(client);
    } finally {
      client.disconnect();
    }
  }
});
