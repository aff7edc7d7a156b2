// The first answer of an isolate of workerd whose model was opened while it started, less an empty request: processor time of
// all its threads, since a clock on a shared machine tells of the others.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { SCRATCH } from '../library.mjs';
import { median } from '../measure.mjs';
import { modelOf } from './serve.mjs';

const FOLDER = resolve(`${SCRATCH}/workerd`);
const ITEMS = 6000;
const TYPES = { '.mjs': 'ESModule', '.wasm': 'CompiledWasm', '.bin': 'Data' };

/** Opens what it fetches. */
const FETCHING = `
import { Recommender } from '../../dist/workerd/serve.js';
let recommender;
export default {
  async fetch(request) {
    const { searchParams } = new URL(request.url);
    if (searchParams.has('model')) recommender = await Recommender.fromUrl(searchParams.get('model'));
    return new Response(recommender ? String(recommender.numItems) : '{}');
  },
};`;

const WORKER = `
import { createHandler } from '../../dist/workerd/http.js';
import { Recommender } from '../../dist/workerd/serve.js';
import model from './model.bin';
const handler = createHandler(await Recommender.open(model));
export default {
  fetch: (request) => (new URL(request.url).pathname === '/empty' ? new Response('{}') : handler(request)),
};`;

/** 20 isolates, one after the other. */
export async function workerd({ library, runtime, quick }) {
  const title = `workerd, first answer of an isolate, ${ITEMS} items, processor time`;
  const miniflare = await importMiniflare();
  const absent = [];
  if (!miniflare) absent.push({ name: 'miniflare', absent: 'it is not installed (npm run platform)' });
  if (process.platform !== 'linux')
    absent.push({ name: 'workerd', absent: 'its processor time is read on Linux' });
  if (absent.length > 0) return [{ key: 'workerd', title, rows: [], absent }];
  const model = modelOf(ITEMS);
  const forms = {
    f32: library.encodeModel(model),
    int8: library.encodeModel(await library.quantizeModel(model, { to: 'int8', runtime })),
  };
  const rows = [];
  for (const [form, bytes] of Object.entries(forms)) {
    const samples = await isolates(miniflare, bytes, quick ? 2 : 20);
    for (const kind of ['empty', 'first', 'second']) {
      const own = samples.map((sample) => sample[kind]);
      const name = { empty: 'an empty request', first: 'the first answer', second: 'the second' }[kind];
      rows.push({
        name: `${form}: ${name}`,
        ours: kind === 'first',
        minMs: Math.min(...own),
        medianMs: median(own),
      });
    }
    const beyond = samples.map(({ first, empty }) => first - empty);
    const name = `${form}: the first less an empty one`;
    rows.push({ name, ours: false, minMs: Math.min(...beyond), medianMs: median(beyond) });
  }
  return [
    {
      key: 'workerd',
      title,
      rows: rows.map((row) => ({ gflops: null, gbs: null, error: null, ownWork: true, ...row })),
      absent,
    },
    await fetchingPeak(miniflare, library, quick ? 2000 : 100_000),
  ];
}

/** The peak of an isolate that opens a model from the network, less what it took before, in times the file: the median of five. */
async function fetchingPeak({ Miniflare }, library, items) {
  const bytes = library.encodeModel(modelOf(items));
  const server = createServer((_, response) => response.end(bytes));
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const address = `http://127.0.0.1:${server.address().port}/`;
  const worker = await bundled(bytes.subarray(0, 0), FETCHING);
  const peaks = [];
  for (let n = 0; n < 5; n++) {
    const { own, isolate } = await started(Miniflare, worker);
    const ask = async (query) => (await isolate.dispatchFetch(`http://worker/${query}`)).text();
    await ask('');
    const before = residentBytes(own, 'VmRSS');
    if (Number(await ask(`?model=${encodeURIComponent(address)}`)) !== items) throw new Error('no model');
    peaks.push((residentBytes(own, 'VmHWM') - before) / bytes.length);
    await isolate.dispose();
  }
  server.close();
  const [peak, spread] = [median(peaks), peaks.map((one) => one.toFixed(2)).join(', ')];
  const title = `workerd, peak of opening ${items} items in f32 from the network: ${spread} times the file`;
  return { key: 'workerd-peak', title, rows: [], peak, absent: [] };
}

/** Bytes of memory of a process, as the system names them. */
function residentBytes(pid, name) {
  return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
}

/** A Worker with a model beside it, and its files. */
async function bundled(bytes, script) {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(`${FOLDER}/model.bin`, bytes);
  writeFileSync(`${FOLDER}/entry.mjs`, script);
  const outdir = `${FOLDER}/out`;
  await build({
    entryPoints: { worker: `${FOLDER}/entry.mjs` },
    ...{
      bundle: true,
      minify: true,
      format: 'esm',
      target: 'es2022',
      outdir,
      outExtension: { '.js': '.mjs' },
    },
    loader: { '.wasm': 'copy', '.bin': 'copy' },
    logLevel: 'error',
  });
  const files = ['worker.mjs', ...readdirSync(outdir).filter((file) => file !== 'worker.mjs')];
  return files.map((file) => ({ type: TYPES[extname(file)], path: `${outdir}/${file}` }));
}

/** An isolate, and the process that it has for itself. */
async function started(Miniflare, modules) {
  const before = new Set(workerds());
  const isolate = new Miniflare({
    ...{ modulesRoot: `${FOLDER}/out`, modules },
    ...{ compatibilityDate: '2026-04-01', host: '127.0.0.1', cf: false },
  });
  await isolate.ready;
  const [own] = workerds().filter((pid) => !before.has(pid));
  return { own, isolate };
}

async function isolates({ Miniflare }, bytes, count) {
  const modules = await bundled(bytes, WORKER);
  const samples = [];
  for (let n = 0; n < count; n++) {
    const { own, isolate } = await started(Miniflare, modules);
    const ask = async (path) => (await isolate.dispatchFetch(`http://worker${path}`)).text();
    for (let warm = 0; warm < 5; warm++) await ask('/empty');
    const took = async (path) => {
      const began = processorMs(own);
      await ask(path);
      return processorMs(own) - began;
    };
    const empty = median([await took('/empty'), await took('/empty'), await took('/empty')]);
    const first = await took('/v1/recommendations?user=user7');
    samples.push({ empty, first, second: await took('/v1/recommendations?user=user8') });
    await isolate.dispose();
  }
  return samples;
}

/** Processes of workerd. */
function workerds() {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/comm`, 'utf8').startsWith('workerd');
    } catch {
      return false;
    }
  });
}

/** Of all threads of a process, in nanoseconds by the scheduler. */
function processorMs(pid) {
  let sum = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`))
    sum += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  return sum / 1e6;
}

async function importMiniflare() {
  try {
    return await import(pathToFileURL(createRequire(resolve('.platform/x.js')).resolve('miniflare')).href);
  } catch {
    return null;
  }
}
