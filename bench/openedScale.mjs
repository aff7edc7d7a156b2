// Opening a model of a million users and its first answer, each in a process of its own:
//
//   node bench/openedScale.mjs [--users 1000000] [--items 200000] [--dim 32] [--repeats 3]
//
// The model is synthetic: tables of users and items, ten items that each user met, and sparse rows of 50 entries; in f32, and in
// 8 bits. Seconds of the processor, and by the clock, from the bytes in memory to a list of ten.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { generator } from './fuzz/mutate.mjs';
import { median } from './measure.mjs';

const SEEN = 10;
const ENTRIES = 50;
const { encodeModel, quantizeModel, Recommender } = await import('../dist/serve.js');

/** `count` different numbers below `most`, ascending. */
function ascending(random, count, most) {
  const step = Math.floor(most / count);
  return Array.from({ length: count }, (_, n) => n * step + random.below(step));
}

function modelOf({ users, items, dim, kind }) {
  const random = generator(5);
  const table = (rows) =>
    Float32Array.from({ length: rows * dim }, () => random.below(2 ** 16) / 2 ** 16 - 0.5);
  const csr = (rows, count) => {
    const rowPtr = Int32Array.from({ length: rows + 1 }, (_, row) => count * row);
    const colIdx = new Int32Array(rows * count);
    for (let row = 0; row < rows; row++)
      colIdx.set(
        ascending(random, count, items - 1).map((item) => (item >= row && rows === items ? item + 1 : item)),
        row * count,
      );
    return { rowPtr, colIdx };
  };
  const rows = csr(items, ENTRIES);
  const tables = { dim, userFactors: table(users), itemFactors: table(items) };
  const sparse = {
    numItems: items,
    rowPtr: rows.rowPtr,
    indices: rows.colIdx,
    weights: Float32Array.from(rows.colIdx, () => random.below(1000) / 1000),
  };
  return {
    userIds: Array.from({ length: users }, (_, n) => `u${n}`),
    itemIds: Array.from({ length: items }, (_, n) => `i${n}`),
    itemTitles: null,
    itemDegrees: new Int32Array(items).fill(ENTRIES),
    ...(kind === 'rows' ? { dim: 0, userFactors: null, itemFactors: new Float32Array(0) } : tables),
    ...(kind !== 'tables' && { rows: sparse }),
    ...(kind === 'blend' && {
      blend: [
        { part: 'factors', weight: 0.5, deviation: 1 },
        { part: 'rows', weight: 0.5, deviation: 1 },
      ],
    }),
    seen: csr(users, SEEN),
    config: {},
    metrics: {},
  };
}

async function opened(path) {
  const bytes = readFileSync(path);
  const [before, started] = [process.cpuUsage(), performance.now()];
  const recommender = await Recommender.open(bytes);
  recommender.recommend('u77777', { k: 10 });
  const { user, system } = process.cpuUsage(before);
  return { processor: (user + system) / 1e6, clock: (performance.now() - started) / 1e3 };
}

async function main() {
  const { values } = parseArgs({
    options: {
      users: { type: 'string', default: '1000000' },
      items: { type: 'string', default: '200000' },
      dim: { type: 'string', default: '32' },
      repeats: { type: 'string', default: '3' },
      open: { type: 'string' },
    },
  });
  if (values.open) return console.log(JSON.stringify(await opened(values.open)));
  const [users, items, dim] = [values.users, values.items, values.dim].map(Number);
  const folder = mkdtempSync(join(tmpdir(), 'llminit-opened-'));
  const found = {};
  try {
    for (const kind of ['tables', 'rows', 'blend']) {
      const model = modelOf({ users, items, dim, kind });
      const forms = {
        f32: model,
        ...(kind !== 'rows' && { int8: await quantizeModel(model, { to: 'int8' }) }),
      };
      for (const [form, own] of Object.entries(forms)) {
        const path = join(folder, 'model.safetensors');
        const bytes = encodeModel(own);
        writeFileSync(path, bytes);
        const runs = Array.from({ length: Number(values.repeats) }, () => {
          const args = [fileURLToPath(import.meta.url), '--open', path];
          const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
          if (stdout === '') throw new Error(stderr);
          return JSON.parse(stdout);
        });
        found[`${kind}, ${form}`] = {
          MB: Math.round(bytes.length / 1e6),
          processor: median(runs.map(({ processor }) => processor)),
          clock: median(runs.map(({ clock }) => clock)),
        };
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.table(found);
}

await main();
