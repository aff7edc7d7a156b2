import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { type DemoItem, makeCatalogue } from '../../../examples/demo/makeCatalogue.mjs';
import { OptionError } from '../../errors.ts';
import { text } from '../args/arguments.ts';
import { add } from '../args/command.ts';
import { print } from '../output.ts';
import { RowsFile } from '../rowsFile.ts';

const FILES = { ratings: 'ratings.csv', products: 'products.csv', model: 'model.safetensors' } as const;

const HELP = `
Examples:
  $ llminit demo
  $ llminit demo --out shop --compare
`;

/** Runs a command line of this program; false when it failed and has said so. */
type Run = (argv: readonly string[]) => Promise<boolean>;

interface DemoArguments {
  readonly out: string;
  readonly compare?: boolean;
}

/** Adds the command `demo`. */
export function addDemo(program: Command, run: Run): void {
  const command = program.command('demo').description('make up a shop, train on it and recommend');
  add(
    command,
    '--out <folder>',
    'where its files go: a new folder, or one of a demo',
    text('--out'),
    'llminit-demo',
  );
  command.option('--compare', 'also compare initialisations, which takes longer');
  command.addHelpText('after', HELP);
  command.action(() => demo(command.opts<DemoArguments>(), run));
}

async function demo({ out, compare }: DemoArguments, run: Run): Promise<void> {
  const { items, interactions } = makeCatalogue();
  await prepareFolder(out);
  const [ratings, products, model] = Object.values(FILES).map((file) => join(out, file));
  await writeRows(ratings, ['user_id', 'item_id', 'rating'], interactions);
  await writeRows(products, ['item_id', 'title', 'description'], items.map(Object.values));
  print(
    `SYNTHETIC data: ${items.length} invented products and ${interactions.length} invented ratings, in ${out}.`,
  );
  print('The figures below show that the program works, not how well it does on a real shop.');

  const data = ['--interactions', ratings, '--items', products, '--min-rating', '4', '--k-core', '3'];
  const small = ['--dim', '64', '--batch', '256', '--epochs', '100', '--quiet'];
  const step = async (title: string, ...argv: string[]) => {
    print(`\n${title}\n\n$ llminit ${argv.map(quoted).join(' ')}`);
    return run(argv);
  };
  if (compare) {
    const inits = ['--init', 'xavier,random,uniform,variance,pca', '--seeds', '0,1,2'];
    if (!(await step('Compare initialisations', 'evaluate', ...data, ...small, ...inits))) return;
  }
  if (!(await step('Train a model', 'train', ...data, ...small, '--init', 'pca', '--out', model))) return;

  const [customer] = interactions[0];
  const bought = new Set(interactions.filter(([user]) => user === customer).map(([, item]) => item));
  print(`\n${customer} has bought:\n${titles(items.filter(({ id }) => bought.has(id)))}`);
  if (!(await step('Recommend to a customer', 'recommend', model, '--user', customer, '-k', '5'))) return;

  const coffee = items.filter(({ description }) => description.includes('coffee')).slice(0, 2);
  print(`\nSomeone new likes:\n${titles(coffee)}`);
  const history = coffee.map(({ id }) => id).join(',');
  if (!(await step('Recommend to someone new', 'recommend', model, '--history', history, '-k', '5'))) return;
  print(
    '\nYour own files: llminit train --interactions clicks.csv --items products.csv --out model.safetensors',
  );
}

/** @throws {OptionError} when the folder has files that are no demo's */
async function prepareFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const known: readonly string[] = Object.values(FILES);
  const foreign = (await readdir(folder)).find((file) => !known.includes(file));
  if (foreign === undefined) return;
  const problem = `expected a new folder or one of a demo, received ${folder}, which holds ${foreign}`;
  throw new OptionError('demo', problem, 'Name another folder', 'out');
}

function titles(items: readonly DemoItem[]): string {
  return items.map(({ id, title }) => `  ${id} ${title}`).join('\n');
}

async function writeRows(
  path: string,
  columns: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): Promise<void> {
  const file = new RowsFile(columns, 'csv');
  for (const row of rows) file.add(row);
  await file.write(path);
}

/** An argument as a shell takes it. */
function quoted(argument: string): string {
  return /^[\w./,:@-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
