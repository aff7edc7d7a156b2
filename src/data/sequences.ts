import type { Interactions } from './interactions.ts';
import { bucketPositions } from './positions.ts';

/**
 * The items of each user in order, oldest first: users' items stand at rowPtr[user] … rowPtr[user + 1] − 1.
 *
 * @example
 * const sequences: UserSequences = new Graph(split.train).sequences;
 */
export interface UserSequences {
  readonly rowPtr: Int32Array;
  readonly items: Int32Array;
  /** How much each counts as something to be predicted; null: all alike. */
  readonly weights: Float32Array | null;
}

/**
 * Every user's items by time, of one time and without times in file order; of several sets one behind the other where they
 * have no times. All sets are over the same id tables.
 */
export function sequencesOf(sets: readonly [Interactions, ...Interactions[]]): UserSequences {
  const total = sets.reduce((sum, { length }) => sum + length, 0);
  const [users, items] = [new Int32Array(total), new Int32Array(total)];
  const times = sets.every(({ timestamps }) => timestamps) ? new Float64Array(total) : null;
  const weights = sets.every((set) => set.weights) ? new Float32Array(total) : null;
  let at = 0;
  for (const set of sets) {
    users.set(set.users, at);
    items.set(set.items, at);
    times?.set(set.timestamps!, at);
    weights?.set(set.weights!, at);
    at += set.length;
  }
  const { start, order } = bucketPositions(users, sets[0].numUsers);
  for (let user = 0; times && user < sets[0].numUsers; user++)
    order.subarray(start[user], start[user + 1]).sort((a, b) => times[a] - times[b] || a - b);
  return {
    rowPtr: start,
    items: order.map((p) => items[p]),
    weights: weights && takeWeights(weights, order),
  };
}

function takeWeights(weights: Float32Array, order: Int32Array): Float32Array {
  return Float32Array.from(order, (p) => weights[p]);
}
