import { IdTable } from './idTable.ts';
import { picked } from './positions.ts';

/** Ids that stay, numbered anew without gaps in order of first appearance. */
export interface Numbering {
  readonly table: IdTable;
  /** old index → new index, −1 for an id that does not stay; null if no index changes */
  readonly indexOf: Int32Array | null;
}

/**
 * The ids that stand in a column.
 *
 * @param column indices of `table`
 * @param positions where to look, ascending; null: everywhere
 * @param registered indices that stay even if they stand nowhere, after the others
 */
export function numbering(
  table: IdTable,
  column: Int32Array,
  positions: Int32Array | null,
  registered: readonly number[] = [],
): Numbering {
  const kept = new IdTable();
  const indexOf = new Int32Array(table.size).fill(-1);
  const order = new Int32Array(table.size);
  let count = 0;
  const take = (index: number) => {
    if (indexOf[index] >= 0) return;
    order[count] = index;
    indexOf[index] = count++;
  };
  const length = positions ? positions.length : column.length;
  for (let n = 0; n < length; n++) take(column[positions ? positions[n] : n]);
  const stays = new Set(registered);
  const isWhole = indexOf.every((index, old) => index >= 0 || stays.has(old));
  if (isWhole && isAscending(order, count)) return { table, indexOf: null };
  for (const index of registered) take(index);
  for (let n = 0; n < count; n++) kept.add(table.ids[order[n]]);
  return { table: kept, indexOf };
}

function isAscending(order: Int32Array, count: number): boolean {
  for (let n = 1; n < count; n++) if (order[n] < order[n - 1]) return false;
  return true;
}

/** A column in new numbers; the column itself if none changes. Every entry must stay. */
export function renumbered(column: Int32Array, { indexOf }: Numbering): Int32Array {
  return indexOf ? column.map((index) => indexOf[index]) : column;
}

/** New numbers of users and items. */
export interface Numberings {
  readonly users: Numbering;
  readonly items: Numbering;
}

/** The pairs whose user and item stay, in new numbers and without ratings and times. */
export function pairsOf(
  { users, items }: { readonly users: Int32Array; readonly items: Int32Array },
  numbers: Numberings,
): { userTable: IdTable; itemTable: IdTable; users: Int32Array; items: Int32Array } {
  const kept = staying(users, items, numbers);
  return {
    userTable: numbers.users.table,
    itemTable: numbers.items.table,
    users: renumbered(kept ? picked(users, kept) : users, numbers.users),
    items: renumbered(kept ? picked(items, kept) : items, numbers.items),
  };
}

/** The positions of the pairs whose user and item stay, ascending; null if all do. */
function staying(users: Int32Array, items: Int32Array, numbers: Numberings): Int32Array | null {
  const userOf = numbers.users.indexOf;
  const itemOf = numbers.items.indexOf;
  const stays = (n: number) => (!userOf || userOf[users[n]] >= 0) && (!itemOf || itemOf[items[n]] >= 0);
  let count = 0;
  for (let n = 0; n < users.length; n++) if (stays(n)) count++;
  if (count === users.length) return null;
  const positions = new Int32Array(count);
  for (let n = 0, at = 0; n < users.length; n++) if (stays(n)) positions[at++] = n;
  return positions;
}
