import type { Command } from 'commander';
import { DataError, OptionError, shown } from '../../errors.ts';
import { VECTOR_TYPES, type VectorType } from '../../exchange/postgres/tables.ts';
import { writeNpy } from '../../format/npy.ts';
import { readBytes, writeAtomic } from '../../node/files.ts';
import type { SparseRows } from '../../rank/sparseRows.ts';
import { Turns } from '../../runtime/turns.ts';
import { decodeModel, type ModelData } from '../../serve.ts';
import { oneOf, text } from '../args/arguments.ts';
import { add, addOutputOptions, type OutputOptions } from '../args/command.ts';
import { atOnce, interruptible } from '../interrupt.ts';
import { print, printJson } from '../output.ts';
import { checkOutputs } from '../outputFile.ts';
import { RowsFile } from '../rowsFile.ts';
import { VERSION } from '../version.ts';
import { exportModel } from './exportModel.ts';
import { exportPostgres } from './exportPostgres.ts';

/** Rows that are put in text before the event loop may have a turn. */
const TURN_ROWS = 256;

interface ExportArguments extends Partial<OutputOptions> {
  readonly to: (typeof FORMS)[number];
  readonly out: string;
  readonly rescore?: 'f16' | 'f32';
  readonly users: boolean;
  readonly schema?: string;
  readonly vectors?: VectorType;
  readonly index: boolean;
  readonly database?: string;
}

const FORMS = ['npy', 'csv', 'parquet', 'f16', 'int8', 'postgres'] as const;

const HELP = `
Writes OUT.items.npy with OUT.items.ids.txt and, where the model has users, OUT.users.npy with OUT.users.ids.txt: row n
belongs to the id in line n. As csv and parquet the ids stand beside the numbers, in OUT.items.csv and OUT.users.csv.
What scores by pairs of items is in OUT.pairs (item, to, weight; in npy places in the list of items), and what has one
score an item in OUT.scores.
As f16 or int8 it writes a smaller model, OUT.safetensors, and says how much of the lists of ten it keeps.
As postgres it writes a folder OUT: load.sql for psql, which loads the model into PostgreSQL with pgvector, and queries with
parameters for users (user.sql), strangers (history.sql) and similar items (similar.sql).

Examples:
  $ llminit export model.safetensors --to npy --out factors
  $ llminit export model.safetensors --to int8 --no-users --out small.safetensors
  $ llminit export model.safetensors --to postgres --out shop && psql -f shop/load.sql
`;

/** Adds the command `export`. */
export function addExport(program: Command): void {
  const command = program.command('export').description('write what a model scores by with its ids');
  command.argument('<model>', 'a model file');
  add(command, '--to <form>', FORMS.join(' | '), oneOf('--to', FORMS), 'npy');
  add(command, '--out <prefix>', 'what the names of the files begin with', text('--out'), 'factors');
  add(
    command,
    '--rescore <type>',
    'rows kept beside int8, for exact lists: f16 | f32',
    oneOf('--rescore', ['f16', 'f32'] as const),
  );
  command.option('--no-users', 'with f16 and int8: leave users out, for strangers only');
  addPostgresOptions(command);
  addOutputOptions(command, false).addHelpText('after', HELP);
  command.action((model: string) =>
    interruptible((signal) => exportAs(model, command.opts<ExportArguments>(), signal)),
  );
}

function addPostgresOptions(command: Command): void {
  command.optionsGroup('PostgreSQL:');
  add(command, '--schema <name>', 'that the tables are in (default: llminit)', text('--schema'));
  const types = oneOf('--vectors', VECTOR_TYPES);
  add(
    command,
    '--vectors <type>',
    `${VECTOR_TYPES.join(' | ')}: 32 or 16 bits a number (default: vector)`,
    types,
  );
  command.option('--no-index', 'no HNSW indexes: every answer is exact');
  const database = 'load it there as well, with the package pg: postgres://user@host/database';
  add(command, '--database <url>', database, text('--database'));
}

async function exportAs(path: string, args: ExportArguments, signal: AbortSignal): Promise<void> {
  const { to, rescore, users } = args;
  refuseUnread(to, {
    '--rescore': [rescore !== undefined, 'f16', 'int8'],
    '--no-users': [!users, 'f16', 'int8'],
    '--schema': [args.schema !== undefined, 'postgres'],
    '--vectors': [args.vectors !== undefined, 'postgres'],
    '--no-index': [!args.index, 'postgres'],
    '--database': [args.database !== undefined, 'postgres'],
  });
  if (to === 'postgres') await exportPostgres(path, args, signal);
  else if (to === 'f16' || to === 'int8') await exportModel(path, { ...args, to }, signal);
  else await exportTables(path, { ...args, to }, signal);
}

/** @throws {OptionError} for a flag that is given beside another form than those that read it */
function refuseUnread(
  to: string,
  flags: Readonly<Record<string, readonly [isGiven: boolean, ...forms: string[]]>>,
): void {
  for (const [flag, [isGiven, ...forms]] of Object.entries(flags)) {
    if (!isGiven || forms.includes(to)) continue;
    const problem = `expected --to ${forms.join(' or ')} beside it, received ${to}`;
    throw new OptionError(flag, problem, `Leave ${flag} out: nothing reads it`);
  }
}

/** Forms that hold numbers and ids, and no model. */
type TableForm = Exclude<ExportArguments['to'], 'f16' | 'int8' | 'postgres'>;

