import { DataError, OptionError, shown } from '../errors.ts';
import { integer } from '../options/builders.ts';
import type { DescriptorsOf } from '../options/descriptor.ts';
import { resolveOptions } from '../options/resolve.ts';
import { checkIsInteractions } from './argumentKinds.ts';
import { Interactions } from './interactions.ts';
import { bucketPositions, picked } from './positions.ts';
import { numbering, pairsOf, renumbered } from './renumber.ts';

/**
 * The fewest interactions a user and an item must keep; 0 or absent sets no bound.
 *
 * @example
 * const options: KCoreOptions = { user: 5, item: 2 };
 * const dense = kCore(interactions, options);
 */
export interface KCoreOptions {
  user?: number;
  item?: number;
}

/**
 * The largest subset in which every user has at least `k.user` and every item at least `k.item` interactions,
 * found by removing nodes until none is left below its bound, in linear time. A number bounds both sides.
 * Ids are numbered anew without gaps, in order of first appearance among the kept; file order is preserved. `had` and
 * `disliked` keep the pairs whose user and item are left.
 *
 * @throws {OptionError} for anything but interactions, or a bound that is no integer ≥ 0
 * @throws {DataError} if nothing is left
 * @example
 * const dense = kCore(interactions, { user: 5, item: 2 });
 * dense.numUsers; // → 60
 */
export function kCore(interactions: Interactions, k: KCoreOptions | number): Interactions {
  checkIsInteractions(interactions, 'kCore');
  const bounds = boundsOf(k);
  const kept = keptPositions(interactions, bounds.user, bounds.item);
  if (kept.length === 0) {
    const { numUsers: users, numItems: items, length } = interactions;
    throw nothingLeft({ users, items, interactions: length }, bounds.user, bounds.item);
  }
  return reindexed(interactions, kept);
}

/** The refusal of bounds that leave nothing of so many. */
export function nothingLeft(
  { users, items, interactions }: { users: number; items: number; interactions: number },
  user: number,
  item: number,
): DataError {
  const had = `${users} users, ${items} items and ${interactions} interactions`;
  const problem = `nothing is left of ${had} with k = ${user} for users and ${item} for items`;
  return new DataError('kCore', problem, 'Lower k, or bring more interactions');
}

const bound = integer({ about: 'the fewest interactions', min: 0, default: 0 });
const BOUNDS = { user: bound, item: bound } satisfies DescriptorsOf<KCoreOptions>;

function boundsOf(k: unknown): { user: number; item: number } {
  if (typeof k === 'object' && k !== null) return resolveOptions(BOUNDS, k, 'kCore');
  if (typeof k === 'number') {
    const both = bound.check(k, 'k', 'kCore');
    return { user: both, item: both };
  }
  const problem = `expected a number or { user, item }, received ${shown(k)}`;
  throw new OptionError('kCore', problem, 'Pass e.g. 5');
}

/** Positions of the interactions that survive, ascending. Nodes are users, then items at offset numUsers. */
function keptPositions(interactions: Interactions, userBound: number, itemBound: number): Int32Array {
  const { users, items, numUsers, numItems, length } = interactions;
  const byUser = bucketPositions(users, numUsers);
  const byItem = bucketPositions(items, numItems);
  const degrees = new Int32Array(numUsers + numItems);
  for (let u = 0; u < numUsers; u++) degrees[u] = byUser.start[u + 1] - byUser.start[u];
  for (let i = 0; i < numItems; i++) degrees[numUsers + i] = byItem.start[i + 1] - byItem.start[i];
  const bound = (node: number) => (node < numUsers ? userBound : itemBound);
  const queue: number[] = [];
  for (let node = 0; node < degrees.length; node++) if (degrees[node] < bound(node)) queue.push(node);
  const removed = new Uint8Array(length);
  let left = length;
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    const isUser = node < numUsers;
    const { start, order } = isUser ? byUser : byItem;
    const key = isUser ? node : node - numUsers;
    for (let n = start[key]; n < start[key + 1]; n++) {
      const position = order[n];
      if (removed[position] === 1) continue;
      removed[position] = 1;
      left--;
      const other = isUser ? numUsers + items[position] : users[position];
      // Only the step that crosses the bound queues a node, so each is queued once.
      if (degrees[other]-- === bound(other)) queue.push(other);
    }
  }
  const kept = new Int32Array(left);
  for (let p = 0, n = 0; p < length; p++) if (removed[p] === 0) kept[n++] = p;
  return kept;
}

/** The interactions at ascending positions, over tables of the ids that are left, in order of first appearance. */
export function reindexed(interactions: Interactions, kept: Int32Array): Interactions {
  const { users, items, userTable, itemTable, had, disliked } = interactions;
  const numbers = {
    users: numbering(userTable, users, kept),
    items: numbering(itemTable, items, kept),
  };
  const pairs = (set: Interactions | null) => set && pairsOf(set, numbers);
  return new Interactions({
    userTable: numbers.users.table,
    itemTable: numbers.items.table,
    users: renumbered(picked(users, kept), numbers.users),
    items: renumbered(picked(items, kept), numbers.items),
    ratings: picked(interactions.ratings, kept),
    timestamps: picked(interactions.timestamps, kept),
    weights: picked(interactions.weights, kept),
    had: pairs(had),
    disliked: pairs(disliked),
  });
}
