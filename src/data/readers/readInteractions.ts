import { DataError, OptionError, shown } from '../../errors.ts';
import { arrayOf, checkArgument, having, maybe, TEXT } from '../../options/arguments.ts';
import { boolean, oneOf } from '../../options/builders.ts';
import type { DescriptorsOf } from '../../options/descriptor.ts';
import { resolveOptions } from '../../options/resolve.ts';
import { inTurns, Turns } from '../../runtime/turns.ts';
import { Interactions } from '../interactions.ts';
import { InteractionsBuilder } from '../interactionsBuilder.ts';
import { COLLECT_OPTIONS, type CollectOptions, type RowCollector } from '../rowCollector.ts';
import { assertLiked, assertSome, noteFeedback } from './feedbackNotes.ts';
import { noteGuests } from './guests.ts';
import { InteractionSink } from './interactionSink.ts';
import {
  COLUMN,
  COLUMN_OR_NONE,
  ITEM_SEPARATOR,
  LIKED,
  NAME,
  ROW_OPTIONS,
  TABLE_OPTIONS,
} from './options.ts';
import { readTable, type TableOptions } from './readTable.ts';
import { LineCounter, type OnBadLine, type ReadReport, together } from './report.ts';
import type { ColumnName, NamedColumns } from './roles.ts';
import type { Source } from './source.ts';
import type { TableSink } from './table.ts';
import { DATE_ORDERS, type DateOrder } from './times.ts';

/**
 * How `readInteractions` reads: name, format, columns, what counts as liked, what to do about bad lines.
 *
 * @example
 * const options: ReadInteractionsOptions = {
 *   name: 'ratings.csv',
 *   userColumn: 'user_id',
 *   itemColumn: 'item_id',
 *   minRating: 4,
 *   onBadLine: 'skip',
 * };
 * const { interactions } = await readInteractions(ratingsCsv, options);
 */
export interface ReadInteractionsOptions extends TableOptions, CollectOptions {
  /** stands in messages; usually the file name. Default: interactions */
  name?: string;
  /**
   * By its name exactly as in the header, or by its number from 1. Default: the first that has a name such as user_id,
   * user, reviewerID, customer_id …, in any case; without a header by what the columns hold.
   */
  userColumn?: ColumnName;
  /** likewise: item_id, movieId, parent_asin, asin, ISBN, business_id, StockCode … */
  itemColumn?: ColumnName;
  /** likewise: rating, overall, stars, plays, quantity, label …; null reads none */
  ratingColumn?: ColumnName | null;
  /** likewise: timestamp, unixReviewTime, date, InvoiceDate …; null reads none */
  timestampColumn?: ColumnName | null;
  /**
   * Column with what users did: view, addtocart, buy … Default: the first that is called event, event_type, action,
   * behavior_type … and holds such words, or codes as Tmall's action_type (0–3) and Tianchi's behavior_type (1–4); null
   * reads none. `events` and `eventWeights` say what the kinds mean
   */
  eventColumn?: ColumnName | null;
  /** Order of day and month in dates such as 01/02/2014. Default: by dates that tell it */
  dateOrder?: DateOrder;
  /** Whether every row must have a time: one that is missing or cannot be read makes a bad line. Default false */
  needsTimestamp?: boolean;
  /**
   * What stands between the items of one cell, where a row is a user and several items; '' where a cell is one item
   * whatever it looks like. Default: told by cells that are lists, or whole numbers with a separator
   */
  itemSeparator?: string;
  /** Spellings of a missing id, instead of the usual ones (NULL, NaN, None, N/A, \N …) */
  missingValues?: readonly string[];
  /**
   * Values of the rating column that are liked, in any case and with or without decimals; all others are met and not
   * liked. Default: by what the values mean
   */
  liked?: readonly string[];
  /** default `error` */
  onBadLine?: OnBadLine;
}

/** Every option of reading. */
export const READ_OPTIONS: DescriptorsOf<ReadInteractionsOptions> = {
  ...TABLE_OPTIONS,
  ...COLLECT_OPTIONS,
  ...ROW_OPTIONS,
  ...{ name: NAME, userColumn: COLUMN, itemColumn: COLUMN },
  ...{ ratingColumn: COLUMN_OR_NONE, timestampColumn: COLUMN_OR_NONE, eventColumn: COLUMN_OR_NONE },
  dateOrder: oneOf(DATE_ORDERS, { about: 'order of day and month' }),
  needsTimestamp: boolean({ about: 'whether every row must have a time' }),
  ...{ liked: LIKED, itemSeparator: ITEM_SEPARATOR },
};
const FILES = arrayOf(
  'a list of files { name, source }',
  having<NamedSource>('a file { name, source }', { name: TEXT, member: maybe(TEXT) }),
);

/**
 * One of several files.
 *
 * @example
 * const files: NamedSource[] = [
 *   { name: 'january.csv', source: 'user,item\na,x\n' },
 *   { name: 'february.csv', source: 'user,item\nb,x\n' },
 * ];
 * const { interactions } = await readInteractions(files);
 */
export interface NamedSource {
  /** stands in messages; usually the file name */
  readonly name: string;
  readonly source: Source;
  /** which file of a zip archive with several is meant */
  readonly member?: string;
}

/**
 * What `readInteractions` gives.
 *
 * @example
 * const { interactions, report, reports }: ReadInteractions = await readInteractions(ratingsCsv);
 */
