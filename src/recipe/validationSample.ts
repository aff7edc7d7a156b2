import type { Interactions } from '../data/interactions.ts';
import type { Split } from '../data/splits.ts';
import { usersOf } from '../data/usersOf.ts';

/** Users whose validation interactions a choice among models is made by, at most, and where there are very many items. */
const [MOST_USERS, FEWEST_USERS] = [20_000, 5_000];
/** Items up to which so many users are ranked for. */
const USUAL_ITEMS = 50_000;

/** Users that a choice is made by, at most: fewer where ranking for each takes long. */
export function mostValidated(numItems: number): number {
  return Math.max(FEWEST_USERS, Math.min(MOST_USERS, Math.floor((MOST_USERS * USUAL_ITEMS) / numItems)));
}

/**
 * The split with the validation interactions of at most 20,000 users, beyond 50,000 items of fewer, down to 5,000: every
 * n-th of those who have any. The standard error of NDCG@10 over so many is about 0.002 to 0.004, that of differences between
 * models less, and a choice need not wait for millions to be ranked.
 */
export function validationSample(split: Split): Split {
  const valid = sampledUsers(split.valid, mostValidated(split.train.numItems));
  return valid === split.valid ? split : { ...split, valid };
}

/** The interactions of at most so many users: every n-th of those who have any; the same ones where they are no more. */
export function sampledUsers(part: Interactions, most: number): Interactions {
  const { users } = part;
  const all = usersOf(part);
  const step = Math.ceil(all.length / most);
  if (step <= 1) return part;
  const kept = new Uint8Array(part.numUsers);
  for (let n = 0; n < all.length; n += step) kept[all[n]] = 1;
  return part.subset(Int32Array.from(users.keys()).filter((n) => kept[users[n]] === 1));
}
