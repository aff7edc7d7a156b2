// Reading a large file of ratings into numbered users and items: llminit beside csv-parse and papaparse, each in a
// process of its own, by processor time. All three do the same: numbers for ids in order of appearance, ratings and times
// as numbers. llminit also collapses repeated pairs.
import { spawnSync } from 'node:child_process';
import { createReadStream, createWriteStream, existsSync, readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { SCRATCH } from '../library.mjs';
import { median } from '../measure.mjs';

const TURNS = 3;
const READERS = ['llminit', 'papaparse', 'csv-parse'];

/** Plain and quoted rows, and the memory of a larger file. */
export async function reading({ quick, progress }) {
  const rows = quick ? 50_000 : 5_000_000;
  const cases = [];
  for (const key of ['plain', 'quoted']) {
    const path = `${SCRATCH}/reading-${key}-${rows}.csv`;
    await writeRows(path, rows, 200_000, 50_000, key === 'quoted');
    const samples = Object.fromEntries(READERS.map((name) => [name, []]));
    for (let turn = 0; turn < (quick ? 1 : TURNS); turn++)
      for (const name of turn % 2 ? [...READERS].reverse() : READERS)
        samples[name].push(measured(name, path).ms);
    const table = READERS.map((name) => row(name, samples[name]));
    const title = `${rows / 1e6} million ${key} rows, 200,000 users, 50,000 items`;
    progress(title, table);
    cases.push({ key, title, rows: table, absent: [] });
  }
  const large = quick ? 100_000 : 10_000_000;
  const path = `${SCRATCH}/reading-large-${large}.csv`;
  await writeRows(path, large, large / 10, large / 50, false);
  const { peak } = measured('llminit', path);
  const memory = (peak - measured('nothing', path).peak) / large;
  const title = `${large / 1e6} million plain rows: ${memory.toFixed(1)} bytes a row at the peak, beside Node and the library (${large / 1e7} million users, ${large / 50} items)`;
  console.log(`\n${title}`);
  return [...cases, { key: 'memory', title, rows: [], absent: [], rowsRead: large, bytesPerRow: memory }];
}

function row(name, samples) {
  const minMs = Math.min(...samples);
  const none = { note: undefined, error: null, gflops: null, gbs: null, ownWork: false };
  return {
    name,
    ours: name === 'llminit',
    ...none,
    samples,
    turnMs: samples,
    minMs,
    medianMs: median(samples),
  };
}

/** Milliseconds of the processor and bytes at the peak of one reading in a process of its own. */
function measured(name, path) {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [fileURLToPath(import.meta.url), name, path],
    {
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

async function writeRows(path, rows, users, items, quoted) {
  if (existsSync(path)) return;
  const out = createWriteStream(path);
  const done = new Promise((resolve) => out.once('close', resolve));
  let state = 12_345;
  const below = (n) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  let text = 'user_id,item_id,rating,timestamp\n';
  for (let n = 0; n < rows; n++) {
    const cells = [1e6 + below(users), 2e4 + below(items), 1 + below(5), 1.3e9 + below(4e8)];
    text += quoted ? `"${cells.join('","')}"\n` : `${cells.join(',')}\n`;
    if (text.length < 1 << 20) continue;
    if (!out.write(text)) await new Promise((resolve) => out.once('drain', resolve));
    text = '';
  }
  out.end(text);
  await done;
}

const PIECE = { highWaterMark: 1 << 18 };

/** Columns as the peers fill them. */
class Columns {
  users = new Map();
  items = new Map();
  columns = [[], [], [], []];

  add([user, item, rating, time]) {
    this.columns[0].push(numberOf(this.users, user));
    this.columns[1].push(numberOf(this.items, item));
    this.columns[2].push(Number(rating));
    this.columns[3].push(Number(time));
  }
}

function numberOf(known, id) {
  let index = known.get(id);
  if (index === undefined) {
    index = known.size;
    known.set(id, index);
  }
  return index;
}

const RUNS = {
  async nothing() {
    await import(pathToFileURL(`${SCRATCH}/library.mjs`).href);
    return async () => {};
  },
  async llminit() {
    const { readInteractions } = await import(pathToFileURL(`${SCRATCH}/library.mjs`).href);
    return (path) => readInteractions(createReadStream(path, PIECE), { name: path });
  },
  async papaparse() {
    const { default: Papa } = await import('papaparse');
    return (path) =>
      new Promise((complete, error) => {
        const columns = new Columns();
        let isHeader = true;
        const chunk = ({ data }) => {
          for (const cells of data) {
            if (!isHeader && cells.length === 4) columns.add(cells);
            isHeader = false;
          }
        };
        Papa.parse(createReadStream(path, PIECE), { chunk, complete, error });
      });
  },
  async 'csv-parse'() {
    const { parse } = await import('csv-parse');
    return async (path) => {
      const columns = new Columns();
      for await (const cells of createReadStream(path, PIECE).pipe(parse({ from_line: 2 })))
        columns.add(cells);
    };
  },
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , name, path] = process.argv;
  const run = await RUNS[name]();
  const before = process.cpuUsage();
  await run(path);
  const { user, system } = process.cpuUsage(before);
  // Linux counts the pages of an executable that other processes share; they are in "nothing", too.
  const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
  console.log(JSON.stringify({ ms: (user + system) / 1000, peak }));
}
