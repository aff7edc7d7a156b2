import { Interactions } from '../../../src/data/interactions.ts';
import type { ItemCodes } from '../../../src/data/itemCodes.ts';

export const ITEMS = 24;

/** Everybody goes up the same circle of items from a place of their own; rows stand in no order. */
export function circleWalks(users = 60, steps = 8): Interactions {
  const rows = Array.from({ length: users }, (_, user) =>
    Array.from({ length: steps }, (_, step) => ({
      user: `u${user}`,
      item: `i${(5 * user + step) % ITEMS}`,
      timestamp: 1000 * user + step,
    })),
  );
  const shuffled = rows.flat().map((row, n) => ({ row, key: (n * 7919) % (users * steps) }));
  return Interactions.from(shuffled.sort((a, b) => a.key - b.key).map(({ row }) => row));
}

/** Three codes for each item: groups of six, and in them pairs that the last code tells apart. */
export function circleCodes({ itemIds }: Interactions): ItemCodes {
  const numbers = itemIds.map((id) => Number(id.slice(1)));
  const values = numbers.flatMap((n) => [Math.floor(n / 6), Math.floor((n % 6) / 2), n % 2]);
  return { columns: 3, values: Int32Array.from(values) };
}
