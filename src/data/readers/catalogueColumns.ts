import { DataError, shown } from '../../errors.ts';
import { didYouMean } from '../../options/nearest.ts';
import { cellText } from './cells.ts';
import { columnsFor, namedFor } from './columnNames.ts';
import type { HeldTable } from './heldTable.ts';
import { type ColumnName, listed, missingColumn, namedColumn, type Table } from './roles.ts';

/**
 * The column with the ids: the one that is asked for, else the first with a name for it, else the first column if it has
 * no name and different values in each row; without a header the first whose values differ.
 *
 * @throws {DataError} if there is none
 */
export function idOf(head: Table, { rows }: HeldTable, asked: ColumnName | undefined): number {
  if (asked !== undefined) {
    const found = namedColumn(head, asked);
    if (found === undefined) throw missingColumn(head, 'id', asked);
    return found;
  }
  const named = head.hasHeader ? namedId(head.names, rows) : firstDistinct(head.names.length, rows);
  const isFirst = named === -1 && isUnnamed(head.names[0]) && firstDistinct(1, rows) === 0;
  const found = isFirst ? 0 : named;
  if (found === -1) throw missingColumn(head, 'id');
  if (named !== -1 && head.hasHeader) namedColumn(head, head.names[found]);
  return found;
}

/** Of the columns named for an id the first with a value of its own in nearly each row, else the first; −1 for none. */
function namedId(names: readonly string[], rows: HeldTable['rows']): number {
  const found = columnsFor('id', names);
  const isDistinct = (column: number) => {
    const values = new Set(rows.map(({ cells }) => cellText(cells[column]).trim()));
    values.delete('');
    return values.size >= DISTINCT * rows.length;
  };
  return (found.length > 1 ? found.find(isDistinct) : undefined) ?? found[0] ?? -1;
}

/** From this share of different values on, a column tells rows apart. */
const DISTINCT = 0.98;

/** Whether a column bears no name, as pandas writes an index. */
function isUnnamed(name: string): boolean {
  return name === '' || /^(unnamed: \d+|index|row_?names?)$/i.test(name);
}

function firstDistinct(width: number, rows: HeldTable['rows']): number {
  for (let column = 0; column < width; column++) {
    const values = new Set(rows.map(({ cells }) => cellText(cells[column]).trim()));
    if (values.size === rows.length && !values.has('')) return column;
  }
  return -1;
}

/** The column with the titles; −1 for none. Without a header the first text that differs from row to row. */
export function titleOf(
  head: Table,
  table: HeldTable,
  asked: ColumnName | null | undefined,
  id: number,
): number {
  if (asked === null) return -1;
  if (asked !== undefined) {
    const found = namedColumn(head, asked);
    if (found === undefined) throw missingColumn(head, 'title', asked);
    return found;
  }
  if (head.hasHeader) {
    const named = namedFor('title', head.names);
    return named === id ? -1 : named;
  }
  const texts = head.names
    .map((_, column) => column)
    .filter((column) => column !== id && table.texts.has(column));
  return texts.find((column) => isVaried(table.rows, column)) ?? texts[0] ?? -1;
}

/** From this share of different values on, a column is a title rather than a category. */
const VARIED = 0.7;

function isVaried(rows: HeldTable['rows'], column: number): boolean {
  const values = rows.map(({ cells }) => cellText(cells[column]));
  return (
    new Set(values).size >= VARIED * values.length &&
    !values.every((value) => value === '' || value.startsWith('['))
  );
}

/**
 * The columns that make the text of an item: those that are asked for, else the title and all that hold words.
 *
 * @throws {DataError} if one is not there, or none holds words
 */
export function textsOf(
  head: Table,
  table: HeldTable,
  asked: readonly ColumnName[] | undefined,
  id: number,
  title: number,
  image: number,
): number[] {
  const { names } = head;
  const found = listed(names);
  if (asked) {
    return asked.map((column) => {
      const index = namedColumn(head, column);
      if (index !== undefined) return index;
      const problem = `expected a column ${shown(column)}, found the columns ${found}`;
      const remedy = didYouMean(column, names, 'Name columns of the file');
      throw new DataError(head.name, problem, remedy, 'textColumns');
    });
  }
  const { types } = table;
  const columns = names
    .map((_, column) => column)
    .filter((column) => {
      if (column === id || column === image) return false;
      if (column === title) return true;
      return types ? types[column] === 'token_seq' : table.texts.has(column);
    });
  if (columns.length === 0 && image === -1 && table.rows.length > 0) {
    const problem = `none of the columns ${found} looks like text`;
    throw new DataError(head.name, problem, 'Name the columns with text', 'textColumns');
  }
  return columns;
}
