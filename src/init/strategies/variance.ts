import { number } from '../../options/builders.ts';
import { describe } from '../../options/descriptor.ts';
import { varianceColumns } from '../columns.ts';
import { checkColumns, popularityOf, selectedColumns } from '../selected.ts';
import { strategy } from '../strategy.ts';

/** Options of `variance`. */
export interface VarianceOptions {
  /**
   * `variance`: take the variance over this share of the items only, those with the most interactions (0.2 in the
   * authors' code, with unbiased variance, which orders columns alike). Default 1: all items (the paper).
   */
  readonly popularFraction?: number;
}

/** The columns of largest variance over the items (Zhang et al., LLMInit, 2025, §3.3). */
export const variance = strategy({
  name: 'variance',
  synonyms: ['var'],
  about: 'columns of largest variance',
  needsVectors: true,
  options: describe<VarianceOptions>()({
    popularFraction: number({
      about: 'variance over the most popular items only',
      ...{ flag: '--popular-fraction <number>', above: 0, max: 1, default: 1, source: 'LLMInit' },
    }),
  }),
  checkDim: checkColumns,
  rows: (context) =>
    selectedColumns(
      context,
      (workspace, x, dim) =>
        varianceColumns(workspace, x, dim, { ...context.options, popularity: popularityOf(context) }),
      context.options.popularFraction,
    ),
});
