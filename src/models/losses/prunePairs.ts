import type { F32Buffer } from '../../runtime/buffers.ts';

/** Of so many pairs, those that are kept where a share is pruned: at least one (LLMRec, `prune_loss`). */
export function keptPairs(count: number, share: number): number {
  return Math.max(1, Math.floor((1 - share) * count));
}

/**
 * Keeps the pairs with the smallest losses, of equals the first: the losses and slopes of the others become 0. Where a loss
 * is no finite number nothing is pruned, so that training sees it.
 */
export function prunePairs(losses: F32Buffer, slopes: F32Buffer, count: number, kept: number): void {
  const [own, factors] = [losses.view, slopes.view];
  const sorted = own.slice(0, count).sort();
  if (!Number.isFinite(sorted[count - 1])) return;
  const most = sorted[kept - 1];
  let equal = kept;
  for (const loss of sorted.subarray(0, kept)) if (loss < most) equal--;
  for (let b = 0; b < count; b++) {
    if (own[b] < most || (own[b] === most && equal-- > 0)) continue;
    own[b] = 0;
    factors[b] = 0;
  }
}
