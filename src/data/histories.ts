import { DataError } from '../errors.ts';
import { type Csr, interactionsToCsr } from './csr.ts';
import type { Interactions } from './interactions.ts';

/**
 * The items of each user of `of`, users × items in its order, from interactions whose ids may be numbered otherwise.
 * Users and items that `of` does not have are left out.
 * @throws {DataError} when not one pair is left, which means that the ids do not belong together
 */
export function historiesOf(interactions: Interactions, of: Pick<Interactions, 'userIds' | 'itemIds'>): Csr {
  if (interactions.userIds === of.userIds && interactions.itemIds === of.itemIds)
    return interactionsToCsr(interactions);
  const userOf = numberOf(interactions.userIds, of.userIds);
  const itemOf = numberOf(interactions.itemIds, of.itemIds);
  const rows: Set<number>[] = of.userIds.map(() => new Set());
  for (const [n, user] of interactions.users.entries()) {
    const [row, item] = [userOf[user], itemOf[interactions.items[n]]];
    if (row >= 0 && item >= 0) rows[row].add(item);
  }
  const rowPtr = new Int32Array(rows.length + 1);
  for (const [n, row] of rows.entries()) rowPtr[n + 1] = rowPtr[n] + row.size;
  if (interactions.length > 0 && rowPtr[rows.length] === 0) {
    const problem = 'expected histories of the users and items of the split, received those of others';
    throw new DataError('modelFrom', problem, 'Pass interactions with the same ids', 'seen');
  }
  const colIdx = new Int32Array(rowPtr[rows.length]);
  for (const [n, row] of rows.entries()) colIdx.set(Int32Array.from(row).sort(), rowPtr[n]);
  return { rows: rows.length, cols: of.itemIds.length, rowPtr, colIdx, values: null };
}

/** For each id its number in `known`; −1 where it is not there. */
function numberOf(ids: readonly string[], known: readonly string[]): Int32Array {
  const numbers = new Map(known.map((id, n) => [id, n]));
  return Int32Array.from(ids, (id) => numbers.get(id) ?? -1);
}
