// Tables of the results, for the terminal and for RESULTS.md.
import { existsSync, readFileSync } from 'node:fs';
import { checkGoals, verdict } from './goals.mjs';
import { wholeLines } from './whole/report.mjs';
import { epochLines } from './workloads/epochs.mjs';

const TITLES = {
  spmm: 'SpMM: Y = X + ÂX, dim 128',
  step: 'Training step: LightGCN (2 layers, dim 128), BPR, Adam',
  score: 'Scoring: users × items, seen items left out, exact top-k',
  select: 'Column selection',
  gemm: 'GEMM micro-kernel',
  sgl: 'SGL: InfoNCE and its gradient',
  sgcl: 'SGCL: loss and its gradient',
  sequences: 'Sequences: SASRec (2 blocks, 2 heads, dim 64), one thread',
  threads: 'Threads',
  serve: 'Serving: one user, many users, opening; dim 128',
  million: 'Serving: a million items; dim 128',
  workerd: 'Serving: isolates of workerd, processor time',
  reading: 'Reading files, processor time',
};
const GOWALLA = 'bench/experiments/gowalla.json';
const GOWALLA_TIME = 'bench/experiments/gowallaTime.json';

/** One case as the lines of a Markdown table. */
export function caseTable({ title, rows, absent }) {
  const own = rows.find(({ ours }) => ours);
  const ceiling = rows.find(({ name }) => name.startsWith('ceiling'));
  const head = [
    '',
    'min ms',
    'median ms',
    'GFLOP/s',
    'GB/s',
    'of the ceiling',
    'largest error',
    'time / ours',
  ];
  const body = rows.map((row) => [
    row.ours ? `**${row.name}**` : row.name,
    number(row.minMs),
    number(row.medianMs),
    row.gflops === null ? '' : row.gflops.toFixed(1),
    row.gbs === null ? '' : row.gbs.toFixed(1),
    ceiling ? percent(share(row, ceiling)) : '',
    row.error === null ? '' : row.error.toExponential(0),
    row.ownWork ? '' : number(row.minMs / own.minMs),
  ]);
  const kept = head.map((_, n) => n === 0 || body.some((line) => line[n] !== ''));
  const lines = markdown([head, ...body].map((line) => line.filter((_, n) => kept[n])));
  const missing = absent.map(({ name, absent: reason }) => `Absent: ${name} (${reason}).`);
  return [`**${title}**`, '', ...lines, ...(missing.length > 0 ? ['', ...missing] : [])];
}

/** The goals and what the results make of them. */
export function goalTable(results, measuredOnly = false) {
  const goals = checkGoals(results).filter(({ value }) => !measuredOnly || Number.isFinite(value));
  const rows = goals.map((goal) => [
    goal.workload,
    goal.against,
    bound(goal, goal.floor),
    bound(goal, goal.goal),
    shownValue(goal, goal.value),
    shownValue(goal, goal.ofMinima),
    shownValue(goal, goal.ofMedians),
    verdict(goal),
  ]);
  return markdown([['workload', 'against', 'floor', 'goal', 'by turn', 'minima', 'medians', ''], ...rows], 2);
}

/** RESULTS.md as a whole. */
export function resultsDocument({ machine, workloads, dates }) {
  const sections = Object.keys(TITLES).filter((name) => workloads[name]?.length > 0);
  const lines = [
    '# Results of the bench',
    '',
    ...machineLines(machine),
    '',
    'Times are minima over interleaved turns; "time / ours" above 1 means that llminit is faster. Errors are the largest',
    'difference from a float64 reference, relative to the largest number of the result. A row of the goals reads as speed-up',
    '(≥) or as our time over theirs (≤): the median over the turns of the ratio of that turn, which the verdict is of; the',
    'ratio of all minima; the ratio of all medians. The GEMM row is the share of the peak measured beside it.',
    'In SpMM and column selection llminit, and clang → wasm, use three copies of their data in turn, since pages that are in',
    'each other’s way slow a copy down for as long as it lives; the others have one.',
    '',
    '## Goals',
    '',
    ...goalTable(workloads),
    '',
    ...limitLines(workloads),
  ];
  for (const name of sections) {
    lines.push(`## ${TITLES[name]}`, '', `\`npm run bench -- ${name}\`, ${dates[name]}`, '');
    for (const one of workloads[name])
      lines.push(...(one.rows.length > 0 ? caseTable(one) : [one.title]), '');
  }
  lines.push(
    ...fileLines(workloads, dates.files),
    ...httpLines(workloads, dates.http),
    ...qualityLines(workloads, dates.quality),
    ...codeLines(workloads, dates.codes),
    ...wholeLines(workloads, dates.whole),
    ...epochLines(workloads, dates.epochs),
    ...growthLines(workloads),
    ...memoryLines(workloads),
    ...gowallaLines(),
  );
  return `${lines.join('\n').trimEnd()}\n`;
}

