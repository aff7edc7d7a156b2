// The whole way in plain JavaScript, without a library: split lines, Maps for ids, loops over typed arrays. BPR with the
// positive of the next pair as negative, so that negatives are as popular as positives; batch 1,024, rate 2e-3.
//
//   node bench/peers/wholePlain.mjs '<dataset as JSON>'
import { readFileSync, writeFileSync } from 'node:fs';
import { prepared } from '../whole/datasets.mjs';
import { report, Stages, since } from '../whole/stages.mjs';
import { PlainLightGcn, scoreTopK } from './plain.mjs';

const BATCH = 1024;
const PATIENCE = 5;
const LAYERS = 2;

const dataset = JSON.parse(process.argv[2]);
const stages = new Stages();
stages.end('start');
const rows = readRows();
stages.end('read');
kCore(rows, dataset.kCore ?? 0);
stages.end('filter');
const { shape, train, valid, tables } = prepared(dataset);
const { numUsers, numItems, dim } = shape;
const { adjacency, seen } = graphOf();
stages.end('initialisation');
const model = new PlainLightGcn(adjacency, tables, dim, LAYERS, 1e-5, Float32Array, 2e-3);
const random = generator(2020);
const order = Int32Array.from({ length: train.users.length }, (_, n) => n);
const curve = [];
let best = 0;
for (let waited = 0; waited <= PATIENCE && since().processor < dataset.most; ) {
  epoch();
  stages.end('epochs');
  const metric = validate();
  curve.push({ ...stages.end('validation'), metric });
  waited = metric > best ? 0 : waited + 1;
  best = Math.max(best, metric);
}
writeFileSync(`${dataset.folder}/plain.json`, JSON.stringify([...model.z]));
stages.end('save');
const z = Float32Array.from(JSON.parse(readFileSync(`${dataset.folder}/plain.json`, 'utf8')));
stages.end('open');
scoreTopK(z.subarray(0, dim), z.subarray(numUsers * dim), dim, seen, 10, 1);
stages.end('answer');
report({ stages: stages.stages, curve, valid: best, complete: since().processor < dataset.most });

function readRows() {
  const lines = readFileSync(dataset.inter, 'utf8').split('\n').filter(Boolean);
  if (dataset.key === 'gowalla')
    return lines.flatMap((line) => {
      const [user, ...items] = line.split(' ');
      return items.map((item) => [user, item]);
    });
  const rating = lines[0].split('\t').indexOf('rating:float');
  return lines
    .slice(1)
    .map((line) => line.split('\t'))
    .filter((row) => dataset.minRating === undefined || Number(row[rating]) >= dataset.minRating);
}

function kCore(all, core) {
  for (let left = all; ; ) {
    const counts = [0, 1].map((column) => {
      const count = new Map();
      for (const row of left) count.set(row[column], (count.get(row[column]) ?? 0) + 1);
      return count;
    });
    const kept = left.filter((row) => counts[0].get(row[0]) >= core && counts[1].get(row[1]) >= core);
    if (kept.length === left.length) return kept;
    left = kept;
  }
}

function graphOf() {
  const nodes = numUsers + numItems;
  const lists = Array.from({ length: nodes }, () => []);
  for (const [n, user] of train.users.entries()) {
    lists[user].push(numUsers + train.items[n]);
    lists[numUsers + train.items[n]].push(user);
  }
  const rowPtr = new Int32Array(nodes + 1);
  for (let n = 0; n < nodes; n++) rowPtr[n + 1] = rowPtr[n] + lists[n].length;
  const colIdx = Int32Array.from(lists.flat());
  const values = new Float32Array(colIdx.length);
  for (let n = 0; n < nodes; n++)
    for (let e = rowPtr[n]; e < rowPtr[n + 1]; e++)
      values[e] = 1 / Math.sqrt(lists[n].length * lists[colIdx[e]].length);
  const ofUsers = { rowPtr: rowPtr.subarray(0, numUsers + 1), colIdx: colIdx.map((node) => node - numUsers) };
  return { adjacency: { rows: nodes, rowPtr, colIdx, values }, seen: ofUsers };
}

function epoch() {
  for (let n = order.length - 1; n > 0; n--) {
    const other = Math.floor(random() * (n + 1));
    [order[n], order[other]] = [order[other], order[n]];
  }
  for (let first = 0; first < order.length; first += BATCH) {
    const places = order.subarray(first, first + BATCH);
    const users = places.map((n) => train.users[n]);
    const positives = places.map((n) => numUsers + train.items[n]);
    const negatives = positives.map((_, n) => positives[(n + 1) % positives.length]);
    model.step(users, positives, negatives);
  }
}

function validate() {
  const final = model.final();
  const users = final.subarray(0, numUsers * dim);
  const top = scoreTopK(users, final.subarray(numUsers * dim), dim, seen, 10, numUsers).items;
  let sum = 0;
  for (const [n, user] of valid.users.entries()) {
    const rank = top.subarray(user * 10, user * 10 + 10).indexOf(valid.items[n]);
    if (rank >= 0) sum += 1 / Math.log2(rank + 2);
  }
  return sum / valid.users.length;
}

/** Numbers in [0, 1) of a linear congruential generator. */
function generator(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
