// The goals that the kernels are held to: floor and goal as ratios of times measured in one run.

import { median } from './measure.mjs';
import { wholeGoals } from './whole/report.mjs';
import { epochGoals } from './workloads/epochs.mjs';

const PEERS = {
  clang: 'clang → wasm, same algorithm',
  native: 'clang native, prefetch',
  csr: 'torch CSR',
  coo: 'torch COO',
};

/**
 * `{ workload, against, floor, goal, least, value, ofMinima, ofMedians }` for everything that has been measured; value
 * null or NaN where not. `value` is the median over the turns of the ratio of that turn's least times: on a shared
 * machine the quiet moments of two contestants need not be equally quiet, and those of two cores are rarer than those of
 * one. The other two are the ratios of all minima and of all medians.
 */
export function checkGoals(results) {
  const rows = Object.values(results).flatMap((cases) => cases.flatMap((found) => found.rows ?? []));
  const turns = Math.max(1, ...rows.map(({ turnMs }) => turnMs?.length ?? 0));
  const byTurn = Array.from({ length: turns }, (_, turn) =>
    goalsOf(withTimes(results, ({ turnMs }) => turnMs?.[turn])),
  );
  const ofMedians = goalsOf(withTimes(results, ({ medianMs }) => medianMs));
  return goalsOf(results).map((goal, n) => {
    const values = byTurn.map((goals) => goals[n].value).filter(Number.isFinite);
    return { ...goal, value: median(values), ofMinima: goal.value, ofMedians: ofMedians[n].value };
  });
}

/** The results as if every contestant's least time were another one. */
function withTimes(results, msOf) {
  const row = (one) => ({ ...one, minMs: msOf(one), gflops: (one.gflops * one.minMs) / msOf(one) });
  const measured = ([name, cases]) => [
    name,
    cases.map((found) => (found.rows ? { ...found, rows: found.rows.map(row) } : found)),
  ];
  return Object.fromEntries(Object.entries(results).map(measured));
}

function goalsOf(results) {
  return [
    ...spmmGoals(results.spmm),
    ...fasterGoals('LightGCN step, batch 2048', 'best torch form', results.step, {
      beauty: ['Beauty', 3, 4],
      gowalla: ['Gowalla', 4.5, 6],
    }),
    ...fasterGoals('score + mask + top-k, exact', 'torch matmul + topk, fastest BLAS', results.score, {
      top10: ['top-10', 1.3, 1.6],
      top50: ['top-50', 1, 1.3],
    }),
    ...fasterGoals('SGL loss and gradient', 'torch, fastest BLAS', results.sgl, {
      sgl: ['batch of interactions', 1, 1.2],
      'sgl-distinct': ['all rows distinct', 1, 1.2],
    }),
    ...fasterGoals('SASRec', 'torch, fastest BLAS', results.sequences, {
      even: ['training step', 0.8, 0.8],
      uneven: ['training step, lengths as in shops', 0.8, 1.2],
      'session-64': ['a session of 64', 1.5, 1.5],
      'session-8': ['a session of 8', 1.5, 1.5],
    }),
    ...serveGoals([...(results.serve ?? []), ...(results.million ?? [])]),
    ...fileGoals(results.files),
    ...httpGoals(results.http),
    ...workerdGoals(results.workerd),
    ...wholeGoals(results.whole),
    ...epochGoals(results.epochs),
    ...readingGoals(results.reading),
    ...sgclGoals(results.sgcl),
    ...selectGoals(results.select),
    ...gemmGoals(results.gemm),
    ...threadGoals(results.threads),
    ...memoryGoals(results),
  ];
}

/** `met`, `floor`, `missed`, or `not measured`. */
export function verdict({ value, least, floor, goal }) {
  if (!Number.isFinite(value)) return 'not measured';
  const reaches = (bound) => (least ? value >= bound : value <= bound);
  if (reaches(goal)) return 'met';
  return reaches(floor) ? 'floor' : '**missed**';
}

function spmmGoals(cases = []) {
  const sizes = [
    ['beauty', 'Beauty', 3, 4],
    ['gowalla', 'Gowalla', 2.3, 3],
    ['book', 'amazon-book', 1.8, 2.2],
  ];
  return sizes.flatMap(([key, size, floor, goal]) => {
    const found = cases.find((one) => one.key === key);
    const workload = `SpMM, dim 128, ${size}`;
    const entry = (against, bounds) => ({ workload, against, ...bounds });
    return [
      entry(PEERS.clang, { least: false, floor: 1.15, goal: 1, value: timeRatio(found, PEERS.clang) }),
      entry(PEERS.native, { least: false, floor: 2.2, goal: 1.6, value: timeRatio(found, PEERS.native) }),
      entry(PEERS.csr, { least: true, floor, goal, value: 1 / timeRatio(found, PEERS.csr) }),
      entry(PEERS.coo, { least: true, floor: 3, goal: 5, value: 1 / timeRatio(found, PEERS.coo) }),
    ];
  });
}