/** A table of numbers with the ids of its rows. */
interface Table {
  /** Of the file, behind the prefix. */
  readonly name: string;
  /** Of the columns, ids first. */
  readonly columns: readonly string[];
  readonly rows: number;
  /** The ids of a row. */
  ids(row: number): readonly string[];
  /** The numbers of a row. */
  values(row: number): ArrayLike<number>;
  /** As npy: numbers alone, where ids of items are their places in `items.ids.txt`. */
  readonly npy: { readonly data: Float32Array; readonly width: number };
}

async function exportTables(
  path: string,
  { to, out, json }: ExportArguments & { readonly to: TableForm },
  signal: AbortSignal,
): Promise<void> {
  const bytes = await readBytes(path, { signal });
  const model = await atOnce(() => decodeModel(bytes, path));
  const { itemIds, userIds, userFactors } = model;
  const tables = await atOnce(() => tablesOf(model));
  const lists: Readonly<Record<string, readonly string[]>> =
    to === 'npy' ? { items: itemIds, ...(userFactors && { users: userIds }) } : {};
  for (const ids of Object.values(lists)) checkLines(ids);
  const names = [
    ...tables.map(({ name }) => `${out}.${name}.${to}`),
    ...Object.keys(lists).map((name) => `${out}.${name}.ids.txt`),
  ];
  await checkOutputs(Object.fromEntries(names.map((name) => [name, name])), { files: { '<model>': path } });
  for (const table of tables) await writeTable(table, to, `${out}.${table.name}.${to}`, signal);
  for (const [name, ids] of Object.entries(lists)) {
    const lines = await atOnce(() => new TextEncoder().encode(ids.map((id) => `${id}\n`).join('')));
    await writeAtomic(`${out}.${name}.ids.txt`, lines, { signal });
  }
  const shapes = tables.map(({ name, rows, npy }) => ({ table: name, rows, dim: npy.width }));
  if (json) printJson({ command: 'export', version: VERSION, to, files: names, tables: shapes });
  else {
    const counts = shapes.map(({ table, rows }) => `${rows} ${table}`).join(', ');
    print(`wrote ${names.join(', ')}: ${counts}${model.dim > 0 ? `, dim ${model.dim}` : ''}`);
  }
}

/** Everything that a model scores by. */
function tablesOf(model: ModelData): Table[] {
  const { itemIds, userIds, itemFactors, userFactors, dim, rows, itemScores } = model;
  const tables: Table[] = [];
  if (dim > 0) tables.push(factorTable('items', itemIds, itemFactors, dim));
  if (dim > 0 && userFactors) tables.push(factorTable('users', userIds, userFactors, dim));
  if (rows) tables.push(pairTable(itemIds, rows));
  if (itemScores) tables.push(scoreTable(itemIds, itemScores));
  return tables;
}

function factorTable(name: string, ids: readonly string[], data: Float32Array, dim: number): Table {
  return {
    ...{ name, rows: ids.length, npy: { data, width: dim } },
    columns: ['id', ...Array.from({ length: dim }, (_, n) => `f${n}`)],
    ids: (row) => [ids[row]],
    values: (row) => data.subarray(row * dim, (row + 1) * dim),
  };
}

/** The sparse rows of items, an entry a row: whoever has `item` gets `weight` added to the score of `to`. */
function pairTable(ids: readonly string[], { numItems, rowPtr, indices, weights }: SparseRows): Table {
  const sources = new Int32Array(indices.length);
  for (let item = 0; item < numItems; item++) sources.fill(item, rowPtr[item], rowPtr[item + 1]);
  const data = new Float32Array(3 * indices.length);
  for (let n = 0; n < indices.length; n++) data.set([sources[n], indices[n], weights[n]], 3 * n);
  return {
    ...{ name: 'pairs', rows: indices.length, npy: { data, width: 3 } },
    columns: ['item', 'to', 'weight'],
    ids: (row) => [ids[sources[row]], ids[indices[row]]],
    values: (row) => [weights[row]],
  };
}

function scoreTable(ids: readonly string[], data: Float32Array): Table {
  return {
    ...{ name: 'scores', rows: ids.length, npy: { data, width: 1 } },
    columns: ['id', 'score'],
    ids: (row) => [ids[row]],
    values: (row) => [data[row]],
  };
}

async function writeTable(table: Table, to: TableForm, path: string, signal: AbortSignal): Promise<void> {
  if (to === 'npy') {
    const { data, width } = table.npy;
    const bytes = await atOnce(() => writeNpy(data, [table.rows, width]));
    await writeAtomic(path, bytes, { signal });
    return;
  }
  const file = new RowsFile(table.columns, to);
  const turns = new Turns(signal);
  for (let row = 0; row < table.rows; row++) {
    if (row % TURN_ROWS === 0) await turns.offer();
    file.add([...table.ids(row), ...Array.from(table.values(row))]);
  }
  await file.write(path, signal);
}

/** @throws {DataError} for ids that do not fit in a line each */
function checkLines(ids: readonly string[]): void {
  const broken = ids.find((id) => /[\r\n]/.test(id));
  if (broken === undefined) return;
  const problem = `expected ids of one line for a list of ids, received ${shown(broken)}`;
  throw new DataError('export', problem, 'Pass --to csv or parquet');
}
