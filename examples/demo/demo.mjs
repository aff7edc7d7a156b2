// The whole way on a synthetic catalogue: compare initialisations, train one, recommend. Run with `npm run demo`.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { makeCatalogue } from './makeCatalogue.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const out = 'examples/demo/out';
const [ratings, products, model] = ['ratings.csv', 'products.csv', 'model.safetensors'].map(
  (file) => `${out}/${file}`,
);

const { items, interactions } = makeCatalogue();
mkdirSync(new URL('out', import.meta.url), { recursive: true });
writeCsv('out/products.csv', ['item_id', 'title', 'description'], items.map(Object.values));
writeCsv('out/ratings.csv', ['user_id', 'item_id', 'rating'], interactions);
console.log(
  `SYNTHETIC data: ${items.length} invented products and ${interactions.length} invented ratings, in ${out}/.`,
);
console.log('The figures below show that the program works, not how well it does on a real shop.');

const data = ['--interactions', ratings, '--items', products, '--min-rating', '4', '--k-core', '3'];
const training = ['--dim', '64', '--batch', '256', '--epochs', '100'];

section('1. Compare initialisations: base (xavier), three column selections, pca');
llminit('evaluate', ...data, ...training, '--init', 'xavier,random,uniform,variance,pca', '--seeds', '0,1,2');
section('2. Train a model');
llminit('train', ...data, ...training, '--init', 'pca', '--quiet', '--out', model);
section('3. Recommend');
const [customer] = interactions[0];
console.log(`\n${customer} has bought:`);
for (const title of historyTitles(customer)) console.log(`  ${title}`);
llminit('recommend', model, '--user', customer, '-k', '5');
section('4. Recommend to someone new, from a history of two products');
const coffee = items
  .filter(({ description }) => description.includes('coffee'))
  .sort((a, b) => sales(b) - sales(a));
coffee.length = 2;
for (const { id, title } of coffee) console.log(`  ${id} ${title}`);
llminit('recommend', model, '--history', coffee.map(({ id }) => id).join(','), '-k', '5');

/** Prints the command line and runs it on the built program. */
function llminit(...args) {
  console.log(`\n$ llminit ${args.join(' ')}`);
  const { status } = spawnSync(process.execPath, ['dist/cli.js', ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

function sales({ id }) {
  return interactions.filter(([, item]) => item === id).length;
}

function section(title) {
  console.log(`\n${title}`);
}

function historyTitles(user) {
  const titles = new Map(items.map(({ id, title }) => [id, title]));
  return interactions.filter(([who]) => who === user).map(([, item]) => titles.get(item));
}

function writeCsv(file, header, rows) {
  const cell = (value) => (/[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : value);
  const lines = [header, ...rows].map((row) => row.map(cell).join(','));
  writeFileSync(new URL(file, import.meta.url), `${lines.join('\n')}\n`);
}
