import type { Split } from '../data/splits.ts';

/** Users whose validation interactions a choice among models is made by, at most. */
export const MOST_USERS = 20_000;

/**
 * The split with the validation interactions of at most 20,000 users: every n-th of those who have any. The standard
 * error of NDCG@10 over so many is about 0.002, and a choice need not wait for millions to be ranked.
 */
export function validationSample(split: Split): Split {
  const { users } = split.valid;
  const validated = [...new Set(users)].sort((a, b) => a - b);
  const step = Math.ceil(validated.length / MOST_USERS);
  if (step <= 1) return split;
  const kept = new Set(validated.filter((_, n) => n % step === 0));
  const positions = Int32Array.from(users.keys()).filter((n) => kept.has(users[n]));
  return { ...split, valid: split.valid.subset(positions) };
}
