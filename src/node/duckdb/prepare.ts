import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { IdTable } from '../../data/idTable.ts';
import type { NamedSource } from '../../data/readers/readInteractions.ts';
import type { ReadReport } from '../../data/readers/report.ts';
import { together } from '../../data/readers/report.ts';
import { OptionError } from '../../errors.ts';
import { checkArgument, TEXT } from '../../options/arguments.ts';
import { oneOf } from '../../options/builders.ts';
import type { DescriptorsOf } from '../../options/descriptor.ts';
import { resolveOptions } from '../../options/resolve.ts';
import { fileError, fileIdentity } from '../files.ts';
import type { Database } from './database.ts';
import { quoted } from './parquet.ts';
import {
  before,
  checkedFiles,
  DUCKDB_OPTIONS,
  type DuckdbOptions,
  type Filtered,
  type ReadWithDuckdb,
  withFiltered,
} from './readInteractions.ts';

/**
 * What `prepareWithDuckdb` writes.
 *
 * @example
 * const output: PreparedFormat = 'parquet';
 */
export type PreparedFormat = 'recbole' | 'parquet';

/**
 * All values of `PreparedFormat`.
 *
 * @example
 * PREPARED_FORMATS; // → ['recbole', 'parquet']
 */
export const PREPARED_FORMATS: readonly PreparedFormat[] = ['recbole', 'parquet'];

/**
 * How `prepareWithDuckdb` reads and what it writes.
 *
 * @example
 * const options: PrepareOptions = { kCore: 5, output: 'parquet', memoryMb: 2000 };
 */
export interface PrepareOptions extends DuckdbOptions {
  /** default `recbole` */
  output?: PreparedFormat;
}

/**
 * What `prepareWithDuckdb` wrote.
 *
 * @example
 * async function prepared(): Promise<Prepared> {
 *   return prepareWithDuckdb('clicks.parquet', 'prepared', { kCore: 5 });
 * }
 */
export interface Prepared {
  readonly file: string;
  readonly bytes: number;
  readonly report: ReadReport;
  readonly reports: readonly ReadReport[];
  /** what there was before the k-core */
  readonly before: ReadWithDuckdb['before'];
  readonly users: number;
  readonly items: number;
  /** what counts as liked */
  readonly interactions: number;
  /** rows of the file: the liked ones, and those that were met by the users and items among them */
  readonly rows: number;
  /** the options of `readInteractions` by which the file says the same as what it was made of */
  readonly reading: Pick<DuckdbOptions, 'minRating' | 'feedback' | 'feedbackWeights'>;
}

const PREPARE_OPTIONS: DescriptorsOf<PrepareOptions> = {
  ...DUCKDB_OPTIONS,
  output: oneOf(PREPARED_FORMATS, { about: 'what is written', default: 'recbole' }),
};

/**
 * Filters interactions larger than memory, and writes what is left to one file in a folder, a row a pair: `interactions.inter`, an
 * atomic file of RecBole (`user_id:token`, `item_id:token`, `rating:float`, `timestamp:float`), or
 * `interactions.parquet` (`user_id`, `item_id`, `rating`, `timestamp`). Pairs that were met and are not liked stay in it, as
 * long as their user and item do, so that what people have is known; read with `reading`, the file gives the
 * same users, items and interactions in the same order. It is there in full or not at all.
 *
 * @param files a path, or several paths and files `{ name, source }`
 * @param folder is made if it is not there
 * @throws as `readInteractionsWithDuckdb`
 * @example
 * const { file, interactions } = await prepareWithDuckdb('clicks.parquet', 'prepared', { kCore: 5, output: 'parquet' });
 */