/** What TIGER reached and took; only the time has a goal. */
export function codeLines({ codes = [] }, date = '') {
  const found = codes.find((one) => one.codes);
  if (!found) return [];
  const { title, settings, codes: rows } = found;
  const head = ['', 'NDCG@10', 'validation', 'epochs', 'best', 'processor s'];
  const body = rows.map(({ name, ndcg, valid, epochs, bestEpoch, seconds }) => [
    ...[name, four(ndcg), four(valid), `${epochs}`, `${bestEpoch}`, seconds.toFixed(0)],
  ]);
  const { dim, heads, blocks, dropout, maxLength, batchSize, learningRate, evaluateEvery } = settings;
  const [{ seconds }] = rows;
  return [
    '## Quality: TIGER',
    '',
    `\`npm run bench -- codes\`, ${date}; ${title}`,
    '',
    ...markdown([head, ...body]),
    '',
    `One seed; dim ${dim}, ${heads} heads, ${blocks} blocks, dropout ${dropout}, the last ${maxLength} items as three codes of 256 and a fourth, ${batchSize} sequences an update, rate ${learningRate}, validated every ${evaluateEvery} epochs. Goal: trained within 30 minutes on two cores, codes included: ${seconds <= CODE_SECONDS ? 'met' : '**missed**'}.`,
    '',
  ];
}

function machineLines({ cpu, vectors, cores, memoryGb, os, load, versions, command, date }) {
  const parts = Object.entries(versions).map(([name, version]) => `${name} ${version ?? 'absent'}`);
  const [before, after] = load.map((average) => average.toFixed(1));
  return [
    `\`${command}\`, ${date}. ${vectors ? `${cpu} with ${vectors}` : cpu}, ${cores} cores, ${memoryGb} GB, ${os}; one thread unless said.`,
    `${parts.join(', ')}.`,
    '',
    `Load average ${before} before the run and ${after} after it. The bench alone makes about 1; where it is higher, or`,
    'medians lie far above minima, other processes ran beside it and the ratios, above all those of two threads, are off.',
  ];
}

/** How far vectors of 128 bits are from those that torch uses, where both were measured. */
function limitLines({ gemm = [], spmm = [] }) {
  const row = (found, name) => found?.rows.find((one) => one.name.startsWith(name));
  const [blas, peak] = ['numpy', 'ceiling'].map((name) => row(gemm[0], name)?.gflops);
  const fastest = ({ rows }) =>
    Math.min(...rows.filter(({ name }) => name.startsWith('clang native')).map(({ minMs }) => minMs));
  const native = spmm.map((found) => row(found, 'torch CSR')?.minMs / fastest(found));
  if (![blas, peak, ...native].every(Number.isFinite) || native.length === 0) return [];
  return [
    'For the rows against torch: its dense products come from a BLAS with wider vectors, which reaches',
    `${blas.toFixed(0)} GFLOP/s beside a peak of ${peak.toFixed(0)} for 128-bit multiplication and addition, and the fastest SpMM measured`,
    `here, native code with wider vectors, is ${native.map((ratio) => ratio.toFixed(2)).join(' / ')} times faster than torch CSR.`,
    '',
  ];
}

/** Of TIGER's training. */
const CODE_SECONDS = 1800;

/** Time per non-zero and per item. */
export function growthLines({ spmm = [], serving = [] }) {
  if (spmm.length === 0 && serving.length === 0) return [];
  const lines = ['## Growth', ''];
  if (spmm.length > 0) {
    const body = spmm.map(({ title, rows, nnz }) => {
      const own = rows.find(({ ours }) => ours);
      return [title, number(own.minMs), number((own.minMs * 1e6) / nnz)];
    });
    lines.push(...markdown([['SpMM', 'ms', 'ns a non-zero'], ...body]), '');
  }
  if (serving.length > 0) {
    const body = serving.map(({ numItems, rows, users }) => [
      `${numItems}`,
      ...rows.flatMap(({ minMs }, n) => [number(minMs), number((minMs * 1e6) / numItems / users[n])]),
    ]);
    const head = ['items', ...serving[0].rows.flatMap(({ name }) => [`${name}, ms`, 'ns an item and user'])];
    lines.push(...markdown([head, ...body]), '');
  }
  return lines;
}

