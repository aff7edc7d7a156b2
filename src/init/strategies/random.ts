import { boolean } from '../../options/builders.ts';
import { describe } from '../../options/descriptor.ts';
import { randomColumns } from '../columns.ts';
import { checkColumns, selectedColumns } from '../selected.ts';
import { strategy } from '../strategy.ts';

/** Options of `random`. */
export interface RandomOptions {
  /** `random`: draw with replacement, as the authors' code does; about 118 of 128 columns differ at N = 768. Default false. */
  readonly withReplacement?: boolean;
}

/** Columns drawn at random (Zhang et al., LLMInit, 2025, §3.1). */
export const random = strategy({
  name: 'random',
  synonyms: ['rand'],
  about: 'columns drawn at random',
  needsVectors: true,
  options: describe<RandomOptions>()({
    withReplacement: boolean({
      about: 'draw columns with replacement, as the authors of LLMInit do',
      default: false,
    }),
  }),
  checkDim: checkColumns,
  rows: (context) =>
    selectedColumns(context, (_, x, dim) =>
      randomColumns(x.dim, dim, { ...context.options, seed: context.seed }),
    ),
});
