import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { openBrowser } from './browser.ts';
import { output } from './child.ts';
import { bindWasm, edgeRuntime, startWorker } from './edgeHosts.ts';
import { servePages } from './pages.ts';
import { describeOn, toolPath } from './tools.ts';

const examples = fileURLToPath(new URL('../../examples/', import.meta.url));
const consumer = inject('consumer');
/** A name that URLs write in another way than paths do. */
const nodeFolder = 'my project é';
const modelFile = join(consumer, nodeFolder, 'model.safetensors');

interface Listed {
  id: string;
  title: string;
}

/** A copy of an example beside the installed package. */
function copied(name: string, as = `example-${name}`): string {
  const folder = join(consumer, as);
  cpSync(join(examples, name), folder, { recursive: true });
  return folder;
}

/** Readers of sourdough books borrow others of them. */
function expectBread(items: readonly Listed[]): void {
  const bread = /Sourdough|Rye|Flatbreads|Grains|Crumb|Bread/;
  expect(items).toHaveLength(3);
  expect(items.filter(({ title }) => !bread.test(title))).toEqual([]);
  expect(items.filter(({ id }) => id === 'b01' || id === 'b02')).toEqual([]);
}

let printed: string;

beforeAll(async () => {
  printed = await output(process.execPath, ['train.mjs'], { cwd: copied('node', nodeFolder) });
});

/** Questions that a handler of HTTP requests must answer, minified or not. */
async function expectAnswers(ask: (query: string) => Promise<Response>): Promise<void> {
  expectBread((await (await ask('?history=b01,b02')).json()) as Listed[]);
  for (const query of ['?history=b99', '?history=b01,b99']) {
    const refused = await ask(query);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toEqual({
      error: expect.stringContaining('"b99"'),
      code: 'ERR_LLMINIT_DATA',
    });
  }
  const popular = (await (await ask('')).json()) as Listed[];
  expect(popular).toHaveLength(3);
  expect(popular[0].title).toMatch(/\w/);
}

describe('examples/node', () => {
  it('trains on its files in a folder with a space, says how well it does and recommends', () => {
    const [recall, ...lines] = printed.trim().split('\n');
    expect(Number(recall.split(': ')[1])).toBeGreaterThan(0.5);
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line).toMatch(/^b\d\d \w/);
  });
});

describeOn('examples/deno', [toolPath('deno/deno')], () => {
  it('recommends when its file is run', async () => {
    const folder = copied('deno');
    const path = [dirname(toolPath('deno/deno')), process.env.PATH].join(delimiter);
    const text = await output(join(folder, 'recommend.ts'), [modelFile, 'b01', 'b02'], {
      cwd: folder,
      env: { PATH: path, DENO_NO_UPDATE_CHECK: '1' },
    });
    const lines = text.trim().split('\n');
    expectBread(lines.map((line) => ({ id: line.split('\t')[0], title: line.split('\t')[2] })));
  });
});

describeOn('examples/cloudflare-worker', [toolPath('miniflare'), toolPath('workerd')], () => {
  it('opens the model in its bucket once for requests that arrive together, and answers them', async () => {
    const entry = join(copied('cloudflare-worker'), 'src/index.js');
    const conditions = ['workerd', 'worker', 'browser'];
    const worker = await startWorker(entry, conditions, { r2Buckets: ['MODELS'] }, countOpenings);
    try {
      // The bucket is empty at first: the failure is not kept.
      expect((await worker.dispatchFetch('http://worker/?history=b01')).status).toBe(500);
      const bucket = await worker.getR2Bucket('MODELS');
      await bucket.put('model.safetensors', new Uint8Array(readFileSync(modelFile)).buffer);
      const ask = (query: string) => worker.dispatchFetch(`http://worker/${query}`);
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask('?history=b01')));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      expect(await (await ask('openings')).text()).toBe('2');
      await expectAnswers(ask);
    } finally {
      await worker.dispose();
    }
  });
});

/** Adds a page that tells how often the example has asked its bucket for the model. */
function countOpenings(code: string): string {
  return `let openings = 0;
${code
  .replace('async function open(bucket) {', '$& openings++;')
  .replace(
    'async fetch(request, env) {',
    "$& if (new URL(request.url).pathname === '/openings') return new Response(String(openings));",
  )}`;
}

describeOn('examples/vercel-edge', [toolPath('edge-runtime')], () => {
  it('fetches the model among its public files once, and answers requests in a minified bundle', async () => {
    const { outputFiles } = await build({
      stdin: {
        contents: `import handler from './api/recommend.js';
          addEventListener('fetch', (event) => event.respondWith(handler(event.request)));`,
        resolveDir: copied('vercel-edge'),
      },
      bundle: true,
      minify: true,
      format: 'iife',
      target: 'es2022',
      conditions: ['edge-light'],
      plugins: [bindWasm],
      write: false,
    });
    const host = await edgeRuntime(outputFiles[0].text, join(consumer, 'node_modules/llminit'));
    const model = readFileSync(modelFile);
    let fetches = 0;
    const server = createServer((_, response) => {
      fetches++;
      response.end(model);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const ask = (query: string) => host.dispatchFetch(`http://127.0.0.1:${port}/api/recommend${query}`);
      const answers = await Promise.all(Array.from({ length: 10 }, () => ask('?history=b01')));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      await expectAnswers(ask);
      expect(fetches).toBe(1);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

describeOn('examples/browser', ['/usr/bin/chromium', toolPath('playwright-core')], () => {
  it('lists books to read next when some are ticked', async () => {
    const folder = copied('browser');
    cpSync(modelFile, join(folder, 'model.safetensors'));
    cpSync(join(consumer, 'node_modules'), join(folder, 'node_modules'), { recursive: true });
    expect(readdirSync(folder)).toContain('index.html');
    const pages = await servePages(consumer);
    const browser = await openBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(pages.url('plain', 'example-browser/index.html'));
      await page.locator('input[value=b01]').check();
      await page.locator('input[value=b02]').check();
      const titles = await page.locator('#next li').allTextContents();
      expectBread(titles.map((title) => ({ id: '', title })));
    } finally {
      await browser.close();
      pages.stop();
    }
  });
});
