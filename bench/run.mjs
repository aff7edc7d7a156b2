// Measures the kernels beside their ceilings and their peers.
//
//   npm run bench                          everything; writes bench/RESULTS.md
//   npm run bench -- spmm score            these workloads; the others keep their place in RESULTS.md when
//                                          bench/experiments/bench.json has them
//   npm run bench -- --quick               small sizes and few repeats, to see that it works; writes nothing
//   npm run bench -- quality [--seeds 0]    SASRec trained to the end, beside torch, on ../shared/data; after npm run build
//   npm run bench -- codes                 TIGER on the same split
//   npm run bench -- whole --sizes office  of the whole way, these datasets; see workloads/whole.mjs
//   npm run bench -- --json                also writes the raw results to bench/experiments/bench.json
//
// Peers that are not installed are named as absent; `node bench/peers/setup.mjs` installs them.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem, type } from 'node:os';
import { parseArgs } from 'node:util';
import { graphSource } from './graphs.mjs';
import { loadLibrary, prepareScratch, SCRATCH } from './library.mjs';
import { clangVersion } from './peers/clang.mjs';
import { MKL_PYTHON, PythonPeers } from './peers/python.mjs';
import {
  caseTable,
  codeLines,
  fileLines,
  goalTable,
  growthLines,
  httpLines,
  memoryLines,
  qualityLines,
  resultsDocument,
} from './report.mjs';
import { DATASETS } from './whole/datasets.mjs';
import { lineChart, wholeLines } from './whole/report.mjs';
import { codes } from './workloads/codeQuality.mjs';
import { sgcl, sgl } from './workloads/contrastive.mjs';
import { epochLines, epochs } from './workloads/epochs.mjs';
import { files } from './workloads/files.mjs';
import { gemm } from './workloads/gemm.mjs';
import { serving } from './workloads/growth.mjs';
import { http } from './workloads/http.mjs';
import { memory, wasmSize } from './workloads/memory.mjs';
import { reading } from './workloads/reading.mjs';
import { score } from './workloads/score.mjs';
import { select } from './workloads/select.mjs';
import { quality } from './workloads/sequenceQuality.mjs';
import { sequences } from './workloads/sequences.mjs';
import { million, serve } from './workloads/serve.mjs';
import { spmm } from './workloads/spmm.mjs';
import { step } from './workloads/step.mjs';
import { threads } from './workloads/threads.mjs';
import { whole } from './workloads/whole.mjs';
import { workerd } from './workloads/workerd.mjs';

const WORKLOADS = {
  gemm,
  spmm,
  step,
  score,
  select,
  sgl,
  sgcl,
  sequences,
  quality,
  codes,
  threads,
  serve,
  million,
  files,
  http,
  workerd,
  serving,
  reading,
  whole,
  epochs,
  memory,
  wasm: wasmSize,
};
const RAW = 'bench/experiments/bench.json';

