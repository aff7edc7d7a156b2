import { type Csr, interactionsToCsr } from '../data/csr.ts';
import type { Interactions } from '../data/interactions.ts';
import type { Split } from '../data/splits.ts';
import type { Protocol } from './evaluate.ts';

/** What one evaluation looks for and leaves out. */
export interface RankingTask {
  /** users × items: the held-out items. */
  readonly relevant: Csr;
  /** users × items: items left out of the ranking. */
  readonly masked: readonly Csr[];
}

/** The held-out interactions to look for, and those that are left out of the ranking. */
export function rankingTask(
  split: Split,
  part: 'valid' | 'test',
  protocol: Protocol,
  seen: 'liked' | 'had' = 'liked',
): RankingTask {
  const parts = part === 'valid' ? [split.train] : [split.train, split.valid];
  const masked = parts.map(interactionsToCsr);
  if (seen === 'had' && split.had) masked.push(onlyMet(split, split.had));
  return {
    relevant: interactionsToCsr(split[part]),
    masked: protocol === 'standard' ? masked : [],
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
