import { afterAll, beforeAll, expect, it } from 'vitest';
import { answerVectors, type EmbeddingServer, embeddingServer } from '../embed/http/embeddingServer.ts';
import { Cli } from './runCli.ts';

const ITEMS = 12_000;
/** Texts that may be under way when a process dies: four requests of 128. */
const UNDER_WAY = 4 * 128;
const KILLS = 20;

let cli: Cli;
let server: EmbeddingServer;
beforeAll(async () => {
  cli = await Cli.create();
  server = await embeddingServer();
  writeItems((n) => `thing number ${n}`);
});

function writeItems(titleOf: (n: number) => string): void {
  const rows = Array.from({ length: ITEMS }, (_, n) => `i${n},${titleOf(n)}`);
  cli.write('items.csv', `item_id,title\n${rows.join('\n')}\n`);
}

afterAll(async () => {
  cli.remove();
  await server.close();
});

it('embed that is killed twenty times embeds nothing that was kept twice, ends with the same bytes, and then embeds only what changed', {
  timeout: 240_000,
}, async () => {
  const http = ['embed', '--items', 'items.csv', '--embedder', server.url, '--encoder', 'm', '--quiet'];
  expect(await cli.answered([...http, '--out', 'whole.safetensors'])).toMatchObject({ code: 0 });
  server.requests.length = 0;
  const args = [...http, '--cache', 'vectors', '--out', 'killed.safetensors'];
  for (let kill = 0; kill < KILLS; kill++) {
    const child = cli.start(...args);
    let requests = 0;
    server.answer = async (...request) => {
      // Four are under way, so that the fifth comes when a batch is kept.
      if (++requests === 5) child.kill('SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, 15));
      answerVectors(...request);
    };
    await new Promise((resolve) => child.on('close', resolve));
    expect(cli.has('killed.safetensors')).toBe(false);
  }
  server.answer = answerVectors;
  const before = server.requests.length;
  expect(await cli.answered(args)).toMatchObject({ code: 0 });
  const rest = server.requests.slice(before).reduce((sum, { body }) => sum + body.input.length, 0);
  expect(rest).toBeLessThanOrEqual(ITEMS - KILLS * 128);
  const asked = server.requests.reduce((sum, { body }) => sum + body.input.length, 0);
  expect(asked).toBeLessThanOrEqual(ITEMS + KILLS * UNDER_WAY);
  expect(Buffer.compare(cli.read('killed.safetensors'), cli.read('whole.safetensors'))).toBe(0);
  server.requests.length = 0;
  expect(await cli.answered(args)).toMatchObject({ code: 0 });
  expect(server.requests).toEqual([]);

  writeItems((n) => (n === 4321 ? 'another thing' : `thing number ${n}`));
  expect(await cli.answered(args)).toMatchObject({ code: 0 });
  expect(server.requests.map(({ body }) => body.input)).toEqual([['another thing']]);
});