const { values, positionals } = parseArgs({
  options: {
    ...{ quick: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
    // Of the whole way and of quality.
    ...{ sizes: { type: 'string' }, data: { type: 'string', default: '../shared/data' } },
    seconds: { type: 'string', default: '900' },
    // Of quality, and which ways of the whole one are gone.
    ...{ seeds: { type: 'string', default: '0,1,2' }, only: { type: 'string', default: '' } },
  },
  allowPositionals: true,
});
const chosen = positionals.length > 0 ? positionals : Object.keys(WORKLOADS);
const unknown = chosen.find((name) => !(name in WORKLOADS));
if (unknown) {
  console.error(`bench: expected ${Object.keys(WORKLOADS).join(', ')}, received ${unknown}`);
  process.exit(2);
}

const loadBefore = loadavg()[0];
prepareScratch();
const library = await loadLibrary();
const python = new PythonPeers();
await python.start();
const mkl = new PythonPeers(MKL_PYTHON, 'arrays-mkl');
await mkl.start();
const context = {
  library,
  python,
  mkl,
  quick: values.quick,
  options: values,
  runtime: await library.load(),
  graph: graphSource(library.Graph, values.quick),
  progress: (title, rows) => console.log(`\n${caseTable({ title, rows, absent: [] }).join('\n')}`),
};
const workloads = {};
for (const name of chosen) {
  console.log(`\n== ${name}`);
  workloads[name] = await WORKLOADS[name](context);
  for (const { name: peer, absent } of workloads[name].flatMap((one) => one.absent ?? [])) {
    console.log(`absent: ${peer} (${absent})`);
  }
}
python.stop();
mkl.stop();
console.log(
  [
    '',
    ...growthLines(workloads),
    ...fileLines(workloads),
    ...httpLines(workloads),
    ...qualityLines(workloads),
    ...codeLines(workloads),
    ...wholeLines(workloads),
    ...epochLines(workloads),
    ...memoryLines(workloads),
    ...goalTable(workloads, true),
  ].join('\n'),
);
if (!values.quick) await writeResults();

async function writeResults() {
  const date = new Date().toISOString().slice(0, 10);
  const before = existsSync(RAW) ? JSON.parse(readFileSync(RAW, 'utf8')) : { workloads: {}, dates: {} };
  const results = {
    machine: positionals.length > 0 && before.machine ? before.machine : describeMachine(date),
    dates: { ...before.dates, ...Object.fromEntries(chosen.map((name) => [name, date])) },
    workloads: { ...before.workloads, ...workloads, ...(await withOtherSizes(before.workloads.whole)) },
  };
  writeFileSync('bench/RESULTS.md', resultsDocument(results));
  if (!values.json) return;
  mkdirSync('bench/experiments', { recursive: true });
  // A line for each row of numbers.
  const lines = JSON.stringify(results, null, 1).replace(/\[[\d\s.,]+\]/g, (numbers) =>
    numbers.replace(/\s+/g, ' '),
  );
  writeFileSync(RAW, `${lines}\n`);
}

/** The whole way on datasets, and in ways, that are not measured now keeps what an earlier run found. */
async function withOtherSizes(earlier = []) {
  if (!workloads.whole) return {};
  const others = earlier.filter(({ key }) => !workloads.whole.some((one) => one.key === key));
  const measured = workloads.whole.map(async (one) => {
    const before = earlier.find(({ key }) => key === one.key)?.whole;
    if (!before || !one.whole) return one;
    const left = before.ways.filter(({ name }) => !one.whole.ways.some((way) => way.name === name));
    const ways = [...one.whole.ways, ...left];
    await lineChart(one.key, DATASETS[one.key].name, ways);
    return { ...one, whole: { ...before, ...one.whole, ways } };
  });
  const order = Object.keys(DATASETS);
  const all = [...others, ...(await Promise.all(measured))];
  return { whole: all.sort((a, b) => order.indexOf(a.key) - order.indexOf(b.key)) };
}

function describeMachine(date) {
  const { numpy, scipy, torch, blas, python: interpreter } = python.versions;
  const installed = (name, folder = '.') => {
    const file = `${folder}/node_modules/${name}/package.json`;
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : null;
  };
  return {
    cpu: cpus()[0].model.trim(),
    vectors: widestVectors(),
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    os: type(),
    load: [loadBefore, loadavg()[0]],
    date,
    command: ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(
      ' ',
    ),
    versions: {
      Node: process.versions.node,
      V8: process.versions.v8,
      asc: installed('assemblyscript'),
      clang: clangVersion(),
      Python: interpreter,
      torch,
      numpy,
      scipy,
      BLAS: blas,
      MKL: mkl.versions.blas,
      'tfjs-wasm': installed('@tensorflow/tfjs-backend-wasm', SCRATCH),
      'ml-matrix': installed('ml-matrix'),
      usearch: installed('usearch', SCRATCH),
      'hnswlib-node': installed('hnswlib-node', SCRATCH),
    },
  };
}

/** The widest vectors of the processor, which native peers use; null where the system does not tell. */
function widestVectors() {
  if (!existsSync('/proc/cpuinfo')) return null;
  const flags = readFileSync('/proc/cpuinfo', 'utf8').match(/^flags.*$/m)?.[0] ?? '';
  if (flags.includes(' avx512f')) return 'AVX-512';
  return flags.includes(' avx2') ? 'AVX2' : null;
}
