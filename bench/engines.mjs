// What does not fit into one machine's memory, or into one process: each way against one run of the embedded default.
//
//   node bench/engines.mjs duckdb [--rows 10000000] [--memory 80]
//   node bench/engines.mjs rows [--items 200000] [--rows 2000000] [--jobs 8]
//
// Prints processor time and the peak memory of the process, and whether both ways say the same.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeInteractions } from './interactionsFile.mjs';

const FOLDER = join(tmpdir(), 'llminit-engines');

/** One way of reading, in a process of its own: counts and a digest of ids and pairs. */
async function read(path, engine, memoryMb) {
  const { kCore, readInteractions } = await import('../dist/index.js');
  const { openSource, prepareWithDuckdb } = await import('../dist/node.js');
  const options = { minRating: 2 };
  let interactions;
  if (engine === 'duckdb') {
    const out = join(FOLDER, 'prepared');
    const prepared = await prepareWithDuckdb(path, out, {
      ...options,
      kCore: 5,
      memoryMb,
      spillFolder: FOLDER,
    });
    report({ counts: prepared, file: prepared.file });
    return;
  }
  const read = await readInteractions(
    openSource(path),
    engine === 'again' ? { ...options, feedback: 'rating' } : options,
  );
  interactions = engine === 'again' ? read.interactions : kCore(read.interactions, 5);
  const { numUsers: users, numItems: items, length } = interactions;
  const hash = createHash('sha256');
  for (const ids of [interactions.userIds, interactions.itemIds]) hash.update(ids.join('\n'));
  const sets = [interactions, interactions.had ?? interactions];
  for (const set of sets) for (const column of [set.users, set.items]) hash.update(column);
  for (const column of [interactions.ratings, interactions.timestamps]) hash.update(column);
  report({ counts: { users, items, interactions: length }, digest: hash.digest('hex') });
}

function report(found) {
  const { user, system } = process.cpuUsage();
  const peakMB = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(JSON.stringify({ ...found, processor: (user + system) / 1e6, peakMB }));
}

function inProcess(...args) {
  const { status, stdout } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) process.exit(status ?? 1);
  return JSON.parse(stdout);
}

async function duckdb(rows, memoryMb) {
  mkdirSync(FOLDER, { recursive: true });
  const path = join(FOLDER, `interactions-${rows}.csv`);
  if (!existsSync(path)) await writeInteractions(path, rows);
  console.log(`${rows} rows, ${Math.round(statSync(path).size / 2 ** 20)} MB; rating ≥ 2, 5-core`);
  const prepared = inProcess('--way', 'duckdb', '--file', path, '--memory', String(memoryMb));
  show(`prepare, DuckDB with ${memoryMb} MB`, prepared);
  const own = inProcess('--way', 'memory', '--file', path);
  show('in memory', own);
  const again = inProcess('--way', 'again', '--file', prepared.file);
  show('the prepared file read in memory', again);
  const same = again.digest === own.digest;
  console.log(same ? 'same ids, pairs, ratings and times' : 'NOT THE SAME');
  rmSync(FOLDER, { recursive: true });
  if (!same) process.exitCode = 1;
}

/** L3AE's rows of clicks and texts: one run, and as many jobs for parts of the items, joined. */
async function itemRows(items, rows, jobs) {
  mkdirSync(FOLDER, { recursive: true });
  const path = join(FOLDER, 'clicks.csv');
  await writeInteractions(path, rows, { users: items, items });
  const words = [
    'tent',
    'stove',
    'rope',
    'oven',
    'whisk',
    'flour',
    'saddle',
    'pedal',
    'chain',
    'pump',
    'lamp',
  ];
  const title = (n) => `${words[n % 11]} ${words[(n % 50) % 7]} of kind ${n % 50} number ${n % 997}`;
  const catalogue = join(FOLDER, 'items.csv');
  writeFileSync(
    catalogue,
    `item_id,title\n${Array.from({ length: items }, (_, n) => `i${n},${title(n)}`).join('\n')}\n`,
  );
  const data = [
    '--interactions',
    path,
    '--rating-column',
    'none',
    '--items',
    catalogue,
    '--lexical-dim',
    '64',
  ];
  const train = (out, ...more) => {
    const started = performance.now();
    const args = [
      'train',
      ...data,
      '--split',
      'none',
      '--model',
      'l3ae',
      '--quiet',
      '--out',
      join(FOLDER, out),
    ];
    const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
    const { status } = spawnSync(process.execPath, [cli, ...args, ...more], {
      stdio: ['ignore', 'ignore', 2],
    });
    if (status !== 0) process.exit(status ?? 1);
    return (performance.now() - started) / 1000;
  };
  const whole = train('whole.safetensors');
  console.log(`${items} items, ${rows} clicks, one run: ${whole.toFixed(1)} s`);
  const names = Array.from({ length: jobs }, (_, n) => `part-${n + 1}.safetensors`);
  const times = names.map((name, n) => train(name, '--shard', `${n + 1}/${jobs}`));
  console.log(`${jobs} jobs: ${times.map((time) => time.toFixed(1)).join(', ')} s`);
  const joined = train('joined.safetensors', '--merge', ...names.map((name) => join(FOLDER, name)));
  const bytes = (name) => readFileSync(join(FOLDER, name));
  const same = bytes('joined.safetensors').equals(bytes('whole.safetensors'));
  console.log(`joined in ${joined.toFixed(1)} s: ${same ? 'the bytes of one run' : 'NOT THE SAME'}`);
  rmSync(FOLDER, { recursive: true });
  if (!same) process.exitCode = 1;
}

function show(name, { counts: { users, items, interactions }, processor, peakMB }) {
  const left = `${users} users, ${items} items, ${interactions} interactions`;
  console.log(`${name}: ${left}; ${processor.toFixed(1)} s of processor time, peak ${peakMB} MB`);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: 'string' },
    memory: { type: 'string', default: '80' },
    items: { type: 'string', default: '200000' },
    jobs: { type: 'string', default: '8' },
    way: { type: 'string' },
    file: { type: 'string' },
  },
});
if (values.way) await read(values.file, values.way, Number(values.memory));
else if (positionals[0] === 'duckdb') await duckdb(Number(values.rows ?? 1e7), Number(values.memory));
else if (positionals[0] === 'rows')
  await itemRows(Number(values.items), Number(values.rows ?? 2e6), Number(values.jobs));
else {
  console.error('engines: expected duckdb or rows');
  process.exitCode = 2;
}
