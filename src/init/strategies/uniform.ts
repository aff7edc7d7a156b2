import { oneOf } from '../../options/builders.ts';
import { describe } from '../../options/descriptor.ts';
import { SPACINGS, uniformColumns } from '../columns.ts';
import { checkColumns, selectedColumns } from '../selected.ts';
import { strategy } from '../strategy.ts';

/** Options of `uniform`. */
export interface UniformOptions {
  /**
   * `uniform`: `floor` keeps k·⌊N/K⌋ (the paper), which never reaches the last columns when K does not divide N;
   * `linspace` keeps round(k·(N−1)/(K−1)). Default `floor`.
   */
  readonly spacing?: 'floor' | 'linspace';
}

/** Columns at even distances (Zhang et al., LLMInit, 2025, §3.2). */
export const uniform = strategy({
  name: 'uniform',
  synonyms: ['uni'],
  about: 'columns at even distances',
  needsVectors: true,
  options: describe<UniformOptions>()({
    spacing: oneOf(SPACINGS, {
      about: 'k·⌊N/K⌋, or from the first column to the last',
      default: 'floor',
      source: 'LLMInit',
    }),
  }),
  checkDim: checkColumns,
  rows: (context) =>
    selectedColumns(context, (_, x, dim) => uniformColumns(x.dim, dim, context.options.spacing)),
});
