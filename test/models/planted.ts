import { Interactions } from '../../src/data/interactions.ts';
import type { Split } from '../../src/data/splits.ts';
import { PURPOSE, Random } from '../../src/runtime/random.ts';

/**
 * A planted catalogue with one right answer: users and items fall into two groups, users take items of their own
 * group only, and the held-out items are of that group too. Whoever learns the groups ranks every unseen item of the
 * own group above every item of the other.
 */
export function plantedSplit(usersPerGroup = 20, itemsPerGroup = 12, perUser = 7): Split {
  const random = new Random(5, PURPOSE.synthetic);
  const rows: { user: string; item: string }[][] = [[], [], []];
  for (let user = 0; user < 2 * usersPerGroup; user++) {
    const items = random.shuffle(Int32Array.from({ length: itemsPerGroup }, (_, n) => 2 * n + (user % 2)));
    for (let n = 0; n < perUser; n++) {
      rows[n === 0 ? 2 : n === 1 ? 1 : 0].push({ user: `u${user}`, item: `i${items[n]}` });
    }
  }
  const all = Interactions.from(rows.flat());
  const cut = [rows[0].length, rows[0].length + rows[1].length];
  const positions = Int32Array.from({ length: all.length }, (_, p) => p);
  return {
    train: all.subset(positions.filter((p) => p < cut[0])),
    valid: all.subset(positions.filter((p) => p >= cut[0] && p < cut[1])),
    test: all.subset(positions.filter((p) => p >= cut[1])),
  };
}
