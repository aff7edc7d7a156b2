import { unwrapped } from './cells.ts';
import { type ColumnRole, namedFor } from './columnNames.ts';

type Row = Record<string, unknown>;

/** How rows of interactions are made of one object of a file. */
export type RowShape = (object: Row) => readonly Row[];

/** Objects inside of objects that are looked into. */
const MOST_DEPTH = 4;

/** Names of lists whose objects are interactions or items, rather than facts about the user. */
const HOLDS_ROWS =
  /(items?|products?|tracks?|songs?|movies?|films?|books?|games?|articles?|events?|interactions?|reviews?|ratings?|history|orders?|purchases?|clicks?|views?|plays|actions?|logs?|records?|entries|rows|lines?|basket|cart|checkins?|likes?|watched|list|data|edges|nodes)$/i;

/** Columns that a reader cannot do without. */
export interface Needed {
  readonly roles: readonly ColumnRole[];
  /** columns named by the caller */
  readonly named: readonly string[];
}

/**
 * Where the columns that are needed lie in objects: at the top, as values; in objects inside, `user.id`; or in a list of
 * objects, each of which is a row with the fields around it. Null where they lie nowhere, and at the top.
 *
 * @param sample the first objects
 */
export function rowShape(sample: readonly Row[], needed: Needed): RowShape | null {
  if (isThere(sample, needed)) return null;
  const flat = sample.map(flattened);
  if (isThere(flat, needed)) return (object) => [flattened(object)];
  const lists = new Set(flat.flatMap((row) => Object.keys(row).filter((name) => isObjectList(row[name]))));
  for (const name of lists) {
    if (needed.roles.includes('item') && !HOLDS_ROWS.test(name)) continue;
    const shape = (object: Row) => exploded(flattened(object), name);
    if (isThere(sample.slice(0, 20).flatMap(shape), needed)) return shape;
  }
  return null;
}

/** Whether rows have all that is needed, as values. */
function isThere(rows: readonly Row[], { roles, named }: Needed): boolean {
  const names = [
    ...new Set(rows.flatMap((row) => Object.keys(row).filter((name) => !isPlainObject(row[name])))),
  ];
  const isColumn = (name: string) => !rows.some((row) => isPlainObject(row[name]) || isObjectList(row[name]));
  const columns = names.filter(isColumn);
  if (named.length > 0 && named.every((name) => columns.includes(name))) return true;
  const found = roles.map((role) => namedFor(role, columns));
  return named.length === 0 && !found.includes(-1) && new Set(found).size === found.length;
}

/** The fields of objects inside beside the others, under names such as `user.id`. */
function flattened(row: Row): Row {
  const flat: Row = {};
  const add = (object: Row, prefix: string, depth: number) => {
    for (const [name, value] of Object.entries(object)) {
      if (isPlainObject(value) && depth < MOST_DEPTH) add(value, `${prefix}${name}.`, depth + 1);
      else flat[prefix + name] = value;
    }
  };
  add(row, '', 1);
  return flat;
}

/** A row for each object of a list, with the fields around it. */
function exploded(row: Row, list: string): Row[] {
  const { [list]: elements, ...around } = row;
  if (!Array.isArray(elements)) return [around];
  return elements.map((element) => {
    const own = isPlainObject(element) ? flattened(element) : { [list]: element };
    // A name that both have says of which one it is by the list in front.
    const clear = Object.entries(own).map(([name, value]) => [
      name in around ? `${list}.${name}` : name,
      value,
    ]);
    return { ...around, ...Object.fromEntries(clear) };
  });
}

export function isPlainObject(value: unknown): value is Row {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    !(value instanceof Uint8Array) &&
    unwrapped(value) === value
  );
}

function isObjectList(value: unknown): value is Row[] {
  return Array.isArray(value) && value.length > 0 && value.every(isPlainObject);
}
