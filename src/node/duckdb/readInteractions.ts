import { open } from 'node:fs/promises';
import { assertSome, noteFeedback } from '../../data/readers/feedbackNotes.ts';
import {
  type NamedSource,
  READ_OPTIONS,
  type ReadInteractions,
  type ReadInteractionsOptions,
  type RowSource,
  readRows,
} from '../../data/readers/readInteractions.ts';
import { type ReadReport, together } from '../../data/readers/report.ts';
import { argument, arrayOf, checkArgument, having, maybe, TEXT } from '../../options/arguments.ts';
import { integer, text } from '../../options/builders.ts';
import type { DescriptorsOf } from '../../options/descriptor.ts';
import { resolveOptions } from '../../options/resolve.ts';
import { openSource } from '../files.ts';
import { type Collected, DuckdbCollector } from './collector.ts';
import { Database } from './database.ts';
import { type FilteredCounts, likedCore, likedRows } from './filters.ts';
import { type IdTables, idleUsers, leftWeights, loadInteractions, weightsOfLiked } from './load.ts';
import { scanParquet } from './parquet.ts';

/**
 * How `readInteractionsWithDuckdb` reads and what DuckDB may take.
 *
 * @example
 * const options: DuckdbOptions = { kCore: 5, memoryMb: 2000, minRating: 4 };
 */
export interface DuckdbOptions extends ReadInteractionsOptions {
  /** users and items keep this many interactions, again and again; default 0, which keeps all */
  kCore?: number;
  /** MB of memory (2²⁰ bytes) that DuckDB takes before it spills to the disk; default 512 */
  memoryMb?: number;
  /** the folder in which it spills; default: that of the system for temporary files */
  spillFolder?: string;
}

/**
 * What `readInteractionsWithDuckdb` gives.
 *
 * @example
 * async function read(): Promise<ReadWithDuckdb> {
 *   return readInteractionsWithDuckdb('ratings.parquet', { kCore: 5 });
 * }
 */
export interface ReadWithDuckdb extends ReadInteractions {
  /** what there was before the k-core */
  readonly before: {
    readonly users: number;
    readonly items: number;
    readonly interactions: number;
    readonly belowRating: number;
    readonly duplicates: number;
  };
}

const DEFAULT_MEMORY = 512;

/** Every option of DuckDB's work. */
export const DUCKDB_OPTIONS: DescriptorsOf<DuckdbOptions> = {
  ...READ_OPTIONS,
  kCore: integer({ about: 'the fewest interactions of users and items', min: 0 }),
  memoryMb: integer({ about: 'MB of memory', min: 64, default: DEFAULT_MEMORY }),
  spillFolder: text({ about: 'the folder to spill to' }),
};

const NAMED = having<NamedSource>('a file { name, source }', { name: TEXT, member: maybe(TEXT) });
const FILE = argument<string | NamedSource>('a path, or a file { name, source }', (file) =>
  typeof file === 'string' ? file.trim() !== '' : NAMED.is(file),
);
const FILES = arrayOf('a list of paths, or of files { name, source }', FILE);

/** Rows that DuckDB holds and has filtered. */
export interface Filtered {
  readonly database: Database;
  readonly collected: Collected;
  readonly counts: FilteredCounts;
  readonly tables: IdTables;
  readonly reports: readonly ReadReport[];
  readonly weights: Awaited<ReturnType<typeof weightsOfLiked>>;
}

/**
 * Reads interactions as `readInteractions` does, with the same ids, counts and order, and lets DuckDB hold the rows: it
 * takes `memoryMb` of memory and spills the rest to the disk, drops repeated pairs, keeps what is liked and takes the
 * k-core, in SQL. Texts are read in blocks and Parquet files by DuckDB, so that no file needs to fit into memory; the ids and
 * what the filters leave do. The package `@duckdb/node-api` must be installed beside this one.
 *
 * @param files a path, or several paths and files `{ name, source }`
 * @returns the interactions as `kCore(readInteractions(…), kCore)` gives them, and the counts before the k-core
 * @throws {UnsupportedError} where the package is not installed
 * @throws {BudgetError} where the memory does not suffice
 * @throws {DataError} as `readInteractions` and `kCore`, and where the disk has no room
 * @throws {OptionError} as `readInteractions`
 * @example
 * const { interactions } = await readInteractionsWithDuckdb(['2023.parquet', '2024.csv.gz'], { minRating: 4, kCore: 5 });
 */
