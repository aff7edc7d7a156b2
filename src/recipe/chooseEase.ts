import type { Split } from '../data/splits.ts';
import { OptionError } from '../errors.ts';
import { type EvaluateOptions, evaluateScorer } from '../evaluate/evaluate.ts';
import { ease } from '../models/closed/ease.ts';
import type { RowScorer } from '../rank/rowScorer.ts';

/** λ of `chooseEase`, if none are given. */
const GRID: readonly number[] = [20, 50, 100, 200, 500];

/**
 * EASE with the λ of the highest validation NDCG@10; of equals the first.
 * @throws as `ease` and `evaluateScorer`
 */
export async function chooseEase(
  split: Split,
  options: Pick<EvaluateOptions, 'protocol' | 'runtime'> & { readonly grid?: readonly number[] } = {},
): Promise<{ scorer: RowScorer; regularization: number; valid: number }> {
  const { grid = GRID, protocol, runtime } = options;
  if (grid.length === 0)
    throw new OptionError('chooseEase', 'expected a grid, received none', 'Pass e.g. [100]');
  let best: { scorer: RowScorer; regularization: number; valid: number } | null = null;
  for (const regularization of grid) {
    const scorer = await ease(split.train, { regularization, runtime });
    const found = await evaluateScorer(scorer, split, { part: 'valid', protocol, ks: [10], runtime });
    const valid = found.means['ndcg@10'];
    if (!best || valid > best.valid) best = { scorer, regularization, valid };
  }
  return best!;
}