export async function prepareWithDuckdb(
  files: string | readonly (string | NamedSource)[],
  folder: string,
  options: PrepareOptions = {},
): Promise<Prepared> {
  const list = checkedFiles(files, 'prepareWithDuckdb');
  checkArgument(TEXT, folder, 'folder', 'prepareWithDuckdb');
  resolveOptions(PREPARE_OPTIONS, options, 'prepareWithDuckdb');
  const { output = 'recbole', ...reading } = options;
  await mkdir(folder, { recursive: true }).catch((error) => {
    throw fileError(error, folder, 'a folder that can be written');
  });
  const file = join(folder, output === 'recbole' ? 'interactions.inter' : 'interactions.parquet');
  await checkUnread(file, list);
  return withFiltered('prepareWithDuckdb', files, reading, async (filtered) => {
    const { counts, reports, collected } = filtered;
    const { users, items, rows } = await write(filtered, file, output);
    const { minRating, feedbackWeights } = reading;
    return {
      ...{
        file,
        bytes: (await stat(file)).size,
        report: together(reports),
        reports,
        before: before(filtered),
      },
      ...{ users, items, interactions: counts.kept, rows },
      reading: {
        ...(minRating !== undefined && { minRating }),
        ...(collected.kind !== null && { feedback: collected.kind }),
        ...(feedbackWeights !== undefined && { feedbackWeights }),
      },
    };
  });
}

/** @throws {OptionError} where the file that is written is one that is read */
async function checkUnread(file: string, files: readonly (string | NamedSource)[]): Promise<void> {
  const identity = await fileIdentity(file);
  for (const read of files) {
    const path = typeof read === 'string' ? read : read.name;
    if ((await fileIdentity(path)) !== identity) continue;
    const problem = `expected a folder in which ${basename(file)} is none of the files that are read, received ${path}`;
    throw new OptionError('prepareWithDuckdb', problem, 'Name another folder', 'out');
  }
}

async function write(
  { database, tables }: Filtered,
  file: string,
  output: PreparedFormat,
): Promise<{ users: number; items: number; rows: number }> {
  // Every user of the core likes something, and so does somebody every item.
  for (const [side, name] of [
    ['u', 'kept_users'],
    ['i', 'kept_items'],
  ] as const)
    await database.value(`CREATE TABLE ${name} AS SELECT DISTINCT ${side} FROM liked`);
  await keepIds(database, 'user_ids', tables.users);
  await keepIds(database, 'item_ids', tables.items);
  const columns = await columnsOf(database, output);
  const left = `FROM rows SEMI JOIN kept_users USING (u) SEMI JOIN kept_items USING (i)`;
  await database.value(`CREATE TABLE left_rows AS SELECT * ${left}`);
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  const format =
    output === 'parquet' ? 'FORMAT parquet, COMPRESSION zstd' : "FORMAT csv, DELIMITER '\t', HEADER";
  try {
    await database.value(`COPY (SELECT ${columns} FROM left_rows
      JOIN user_ids ON user_ids.n = u JOIN item_ids ON item_ids.n = i
      ORDER BY left_rows.n) TO ${quoted(temporary, "'")} (${format})`);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw fileError(error, file, 'a file that can be written');
  }
  const count = (table: string) => database.count(`SELECT count(*) FROM ${table}`);
  return {
    users: await count('kept_users'),
    items: await count('kept_items'),
    rows: await count('left_rows'),
  };
}

/** The columns with something in them; times without a fraction are written as whole numbers. */
async function columnsOf(database: Database, output: PreparedFormat): Promise<string> {
  const named = (name: string, type: string) => (output === 'recbole' ? `"${name}:${type}"` : name);
  const has = async (column: string, condition: string) =>
    (await database.count(`SELECT count(${column}) FROM rows WHERE ${condition}`)) > 0;
  const time = (await has('t', 't <> trunc(t)')) ? 't' : 't::BIGINT';
  return [
    `user_ids.id AS ${named('user_id', 'token')}`,
    `item_ids.id AS ${named('item_id', 'token')}`,
    ...((await has('v', 'TRUE')) ? [`v AS ${named('rating', 'float')}`] : []),
    ...((await has('t', 'TRUE')) ? [`${time} AS ${named('timestamp', 'float')}`] : []),
  ].join(', ');
}

/** Copies ids into a table (n, id). */
async function keepIds(database: Database, table: string, { ids }: IdTable): Promise<void> {
  await database.value(`CREATE TABLE ${table} (n INTEGER, id VARCHAR)`);
  const { DuckDBDataChunk, INTEGER, VARCHAR } = database.module;
  const appender = await database.connection.createAppender(table);
  for (let from = 0; from < ids.length; from += 2048) {
    const part = ids.slice(from, from + 2048);
    const chunk = DuckDBDataChunk.create([INTEGER, VARCHAR], part.length);
    chunk.setColumnValues(
      0,
      Array.from(part, (_, n) => from + n),
    );
    chunk.setColumnValues(1, part);
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}