/** What SASRec reaches beside another implementation, and from text beside its own start from random numbers. */
export function qualityLines({ quality = [] }, date = '') {
  const found = quality.find((one) => one.quality);
  if (!found) return [];
  const { title, settings, quality: rows, overTorch, textOverXavier, torch } = found;
  const head = ['', 'NDCG@10', 'by seed', 'epochs', 'processor s'];
  const body = rows.map(({ name, seeds, epochs, seconds }) => [
    name,
    four(seeds.reduce((sum, value) => sum + value, 0) / seeds.length),
    seeds.map(four).join(', '),
    epochs.join(', '),
    seconds.toFixed(0),
  ]);
  const { dim, heads, blocks, dropout, maxLength, batchSize, learningRate, patience } = settings;
  return [
    '## Quality: SASRec',
    '',
    `\`npm run bench -- quality\`, ${date}; ${title}`,
    '',
    ...markdown([head, ...body]),
    '',
    `dim ${dim}, ${heads} heads, ${blocks} blocks, dropout ${dropout}, the last ${maxLength} items, ${batchSize} sequences an update, rate ${learningRate}, patience ${patience}; torch ${torch ?? '(absent)'} on torch.nn.TransformerEncoder from the same rows of items. Seen items masked; seeds are of start and training on the one split. Differences user by user, with 95 % intervals:`,
    '',
    ...differenceLine(
      'llminit less torch',
      overTorch,
      'within .003',
      ({ difference }) => Math.abs(difference) <= 0.003,
    ),
    ...differenceLine('whitened text less xavier', textOverXavier, 'above 0', ({ low }) => low > 0),
    '',
  ];
}

function differenceLine(what, found, goal, isMet) {
  if (!found) return [];
  const { seeds, difference, low, high } = found;
  const shown = `${four(difference)} [${four(low)}, ${four(high)}] over seeds ${seeds.join(', ')}`;
  return [`- ${what}: ${shown}; goal: ${goal}, ${isMet(found) ? 'met' : '**missed**'}`];
}

function four(value) {
  return value.toFixed(4).replace(/^(-?)0/, '$1');
}

/** Sizes of model files, and memory for an open one. */
export function fileLines({ files = [] }, date = '') {
  const found = files[0]?.files;
  if (!found) return [];
  const kb = (bytes) => (bytes / 1000).toFixed(0);
  const sizes = found.sizes.map(({ form, bytes, gzipped }) => [form, kb(bytes), kb(gzipped)]);
  const memory = found.memory.map(({ way, opened, similar, coded, peak }) => [
    way === 'bytes' ? 'from bytes, which the caller drops' : 'from a stream',
    ...[opened, similar, coded, peak].map((times) => times.toFixed(2)),
  ]);
  const head = [
    'opened',
    'open',
    'after similarItems',
    'after ten recommend (codes made)',
    'peak of opening',
  ];
  return [
    '## Serving: files and memory',
    '',
    ...(date ? [`\`npm run bench -- files\`, ${date}`, ''] : []),
    'Files of 6,000 items × 128 with titles and 1,000 users; random factors, which shrink as little as trained ones.',
    '',
    ...markdown([['form', 'kB', 'kB gzipped'], ...sizes]),
    '',
    'Memory of a process of Node, 100,000 items × 128 in f32, less that of the process before, as multiples of the file.',
    '',
    ...markdown([head, ...memory]),
    '',
    'From a stream Node peaks some 35 MB above what stays, at any size: pieces that its collector has not taken yet (1.18 times',
    'a file of 222 MB). The streams of bytes of Workers and browsers fill one buffer.',
    '',
    ...openedLines(found.opened),
  ];
}

function openedLines(opened) {
  if (!opened) return [];
  const body = opened.map(({ form, first, again }) => [
    form,
    ...[first.min, first.median, again.min, again.median].map(number),
  ]);
  const head = [
    'opening, ms of processor time',
    'first, min',
    'first, median',
    'again, min',
    'again, median',
  ];
  return [
    'The first opening of a process compiles the kernels; 15 processes.',
    '',
    ...markdown([head, ...body]),
    '',
  ];
}

