import { DataError, shown } from '../../errors.ts';

const USER_NAMES = ['userid', 'user', 'uid', 'reviewerid', 'customerid'];
const ITEM_NAMES = ['itemid', 'item', 'iid', 'productid', 'movieid'];
const TITLE_NAMES = ['title', 'name', 'movietitle', 'producttitle', 'productname', 'itemname'];

/** Names by which a column is found if none is given: compared without case, `_`, `-` and spaces, in order. */
export const DEFAULT_NAMES = {
  user: USER_NAMES,
  item: ITEM_NAMES,
  rating: ['rating'],
  timestamp: ['timestamp', 'time'],
  title: TITLE_NAMES,
} as const;

/**
 * The index of a column: of the one that was named, exactly as written, or else of the first that bears a
 * default name; −1 if there is none.
 *
 * @throws {DataError} if the column stands twice in the header
 */
export function findColumn(
  where: string,
  columns: readonly string[],
  named: string | null | undefined,
  role: keyof typeof DEFAULT_NAMES,
): number {
  if (named === null) return -1;
  const plain = columns.map((column) => column.toLowerCase().replace(/[_\- ]/g, ''));
  const index =
    named !== undefined
      ? columns.indexOf(named)
      : (DEFAULT_NAMES[role].map((name) => plain.indexOf(name)).find((found) => found !== -1) ?? -1);
  if (index !== -1 && columns.indexOf(columns[index], index + 1) !== -1) {
    const problem = `the header has the column ${shown(columns[index])} twice`;
    throw new DataError(where, problem, 'Rename one of them');
  }
  return index;
}

/** The error for a column that is needed and not there. */
export function missingColumn(
  where: string,
  columns: readonly string[],
  named: string | null | undefined,
  role: keyof typeof DEFAULT_NAMES | 'id',
): DataError {
  const wanted = named ? `a column ${shown(named)}` : `a column for the ${role}`;
  const found = columns.map((column) => JSON.stringify(column)).join(', ');
  return new DataError(
    where,
    `expected ${wanted}, found the columns ${found}`,
    `Name it with ${role}Column`,
    `${role}Column`,
  );
}

/** An id as text; a JSON number becomes its decimal digits. Otherwise what is wrong, as an object. */
export function idText(cell: unknown, role: string): string | { problem: string } {
  if (typeof cell === 'string') return cell;
  if (Number.isSafeInteger(cell)) return String(cell);
  const problem = `the ${role} id is ${shown(cell)}, expected a string or an integer of at most 2^53`;
  return { problem };
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A number from a cell, `undefined` if it is blank or a JSON field is absent or null, NaN if it is no number. */
export function cellNumber(cell: unknown): number | undefined {
  if (cell === undefined || cell === null) return undefined;
  if (typeof cell === 'number') return cell;
  if (typeof cell !== 'string') return Number.NaN;
  const text = cell.trim();
  if (text === '') return undefined;
  return NUMBER.test(text) ? Number(text) : Number.NaN;
}

/** A cell as text: the elements of a JSON list joined by a space, a JSON object as JSON, null as ''. */
export function cellText(cell: unknown): string {
  if (typeof cell === 'string') return cell;
  if (cell === undefined || cell === null) return '';
  if (Array.isArray(cell)) return cell.map(cellText).join(' ');
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell);
}
