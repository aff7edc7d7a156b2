import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeNpy } from '../../src/format/npy.ts';
import {
  answerVectors,
  type EmbeddingServer,
  embeddingServer,
  sendJson,
  vectorOf,
} from '../embed/http/embeddingServer.ts';
import { Cli } from './runCli.ts';

const KEY = 'sk-Proj_9fQ2xWb7-LmN4';
let cli: Cli;
let server: EmbeddingServer;

beforeAll(async () => {
  cli = await Cli.create();
  server = await embeddingServer();
  const things = ['lamp', 'desk', 'chair', 'shelf', 'mirror'];
  const rows = ['red', 'blue', 'green'].flatMap((colour) => things.map((thing) => `${colour} ${thing}`));
  cli.write('items.csv', `item_id,title\n${rows.map((title, n) => `i${n},${title}`).join('\n')}\n`);
});
afterAll(async () => {
  cli.remove();
  await server.close();
});

const run: Cli['answered'] = (...args) => cli.answered(...args);

/** Everything that stands in a file below a folder. */
function contents(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

describe('llminit embed', () => {
  it('asks an endpoint with the key of the environment, tells tokens, and keeps the vectors', async () => {
    const http = ['embed', '--items', 'items.csv', '--embedder', server.url, '--encoder', 'm'];
    const args = [...http, '--cache', 'vectors', '--out', 'v.safetensors', '--json'];
    const first = await run(args, { LLMINIT_API_KEY: KEY });
    expect(first).toMatchObject({ code: 0 });
    expect(JSON.parse(first.stdout)).toMatchObject({
      width: 4,
      withVector: 15,
      source: `${server.url}/embeddings, m`,
    });
    expect(first.stderr).toMatch(/embeddings, m: 1 requests, 3 tokens/);
    expect(server.requests.map(({ authorization }) => authorization)).toEqual([`Bearer ${KEY}`]);
    const second = await run(args);
    expect(second).toMatchObject({ code: 0 });
    expect(server.requests).toHaveLength(1);
    expect(contents(cli.folder)).not.toContain(KEY);
  });

  it('never shows the key, whatever the endpoint says', async () => {
    server.answer = ({ authorization }, response) =>
      sendJson(response, 401, { error: { message: authorization } });
    const http = ['embed', '--items', 'items.csv', '--embedder', server.url, '--encoder', 'm'];
    const { code, stdout, stderr } = await run([...http, '--out', 'w.safetensors'], { LLMINIT_API_KEY: KEY });
    expect(code).toBe(1);
    expect(stderr).toMatch(/status 401.*Check the API key/);
    expect(stdout + stderr).not.toContain(KEY.slice(0, 6));
    expect(cli.has('w.safetensors')).toBe(false);
  });

  it('gives OPENAI_API_KEY to nobody but OpenAI', async () => {
    server.requests.length = 0;
    const http = ['embed', '--items', 'items.csv', '--embedder', server.url, '--encoder', 'm'];
    await run([...http, '--out', 'w.safetensors'], { OPENAI_API_KEY: KEY });
    expect(server.requests.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it('refuses what nothing would read, and an endpoint without a model', () => {
    const at = ['embed', '--items', 'items.csv', '--out', 'w.safetensors', '--embedder'];
    expect(cli.run(...at, 'lexical', '--encoder', 'm').stderr).toMatch(
      /--encoder: expected --embedder transformers or https:\/\/host\/v1 beside it, received lexical/,
    );
    expect(cli.run(...at, 'https://host/v1').stderr).toMatch(/expected the name of a model.*--encoder/);
    expect(cli.run(...at, 'lexical', '--lexical-subwords', 'some').stderr).toMatch(/rare \| all \| none/);
    expect(cli.run(...at, 'https://ann:hunter22@host:port/v1', '--encoder', 'm').stderr).not.toMatch(
      /hunter22/,
    );
  });

  it('warns when texts tell items apart poorly, with the share', () => {
    const rows = Array.from({ length: 20 }, (_, n) => `i${n},SALE ${n < 10 ? 'red' : 'blue'}`);
    cli.write('same.csv', `item_id,title\n${rows.join('\n')}\n`);
    const args = ['embed', '--items', 'same.csv', '--lexical-subwords', 'none', '--out', 's.safetensors'];
    expect(cli.run(...args).stderr).toMatch(/tell items apart poorly: 100 % of 20 items/);
    expect(cli.json<{ distinctness: { share: number } }>(...args).distinctness.share).toBe(1);
    expect(cli.run('embed', '--items', 'items.csv', '--out', 't.safetensors').stderr).not.toMatch(/poorly/);
  });

  it('makes texts by a template, without HTML, and tells which repeat', async () => {
    cli.write(
      'html.csv',
      'item_id,title,category,brand\na,<b>Red</b> lamp &amp; shade,Lighting,Acme\nb,Desk,,Acme\nc,Desk,,Acme\n',
    );
    server.requests.length = 0;
    server.answer = answerVectors;
    const http = ['embed', '--items', 'html.csv', '--embedder', server.url, '--encoder', 'm'];
    const args = [...http, '--text', '{title}. {category}. By {brand}', '--out', 'h.safetensors', '--json'];
    const { stdout, stderr } = await run(args);
    expect(server.requests[0].body.input).toEqual(['Red lamp & shade. Lighting. By Acme', 'Desk. Acme']);
    expect(stderr).toMatch(/1 of 3 texts are those of another item/);
    expect(JSON.parse(stdout)).toMatchObject({ repeatedTexts: 1, withVector: 3 });
    const both = cli.run(...args, '--text-columns', 'title');
    expect([both.code, both.stderr]).toEqual([
      2,
      expect.stringMatching(/--text: expected it without --text-columns/),
    ]);
    expect(cli.run(...http, '--out', 'h.safetensors', '--text', 'title').stderr).toMatch(
      /template with columns in braces/,
    );
  });

  it('makes a catalogue in shards that merge to the bytes of the whole', async () => {
    server.answer = answerVectors;
    const http = ['embed', '--items', 'items.csv', '--embedder', server.url, '--encoder', 'm', '--quiet'];
    expect(await run([...http, '--out', 'all.safetensors'])).toMatchObject({ code: 0 });
    for (const n of [1, 2, 3]) {
      const result = await run([...http, '--shard', `${n}/3`, '--out', `s${n}.safetensors`]);
      expect(result).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(`5 of 5 items of shard ${n}/3`),
      });
    }
    const shards = ['s3.safetensors', 's1.safetensors', 's2.safetensors'];
    expect(cli.run('embed', '--merge', ...shards, '--out', 'merged.safetensors').code).toBe(0);
    expect(Buffer.compare(cli.read('merged.safetensors'), cli.read('all.safetensors'))).toBe(0);
    expect(cli.run('embed', '--merge', ...shards.slice(1), '--out', 'm.safetensors').stderr).toMatch(
      /3\/3 missing/,
    );
    expect(cli.run('embed', '--merge', ...shards, '--out', 's1.safetensors').stderr).toMatch(/--merge/);
    const lexical = cli.run('embed', '--items', 'items.csv', '--shard', '1/3', '--out', 'm.safetensors');
    expect([lexical.code, lexical.stderr]).toEqual([
      2,
      expect.stringMatching(/--shard: expected one encoder/),
    ]);
  });

  it('compares with vectors made elsewhere, in the order of the catalogue or by their ids', async () => {
    server.answer = answerVectors;
    const things = ['lamp', 'desk', 'chair', 'shelf', 'mirror'];
    const rows = ['red', 'blue', 'green'].flatMap((colour) =>
      things.map((thing) => vectorOf(`${colour} ${thing}`)),
    );
    rows[7] = [1, -1, 0, 0];
    cli.write('reference.npy', writeNpy(Float32Array.from(rows.flat()), [15, 4]));
    const http = ['embed', '--items', 'items.csv', '--embedder', server.url, '--encoder', 'm', '--quiet'];
    const args = [...http, '--check', 'reference.npy', '--out', 'c.safetensors'];
    const { stdout } = await run(args);
    expect(stdout).toMatch(/reference.npy: 15 vectors compared, mean cosine 0\.9\d+, worst 0\.\d+ \(i7 /);
    cli.write('two.ids.txt', 'i1\ni0\n');
    cli.write('two.npy', writeNpy(Float32Array.from([...rows[1], ...rows[0]]), [2, 4]));
    const byIds = await run([
      ...http,
      '--check',
      'two.npy',
      '--check-ids',
      'two.ids.txt',
      '--out',
      'c.safetensors',
      '--json',
    ]);
    expect(JSON.parse(byIds.stdout).check).toMatchObject({ compared: 2, worstCosine: expect.closeTo(1, 6) });
    cli.write(
      'two.jsonl',
      [1, 0].map((n) => `${JSON.stringify({ id: `i${n}`, vector: rows[n] })}\n`).join(''),
    );
    const table = await run([...http, '--check', 'two.jsonl', '--out', 'c.safetensors']);
    expect(table.stdout).toMatch(/two.jsonl: 2 vectors compared, mean cosine 1\.000000/);
    const both = ['--check', 'two.jsonl', '--check-ids', 'two.ids.txt', '--out', 'c.safetensors'];
    expect((await run([...http, ...both])).stderr).toMatch(
      /--check-ids: expected no file of ids beside a table/,
    );
    expect((await run([...http, '--check', 'two.npy', '--out', 'c.safetensors'])).stderr).toMatch(
      /expected 15 rows, one per id of the catalogue, received 2/,
    );
  });

  it.each(['v.npy', 'v.jsonl', 'v.CSV', 'v.parquet'])('refuses to write safetensors as %s', (out) => {
    const { code, stderr } = cli.run('embed', '--items', 'items.csv', '--out', out);
    expect(code).toBe(2);
    expect(stderr).toMatch(/--out: expected a name that ends in \.safetensors, received v\./);
    expect(cli.has(out)).toBe(false);
  });

  it('refuses to write over what it reads', () => {
    const before = cli.read('items.csv');
    const { code, stderr } = cli.run('embed', '--items', 'items.csv', '--out', 'items.csv');
    expect(code).toBe(2);
    expect(stderr).toMatch(/--out: expected a file of its own/);
    expect(cli.read('items.csv')).toEqual(before);
  });
});
