import { type Csr, csrOfUsers, interactionsToCsr } from '../data/csr.ts';
import type { Interactions } from '../data/interactions.ts';
import type { Split } from '../data/splits.ts';
import type { Protocol } from './evaluate.ts';

/** What one evaluation looks for and leaves out. */
export interface RankingTask {
  /** users × items: the held-out items. */
  readonly relevant: Csr;
  /** users × items: items left out of the ranking. */
  readonly masked: readonly Csr[];
  /** users × items: the training part. */
  readonly liked: Csr;
}

/**
 * The held-out interactions to look for, and those that are left out of the ranking. Matrices have the rows of the users alone who
 * are ranked for: of millions, a few thousand are validated on.
 */
export function rankingTask(
  split: Split,
  part: 'valid' | 'test',
  protocol: Protocol,
  seen: 'liked' | 'had' = 'liked',
): RankingTask {
  const ranked = new Uint8Array(split.train.numUsers);
  for (const user of split[part].users) ranked[user] = 1;
  const liked = csrOfUsers(split.train, ranked);
  const masked = part === 'valid' ? [liked] : [liked, csrOfUsers(split.valid, ranked)];
  if (seen === 'had' && split.had) masked.push(onlyMet(split, split.had));
  return {
    relevant: interactionsToCsr(split[part]),
    masked: protocol === 'standard' ? masked : [],
    liked,
  };
}

/** The pairs that were met and are in no part of the split, so that nothing held out is among them. */
function onlyMet({ train, valid, test }: Split, had: Interactions): Csr {
  const liked = [train, valid, test].map(interactionsToCsr);
  const { users, items } = had;
  const isLiked = (n: number) => liked.some((csr) => rowOf(csr, users[n]).includes(items[n]));
  return interactionsToCsr(had.subset(Int32Array.from(users.keys()).filter((n) => !isLiked(n))));
}

/** The columns of a row. */
export function rowOf(csr: Csr, row: number): Int32Array {
  return csr.colIdx.subarray(csr.rowPtr[row], csr.rowPtr[row + 1]);
}
