import { type Cell, cellNumber, isMissing } from './cells.ts';
import { type ColumnRole, isNameOf } from './columnNames.ts';
import { looksLikeTimes } from './timeColumn.ts';

const TYPED = /^(.+):(token|token_seq|float|float_seq)$/;

/** The columns of a file: their names, and what rows look like. */
export interface Columns {
  /** as in the header; without one the numbers 1, 2, … */
  readonly names: readonly string[];
  /** RecBole's types, else null */
  readonly types: readonly string[] | null;
  readonly hasHeader: boolean;
  /** whether it is certain that there is a header or none */
  readonly isCertain: boolean;
}

/** What a caller knows about the columns. */
export interface ColumnHints {
  /** whether the first line is a header, if the caller knows */
  readonly header?: boolean;
  /** columns named by the caller */
  readonly named: readonly string[];
  /** roles one of whose names makes a line a header */
  readonly roles: readonly ColumnRole[];
}

/**
 * Whether the first record is a header, and the columns' names. It is one if it has RecBole's types, a name the caller
 * or the lists of names know, or words above a column of numbers or times. It is none if it has numbers or times where
 * the others have them, or an id that comes again below. Of words alone, never repeated, it is taken for one, and that
 * is not certain.
 */
export function columnsOf(records: readonly (readonly string[])[], hints: ColumnHints): Columns {
  const [first, ...rest] = records;
  const cells = first.map((cell) => cell.trim());
  const typed = cells.map((cell) => TYPED.exec(cell));
  if (hints.header !== false && typed.every((match) => match !== null)) {
    return {
      names: typed.map((match) => match[1]),
      types: typed.map((match) => match[2]),
      hasHeader: true,
      isCertain: true,
    };
  }
  const verdict = hints.header ?? isHeader(cells, rest, hints);
  const hasHeader = verdict ?? true;
  return {
    names: hasHeader ? cells : cells.map((_, n) => `${n + 1}`),
    types: null,
    hasHeader,
    isCertain: verdict !== null,
  };
}

/** Null if it cannot be told. */
function isHeader(
  cells: readonly string[],
  rest: readonly (readonly string[])[],
  { named: asked, roles }: ColumnHints,
): boolean | null {
  const isWord = (cell: string) => !isMissing(cell) && !isNumeric(cell);
  if (asked.some((name) => isWord(name) && cells.includes(name))) return true;
  const isName = (cell: string) => isWord(cell) && roles.some((role) => isNameOf(role, cell));
  const named = cells.some(isName);
  if (rest.length === 0) return named ? true : cells.some(isNumeric) ? false : null;
  const numeric = cells.map((_, n) => isNumericColumn(rest.map((row) => row[n])));
  // A song called Time in a row of data is no name of a column; above a matrix only the first cell may be one.
  const holdsNumbers = cells.some((cell, n) => numeric[n] && isNumeric(cell));
  if (named && (!holdsNumbers || isName(cells[0]) || cells.filter(isName).length > 1)) return true;
  if (cells.some((cell, n) => numeric[n] && isWord(cell))) return true;
  if (holdsNumbers) return false;
  if (cells.some((cell, n) => cell !== '' && rest.some((row) => row[n]?.trim() === cell))) return false;
  return null;
}

function isNumeric(cell: string): boolean {
  return Number.isFinite(cellNumber(cell, true) ?? Number.NaN) || looksLikeTimes([cell]);
}

function isNumericColumn(cells: readonly Cell[]): boolean {
  const present = cells.filter((cell) => !isMissing(cell));
  return (
    present.length > 0 && present.filter((cell) => isNumeric(String(cell))).length >= 0.9 * present.length
  );
}
