import { DataError, FormatError } from '../../errors.ts';
import { type Cell, cellNumber } from './cells.ts';
import { isNameOf, namedFor } from './columnNames.ts';
import type { ColumnHints } from './header.ts';
import type { Table } from './roles.ts';

type Rows = readonly (readonly string[])[];

/** From this share of a sample on, what is seen holds for the file. */
const MOST = 0.8;
/** Fewer rows tell nothing about a file. */
const FEWEST_ROWS = 3;

/**
 * The names of a header, fitted to the rows below: where rows end in further delimiters, columns without a name are
 * added, where the header does, they are taken away; where rows begin with their numbers or names, as R writes them, the
 * first column has no name.
 *
 * @throws {DataError} where most rows have other columns than the header names
 */
export function fittedNames(names: readonly string[], rows: Rows, where: string): readonly string[] {
  const width = usualWidth(rows);
  if (rows.length < FEWEST_ROWS || width === null || width === names.length) return names;
  const usual = rows.filter((row) => row.length === width);
  const extra = Array.from({ length: Math.max(0, width - names.length) }, () => '');
  if (extra.length > 0 && usual.every((row) => row.slice(names.length).every((cell) => cell.trim() === '')))
    return [...names, ...extra];
  if (extra.length === 1 && areRowNames(usual.map(([first]) => first))) return ['', ...names];
  if (width < names.length && width > 1 && names.slice(width).every((name) => name === ''))
    return names.slice(0, width);
  const problem = `the header names ${names.length} columns, but the rows have ${width} fields`;
  const remedy = 'Correct the header, or remove it and name the columns by their numbers';
  throw new DataError(where, problem, remedy);
}

/** Numbers for the columns of rows without a header, as many as half of the rows or more have fields. */
export function numbersFor(names: readonly string[], rows: Rows): readonly string[] {
  const width = usualWidth(rows, 0.5) ?? names.length;
  return width === names.length ? names : Array.from({ length: width }, (_, n) => `${n + 1}`);
}

/** The number of fields that most rows have; null if no number has `least` of them. */
function usualWidth(rows: Rows, least = MOST): number | null {
  const counts = new Map<number, number>();
  for (const { length } of rows) counts.set(length, (counts.get(length) ?? 0) + 1);
  const [width, count] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [0, 0];
  return count >= least * rows.length ? width : null;
}

/** Whether only the last of several columns holds words with blanks between, so that no other can hold a delimiter. */
export function isTextBehindCodes(rows: Rows): boolean {
  if (rows.length < FEWEST_ROWS) return false;
  const hasWords = (n: number) => rows.filter((row) => /\S\s+\S/.test(row[n].slice(0, 200))).length;
  const last = rows[0].length - 1;
  return (
    last > 0 &&
    hasWords(last) >= 0.2 * rows.length &&
    rows[0].every((_, n) => n === last || hasWords(n) === 0)
  );
}

/** Whether cells are the numbers of rows, one after the other. */
export function areRowNames(cells: readonly string[]): boolean {
  const numbers = cells.map((cell) => cell.trim()).filter((cell) => /^\d+$/.test(cell));
  return (
    cells.length > 1 &&
    numbers.length === cells.length &&
    numbers.every((cell, n) => Number(cell) === Number(numbers[0]) + n)
  );
}

/**
 * @throws {FormatError} if rows are no interactions, but users with a column for each item, or lists of items, with the
 *   format that reads them
 */
export function assertRows(table: Table, rows: Rows, hints: ColumnHints): void {
  if (rows.length < FEWEST_ROWS || hints.named.length > 0) return;
  const isWide = table.hasHeader ? isWideBelow(table) : isWideAlone(table);
  if (isWide) {
    const problem = `expected a line for each interaction, received a matrix of ${table.names.length} columns, a user a row and an item a column`;
    const remedy =
      'Name the format wide if rows are users, or write a line user,item,rating for each (pandas: melt)';
    throw new FormatError(table.name, problem, remedy, 'format');
  }
  assertNoPairs(table);
  if (
    table.hasHeader ||
    usualWidth(rows) !== null ||
    rows.some((row) => row.some((cell) => cell.length > 200))
  )
    return;
  const widths = rows.map(({ length }) => length);
  const problem = `expected a line for each interaction, received lines of ${Math.min(...widths)} to ${Math.max(...widths)} fields, as lists of items have`;
  const remedy =
    'Name the format: baskets if a line is a list of items, lightgcn if a user stands before them, csv for columns';
  throw new FormatError(table.name, problem, remedy, 'format');
}

/** @throws {FormatError} if a user and an item stand in one field */
function assertNoPairs({ name, names, sample }: Table): void {
  const isPair = (n: number) => sample.length > 0 && sample.every((row) => PAIR.test(String(row[n]).trim()));
  const found = names.findIndex((_, n) => isPair(n));
  if (found === -1) return;
  const problem = `expected a user and an item in columns of their own, received pairs in brackets such as ${String(sample[0][found])}`;
  throw new FormatError(name, problem, 'Write them without brackets, a column each');
}

/** As Python prints a pair of ids: (3, 17) */
const PAIR = /^\(\s*[^\s,()]+\s*,\s*[^\s,()]+\s*\)$/;

/** Columns of numbers and nothing else that are named for no role, and no column for the item. */
function isWideBelow({ names, sample }: Table): boolean {
  if (names.length < 5 || namedFor('item', names) > 0) return false;
  const others = names.map((_, n) => n).slice(1);
  const areFree = others.every((n) => !isNameOf('user', names[n]) && !isNameOf('timestamp', names[n]));
  return (
    areFree &&
    others.every((n) =>
      areAmounts(
        sample.map((row) => row[n]),
        1e4,
      ),
    )
  );
}

/** Many columns of small numbers, as ratings are, and none of ids or times. */
function isWideAlone({ names, sample }: Table): boolean {
  if (names.length < 7 || sample.length < FEWEST_ROWS) return false;
  return names.every((_, n) =>
    areAmounts(
      sample.map((row) => row[n]),
      n === 0 ? 1e9 : 100,
    ),
  );
}

function areAmounts(cells: readonly Cell[], most: number): boolean {
  return cells.every((cell) => {
    const value = matrixNumber(cell, true);
    return value === null || Math.abs(value) <= most;
  });
}

const YES = /^(true|yes|x)$/i;
const NO = /^(false|no)$/i;

/** The number in a cell of a matrix: null for none, NaN for another text, 1 and 0 for yes and no. */
export function matrixNumber(cell: Cell, decimalComma: boolean): number | null {
  const number = typeof cell === 'boolean' ? Number(cell) : cellNumber(cell, decimalComma);
  if (typeof cell !== 'string' || !Number.isNaN(number)) return number;
  return YES.test(cell.trim()) ? 1 : NO.test(cell.trim()) ? 0 : Number.NaN;
}
