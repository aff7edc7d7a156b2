import { DataError, OptionError, shown } from '../../errors.ts';
import { Interactions } from '../interactions.ts';
import { InteractionsBuilder } from '../interactionsBuilder.ts';
import { LineCounter, type OnBadLine, type ReadReport } from './badLines.ts';
import { cellNumber, findColumn, idText, missingColumn } from './columns.ts';
import { chosenFormat, type Format } from './formats.ts';
import { readLightgcn } from './lightgcn.ts';
import type { Source } from './source.ts';
import { readTable } from './table.ts';
import type { Cell, TableSink } from './tableSink.ts';

/** How `readInteractions` reads: name, format, columns, what counts as liked, what to do about bad lines. */
export interface ReadInteractionsOptions {
  /** stands in messages and gives the format if none is named; usually the file name */
  name: string;
  format?: Format;
  /** default: user_id, user, uid, reviewer_id or customer_id, in any case, with or without `_` */
  userColumn?: string;
  /** default: item_id, item, iid, product_id or movie_id, likewise */
  itemColumn?: string;
  /** default: rating, if there is one; null reads none */
  ratingColumn?: string | null;
  /** default: timestamp or time, if there is one; null reads none */
  timestampColumn?: string | null;
  /** lower ratings are left out and counted */
  minRating?: number;
  /** default `error` */
  onBadLine?: OnBadLine;
  signal?: AbortSignal;
}

/**
 * Reads interactions; `readTable` and `readLightgcn` describe the formats. Ids are kept as written, as
 * strings; a JSON number becomes its decimal digits. Ratings and timestamps are finite numbers; a blank
 * cell, or a field that JSON lines leave out or set to null, is no error, but makes the whole column null.
 *
 * @throws {FormatError} for an empty file, or one that is not of its format
 * @throws {DataError} if a needed or named column is missing, listing those found; if `minRating` is given and
 *   there is no rating; for a bad line, naming it; if nothing is left
 * @throws {OptionError} for an unknown format or policy, or a column named for the lightgcn format
 */
export async function readInteractions(
  source: Source,
  options: ReadInteractionsOptions,
): Promise<{ interactions: Interactions; report: ReadReport }> {
  const { name, minRating, signal } = options;
  const format = chosenFormat(options.format, name);
  const counter = new LineCounter(name, options.onBadLine);
  const builder = new InteractionsBuilder({ minRating });
  if (format === 'lightgcn') {
    assertNoColumns(options);
    await readLightgcn(source, builder, counter, signal);
  } else {
    const sink = new InteractionSink(builder, counter, { ...options, format });
    await readTable(source, { format, signal }, sink, counter);
    counter.assertSomeGood();
    sink.assertOptionalColumns();
  }
  const interactions = new Interactions(builder.finish());
  if (interactions.length === 0) {
    const problem =
      interactions.belowRating > 0
        ? `all ${interactions.belowRating} ratings are below minRating ${minRating}`
        : 'no line names an item';
    throw new DataError(name, problem, 'Lower minRating, or check that it is the right file', 'minRating');
  }
  return { interactions, report: counter.report };
}

function assertNoColumns(options: ReadInteractionsOptions): void {
  const { name, userColumn, itemColumn, ratingColumn, timestampColumn, minRating } = options;
  if (minRating !== undefined) {
    const problem = `minRating is ${shown(minRating)}, but the lightgcn format has no rating column`;
    throw new DataError(name, problem, 'Leave minRating out', 'minRating');
  }
  const named = [userColumn, itemColumn, ratingColumn, timestampColumn].find((column) => column != null);
  if (named !== undefined) {
    const problem = `the column ${shown(named)} is named, but the lightgcn format has no columns`;
    throw new OptionError(name, problem, 'Leave the column out, or name another format');
  }
}

/** Finds the columns and hands their cells to the builder. */
class InteractionSink implements TableSink {
  readonly #builder: InteractionsBuilder;
  readonly #counter: LineCounter;
  readonly #options: ReadInteractionsOptions;
  #names: readonly string[] = [];
  #user = -1;
  #item = -1;
  #rating = -1;
  #timestamp = -1;

  constructor(builder: InteractionsBuilder, counter: LineCounter, options: ReadInteractionsOptions) {
    this.#builder = builder;
    this.#counter = counter;
    this.#options = options;
  }

  columns(names: readonly string[]): void {
    const { userColumn, itemColumn, ratingColumn, timestampColumn } = this.#options;
    const where = this.#counter.name;
    this.#names = names;
    this.#user = findColumn(where, names, userColumn, 'user');
    this.#item = findColumn(where, names, itemColumn, 'item');
    this.#rating = findColumn(where, names, ratingColumn, 'rating');
    this.#timestamp = findColumn(where, names, timestampColumn, 'timestamp');
    if (this.#user === -1) throw missingColumn(where, names, userColumn, 'user');
    if (this.#item === -1) throw missingColumn(where, names, itemColumn, 'item');
    if (this.#options.format !== 'jsonl') this.assertOptionalColumns();
  }

  /** @throws {DataError} unless the rating and timestamp columns that were asked for are there */
  assertOptionalColumns(): void {
    const { ratingColumn, timestampColumn, minRating } = this.#options;
    const where = this.#counter.name;
    if (this.#rating === -1 && (ratingColumn != null || minRating !== undefined)) {
      throw missingColumn(where, this.#names, ratingColumn, 'rating');
    }
    if (this.#timestamp === -1 && timestampColumn != null) {
      throw missingColumn(where, this.#names, timestampColumn, 'timestamp');
    }
  }

  row(cells: readonly Cell[], line: number): void {
    const problem = this.#problem(cells);
    if (problem) this.#counter.bad(line, problem);
  }

  #problem(cells: readonly Cell[]): string | null {
    const user = idText(cells[this.#user], 'user');
    if (typeof user !== 'string') return user.problem;
    const item = idText(cells[this.#item], 'item');
    if (typeof item !== 'string') return item.problem;
    const rating = this.#rating === -1 ? undefined : cellNumber(cells[this.#rating]);
    if (rating !== undefined && !Number.isFinite(rating)) {
      return `the rating is ${shown(cells[this.#rating])}, expected a finite number`;
    }
    const timestamp = this.#timestamp === -1 ? undefined : cellNumber(cells[this.#timestamp]);
    if (timestamp !== undefined && !Number.isFinite(timestamp)) {
      return `the timestamp is ${shown(cells[this.#timestamp])}, expected a finite number`;
    }
    return this.#builder.add(user, item, rating, timestamp);
  }
}
