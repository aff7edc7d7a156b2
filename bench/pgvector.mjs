// A model in PostgreSQL with pgvector against the model file: how many of its lists of ten the indexes find, and how long
// an answer takes.
//
//   node bench/pgvector.mjs postgres://user@host/database [--items 100000] [--users 200] [--dim 64] [--ef 40,100,200]
//
// Overwrites the schema llminit_bench there. Needs the build (npm run build) and `npm run platform`, which installs pg.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { encodeModel, load, Recommender } from '../dist/index.js';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    items: { type: 'string', default: '100000' },
    users: { type: 'string', default: '200' },
    dim: { type: 'string', default: '64' },
    ef: { type: 'string', default: '40,100,200' },
  },
});
const [url] = positionals;
const [items, users, dim] = [values.items, values.users, values.dim].map(Number);
const { Client } = createRequire(resolve('.platform/package.json'))('pg');

/** Items around a thousand centres, users beside one of them, each with ten items. */
function clusteredModel() {
  let state = 1;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const noise = (scale) => scale * (uniform() + uniform() + uniform() - 1.5);
  const centres = Array.from({ length: 1000 }, () => Float32Array.from({ length: dim }, () => noise(1)));
  const table = (rows) =>
    Float32Array.from(
      { length: rows * dim },
      (_, n) => centres[Math.floor(n / dim) % 1000][n % dim] + noise(0.8),
    );
  return {
    userIds: Array.from({ length: users }, (_, n) => `u${n}`),
    itemIds: Array.from({ length: items }, (_, n) => `i${n}`),
    ...{ itemTitles: null, dim, userFactors: table(users), itemFactors: table(items) },
    itemDegrees: new Int32Array(items),
    seen: {
      rowPtr: Int32Array.from({ length: users + 1 }, (_, n) => 10 * n),
      colIdx: Int32Array.from({ length: 10 * users }, (_, n) => n),
    },
    ...{ config: {}, metrics: {} },
  };
}

const folder = mkdtempSync(join(tmpdir(), 'llminit-pgvector-'));
// The packages have to lie beside the command.
cpSync('dist', join(folder, 'dist'), { recursive: true });
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
symlinkSync(resolve('.platform/node_modules'), join(folder, 'node_modules'));
const model = clusteredModel();
const path = join(folder, 'model.safetensors');
writeFileSync(path, encodeModel(model));
const recommender = new Recommender(model, await load());
const client = new Client({ connectionString: url });
await client.connect();

/** Loads the model. @returns seconds */
function loaded(...flags) {
  const started = performance.now();
  const args = [
    '--to',
    'postgres',
    '--schema',
    'llminit_bench',
    '--out',
    join(folder, 'sql'),
    '--database',
    url,
    ...flags,
  ];
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(folder, 'dist/cli.js'), 'export', path, ...args],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  return (performance.now() - started) / 1000;
}

/** The share of our lists of ten that the server finds, and milliseconds an answer: the median. */
async function measured() {
  const query = readFileSync(join(folder, 'sql/user.sql'), 'utf8');
  const times = [];
  let found = 0;
  for (const user of model.userIds) {
    const started = performance.now();
    const { rows } = await client.query({ text: query, values: [user, 10] });
    times.push(performance.now() - started);
    const ids = new Set(rows.map(({ id }) => id));
    found += recommender.recommend(user, { k: 10 }).filter(({ id }) => ids.has(id)).length;
  }
  const explained = `EXPLAIN ${query.replaceAll('$1', "'u1'").replaceAll('$2', '10')}`;
  const plan = JSON.stringify((await client.query(explained)).rows);
  const by = plan.includes('items_factors_ip') ? 'by the index' : 'by a scan';
  const median = times.sort((a, b) => a - b)[times.length >> 1];
  return `${by}: recall@10 ${(found / (10 * users)).toFixed(4)}, ${median.toFixed(2)} ms`;
}

const started = performance.now();
for (const user of model.userIds) recommender.recommend(user, { k: 10 });
console.log(
  `${items} items, dim ${dim}; model file: ${((performance.now() - started) / users).toFixed(2)} ms an answer`,
);
for (const [name, ...flags] of [
  ['exact', '--no-index'],
  ['vector, HNSW', '--vectors', 'vector'],
  ['halfvec, HNSW', '--vectors', 'halfvec'],
]) {
  console.log(`${name}: loaded in ${loaded(...flags).toFixed(1)} s`);
  await client.query('SET hnsw.iterative_scan = strict_order');
  for (const ef of name === 'exact' ? ['40'] : values.ef.split(',')) {
    await client.query(`SET hnsw.ef_search = ${ef}`);
    console.log(`  ${name === 'exact' ? '' : `ef_search ${ef}: `}${await measured()}`);
  }
}
await client.query('DROP SCHEMA llminit_bench CASCADE');
await client.end();
recommender.close();
rmSync(folder, { recursive: true });