export interface ReadInteractions {
  readonly interactions: Interactions;
  /** what was seen; of several files the sums */
  readonly report: ReadReport;
  /** of each file */
  readonly reports: readonly ReadReport[];
}

/**
 * Reads interactions from one file or from several, one after the other; `readTable` says what can be read.
 *
 * Ids are strings, and a whole number its digits. Blanks and quotes around an id are no part of it, and it is composed
 * (NFC); a missing value and a number that has lost digits (9.14E+18) are bad lines; nothing else makes two ids one.
 * Times are seconds since 1970, whatever they were written as. A rating or a time that cannot be read is reported, and
 * makes a bad line only where it is needed: by `minRating`, `feedbackWeights` or `needsTimestamp`.
 *
 * @throws {FormatError} for an empty file, and for one that is no table
 * @throws {DataError} if a needed or named column is missing, listing those found; if `minRating` is given and
 *   there is no rating; for a bad line, naming it; if nothing is left
 * @throws {OptionError} for an option that is not known, or a column named for a format without columns
 * @example
 * const { interactions, report } = await readInteractions('userId,movieId,rating\n1,10,5\n1,20,2\n2,10,4\n', {
 *   name: 'ratings.csv',
 *   minRating: 4,
 * });
 * interactions.length; // → 2
 * console.log(report.layout);
 */
export async function readInteractions(
  source: Source | readonly NamedSource[],
  options: ReadInteractionsOptions = {},
): Promise<ReadInteractions> {
  const several = Array.isArray(source);
  resolveOptions(READ_OPTIONS, options, 'readInteractions');
  if (several) checkArgument(FILES, source, 'source', 'readInteractions');
  const files: readonly NamedSource[] = several
    ? source
    : [{ name: options.name ?? 'interactions', source: source as Source, member: options.member }];
  const builder = new InteractionsBuilder(options);
  const reports = await readRows(files, options, builder);
  const fields = await inTurns(builder.finishing(), new Turns(options.signal));
  const interactions = new Interactions(fields);
  assertSome(interactions, files.map(({ name }) => name).join(', '), options);
  noteGuests(reports[0], interactions);
  noteFeedback(reports[0], interactions, options.minRating);
  return { interactions, report: together(reports), reports };
}

/** One of several files, some of which are read in a way of their own. */
export interface RowSource extends NamedSource {
  /** Hands the rows to the sink and says in a few words what they were; default: `readTable`. */
  readonly rows?: (sink: TableSink, counter: LineCounter, options: TableOptions) => Promise<string>;
}

/**
 * Hands the rows of files to a collector, one file after the other.
 *
 * @param options checked ones
 * @returns what was seen in each file
 * @throws as `readInteractions`, but for nothing being left
 */
export async function readRows(
  files: readonly RowSource[],
  options: ReadInteractionsOptions,
  collector: RowCollector,
): Promise<ReadReport[]> {
  const { feedbackWeights, minRating } = options;
  const needs = new Set<'rating' | 'timestamp' | 'event'>();
  if (minRating !== undefined || (feedbackWeights ?? 'binary') !== 'binary') needs.add('rating');
  assertLiked(options);
  if (options.needsTimestamp) needs.add('timestamp');
  if (options.events || options.eventWeights || options.eventColumn != null) needs.add('event');
  if (files.length === 0) throw new OptionError('source', 'expected a file, received none', 'Pass one');
  const reports: ReadReport[] = [];
  for (const file of files) reports.push(await readFile(file, options, needs, collector));
  return reports;
}

async function readFile(
  { name, source, member, rows }: RowSource,
  options: ReadInteractionsOptions,
  needs: ReadonlySet<'rating' | 'timestamp' | 'event'>,
  collector: RowCollector,
): Promise<ReadReport> {
  const { missingValues, dateOrder, itemSeparator, liked } = options;
  const columns = columnsOf(options);
  const named = Object.values(columns).filter((column) => typeof column === 'string');
  const counter = new LineCounter(name, options.onBadLine);
  if (options.format === 'lightgcn') assertNoColumns(name, options);
  const missing = missingValues && new Set(missingValues);
  const sink = new InteractionSink(collector, counter, {
    ...columns,
    needs,
    missing,
    dateOrder,
    liked,
    itemSeparator,
  });
  const hints = { named, roles: ['user', 'item'] as const };
  const words = rows
    ? await rows(sink, counter, options)
    : await readTable(source, { ...options, member }, hints, sink, counter);
  counter.assertSomeGood();
  counter.report.layout = `${words}; ${sink.describe()}`;
  return counter.report;
}

function columnsOf(options: ReadInteractionsOptions): NamedColumns {
  const { userColumn, itemColumn, ratingColumn, timestampColumn, eventColumn } = options;
  return { userColumn, itemColumn, ratingColumn, timestampColumn, eventColumn };
}

function assertNoColumns(name: string, options: ReadInteractionsOptions): void {
  const { minRating } = options;
  if (minRating !== undefined) {
    const problem = `minRating is ${shown(minRating)}, but the lightgcn format has no rating column`;
    throw new DataError(name, problem, 'Leave minRating out', 'minRating');
  }
  const named = Object.entries(columnsOf(options)).find(([, column]) => column != null);
  if (!named) return;
  const problem = `the column ${shown(named[1])} is named, but the lightgcn format has no columns`;
  throw new OptionError(name, problem, 'Leave the column out, or name another format', named[0]);
}