/** Goals against the fastest torch contestant of each case and, where it has been measured, against torch with MKL. */
function fasterGoals(workload, against, cases = [], bounds) {
  return Object.entries(bounds).flatMap(([key, [what, floor, goal]]) => {
    const found = cases.find((one) => one.key === key);
    const entry = { workload: `${workload}, ${what}`, least: true, floor, goal };
    const fastest = { ...entry, against, value: bestTorch(found) };
    const mkl = found?.rows.find(({ name }) => name.endsWith('MKL'));
    return mkl
      ? [fastest, { ...entry, against: mkl.name, value: 1 / timeRatio(found, mkl.name) }]
      : [fastest];
  });
}

const USEARCH = { f32: 'usearch exact f32, nothing left out', i8: 'usearch exact i8 (not exact)' };

/** One user: our time over usearch's, exact order through codes and codes alone. Many: how many times as fast. */
function serveGoals(cases = []) {
  const sizes = [
    ['6000', '6,000 items', [0.6, 0.5], [0.8, 0.7]],
    ['100000', '100,000 items', [0.8, 0.72], [0.9, 0.8]],
    ['1000000', '1,000,000 items', [0.9, 0.78], [1, 0.9]],
  ];
  const caseOf = (key) => cases.find((one) => one.key === key);
  const one = sizes.flatMap(([key, size, exact, coded]) => {
    const found = caseOf(`one-${key}`);
    const small = found?.rows.find(({ name }) => name.endsWith('int8 alone'));
    const i8 = found?.rows.find(({ name }) => name === USEARCH.i8);
    const workload = `one user, top-10, ${size}`;
    const entry = (row, against, [floor, goal], value) => ({
      ...{ workload: `${workload}, ${row}`, against, least: false, floor, goal, value },
    });
    return [
      entry('exact', USEARCH.f32, exact, timeRatio(found, USEARCH.f32)),
      entry('a file of int8', USEARCH.i8, coded, small && i8 ? small.minMs / i8.minMs : Number.NaN),
    ];
  });
  const many = {
    ...{ workload: '1,000 users, top-10, 100,000 items, exact', against: USEARCH.f32 },
    ...{ least: true, floor: 6, goal: 8, value: 1 / timeRatio(caseOf('many-100000'), USEARCH.f32) },
  };
  const beside = [
    ['6,000 items', caseOf('one-6000')],
    ['100,000 items', caseOf('one-100000')],
  ].flatMap(([size, found]) => besideGraph(`one user, top-10, ${size}`, found));
  return [...one, ...beside, many];
}

/** One user beside hnswlib: how many times as fast, exact and by codes alone. */
function besideGraph(workload, found) {
  const graph = found?.rows.find(({ name }) => name.startsWith('hnswlib'))?.minMs ?? Number.NaN;
  const against = 'hnswlib at recall ≥ .99';
  const coded = found?.rows.find(({ name }) => name.endsWith('int8 alone'))?.minMs;
  return [
    {
      workload: `${workload}, exact`,
      floor: 2.5,
      goal: 2.5,
      value: graph / (found ? ours(found).minMs : 1),
    },
    {
      workload: `${workload}, a file of int8`,
      floor: 2.5,
      goal: 6,
      value: graph / (coded ?? 1),
    },
  ].map((goal) => ({ ...goal, against, least: true }));
}

/** By processor time: a request beside an empty one and the work itself, and an empty one beside the least that Node does. */
function httpGoals(cases = []) {
  const found = cases[0]?.http;
  const [raw, health, recommendation] = found?.requests.map(({ cpuMs }) => cpuMs) ?? [];
  const lost =
    found && found.reload.failed + found.kills.lost + found.requests.reduce((a, b) => a + b.failed, 0);
  return [
    {
      ...{
        workload: 'HTTP, a recommendation',
        against: '/health + 1.2 × recommend',
        least: false,
        floor: 1.2,
        goal: 1,
      },
      value: found ? recommendation / (health + 1.2 * found.directMs) : Number.NaN,
    },
    {
      ...{ workload: 'HTTP, /health', against: 'node:http', least: true, floor: 0.6, goal: 0.7 },
      value: raw / health,
    },
    {
      ...{ workload: 'HTTP, reloads, kills', against: 'failed or lost', least: false, floor: 0, goal: 0 },
      value: found ? lost : Number.NaN,
    },
  ];
}

