import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Cli } from './runCli.ts';
import { smallShop } from './smallShop.ts';

const { interactions, items } = smallShop();
const ratings = interactions.map((row) => row.join(',')).join('\n');
const metadata = gzipSync(
  items
    .map(([id, title, description], n) =>
      n === 23
        ? `{'asin': '${id}', 'price': 3.5}`
        : `{'asin': '${id}', 'title': "${title.replaceAll('"', '\\"')}", 'categories': [['Office', 'Pens']], 'description': '${description}'}`,
    )
    .join('\n'),
);

let cli: Cli;
let server: Server;
let base: string;
type Answer = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;
const whole: Answer = (_request, response, body) => response.end(body);
let answer: Answer = whole;
const requests: { url: string; range: string | undefined }[] = [];

beforeAll(async () => {
  cli = await Cli.create();
  server = createServer((request, response) => {
    requests.push({ url: request.url!, range: request.headers.range });
    const body = request.url!.endsWith('ratings_Office_Products.csv') ? Buffer.from(ratings) : metadata;
    answer(request, response, body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  answer = whole;
  requests.length = 0;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  cli.remove();
});

/** Runs the command without blocking this thread, which serves the files. */
function run(
  out: string,
  ...more: string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const args = ['dataset', 'amazon-2014', 'Office_Products', '--base-url', base, '--out', out, ...more];
  const child = cli.start(...args);
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr!.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

const text = (file: string) => new TextDecoder().decode(cli.read(file));

describe('dataset amazon-2014', () => {
  it('downloads, filters and writes files that train reads', async () => {
    const { code, stdout, stderr } = await run('a', '--k-core', '2');
    expect(stderr).not.toMatch(/error/i);
    expect(code).toBe(0);
    expect(requests.map(({ url }) => url)).toEqual([
      '/ratings_Office_Products.csv',
      '/meta_Office_Products.json.gz',
    ]);
    expect(stdout).toMatch(/rating ≥ 4: 40 users/);
    expect(stdout).toMatch(/1 items without a text were left out/);
    const inter = text('a/Office_Products.inter').trim().split('\n');
    expect(inter[0]).toBe('user_id:token\titem_id:token\trating:float\ttimestamp:float');
    expect(inter.slice(1).every((line) => line.split('\t').length === 4 && line.split('\t')[2] === '5')).toBe(
      true,
    );
    expect(inter.some((line) => line.includes('\ti23\t'))).toBe(false);
    const item = text('a/Office_Products.item').trim().split('\n');
    expect(item[0]).toMatch(/^item_id:token\ttitle:token_seq\tbrand:token\tcategories:token_seq/);
    expect(item.find((line) => line.startsWith('i0\t'))).toMatch(
      /^i0\tThe tent, "\w+" edition 0\t\tOffice Pens\t/,
    );
    const trained = cli.run(
      ...['train', '--interactions', 'a/Office_Products.inter', '--items', 'a/Office_Products.item'],
      ...['--init', 'pca', '--dim', '8', '--batch', '32', '--epochs', '2', '--quiet', '--out', 'a/model'],
    );
    expect(trained.stderr).toBe('');
    expect(trained.code).toBe(0);
  });

  it('does not download again what is there', async () => {
    await run('b', '--k-core', '2');
    requests.length = 0;
    expect((await run('b', '--k-core', '2')).code).toBe(0);
    expect(requests).toEqual([]);
  });

  it('asks for the rest after a broken download', async () => {
    let broken = false;
    answer = (request, response, body) => {
      if (request.url!.includes('meta') && !broken) {
        broken = true;
        response.setHeader('content-length', body.length);
        response.setHeader('etag', '"v1"');
        response.write(body.subarray(0, 100), () => setTimeout(() => response.destroy(), 50));
        return;
      }
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const same = from > 0 && request.headers['if-range'] === '"v1"';
      response.statusCode = same ? 206 : 200;
      response.end(body.subarray(same ? from : 0));
    };
    const { code, stderr } = await run('c', '--k-core', '2');
    expect(stderr).not.toMatch(/expected/);
    expect(code).toBe(0);
    expect(requests.at(-1)!.range).toBe('bytes=100-');
  });

  it('starts anew where the server cannot tell that the file is the same', async () => {
    let broken = false;
    answer = (request, response, body) => {
      const cut = request.url!.includes('meta') && !broken;
      if (!cut) {
        response.end(body);
        return;
      }
      broken = true;
      response.setHeader('content-length', body.length);
      response.write(body.subarray(0, 100), () => setTimeout(() => response.destroy(), 50));
    };
    expect((await run('c2', '--k-core', '2')).code).toBe(0);
    expect(requests.at(-1)!.range).toBeUndefined();
  });

  it('downloads once for two processes at the same time', async () => {
    answer = (_request, response, body) => void setTimeout(() => response.end(body), 300);
    const both = await Promise.all([run('twice', '--k-core', '2'), run('twice', '--k-core', '2')]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(requests).toHaveLength(2);
    expect(both.some(({ stderr }) => /waiting for another download/.test(stderr))).toBe(true);
  });

  it('says what is wrong with a server, a category, a file', async () => {
    answer = (_request, response) => {
      response.statusCode = 404;
      response.end();
    };
    const missing = await run('d');
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(
      /expected status 200, received 404 Not Found\. Check the category and --base-url/,
    );
    const unknown = cli.run('dataset', 'amazon-2014', 'Pens', '--out', 'd');
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toMatch(/expected one of Books, .*Office_Products.*, received Pens/);
    expect(cli.run('dataset', 'netflix', 'Pens', '--out', 'd').code).toBe(2);

    answer = (request, response, body) =>
      response.end(request.url!.includes('meta') ? Buffer.from('<html>no such file</html>') : body);
    const html = await run('e');
    expect(html.code).toBe(1);
    expect(html.stderr).toMatch(/expected an intact gzip file/);

    answer = (request, response, body) =>
      response.end(request.url!.includes('meta') ? gzipSync("{'asin': 'i0', 'title': }") : body);
    const literal = await run('f');
    expect(literal.code).toBe(1);
    expect(literal.stderr).toMatch(/meta_Office_Products\.json\.gz:1: expected a value at character 25/);
    for (const folder of ['d', 'e', 'f']) expect(cli.has(`${folder}/Office_Products.inter`)).toBe(false);
  });

  it('stops at a silent server, and at Ctrl-C', async () => {
    answer = () => {};
    const silent = await run('g', '--timeout', '1');
    expect(silent.code).toBe(1);
    expect(silent.stderr).toMatch(/expected the whole file, received .* at attempt 3/);
    const child = cli.start('dataset', 'amazon-2014', 'Office_Products', '--base-url', base, '--out', 'h');
    await new Promise((resolve) => setTimeout(resolve, 700));
    child.kill('SIGINT');
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(130);
  }, 20_000);
});