export async function readInteractionsWithDuckdb(
  files: string | readonly (string | NamedSource)[],
  options: DuckdbOptions = {},
): Promise<ReadWithDuckdb> {
  return withFiltered('readInteractionsWithDuckdb', files, options, async (filtered) => {
    const { database, collected, counts, tables, reports } = filtered;
    const { minRating, kCore = 0 } = options;
    const weights = await leftWeights(database, filtered.weights, counts.kept);
    const how = { minRating, isDerived: kCore > 0 };
    const interactions = await loadInteractions(database, collected, counts, tables, how, weights);
    return { interactions, report: together(reports), reports, before: before(filtered) };
  });
}

/** The counts after reading and before the k-core. */
export function before({ collected, counts }: Filtered): ReadWithDuckdb['before'] {
  return {
    users: counts.users,
    items: counts.items,
    interactions: counts.liked,
    belowRating: counts.met - counts.liked,
    duplicates: collected.rows - counts.met,
  };
}

/** The files that are read, as a list. @throws {OptionError} for anything else */
export function checkedFiles(
  files: string | readonly (string | NamedSource)[],
  where: string,
): readonly (string | NamedSource)[] {
  const list = typeof files === 'string' ? [files] : files;
  checkArgument(FILES, list, 'files', where);
  return list;
}

/** Reads and filters, and hands the rows to `use`; the database is gone afterwards. @throws as `readInteractionsWithDuckdb` */
export async function withFiltered<T>(
  where: string,
  files: string | readonly (string | NamedSource)[],
  options: DuckdbOptions,
  use: (filtered: Filtered) => Promise<T>,
): Promise<T> {
  const list = checkedFiles(files, where);
  resolveOptions(DUCKDB_OPTIONS, options, where);
  const { memoryMb = DEFAULT_MEMORY, spillFolder, signal, minRating, kCore = 0 } = options;
  const database = await Database.open({ memoryMb, spillFolder, signal });
  try {
    const collector = await DuckdbCollector.open(database, memoryMb, options);
    const sources = await Promise.all(list.map((file) => sourceOf(file, database)));
    const reports = await readRows(sources, options, collector);
    const collected = collector.close();
    const names = sources.map(({ name }) => name).join(', ');
    const judged = await likedRows(database, collected, minRating);
    const told = {
      length: judged.liked,
      belowRating: judged.met - judged.liked,
      feedback: collected.summary,
    };
    assertSome(told, names, options);
    noteFeedback(reports[0], told, minRating);
    const weights = await weightsOfLiked(database, collected, judged.liked);
    const users = judged.users + (await idleUsers(database, collected.registered));
    const kept = kCore > 0 ? await likedCore(database, judged, kCore) : judged.liked;
    const tables = { users: collector.users, items: collector.items };
    return await use({ database, collected, counts: { ...judged, users, kept }, tables, reports, weights });
  } finally {
    await database.close();
  }
}

/** A Parquet file is scanned where it lies; any other is read as it comes. */
async function sourceOf(file: string | NamedSource, database: Database): Promise<RowSource> {
  if (typeof file !== 'string') return file;
  const source = { name: file, source: openSource(file) };
  if (!(await isParquet(file))) return source;
  return { ...source, rows: (sink, counter, options) => scanParquet(database, file, sink, counter, options) };
}

async function isParquet(path: string): Promise<boolean> {
  const handle = await open(path).catch(() => null);
  if (!handle) return false;
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(4), 0, 4, 0);
    return bytesRead === 4 && String.fromCharCode(...buffer) === 'PAR1';
  } catch {
    return false;
  } finally {
    await handle.close();
  }
}
