// Measures what a model takes by items and width, and writes the table of docs/places/index.md. After npm run build.
//
//   node scripts/placesTable.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { encodeModel, load, Recommender } from '../dist/index.js';
import { quantizeModel } from '../dist/serve.js';

const PAGE = 'docs/places/index.md';
const SIZES = [
  [1000, 64],
  [6000, 128],
  [20_000, 128],
  [100_000, 64],
  [100_000, 128],
];
const TITLE = 'The Complete Handbook of Number';
const HISTORY = 10;
const OPENINGS = 5;
const ANSWERS = 200;

const runtime = await load();
const rows = [];
for (const [numItems, dim] of SIZES) {
  const model = modelOf(numItems, dim);
  for (const type of ['f32', 'int8']) {
    const small = type === 'f32' ? model : await quantizeModel(model, { to: type, users: false, runtime });
    rows.push(await measured(numItems, dim, type, encodeModel(small)));
  }
}
const head = [
  '| items × dim | numbers | file | gzipped | memory open | opening | an answer |',
  '| --- | --- | --- | --- | --- | --- | --- |',
];
const page = readFileSync(PAGE, 'utf8');
const table = `<!-- sizes -->\n${[...head, ...rows].join('\n')}\n<!-- /sizes -->`;
writeFileSync(PAGE, page.replace(/<!-- sizes -->(?:[\s\S]*<!-- \/sizes -->)?/, table));

function modelOf(numItems, dim) {
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  return {
    userIds: [],
    itemIds: Array.from({ length: numItems }, (_, n) => `B${String(n).padStart(8, '0')}`),
    itemTitles: Array.from({ length: numItems }, (_, n) => `${TITLE} ${String(n).padStart(8, '0')}`),
    dim,
    userFactors: new Float32Array(0),
    itemFactors: Float32Array.from({ length: numItems * dim }, () => next() + next() + next()),
    itemDegrees: new Int32Array(numItems),
    seen: { rowPtr: new Int32Array(1), colIdx: new Int32Array(0) },
    config: {},
    metrics: {},
  };
}

/** Processor time of the least busy of several openings, and of an answer in the mean. */
async function measured(numItems, dim, type, bytes) {
  let opening = Number.POSITIVE_INFINITY;
  let recommender;
  for (let n = 0; n < OPENINGS; n++) {
    recommender?.close();
    const start = process.cpuUsage();
    recommender = await Recommender.open(bytes);
    recommender.recommend({ history: [`B${'0'.repeat(8)}`] });
    opening = Math.min(opening, milliseconds(start));
  }
  const { memoryBytes } = recommender;
  const histories = Array.from({ length: ANSWERS }, (_, n) =>
    Array.from({ length: HISTORY }, (_, i) => `B${String((n * 31 + i * 97) % numItems).padStart(8, '0')}`),
  );
  const start = process.cpuUsage();
  for (const history of histories) recommender.recommend({ history });
  const answer = milliseconds(start) / ANSWERS;
  recommender.close();
  return `| ${[
    `${numItems.toLocaleString('en')} × ${dim}`,
    type,
    megabytes(bytes.length),
    megabytes(gzipSync(bytes).length),
    megabytes(memoryBytes),
    `${opening.toFixed(0)} ms`,
    `${answer.toFixed(2)} ms`,
  ].join(' | ')} |`;
}

function milliseconds(start) {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(bytes < 1e6 ? 2 : 1)} MB`;
}
