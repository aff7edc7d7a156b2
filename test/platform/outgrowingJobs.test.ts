import { cpSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type EmbeddingServer, embeddingServer } from '../embed/http/embeddingServer.ts';
import { output, type RunningChild, start } from './child.ts';
import { REDIS_PROGRAM, RedisServer } from './redisServer.ts';
import { describeOn } from './tools.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const PACKAGES = ['@duckdb', 'bullmq', 'ioredis'];

const [, before] = /\n## What should move\n([\s\S]*?)\n## Training/.exec(
  readFileSync(join(root, 'docs/outgrowing.md'), 'utf8'),
)!;

/** The commands of the sections about data and jobs, in their order. */
const commands = Array.from(before.matchAll(/```sh\n([\s\S]*?)```/g), ([, block]) =>
  block.trim().split('\n'),
).flat();

/** 24 numbers that depend on the text alone. */
function vectorOf(text: string): number[] {
  const seed = Array.from(text).reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7);
  return Array.from({ length: 24 }, (_, n) => ((seed * (n + 3) ** 3) % 997) / 997 - 0.5);
}

describeOn('the jobs of docs/outgrowing.md', [REDIS_PROGRAM], () => {
  const folder = join(inject('consumer'), 'outgrowing-jobs');
  let redis: RedisServer;
  let encoder: EmbeddingServer;
  const workers: RunningChild[] = [];

  beforeAll(async () => {
    cpSync(join(inject('consumer'), 'node_modules'), join(folder, 'node_modules'), { recursive: true });
    cpSync(join(root, 'examples/data'), join(folder, 'data'), { recursive: true });
    for (const name of PACKAGES)
      symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
    redis = await RedisServer.start();
    encoder = await embeddingServer();
    encoder.answer = ({ body }, response) => {
      const data = body.input.map((text, index) => ({ index, embedding: vectorOf(text) }));
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ data }));
    };
  });
  afterAll(async () => {
    for (const worker of workers) worker.stop();
    await redis?.stop();
    await encoder?.close();
  });

  /** The words of a line, with the servers of this test for those of the page. */
  function words(line: string): string[] {
    const servers = line
      .replaceAll('redis://127.0.0.1:6379', redis.url)
      .replaceAll('http://127.0.0.1:8080/v1', encoder.url);
    const [program, ...rest] = servers.split(/\s+/).map((word) => word.replace(/^'(.*)'$/, '$1'));
    expect(program).toBe('llminit');
    return [process.execPath, join(folder, 'node_modules/llminit/dist/cli.js'), ...rest];
  }

  it('has commands of each stage', () => {
    for (const stage of ['plan', 'prepare', 'worker', 'embed', 'train'])
      expect(commands.some((line) => line.startsWith(`llminit ${stage} `))).toBe(true);
  });

  for (const line of commands)
    it(line.slice(0, 60), async () => {
      if (line.endsWith(' &')) {
        const [program, ...args] = words(line.slice(0, -2));
        const worker = start(program, args, { cwd: folder, timeoutMs: 300_000 });
        workers.push(worker);
        await worker.until(/waiting for jobs/);
        return;
      }
      const [program, ...args] = words(line);
      await output(program, args, { cwd: folder });
      const out = args[args.indexOf('--out') + 1];
      if (args.includes('--out')) expect(existsSync(join(folder, out))).toBe(true);
    });

  it('gives the same vectors by the queue and by hand', () => {
    const bytes = (name: string) => readFileSync(join(folder, name));
    expect(bytes('joined.safetensors').equals(bytes('vectors.safetensors'))).toBe(true);
  });
});
