import { Interactions } from './interactions.ts';
import type { Split } from './splits.ts';

/** What becomes of an interaction: 0 training, 1 validation, 2 test, 3 none of them. */
export const ROLE = { train: 0, valid: 1, test: 2, none: 3 } as const;

/**
 * The split that gives every interaction the role in `roles`, one entry each; `had` and `disliked` go with it, and what
 * is in none of the parts is in `had`.
 */
export function splitByRole(interactions: Interactions, roles: Uint8Array): Split {
  const had = interactions.had ?? (roles.includes(ROLE.none) ? joined([interactions]) : null);
  return {
    train: interactions.subset(positionsOf(roles, ROLE.train)),
    valid: interactions.subset(positionsOf(roles, ROLE.valid)),
    test: interactions.subset(positionsOf(roles, ROLE.test)),
    ...(had && { had }),
    ...(interactions.disliked && { disliked: interactions.disliked }),
  };
}

/** The positions that hold `value`, ascending, so that file order is kept. */
export function positionsOf(marks: Uint8Array, value: number): Int32Array {
  let count = 0;
  for (const mark of marks) if (mark === value) count++;
  const positions = new Int32Array(count);
  for (let p = 0, n = 0; p < marks.length; p++) if (marks[p] === value) positions[n++] = p;
  return positions;
}

/** The pairs of disjoint sets over the same id tables, without ratings and times. */
export function joined(sets: readonly [Interactions, ...Interactions[]]): Interactions {
  const [{ userTable, itemTable }] = sets;
  const column = (name: 'users' | 'items') => {
    const all = new Int32Array(sets.reduce((sum, set) => sum + set.length, 0));
    let at = 0;
    for (const set of sets) {
      all.set(set[name], at);
      at += set.length;
    }
    return all;
  };
  return new Interactions({ userTable, itemTable, users: column('users'), items: column('items') });
}