function fileGoals(cases = []) {
  const found = cases[0]?.files;
  const small = found?.sizes.find(({ form }) => form === 'int8, no users');
  const text = found?.sizes.find(({ form }) => form.endsWith('text part'));
  const [bytes, stream] = found?.memory ?? [];
  const [medium, large] = found?.opened ?? [];
  const goal = (workload, against, bound, value = Number.NaN) => ({
    ...{ workload, against, least: false, floor: bound, goal: bound, value },
  });
  return [
    goal('file of 6,000 items, int8, no users', 'MB gzipped', 0.9, small && small.gzipped / 1e6),
    goal('memory of an open model, 100,000 items', 'times the file', 1.15, bytes?.opened),
    goal('the same after similarItems', 'times the file', 1.3, bytes?.similar),
    goal('peak of opening from a stream, Node', 'times the file', 1.3, stream?.peak),
    goal('file of 6,000 items with a lexical text part', 'MB gzipped', 2.5, text && text.gzipped / 1e6),
    goal('opening 6,000 items, first of a process', 'ms, median', 10, medium?.first.median),
    goal('opening 6,000 items again', 'ms, median', 6, medium?.again.median),
    goal('opening 100,000 items of int8', 'ms, median', 20, large?.again.median),
    goal('the same, first of a process', 'ms, median', 20, large?.first.median),
  ];
}

function workerdGoals(cases = []) {
  const beyond = cases[0]?.rows.find(({ name }) => name === 'f32: the first less an empty one');
  const workload = 'workerd, first answer less an empty request, 6,000 items';
  const peak = cases.find(({ key }) => key === 'workerd-peak')?.peak ?? Number.NaN;
  const stream = 'peak of opening from a stream, workerd';
  return [
    { workload, against: 'ms', least: false, floor: 6, goal: 2, value: beyond?.medianMs ?? Number.NaN },
    { workload: stream, against: 'times the file', least: false, floor: 1.3, goal: 1.3, value: peak },
  ];
}

function readingGoals(cases = []) {
  const ratio = (key) => {
    const rows = cases.find((one) => one.key === key)?.rows ?? [];
    const own = rows.find(({ ours }) => ours)?.minMs;
    return Math.min(...rows.filter(({ ours }) => !ours).map(({ minMs }) => minMs)) / own;
  };
  const large = cases.find(({ key }) => key === 'memory');
  return [
    ...['plain', 'quoted'].map((key) => ({
      ...{ workload: `reading, 5 million ${key} rows`, against: 'the faster of papaparse and csv-parse' },
      ...{ least: true, floor: 1.5, goal: 2, value: ratio(key) },
    })),
    {
      ...{ workload: 'reading, 10 million rows', against: 'peak bytes a row' },
      ...{ least: false, floor: 60, goal: 60, value: large?.bytesPerRow ?? Number.NaN },
    },
  ];
}

function sgclGoals(cases = []) {
  const kinds = { sgcl: 'batch of interactions', 'sgcl-distinct': 'all rows distinct' };
  return Object.entries(kinds).map(([key, what]) => {
    const value = 1 / bestTorch(cases.find((one) => one.key === key));
    return {
      workload: `SGCL loss and gradient, ${what}`,
      against: 'torch',
      least: false,
      floor: 1.3,
      goal: 1,
      value,
    };
  });
}

function selectGoals(cases = []) {
  const workload = 'variance + top-128 + gather';
  return [
    { against: 'numpy', floor: 3, goal: 4 },
    { against: 'torch', floor: 8, goal: 11 },
  ].map((bounds) => ({ workload, least: true, ...bounds, value: 1 / timeRatio(cases[0], bounds.against) }));
}

function gemmGoals(cases = []) {
  const [found] = cases;
  const ceiling = found?.rows.find(({ name }) => name.startsWith('ceiling'));
  const value = found ? ours(found).gflops / ceiling.gflops : null;
  return [
    {
      workload: 'GEMM micro-kernel',
      against: '128-bit mul + add peak',
      least: true,
      floor: 0.7,
      goal: 0.8,
      value,
    },
  ];
}

function threadGoals(cases = []) {
  return ['spmm', 'step', 'score'].map((key) => {
    const rows = cases.find((one) => one.key === key)?.rows;
    const value = rows ? rows[0].minMs / rows[1].minMs : null;
    return {
      workload: `two threads, ${key}`,
      against: 'one thread',
      least: true,
      floor: 1.5,
      goal: 1.8,
      value,
    };
  });
}

function memoryGoals({ memory = [], wasm = [] }) {
  const jobs = memory.map(({ name, tables }) => ({
    workload: `memory of a training job, ${name}`,
    against: 'tables, beside the graph',
    least: false,
    floor: 6,
    goal: 5,
    value: tables,
  }));
  const size = { workload: 'wasm size', against: 'KB', least: false, floor: 40, goal: 24 };
  return [...jobs, { ...size, value: wasm.length > 0 ? wasm[0].bytes / 1000 : null }];
}

function ours({ rows }) {
  return rows.find((row) => row.ours);
}

/** Our time over that of a contestant; NaN when either is missing. */
function timeRatio(found, name) {
  const other = found?.rows.find((row) => row.name === name);
  return other ? ours(found).minMs / other.minMs : Number.NaN;
}

/** The time of the fastest torch form over ours. */
function bestTorch(found) {
  const times = found?.rows.filter(({ name }) => name.startsWith('torch')).map(({ minMs }) => minMs) ?? [];
  return times.length > 0 ? Math.min(...times) / ours(found).minMs : Number.NaN;
}
