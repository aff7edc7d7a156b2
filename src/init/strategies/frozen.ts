import { OptionError } from '../../errors.ts';
import { integer } from '../../options/builders.ts';
import { describe } from '../../options/descriptor.ts';
import { checkComponents } from '../pca.ts';
import { strategy } from '../strategy.ts';
import { pca } from './pca.ts';

/** Options of `frozen`. */
export interface FrozenOptions {
  /** `frozen`: columns that training leaves as they are. Default half of them. */
  readonly frozenColumns?: number;
}

/** Principal components of which the first, the leading ones, are never trained. */
export const frozen = strategy({
  name: 'frozen',
  about: 'principal components of which the first are not trained',
  needsVectors: true,
  options: describe<FrozenOptions>()({
    frozenColumns: integer({
      about: 'columns that are not trained',
      ...{ flag: '--frozen-columns <n>', min: 1, defaultText: 'half' },
    }),
  }),
  scale: 1,
  checkDim: checkComponents,
  async rows(context) {
    const made = await pca.rows(context);
    const { frozenColumns = Math.floor(made.dim / 2) } = context.options;
    if (frozenColumns < made.dim) return { ...made, frozenColumns };
    const problem = `expected frozenColumns below dim, which is ${made.dim}, received ${frozenColumns}`;
    throw new OptionError('initialize', problem, 'Freeze fewer columns', 'frozenColumns');
  },
});
