import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { output, start } from './child.ts';
import { bindWasm, edgeRuntime, startWorker, type Worker } from './edgeHosts.ts';
import {
  type Ask,
  expectAnswers,
  expectBread,
  expectServed,
  expectTogether,
  type Listed,
} from './exampleAnswers.ts';
import { describeOn, toolPath } from './tools.ts';

const examples = fileURLToPath(new URL('../../examples/', import.meta.url));
const consumer = inject('consumer');
/** A name that URLs write in another way than paths do. */
const nodeFolder = 'my project é';
const modelFile = join(consumer, nodeFolder, 'model.safetensors');

/** A copy of an example beside the installed package. */
function copied(name: string, as = `example-${name}`): string {
  const folder = join(consumer, as);
  cpSync(join(examples, name), folder, { recursive: true });
  cpSync(join(examples, 'data'), join(folder, 'data'), { recursive: true });
  return folder;
}

let printed: string;

beforeAll(async () => {
  printed = await output(process.execPath, ['train.mjs'], { cwd: copied('node', nodeFolder) });
});

describe('examples/node', () => {
  it('trains on its files in a folder with a space, says how well it does and recommends', () => {
    const [recall, ...lines] = printed.trim().split('\n');
    expect(Number(recall.split(': ')[1])).toBeGreaterThan(0.5);
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line).toMatch(/^b\d\d \w/);
  });

  it('answers HTTP requests from the model that it saved', async () => {
    const cwd = join(consumer, nodeFolder);
    await expectServed(start(process.execPath, ['serve.mjs'], { cwd, env: { PORT: '0' } }));
  });
});

describeOn('examples/cloudflare-worker', [toolPath('miniflare'), toolPath('workerd')], () => {
  const conditions = ['workerd', 'worker', 'browser'];
  const asking = (worker: Worker) => (path: string) => worker.dispatchFetch(`http://worker/v1/${path}`);

  it('opens the model that is part of it while it starts', async () => {
    const folder = copied('cloudflare-worker');
    cpSync(modelFile, join(folder, 'src/model.bin'));
    const worker = await startWorker(join(folder, 'src/bundled.js'), conditions);
    try {
      await expectTogether(asking(worker));
      await expectAnswers(asking(worker));
    } finally {
      await worker.dispose();
    }
  });

  it.each([
    ['R2', 'src/r2.js', { r2Buckets: ['MODELS'] }],
    ['KV', 'src/kv.js', { kvNamespaces: ['MODELS'] }],
  ])('opens the model in %s once for requests that arrive together', async (kind, entry, bindings) => {
    const file = join(copied('cloudflare-worker'), entry);
    const worker = await startWorker(file, conditions, bindings, countOpenings);
    const ask = asking(worker);
    try {
      // Nothing is there at first: the failure is not kept.
      expect((await ask('popular')).status).toBe(503);
      const store = await (kind === 'KV' ? worker.getKVNamespace('MODELS') : worker.getR2Bucket('MODELS'));
      await store.put('model.safetensors', new Uint8Array(readFileSync(modelFile)).buffer);
      await expectTogether(ask);
      expect(await (await worker.dispatchFetch('http://worker/openings')).text()).toBe('2');
      await expectAnswers(ask);
    } finally {
      await worker.dispose();
    }
  });
});

describeOn(
  'examples/cloudflare-worker with a Durable Object',
  [toolPath('miniflare'), toolPath('workerd')],
  () => {
    it('recommends by what people did, in a new object too, and forgets a person', async () => {
      const folder = copied('cloudflare-worker', 'example-living');
      cpSync(modelFile, join(folder, 'src/model.bin'));
      const begin = () =>
        startWorker(join(folder, 'src/living.js'), ['workerd', 'worker', 'browser'], {
          durableObjects: { LIVING: { className: 'LivingRecommender', useSQLite: true } },
          durableObjectsPersist: join(folder, 'objects'),
          bindings: { TOKEN: 'secret' },
        });
      const headers = { authorization: 'Bearer secret', 'content-type': 'application/json' };
      const send = (worker: Worker, path: string, body: object) =>
        worker.dispatchFetch(`http://worker/v1/${path}`, {
          method: 'POST',
          headers,
          body: JSON.stringify(body),
        });
      const recommended = async (worker: Worker) => {
        const answer = await worker.dispatchFetch(
          'http://worker/v1/recommendations?user=reader%20of%20bread&k=3',
          {
            headers,
          },
        );
        return { status: answer.status, items: ((await answer.json()) as { items?: Listed[] }).items };
      };
      let worker = await begin();
      try {
        expect((await worker.dispatchFetch('http://worker/v1/popular')).status).toBe(401);
        expect((await recommended(worker)).status).toBe(422);
        const events = ['b01', 'b02', 'not in the model'].map((item) => ({ user: 'reader of bread', item }));
        const answer = await send(worker, 'events', { events });
        expect(await answer.json()).toEqual({ accepted: 3, unknownItems: ['not in the model'] });
        const first = await recommended(worker);
        expectBread(first.items!);
        await worker.dispose();
        worker = await begin();
        expect(await recommended(worker)).toEqual(first);
        const change = { op: 'removeUser', user: 'reader of bread' };
        expect((await send(worker, 'changes', { change })).status).toBe(200);
        expect((await recommended(worker)).status).toBe(422);
        await worker.dispose();
        worker = await begin();
        expect((await recommended(worker)).status).toBe(422);
      } finally {
        await worker.dispose();
      }
    });
  },
);

/** Adds a page that tells how often the example has asked for the model. */
function countOpenings(code: string): string {
  return `let openings = 0;
${code
  .replace('createHandler(async () => {', '$& openings++;')
  .replace(
    'fetch(request, { MODELS }) {',
    "$& if (new URL(request.url).pathname === '/openings') return new Response(String(openings));",
  )}`;
}

describe('examples/vercel on Node', () => {
  it('reads the model among its public files, and answers requests in a minified bundle', async () => {
    const folder = copied('vercel');
    mkdirSync(join(folder, 'public'));
    cpSync(modelFile, join(folder, 'public/model.safetensors'));
    await build({
      entryPoints: [join(folder, 'app/api/[...path]/route.js')],
      bundle: true,
      minify: true,
      platform: 'node',
      format: 'esm',
      outfile: join(folder, 'api.mjs'),
    });
    writeFileSync(join(folder, 'host.mjs'), HOST);
    await expectServed(start(process.execPath, ['host.mjs'], { cwd: folder }));
  });
});

/** Calls a route as Next.js does, with a Request. */
const HOST = `import { createServer } from 'node:http';
import { GET } from './api.mjs';
const server = createServer(async (incoming, outgoing) => {
  const response = await GET(new Request('http://host/api' + incoming.url));
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(await response.text());
});
server.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port));
`;

describeOn('examples/vercel on the edge', [toolPath('edge-runtime')], () => {
  it('fetches the model among its public files once, and answers requests in a minified bundle', async () => {
    const { outputFiles } = await build({
      stdin: {
        contents: `import { GET } from './app/edge/[...path]/route.js';
          addEventListener('fetch', (event) => event.respondWith(GET(event.request)));`,
        resolveDir: copied('vercel', 'example-vercel-edge'),
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
      const ask: Ask = (path) => {
        const url = new URL(`http://127.0.0.1:${port}/edge/v1/${path}`);
        // As Next.js does.
        for (const part of url.pathname.split('/').slice(2)) url.searchParams.append('path', part);
        return host.dispatchFetch(url.href);
      };
      await expectTogether(ask);
      await expectAnswers(ask);
      expect(fetches).toBe(1);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
