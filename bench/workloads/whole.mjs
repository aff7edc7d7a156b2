// The whole way, from a file to a saved model and its first answer, by stage and by processor time: llminit beside torch
// with pandas and scikit-learn, DuckDB, and plain JavaScript, each in a process of its own. What counts is when a way
// reaches 99 % of its own best validation NDCG@10, all that went before included.
//
//   npm run bench -- whole [--sizes office,beauty,ml-100k,gowalla] [--only llminit,CSR] [--data ../shared/data] [--seconds 900]
//
// --only: parts of the names of the ways that are gone, those of llminit beside them. --seconds: processor seconds after which a way's training is ended; what it had reached then stands for it.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { INSTALLED_PYTHON } from '../peers/python.mjs';
import { DATASETS, located, prepare } from '../whole/datasets.mjs';
import { lineChart, timeTo } from '../whole/report.mjs';

/** Name, program and arguments; those that read no options get none. */
const WAYS = [
  { name: 'llminit, `train` as it comes', ours: true, run: ours('auto') },
  { name: 'llminit, its graph model alone', ours: true, run: ours('graph') },
  { name: 'torch CSR, the same recipe', run: torch('ours', 'csr') },
  { name: 'torch COO (RecBole’s form), the same recipe', run: torch('ours', 'coo') },
  { name: 'torch COO, RecBole’s defaults', run: torch('recbole', 'coo') },
  { name: 'torch COO, the same for 300 epochs', run: torch('recbole', 'coo', 300) },
  { name: 'plain JavaScript, BPR', run: () => [process.execPath, 'bench/peers/wholePlain.mjs'] },
  { name: 'DuckDB', run: () => [process.execPath, 'bench/peers/wholeDuckdb.mjs'] },
];

/** Every dataset that is there. */
export async function whole({ quick, options }) {
  if (!existsSync('dist/index.js'))
    spawnSync(process.execPath, ['scripts/build.mjs', '--quiet'], { stdio: 'inherit' });
  const cases = [];
  for (const key of sizesOf(options.sizes, quick)) {
    const dataset = located(key, options.data);
    if (!dataset) {
      cases.push({
        key,
        title: key,
        rows: [],
        absent: [{ name: key, absent: `no such files in ${options.data}` }],
      });
      continue;
    }
    cases.push(await measured(dataset, quick ? 20 : Number(options.seconds), waysOf(options.only)));
  }
  return cases;
}

/** @throws {Error} for a dataset that there is not */
function sizesOf(given, quick) {
  if (quick) return ['ml-100k'];
  const usual = Object.keys(DATASETS).filter((key) => !DATASETS[key].large);
  const sizes = given ? given.split(',') : usual;
  const unknown = sizes.find((key) => !(key in DATASETS));
  if (unknown) throw new Error(`--sizes: expected ${Object.keys(DATASETS).join(', ')}, received ${unknown}`);
  return sizes;
}

/** Those of llminit, and the others whose names have one of some parts; all without any. */
function waysOf(only = '') {
  const parts = only.split(',').filter(Boolean);
  return WAYS.filter(
    ({ name }, n) => n < 2 || parts.length === 0 || parts.some((part) => name.includes(part)),
  );
}

async function measured(dataset, most, chosen) {
  const { key, name } = dataset;
  const shape = await prepare(dataset);
  const { numUsers, numItems, interactions } = shape;
  const title = `${name}: ${numUsers} users, ${numItems} items, ${interactions} interactions`;
  console.log(`\n${title}`);
  const ways = [];
  const absent = [];
  for (const { name: way, ours: own = false, run } of chosen) {
    const result = await resultOf(run(), { ...dataset, most });
    if (result.absent) absent.push({ name: way, absent: result.absent });
    else ways.push({ name: way, ours: own, ...withChoice(result) });
    const reached =
      result.curve?.length > 0 ? `, 99 % of its best after ${timeTo(ways.at(-1), 0.99).toFixed(1)} s` : '';
    console.log(
      `${way}: ${result.absent ?? `${result.total.processor.toFixed(1)} s of the processor${reached}`}`,
    );
  }
  const picture = await lineChart(key, name, ways);
  return { key, title, rows: [], absent, whole: { shape, ways, picture, most } };
}

/** The curve of a choice: its entries where they end, and the epochs of the graph model. */
function withChoice({ found, curve, ...result }) {
  if (!found) return { ...result, curve };
  const ends = found.filter(
    ({ metric, name }) => metric !== null && !name.startsWith('lightgcn from graph-pca'),
  );
  const blend = found.at(-1);
  const points = [...ends, ...curve, ...(blend.metric === null ? [] : [blend])];
  const known = new Set();
  const distinct = points.filter(({ processor }) => !known.has(processor) && known.add(processor));
  return { ...result, curve: distinct.sort((a, b) => a.processor - b.processor) };
}

function ours(mode) {
  return () => [process.execPath, 'bench/whole/ours.mjs', mode];
}

function torch(recipe, form, patience) {
  return () => [
    process.env.BENCH_PYTHON ?? INSTALLED_PYTHON,
    'bench/peers/whole.py',
    { recipe, form, patience },
  ];
}

/** The last line that a way writes, or why it could not run. */
function resultOf([command, program, option], dataset) {
  const isMode = typeof option === 'string';
  const given = JSON.stringify({ ...dataset, ...(isMode ? {} : option) });
  if (command.startsWith('/') && !existsSync(command)) return { absent: 'no Python interpreter for it' };
  const child = spawn(command, [program, given, ...(isMode ? [option] : [])], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, errors] = ['', ''];
  child.stdout.on('data', (piece) => {
    out += piece;
  });
  child.stderr.on('data', (piece) => {
    errors += piece;
  });
  return new Promise((resolve) => {
    child.on('error', ({ message }) => resolve({ absent: message }));
    child.on('close', (status) => {
      if (status === 0) resolve(JSON.parse(out.trim().split('\n').at(-1)));
      else resolve({ absent: errors.trim().split('\n').at(-1) || `it ended with status ${status}` });
    });
  });
}
