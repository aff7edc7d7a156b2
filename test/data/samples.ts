import fc from 'fast-check';
import { Interactions } from '../../src/data/interactions.ts';

/** `Interactions` from `user item` pairs, with the position as timestamp. */
export function fromPairs(pairs: readonly (readonly [user: string, item: string])[]): Interactions {
  return Interactions.from(pairs.map(([user, item], timestamp) => ({ user, item, timestamp })));
}

/** The pairs of a set in its order, as `user item` strings. */
export function pairsOf(interactions: Interactions): string[] {
  const { users, items, userIds, itemIds } = interactions;
  return Array.from(users, (user, n) => `${userIds[user]} ${itemIds[items[n]]}`);
}

/** Random interactions among few users and items, so that degrees vary and pairs repeat. */
export const anyInteractions = fc
  .array(fc.tuple(fc.nat(9), fc.nat(7), fc.nat(20)), { minLength: 1, maxLength: 80 })
  .map((rows) =>
    Interactions.from(rows.map(([u, i, timestamp]) => ({ user: `u${u}`, item: `i${i}`, timestamp }))),
  );

/** How often each index stands in `indices`. */
export function countsOf(indices: Int32Array, size: number): number[] {
  const counts = new Array<number>(size).fill(0);
  for (const index of indices) counts[index]++;
  return counts;
}
