import { type ColumnRole, isNameOf } from './columnNames.ts';
import { areColumnNumbers, isNumeric, isNumericColumn, isSecondHeader, isWord } from './headerLines.ts';

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
  /** lines before the rows: 0 without a header; 2 where types or units stand below it */
  readonly headerRecords: number;
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
      headerRecords: 1,
    };
  }
  if (hints.header !== false && areColumnNumbers(cells, rest))
    return { ...numbered(cells), isCertain: true, headerRecords: 1 };
  const verdict = hints.header ?? isHeader(cells, rest, hints);
  if (verdict === false) return { ...numbered(cells), isCertain: true, headerRecords: 0 };
  const isTwice = rest.length > 0 && isSecondHeader(rest[0], rest.slice(1));
  return {
    names: cells,
    types: null,
    hasHeader: true,
    isCertain: verdict !== null,
    headerRecords: isTwice ? 2 : 1,
  };
}

/** Columns without names. */
function numbered(cells: readonly string[]): Pick<Columns, 'names' | 'types' | 'hasHeader'> {
  return { names: cells.map((_, n) => `${n + 1}`), types: null, hasHeader: false };
}

/** Null if it cannot be told. */
function isHeader(
  cells: readonly string[],
  rest: readonly (readonly string[])[],
  { named: asked, roles }: ColumnHints,
): boolean | null {
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
