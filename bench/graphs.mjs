// The graphs of the bench: seeded Zipf graphs of the sizes of three well-known datasets, and Gowalla itself.
import { existsSync, readFileSync } from 'node:fs';

const SIZES = {
  beauty: { name: 'Beauty size', numUsers: 10_553, numItems: 6_086, nnz: 73_000 },
  gowalla: { name: 'Gowalla size', numUsers: 29_858, numItems: 40_981, nnz: 810_128 },
  book: { name: 'amazon-book size', numUsers: 52_643, numItems: 91_599, nnz: 2_380_730 },
};
const GOWALLA = '../shared/data/gowalla/train.txt';

/**
 * `{ key, name, graph }` for each size; graphs are made when they are first asked for. A quick bench has sixteen times
 * fewer users, items and interactions, except for Beauty, which has four times fewer.
 */
export function graphSource(Graph, quick) {
  const made = new Map();
  return (key) => {
    if (!made.has(key)) made.set(key, makeGraph(Graph, key, quick));
    return made.get(key);
  };
}

/** Numbers in [0, 1) from a seed (mulberry32). */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `length` numbers, roughly normal, with this standard deviation. */
export function normalNumbers(length, deviation, seed) {
  const random = randomFrom(seed);
  return Float32Array.from({ length }, () => {
    const sum = random() + random() + random() + random() - 2;
    return sum * Math.sqrt(3) * deviation;
  });
}

function makeGraph(Graph, key, quick) {
  const { name, ...size } = SIZES[key];
  if (key === 'gowalla' && !quick && existsSync(GOWALLA)) {
    return { key, name: 'Gowalla', graph: new Graph(readGowalla()) };
  }
  if (quick)
    for (const field of Object.keys(size)) size[field] = Math.ceil(size[field] / (key === 'beauty' ? 4 : 16));
  return { key, name, graph: new Graph(zipfGraph(size.numUsers, size.numItems, size.nnz)) };
}

/** R with Zipf-distributed degrees on both sides, every user and item at least once, and shuffled indices. */
function zipfGraph(numUsers, numItems, nnz) {
  const random = randomFrom(2020);
  const drawUser = zipf(numUsers, 0.5, random);
  const drawItem = zipf(numItems, 0.75, random);
  const pairs = new Set();
  for (let user = 0; user < numUsers; user++) pairs.add(user * numItems + drawItem());
  for (let item = 0; item < numItems; item++) pairs.add(drawUser() * numItems + item);
  while (pairs.size < nnz) pairs.add(drawUser() * numItems + drawItem());
  const keys = Float64Array.from(pairs).sort();
  const rowPtr = new Int32Array(numUsers + 1);
  for (const key of keys) rowPtr[Math.floor(key / numItems) + 1]++;
  for (let user = 0; user < numUsers; user++) rowPtr[user + 1] += rowPtr[user];
  return {
    rows: numUsers,
    cols: numItems,
    rowPtr,
    colIdx: Int32Array.from(keys, (key) => key % numItems),
    values: null,
  };
}

/** Draws n with probability ∝ rank^−exponent, ranks in random order. */
function zipf(size, exponent, random) {
  const places = Int32Array.from({ length: size }, (_, n) => n);
  for (let n = size - 1; n > 0; n--) {
    const other = Math.floor(random() * (n + 1));
    [places[n], places[other]] = [places[other], places[n]];
  }
  const cumulative = new Float64Array(size);
  let total = 0;
  for (let n = 0; n < size; n++) cumulative[n] = total += (n + 1) ** -exponent;
  return () => {
    const target = random() * total;
    let low = 0;
    for (let high = size - 1; low < high; ) {
      const middle = (low + high) >> 1;
      if (cumulative[middle] > target) high = middle;
      else low = middle + 1;
    }
    return places[low];
  };
}

/** LightGCN's training file: `user item item …` a line, users and items numbered from 0. */
function readGowalla() {
  const lines = readFileSync(GOWALLA, 'utf8').trim().split('\n');
  const rowPtr = new Int32Array(lines.length + 1);
  const columns = [];
  lines.forEach((line, user) => {
    const items = line.trim().split(' ').slice(1).map(Number);
    columns.push(...new Set(items.sort((a, b) => a - b)));
    rowPtr[user + 1] = columns.length;
  });
  const colIdx = Int32Array.from(columns);
  return { rows: lines.length, cols: 40_981, rowPtr, colIdx, values: null };
}
