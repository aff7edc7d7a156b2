import { type Cell, cellText, isMissing } from './cells.ts';
import { parseJson } from './jsonLines.ts';
import { isPlainObject } from './nestedRows.ts';
import { parsePythonLiteral } from './pythonLiteral.ts';

/** From this share of a sample on, what is seen holds for the column. */
const MOST = 0.8;
const SAMPLE = 200;
/** What a list of objects is made of: the names of what they stand for. */
const NAMES = ['name', 'title', 'label', 'value', 'text'];

/** The elements of a list, or of a text that is one as JSON or Python write it; null for anything else. */
export function listOf(cell: Cell): readonly Cell[] | null {
  if (Array.isArray(cell)) return cell;
  if (typeof cell !== 'string' || !/^\s*[[(]/.test(cell) || !/[\])]\s*$/.test(cell.slice(-20))) return null;
  for (const parse of [parseJson, (literal: string) => parsePythonLiteral(literal, 'list')]) {
    try {
      const value = parse(cell.trim());
      if (Array.isArray(value)) return value;
    } catch {
      // Not written so; it may be in another way.
    }
  }
  return null;
}

/** Whether nearly all cells of a column that are there are lists, of whatever kind. */
export function areLists(cells: readonly Cell[]): boolean {
  const present = cells.filter((cell) => !isMissing(cell)).slice(0, SAMPLE);
  return (
    present.length > 0 && present.filter((cell) => listOf(cell) !== null).length >= MOST * present.length
  );
}

/** The words of a list: its texts, and of objects in it their names. */
export function listWords(list: readonly Cell[]): string[] {
  return list.map((element) => {
    if (!isPlainObject(element)) return cellText(element);
    const name = Object.keys(element).find((key) => NAMES.includes(key.toLowerCase()));
    return cellText(name === undefined ? element : element[name]);
  });
}

/** The text of a cell, in which columns of lists give their words. */
export function cellWords(
  rows: readonly { readonly cells: readonly Cell[] }[],
  columns: readonly number[],
): (cells: readonly Cell[], column: number) => string {
  const lists = new Set(
    columns.filter((column) => areLists(rows.slice(0, 10 * SAMPLE).map(({ cells }) => cells[column]))),
  );
  return (cells, column) => {
    const list = lists.has(column) ? listOf(cells[column]) : null;
    return list ? listWords(list).join(' ') : cellText(cells[column]);
  };
}
