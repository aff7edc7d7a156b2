import type { Command } from 'commander';
import {
  DATE_ORDERS,
  FORMATS,
  OptionError,
  type ReadInteractionsOptions,
  secondsOf,
  shown,
} from '../../index.ts';
import { decimal, integer, listOf, oneOf, text } from './arguments.ts';
import { add } from './command.ts';
import { addEngineOptions, type EngineOptions, engineOptions } from './engineOptions.ts';
import { addFeedbackOptions } from './feedbackOptions.ts';

/** Files with interactions by their part: all of them, or those of a ready-made split. */
export interface DataFiles {
  readonly interactions?: readonly string[];
  readonly train?: readonly string[];
  readonly valid?: readonly string[];
  readonly test?: readonly string[];
}

/** How files of interactions are read. */
export type ReadingOptions = Omit<ReadInteractionsOptions, 'name' | 'member' | 'signal'>;

/** How interactions are split; what is left out has a default in `splitArguments.ts`. */
export interface SplitOptions {
  readonly name?: (typeof SPLITS)[number];
  readonly ratios?: [number, number, number];
  /** seconds since 1970 */
  readonly at?: number[];
  readonly validShare?: number;
  readonly order?: 'random' | 'time';
}

/** Which interactions there are: files, how they are read, filtered and split. */
export interface DataOptions {
  readonly files: DataFiles;
  readonly reading: ReadingOptions;
  /** of DuckDB; undefined where memory holds them */
  readonly engine?: EngineOptions;
  readonly kCore?: number;
  readonly split: SplitOptions;
}

interface DataArguments extends DataFiles, ReadingOptions, Omit<SplitOptions, 'name' | 'at'> {
  readonly kCore?: number;
  readonly split?: SplitOptions['name'];
  readonly splitAt?: SplitOptions['at'];
}

/** What the flags of `addDataOptions` say, by what it is for. @param engine the only one, where memory is none */
export function dataOptions(command: Command, engine?: 'duckdb'): DataOptions {
  const args = command.opts<DataArguments>();
  const { interactions, train, valid, test, kCore, split: name, ratios, splitAt, validShare, order } = args;
  return {
    files: { interactions, train, valid, test },
    reading: readingOptions(args),
    engine: engineOptions(command, engine),
    kCore,
    split: { name, ratios, at: splitAt, validShare, order },
  };
}

function readingOptions(args: DataArguments): ReadingOptions {
  const { format, delimiter, header, encoding, decimal, dateOrder, missingValues } = args;
  const { userColumn, itemColumn, itemSeparator, events, eventWeights } = args;
  const { minRating, feedback, liked, feedbackWeights, duplicates, onBadLine } = args;
  return {
    ...{ format, delimiter, header, encoding, decimal, dateOrder, missingValues },
    ...{ userColumn, itemColumn, itemSeparator, events, eventWeights },
    ratingColumn: columnOrNone(args.ratingColumn),
    timestampColumn: columnOrNone(args.timestampColumn),
    eventColumn: columnOrNone(args.eventColumn),
    ...{ minRating, feedback, liked, feedbackWeights, duplicates, onBadLine },
    needsTimestamp: args.order === 'time' || args.split === 'time',
  };
}

/** Options of `DataOptions`. */
export function addDataOptions(command: Command): Command {
  command.optionsGroup('Interactions:');
  addInteractionFiles(command);
  addFiles(command, '--train <file...>', 'a ready-made split instead: training interactions');
  addFiles(command, '--valid <file...>', '… validation interactions');
  addFiles(command, '--test <file...>', '… test interactions');
  addReadingOptions(command);
  addSplitOptions(command);
  return addBadLineOption(command);
}

/** All interactions. */
export function addInteractionFiles(command: Command): void {
  const files = 'user–item interactions: files, patterns, - for standard input';
  addFiles(command, '--interactions <file...>', files);
}

