import type { EpochRecord } from './checkpoint.ts';

/** Evaluations over which the curve is averaged to tell whether it rises. */
const WINDOW = 3;
/** So many times in a row it must not have risen. */
const FLAT_EVALUATIONS = 3;

/**
 * Whether training has run its course: for more than `patience` evaluations the metric has not surpassed its best (RecBole),
 * and it is not on the way up again. A curve that falls at first, as that of BPR with uniform negatives does from a table of
 * text, would otherwise end in its dip: training also goes on until the mean of the last three evaluations has failed to
 * surpass that of the three before, three times running. With a patience of 0 the first evaluation without a rise ends it.
 *
 * @param minRise by how much the metric must surpass that of the last rise to have risen. Above 0, it alone counts: no dip is
 *   waited for
 */
export function isExhausted(
  history: readonly EpochRecord[],
  bestEpoch: number | null,
  patience: number,
  minRise = 0,
): boolean {
  if (bestEpoch === null) return false;
  const evaluated = history.filter(({ metric }) => metric !== null);
  if (minRise > 0) return sinceRise(evaluated, minRise) > patience;
  if (evaluated.filter(({ epoch }) => epoch > bestEpoch).length <= patience) return false;
  const metrics = evaluated.map(({ metric }) => metric!);
  const mean = (end: number) => metrics.slice(end - WINDOW, end).reduce((sum, value) => sum + value, 0);
  for (let n = 0; n < Math.min(FLAT_EVALUATIONS, patience); n++) {
    const end = metrics.length - n;
    if (end < 2 * WINDOW || mean(end) > mean(end - WINDOW)) return false;
  }
  return true;
}

/** Evaluations since the last one that surpassed the rise before it by more than `minRise`. */
function sinceRise(evaluated: readonly EpochRecord[], minRise: number): number {
  let reference = Number.NEGATIVE_INFINITY;
  let last = 0;
  for (const [n, { metric }] of evaluated.entries()) {
    if (metric! <= reference + minRise) continue;
    reference = metric!;
    last = n;
  }
  return evaluated.length - 1 - last;
}