/** Requests, memory, reloads and kills of the HTTP workload. */
export function httpLines({ http = [] }, date = '') {
  const found = http[0]?.http;
  if (!found) return [];
  const { requests, directMs, bytes, reload, kills } = found;
  const body = requests.map(({ name, cpuMs, perSecond, p50, p99, failed, requests: count }) => [
    name,
    number(cpuMs),
    perSecond.toFixed(0),
    number(p50),
    number(p99),
    `${count}`,
    `${failed}`,
  ]);
  const head = [
    '',
    'processor ms a request',
    'requests a second',
    'p50, ms',
    'p99, ms',
    'requests',
    'failed',
  ];
  return [
    '## HTTP: Node on the loopback, wrk with 16 connections, 6,000 items',
    '',
    ...(date ? [`\`npm run bench -- http\`, ${date}`, ''] : []),
    ...markdown([head, ...body, ['recommend without HTTP', number(directMs), '', '', '', '', '']]),
    '',
    `Memory of the process after each turn of recommendations, MB: ${bytes.map((size) => (size / 1e6).toFixed(0)).join(', ')}.`,
    `\`llminit serve\`, its model file replaced ${reload.times} times under load: ${reload.requests} requests, ${reload.failed} failed.`,
    `SIGKILL ${kills.times} times with events in flight: ${kills.acknowledged} acknowledged, ${kills.lost} lost.`,
    '',
  ];
}

/** Memory of training jobs, and the size of the kernels. */
export function memoryLines({ memory = [], wasm = [] }) {
  if (memory.length === 0) return [];
  const mb = (bytes) => (bytes / 1e6).toFixed(1);
  const body = memory.map((job) => [
    job.name,
    mb(job.table),
    mb(job.graphBytes),
    mb(job.predicted),
    mb(job.measured),
    job.tables.toFixed(2),
  ]);
  const head = [
    'training job',
    'one table, MB',
    'graph, MB',
    'fitBytes, MB',
    'memory in training, MB',
    'tables beside the graph',
  ];
  const lines = ['## Memory and size', '', ...markdown([head, ...body]), ''];
  for (const { bytes, gzipped } of wasm) lines.push(`Kernels: ${bytes} bytes, ${gzipped} gzipped.`, '');
  return lines;
}

function gowallaLines() {
  if (!existsSync(GOWALLA)) return [];
  const { curve } = JSON.parse(readFileSync(GOWALLA, 'utf8'));
  const body = curve.map((point) => [
    `${point.epoch}`,
    point.minutes.toFixed(1),
    point.loss.toFixed(4),
    point.recall20.toFixed(4),
    point.ndcg20.toFixed(4),
  ]);
  return [
    '## Gowalla',
    '',
    '`node bench/gowalla.mjs`: LightGCN on the benchmark split (dim 64, 3 layers, batch 2048), test set, all items ranked.',
    '',
    ...markdown([['epoch', 'minutes', 'loss', 'recall@20', 'ndcg@20'], ...body]),
    '',
    ...gowallaTimeLines(),
  ];
}

/** How soon the training that `train` does is there. */
function gowallaTimeLines() {
  if (!existsSync(GOWALLA_TIME)) return [];
  const { batchSize, learningRate, curve } = JSON.parse(readFileSync(GOWALLA_TIME, 'utf8'));
  const body = curve.map(({ epoch, processor, recall20, ndcg20 }) => [
    ...[`${epoch}`, processor.toFixed(1), recall20.toFixed(4), ndcg20.toFixed(4)],
  ]);
  const there = curve.find(({ recall20 }) => recall20 >= 0.14);
  return [
    `\`node bench/gowallaTime.mjs\`: as \`train\` does it, softmax over items of 512 pairs, batches of ${batchSize} and rate ${learningRate}`,
    'by its defaults, which were chosen on other datasets; processor seconds of one thread from the file on, evaluation not counted.',
    `Recall@20 .14 after ${there ? `${there.processor.toFixed(0)} s; goal: within 12 minutes, met` : 'more than that'}.`,
    '',
    ...markdown([['epoch', 'processor s', 'recall@20', 'ndcg@20'], ...body]),
    '',
  ];
}

/** What a row reaches of the ceiling: of its arithmetic when the ceiling does other work, else of its time. */
function share(row, ceiling) {
  return ceiling.ownWork ? row.gflops / ceiling.gflops : ceiling.minMs / row.minMs;
}

/** Lines of a table; the first `texts` columns are words. */
function markdown([head, ...body], texts = 1) {
  const rule = head.map((_, n) => (n < texts ? '---' : '---:'));
  return [head, rule, ...body].map((line) => `| ${line.join(' | ')} |`);
}

function bound({ least, workload }, value) {
  const shown = workload.startsWith('GEMM') ? percent(value) : value;
  return `${least ? '≥' : '≤'} ${shown}`;
}

function shownValue({ workload }, value) {
  if (!Number.isFinite(value)) return '–';
  return workload.startsWith('GEMM') ? percent(value) : value.toFixed(2);
}

function percent(value) {
  return `${Math.round(value * 100)} %`;
}

/** Three significant digits. */
function number(value) {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(value >= 1 ? 2 : 3);
}
