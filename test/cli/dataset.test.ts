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

/** What is served as ratings. */
let rated = ratings;
/** Everybody has all eight items of a theme, so that a 5-core is left. */
const dense = Array.from({ length: 40 * 8 }, (_, n) => {
  const user = Math.floor(n / 8);
  return [`u${user}`, `i${(n % 8) * 3 + (user % 3)}`, 5, 1000 + ((n * 37) % 320)].join(',');
}).join('\n');

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
    const body = request.url!.includes('/ratings_') ? Buffer.from(rated) : metadata;
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
    const asked = new Promise<void>((resolve) => {
      answer = () => resolve();
    });
    const child = cli.start('dataset', 'amazon-2014', 'Office_Products', '--base-url', base, '--out', 'h');
    await asked;
    child.kill('SIGINT');
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(130);
  }, 20_000);
});

describe('datasets of the paper by name', () => {
  beforeAll(() => {
    rated = dense;
  });
  const dataset = (...args: string[]) => cli.answered(['dataset', ...args, '--base-url', base, '--quiet']);
  const quick = ['--seeds', '0', '--dim', '6', '--batch', '32', '--epochs', '1', '--quiet'];

  it.each([
    ['amazon-beauty', 'Beauty', '10553 users, 6086 items, 94148 interactions'],
    ['amazon-toys-games', 'Toys_and_Games', '11268 users, 7309 items, 95420 interactions'],
    ['amazon-tools-home', 'Tools_and_Home_Improvement', '9245 users, 6198 items, 73250 interactions'],
    ['amazon-office', 'Office_Products', '3260 users, 1583 items, 36544 interactions'],
  ])(
    'downloads %s as a folder that studies read, with the published counts',
    async (name, category, counts) => {
      const { code, stdout, stderr } = await dataset(name, '--out', 'named');
      expect([code, stderr]).toEqual([0, '']);
      expect(requests.map(({ url }) => url)).toEqual([
        `/ratings_${category}.csv`,
        `/meta_${category}.json.gz`,
      ]);
      expect(stdout).toContain(`published, rating ≥ 4 and 5-core: ${counts}`);
      expect(text(`named/${name}/${name}.inter`)).toMatch(/^user_id:token\titem_id/);
    },
  );

  it('has Table 1 of the paper beside what is found, by the names of the authors, and with embedders of the caller', () => {
    const args = ['reproduce', 'table1', '--dataset', 'amazon-tools-home', '--data', 'named', ...quick];
    const { code, stdout, stderr } = cli.run(
      ...[...args, '--models', 'ContSGL,ContSGCL', '--inits', 'xavier,rand,uni,var', '--no-baselines'],
      ...['--embedder', 'lexical', '--lexical-dim', '8', '--out', 'study'],
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('(published: 9245 users, 6198 items, 73250 interactions)');
    expect(stdout).toMatch(/\| sgcl \| variance \(lexical\) \|.*\| \.0646 \/ \.0327 \|/);
    expect(stdout).toMatch(/\| sgl \| xavier \|.*\| \.0580 \/ \.0284 \|/);
    expect(stdout).not.toMatch(/\| lightgcn \|/);
  });

  it('runs Figure 3 with SGL and Table 5 with SGCL', () => {
    const args = [
      'reproduce',
      'figure3',
      'table5',
      '--dataset',
      'amazon-beauty',
      '--data',
      'named',
      ...quick,
    ];
    const { code, stdout, stderr } = cli.run(
      ...args,
      '--models',
      'sgl,sgcl',
      '--no-baselines',
      '--out',
      'figures',
    );
    expect([code, stderr]).toEqual([0, '']);
    const [figure3, table5] = ['Figure 3', 'Table 5'].map(
      (title) => stdout.split('## ').find((section) => section.includes(title))!,
    );
    expect(figure3).toMatch(/\| sgl \| variance/);
    expect(table5).toMatch(/\| sgcl \| variance \(lexical, max pooling\) \|.*\| \.1088 \/ \.0510 \|/);
    expect(table5).not.toMatch(/\| sgl \|/);
  });

  it('says how to get a dataset that is not there, and refuses what does not go together', async () => {
    const missing = cli.run('reproduce', 'table1', '--dataset', 'amazon-beauty', '--data', 'nowhere');
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(
      /expected nowhere\/amazon-beauty\/amazon-beauty\.inter.*Run llminit dataset amazon-beauty --out nowhere/,
    );
    const both = await dataset('amazon-beauty', 'Beauty');
    expect([both.code, both.stderr]).toEqual([2, expect.stringMatching(/no category beside amazon-beauty/)]);
    const none = await dataset('amazon-2014');
    expect([none.code, none.stderr]).toEqual([
      2,
      expect.stringMatching(/expected a category of amazon-2014/),
    ]);
    const other = await dataset('amazon-beuty');
    expect(other.stderr).toMatch(/received amazon-beuty\. Did you mean amazon-beauty\?/);
  });
});
