import { isNameOf } from './columnNames.ts';
import type { ColumnHints } from './header.ts';
import { isPlainObject } from './nestedRows.ts';

type Fields = Record<string, unknown>;

/** Objects inside of objects that are looked into for a list of rows. */
const MOST_DEPTH = 4;

/**
 * The rows inside of one object; null if it is a row itself. Rows lie in it
 *
 * - as pandas writes them: `split`, `table`, `columns` and `index` orientations, or a list a column
 * - as one list of objects under any name, which may lie deeper
 * - as a map from users to their items: `{u1: ["i1"]}`, `{u1: {"i1": 5}}`, `{u1: [{"item": "i1"}]}`
 */
export function heldRows(value: unknown, hints: ColumnHints): unknown[] | null {
  if (!isPlainObject(value)) return null;
  const { columns, data } = value;
  if (Array.isArray(columns) && Array.isArray(data) && data.every(Array.isArray))
    return data.map((row: unknown[]) => namedCells(columns, row));
  const isColumn = (name: string) =>
    hints.named.includes(name) || hints.roles.some((role) => isNameOf(role, name));
  const names = Object.keys(value);
  const fields = Object.values(value);
  if (fields.length === 1 && isPlainObject(fields[0]) && !isColumn(names[0]))
    return heldRows(fields[0], hints);
  if (fields.length > 1 && !names.some(isColumn)) {
    if (fields.every(isPlainObject)) return rowsOfObjects(value as Record<string, Fields>, isColumn, hints);
    if (fields.every((field) => typeof field === 'string') && !hints.roles.includes('user'))
      return names.map((id, n) => ({ id, title: fields[n] }));
    if (fields.every(Array.isArray) && hints.roles.includes('user'))
      return usersWithItems(value as Record<string, unknown[]>);
  }
  const list = listOfRows(value, MOST_DEPTH);
  if (list) return list;
  if (
    fields.length > 1 &&
    fields.every(Array.isArray) &&
    fields.every((field) => field.length === fields[0].length)
  )
    return fields[0].map((_: unknown, n: number) =>
      Object.fromEntries(names.map((name, c) => [name, fields[c][n]])),
    );
  const areTurned = fields.length > 1 && fields.every(isPlainObject) && shareKeys(fields);
  return areTurned ? turned(value as Record<string, Fields>) : null;
}

/** Rows of objects under names that are no columns: pandas' index orientation, its other one, or items with numbers. */
function rowsOfObjects(
  value: Record<string, Fields>,
  isColumn: (name: string) => boolean,
  { roles }: ColumnHints,
): unknown[] {
  const objects = Object.values(value);
  if (!roles.includes('user')) {
    // A catalogue by id: the name is the id where the objects do not say it.
    const hasId = objects.some((object) => Object.keys(object).some((name) => isNameOf('id', name)));
    const areRows = objects.every((object) => Object.keys(object).length > 0);
    if (areRows && !hasId) return Object.entries(value).map(([id, fields]) => ({ id, ...fields }));
    return hasId ? objects : turned(value);
  }
  if (objects.some((object) => Object.keys(object).some(isColumn))) return objects;
  const areNumbers = objects.every((object) =>
    Object.values(object).every((cell) => cell === null || typeof cell !== 'object'),
  );
  if (!areNumbers) return turned(value);
  return Object.entries(value).flatMap(([user, items]) =>
    Object.entries(items).map(([item, rating]) => ({ user, item, rating })),
  );
}

/** Users whose items are a list: of ids, or of objects. */
function usersWithItems(value: Record<string, unknown[]>): unknown[] {
  return Object.entries(value).flatMap(([user, items]) =>
    items.map((item) => (isPlainObject(item) ? { user, ...item } : { user, item })),
  );
}

/** pandas' columns orientation: columns whose cells stand under the rows' keys. */
function turned(value: Record<string, Fields>): unknown[] {
  const rows = new Map<string, [string, unknown][]>();
  for (const [name, column] of Object.entries(value)) {
    for (const [key, cell] of Object.entries(column)) {
      const row = rows.get(key);
      if (row) row.push([name, cell]);
      else rows.set(key, [[name, cell]]);
    }
  }
  return Array.from(rows.values(), (row) => Object.fromEntries(row));
}

function namedCells(columns: readonly unknown[], row: readonly unknown[]): Fields {
  return Object.fromEntries(row.slice(0, columns.length).map((cell, n) => [String(columns[n]), cell]));
}

function shareKeys([first, second]: readonly Fields[]): boolean {
  return Object.keys(first).some((key) => Object.hasOwn(second, key));
}

/** The only list of objects in an object, or in the only objects inside that have one. */
function listOfRows(value: Fields, depth: number): unknown[] | null {
  const fields = Object.values(value);
  const lists = fields.filter(
    (field) => Array.isArray(field) && field.length > 0 && field.every(isPlainObject),
  );
  if (lists.length > 0 || depth === 0) return lists.length === 1 ? (lists[0] as unknown[]) : null;
  const inner = fields
    .filter(isPlainObject)
    .map((field) => listOfRows(field, depth - 1))
    .filter((list) => list !== null);
  return inner.length === 1 ? inner[0] : null;
}