/** How interactions are read, held and filtered. */
export function addReadingOptions(command: Command): void {
  addTableOptions(command);
  add(command, '--user-column <name>', 'column with the user ids, by name or number', text('--user-column'));
  add(command, '--item-column <name>', 'column with the item ids', text('--item-column'));
  add(
    command,
    '--item-separator <text>',
    'between several items in one cell; "" if a cell is one item (default: told by cells that are lists)',
    (value: string) => value,
  );
  add(
    command,
    '--rating-column <name>',
    'column with ratings, counts or labels; none: reads none',
    text('--rating-column'),
  );
  add(
    command,
    '--timestamp-column <name>',
    'column with the times; none: reads none',
    text('--timestamp-column'),
  );
  add(
    command,
    '--event-column <name>',
    'column with events such as view, cart, buy; none: reads none',
    text('--event-column'),
  );
  addFeedbackOptions(command);
  add(
    command,
    '--k-core <n>',
    'keep users and items with n interactions, again and again',
    integer('--k-core', 0),
  );
  addEngineOptions(command);
}

/** A column by its name or number; `none` reads none. */
function columnOrNone(name: ReadingOptions['ratingColumn']): ReadingOptions['ratingColumn'] {
  return name === 'none' ? null : name;
}

/** What is done about lines that cannot be used. */
export function addBadLineOption(command: Command): Command {
  const policies = ['error', 'skip'] as const;
  const parse = oneOf('--on-bad-line', policies);
  return add(command, '--on-bad-line <what>', 'error | skip (counted)', parse, 'error');
}

/** A flag that takes one file or several, and may be repeated. */
function addFiles(command: Command, flags: string, description: string): void {
  const flag = flags.split(' ', 1)[0];
  const parse = text(flag);
  command.option(flags, description, (path: string, before: string[] | undefined) => [
    ...(before ?? []),
    parse(path),
  ]);
}

/** How files are read; what is left out is told by what they hold. */
function addTableOptions(command: Command): void {
  const byContents = 'default: by what the file holds';
  add(command, '--format <name>', `${FORMATS.join(' | ')} (${byContents})`, oneOf('--format', FORMATS));
  add(
    command,
    '--delimiter <text>',
    `between fields, e.g. ";", "::", "\\t" (${byContents})`,
    (value: string) => value,
  );
  command.option('--header', `the first line names the columns (${byContents})`);
  command.option('--no-header', 'the first line is data');
  add(command, '--encoding <name>', 'e.g. windows-1252 (default: utf-8, or utf-16)', text('--encoding'));
  const marks = oneOf('--decimal', ['.', ','] as const);
  add(command, '--decimal <mark>', `. | , (${byContents})`, marks);
  const orders = oneOf('--date-order', DATE_ORDERS);
  add(command, '--date-order <order>', `of 01/02/2014: ${DATE_ORDERS.join(' | ')} (${byContents})`, orders);
  const missing = (list: string) => list.split(',');
  add(
    command,
    '--missing-values <list>',
    'ids that stand for none (default: NULL, NaN, None, N/A, \\N …)',
    missing,
  );
}

const SPLITS = ['leave-one-out', 'ratio', 'time', 'none'] as const;

function addSplitOptions(command: Command): void {
  const names = 'leave-one-out (default) | ratio | time (of all at once) | none (everything trains)';
  add(command, '--split <name>', names, oneOf('--split', SPLITS));
  add(
    command,
    '--ratios <list>',
    'train,valid,test shares of --split ratio and time (default: 0.8,0.1,0.1)',
    ratios,
  );
  const dates = listOf('--split-at', date);
  add(
    command,
    '--split-at <dates>',
    'of --split time: one date, or two, e.g. 2014-01-01,2014-02-01',
    dates,
    undefined,
    ['at'],
  );
  const share = decimal('--valid-share', 'a number in [0, 0.5]', (value) => value >= 0 && value <= 0.5);
  add(
    command,
    '--valid-share <number>',
    'of --split none: validates, for early stopping (default: 0)',
    share,
  );
  const orders = oneOf('--order', ['random', 'time'] as const);
  add(command, '--order <name>', 'of the split: random (default) | time', orders);
}

/** Seconds since 1970 of a date or a number. */
function date(value: string): number {
  const seconds = secondsOf(value);
  if (seconds !== null) return seconds;
  throw new OptionError('--split-at', `expected dates, received ${shown(value)}`, 'Pass e.g. 2014-01-31');
}

function ratios(value: string): [number, number, number] {
  const share = decimal('--ratios', 'three numbers ≥ 0 separated by commas', (number) => number >= 0);
  const values = value.split(',').map(share);
  if (values.length !== 3) share(value);
  return [values[0], values[1], values[2]];
}
