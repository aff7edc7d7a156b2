// Ctrl-C at every stage: each command is sent SIGINT at moments spread over its whole run; how long until it has ended?
// And a second SIGINT, sent 20 ms after the first: how long then?
//
//   npm run interrupts -- [--moments 12] [--command train] [--scale 1]
//   npm run interrupts -- --file 10000000.csv [--model model.safetensors] [--checkpoint run.ckpt] --seconds 3,8,15
//
// With --file, commands on that file are interrupted after so many seconds, without a whole run before; with a model of it, its
// export as well, and with a checkpoint a training that goes on from it.
import { spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { generator } from './fuzz/mutate.mjs';

const CLI = resolve(fileURLToPath(new URL('../dist/cli.js', import.meta.url)));

/** Sizes at scale 1. */
const [INTERACTIONS, USERS, ITEMS, TITLES] = [3_000_000, 300_000, 60_000, 200_000];
/** Of the dataset that is downloaded. */
const [RATINGS, RATED] = [1_240_000, 130_000];
/** Items of the dense inverse, as many as the Beauty dataset has. */
const DENSE_ITEMS = 12_101;

const LARGE = ['--interactions', 'large.csv', '--items', 'titles.csv', '--k-core', '5'];
const MIDDLE = ['--interactions', 'middle.csv', '--items', 'titles.csv'];
const COMMANDS = {
  'train auto, large': ['train', ...LARGE, '--dim', '32', '--out', 'model.safetensors'],
  'train graph-pca': [
    'train',
    ...MIDDLE,
    '--init',
    'graph-pca',
    '--epochs',
    '3',
    '--out',
    'model.safetensors',
  ],
  'train l3ae': ['train', ...MIDDLE, '--model', 'l3ae', '--out', 'model.safetensors'],
  'evaluate ease': [
    'evaluate',
    '--interactions',
    'middle.csv',
    '--baselines',
    'ease',
    '--seeds',
    '0',
    '--init',
    'xavier',
    '--dim',
    '8',
    '--layers',
    '0',
    '--model',
    'bpr-mf',
    '--epochs',
    '1',
    '--batch',
    '8192',
  ],
  'train svd-heavy init pca': [
    'train',
    ...MIDDLE,
    '--init',
    'pca',
    '--model',
    'bpr-mf',
    '--epochs',
    '3',
    '--out',
    'model.safetensors',
  ],
  reproduce: [
    'reproduce',
    'inits',
    ...MIDDLE,
    '--inits',
    'xavier,pca',
    '--models',
    'lightgcn',
    '--no-baselines',
    '--seeds',
    '0,1',
    '--epochs',
    '3',
    '--out',
    'study',
  ],
  dataset: [
    'dataset',
    'amazon-2014',
    'Office_Products',
    '--base-url',
    'BASE',
    '--k-core',
    '2',
    '--out',
    'data',
  ],
  'export csv': ['export', 'factors.safetensors', '--to', 'csv', '--out', 'exported'],
  'export parquet': ['export', 'factors.safetensors', '--to', 'parquet', '--out', 'exported'],
  'export int8': ['export', 'factors.safetensors', '--to', 'int8', '--out', 'exported'],
  'export postgres': ['export', 'factors.safetensors', '--to', 'postgres', '--out', 'exported'],
  embed: ['embed', '--items', 'titles.csv', '--out', 'vectors.safetensors'],
  'compare-encoders': ['compare-encoders', ...MIDDLE, '--embedder', 'lexical'],
  check: ['check', 'large.csv', 'titles.csv'],
};

/** The commands on a file that is there. */
function commandsOn(file, { model, checkpoint }) {
  const train = ['train', '--interactions', resolve(file)];
  const graph = ['--init', 'xavier', '--model', 'bpr-mf', '--dim', '8', '--epochs', '1', '--batch', '65536'];
  const evaluate = ['evaluate', ...train.slice(1), ...graph, '--baselines', 'popularity', '--seeds', '0'];
  const commands = { train: [...train, '--out', 'model.safetensors'], evaluate };
  if (checkpoint) commands['train, resumed'] = [...commands.train, '--checkpoint', 'run.ckpt', '--resume'];
  for (const to of model ? ['csv', 'int8', 'parquet'] : [])
    commands[`export ${to}`] = ['export', resolve(model), '--to', to, '--out', 'exported'];
  return commands;
}

/** Makes the model that is exported: tables of all users and items of the large file. */
const FACTORS = [
  'train',
  '--interactions',
  'large.csv',
  '--init',
  'xavier',
  '--model',
  'bpr-mf',
  '--dim',
  '64',
  '--epochs',
  '1',
  '--batch',
  '65536',
  '--split',
  'none',
  '--out',
  'factors.safetensors',
];

async function writeLines(path, count, head, line) {
  const out = createWriteStream(path);
  let text = `${head}\n`;
  for (let n = 0; n < count; n++) {
    text += `${line(n)}\n`;
    if (text.length < 2 ** 20) continue;
    if (!out.write(text)) await new Promise((resume) => out.once('drain', resume));
    text = '';
  }
  await new Promise((done) => out.end(text, done));
}

/** Interactions in groups of taste with popularity by Zipf's law, and titles of words by Zipf's law. */
async function fill(folder, scale) {
  const random = generator(7);
  const zipf = (most) => Math.floor(most ** (random.below(2 ** 24) / 2 ** 24)) - 1;
  const interactions = (path, count, users, items) =>
    writeLines(join(folder, path), Math.round(count), 'user_id,item_id,rating,timestamp', (n) => {
      const user = random.below(Math.round(users));
      const item =
        zipf(Math.ceil(Math.round(items) / 50)) * 50 + (random.chance(0.8) ? user % 50 : random.below(50));
      return `u${user},i${item},${1 + random.below(5)},${1_500_000_000 + n}`;
    });
  await interactions('large.csv', scale * INTERACTIONS, scale * USERS, scale * ITEMS);
  await writeLines(join(folder, 'middle.csv'), scale * 25 * DENSE_ITEMS, 'user_id,item_id', (n) => {
    const item =
      n < scale * DENSE_ITEMS * 2
        ? n % Math.round(scale * DENSE_ITEMS)
        : zipf(Math.round(scale * DENSE_ITEMS));
    return `u${random.below(Math.round(scale * 22_000))},i${item}`;
  });
  await writeLines(
    join(folder, 'titles.csv'),
    Math.round(scale * TITLES),
    'item_id,title',
    (n) => `i${n},${Array.from({ length: 8 }, () => `word${zipf(50_000)}`).join(' ')}`,
  );
}

/** What names begin with that commands write: what is there would shorten the next run. */
const WRITTEN = ['study', 'data', 'exported'];

/** The files of a dataset, as large as a category of the 2014 data; compressed by a program of its own. */
async function fillDataset(folder, scale) {
  const random = generator(9);
  const [ratings, items] = [Math.round(scale * RATINGS), Math.round(scale * RATED)];
  await writeLines(join(folder, 'ratings_Office_Products.csv'), ratings, 'u0,i0,5.0,1400000000', (n) => {
    const item = Math.floor(items ** (random.below(2 ** 24) / 2 ** 24)) - 1;
    return `u${random.below(Math.ceil(ratings / 8))},i${item},${1 + random.below(5)}.0,${1_400_000_000 + n}`;
  });
  const path = join(folder, 'meta_Office_Products.json');
  await writeLines(
    path,
    items,
    "{'asin': 'none', 'title': 'none'}",
    (n) =>
      `{'asin': 'i${n}', 'title': "word${random.below(5000)} it\\'s word${random.below(5000)}", 'description': '${'A long text. '.repeat(20)}', 'categories': [['Office', 'Pens']]}`,
  );
  spawnSync('gzip', ['-f', path]);
}

/** Serves the two files of a dataset from a folder. */
function serveDataset(folder) {
  const server = createServer((request, response) => {
    const body = readFileSync(join(folder, request.url.slice(1)));
    response.writeHead(200, { etag: '"v1"', 'content-length': body.length }).end(body);
  });
  return new Promise((listening) => server.listen(0, '127.0.0.1', () => listening(server)));
}

/** Runs a command; after `wait` ms sends SIGINT, and a second one after `again` ms. */
function run(folder, args, wait = null, again = null) {
  for (const name of readdirSync(folder))
    if (WRITTEN.some((prefix) => name.startsWith(prefix))) rmSync(join(folder, name), { recursive: true });
  return new Promise((done) => {
    const child = spawn(process.execPath, [CLI, ...args], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const started = performance.now();
    let stderr = '';
    let sent = null;
    child.stderr.on('data', (chunk) => {
      if (sent === null) stderr = (stderr + chunk).slice(-1000);
    });
    const timers = [];
    if (wait !== null)
      timers.push(
        setTimeout(() => {
          sent = performance.now();
          child.kill('SIGINT');
          if (again !== null) timers.push(setTimeout(() => child.kill('SIGINT'), again));
        }, wait),
      );
    child.on('exit', (code, signal) => {
      timers.forEach(clearTimeout);
      const ended = performance.now();
      const stage = stderr
        .trim()
        .split(/[\n\r]/)
        .at(-1);
      done({ code, signal, took: ended - started, delay: sent === null ? null : ended - sent, stage });
    });
  });
}

/** Sends one SIGINT after each of some times. @returns the longest delay, with the stage where it was seen */
async function interruptAt(folder, args, seconds, prepare, log) {
  const seen = { first: 0, firstAt: '', interrupted: 0, other: 0 };
  for (const after of seconds) {
    prepare();
    const { code, signal, delay, stage } = await run(folder, args, 1000 * after);
    if (delay === null) continue;
    if (code === 130 || signal === 'SIGINT') seen.interrupted++;
    else seen.other++;
    log(`${after} s: ${Math.round(delay)} ms, ${code ?? signal}, ${stage}`);
    if (delay > seen.first)
      Object.assign(seen, { first: Math.round(delay), firstAt: `${after} s: ${stage}` });
  }
  return seen;
}

/** @returns the longest delays of a command, with the stage where they were seen */
export async function interrupt(folder, args, moments, log = () => {}) {
  const whole = await run(folder, args);
  if (whole.code !== 0)
    throw new Error(`${args.join(' ')} ended with ${whole.code ?? whole.signal}: ${whole.stage}`);
  const seen = {
    first: 0,
    second: 0,
    firstAt: '',
    secondAt: '',
    interrupted: 0,
    other: 0,
    whole: Math.round(whole.took),
  };
  for (let n = 0; n < moments; n++) {
    for (const kind of ['first', 'second']) {
      const wait = 60 + (whole.took * (n + (kind === 'first' ? 0.3 : 0.8))) / moments;
      const { code, signal, delay, stage } = await run(folder, args, wait, kind === 'second' ? 20 : null);
      if (delay === null) continue;
      if (code === 130 || signal === 'SIGINT') seen.interrupted++;
      else if (code !== 0) seen.other++;
      log(`${kind} ${Math.round(wait)} ms: ${Math.round(delay)} ms, ${code ?? signal}, ${stage}`);
      if (delay <= seen[kind]) continue;
      seen[kind] = Math.round(delay);
      seen[`${kind}At`] = `${Math.round(wait)} ms: ${stage.slice(0, 60)}`;
    }
  }
  return seen;
}

async function onFile({ file, seconds, command, ...given }) {
  const folder = mkdtempSync(join(tmpdir(), 'llminit-interrupts-'));
  const prepare = () => given.checkpoint && copyFileSync(given.checkpoint, join(folder, 'run.ckpt'));
  const moments = seconds.split(',').map(Number);
  const rows = {};
  try {
    for (const [name, args] of Object.entries(commandsOn(file, given)))
      if (name.includes(command)) rows[name] = await interruptAt(folder, args, moments, prepare, console.log);
    console.table(rows, ['first', 'interrupted', 'other']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main() {
  const { values } = parseArgs({
    options: {
      moments: { type: 'string', default: '12' },
      command: { type: 'string', default: '' },
      scale: { type: 'string', default: '1' },
      folder: { type: 'string' },
      verbose: { type: 'boolean', default: false },
      file: { type: 'string' },
      model: { type: 'string' },
      checkpoint: { type: 'string' },
      seconds: { type: 'string', default: '3,8,15' },
    },
  });
  if (values.file) return onFile(values);
  const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'llminit-interrupts-'));
  try {
    if (!existsSync(join(folder, 'titles.csv'))) {
      mkdirSync(folder, { recursive: true });
      await fill(folder, Number(values.scale));
      await fillDataset(folder, Number(values.scale));
      const { code, stage } = await run(folder, FACTORS);
      if (code !== 0) throw new Error(`the model to export: ${stage}`);
    }
    const server = await serveDataset(folder);
    const base = `http://127.0.0.1:${server.address().port}`;
    const rows = {};
    for (const [name, given] of Object.entries(COMMANDS))
      if (name.includes(values.command)) {
        const args = given.map((word) => (word === 'BASE' ? base : word));
        rows[name] = await interrupt(
          folder,
          args,
          Number(values.moments),
          values.verbose ? console.log : undefined,
        );
        console.log(name, JSON.stringify(rows[name]));
      }
    server.close();
    console.table(rows, ['whole', 'first', 'second', 'interrupted', 'other']);
    process.exitCode = Object.values(rows).some(
      ({ first, second, other }) => Math.max(first, second) > 1000 || other > 0,
    )
      ? 1
      : 0;
  } finally {
    if (!values.folder) rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
