import { number } from '../../options/builders.ts';
import { describe } from '../../options/descriptor.ts';
import { coordinatesOf } from '../mapped.ts';
import { checkComponents } from '../pca.ts';
import { strategy } from '../strategy.ts';
import { whiten as whitened } from '../whiten.ts';

/** Options of `whiten`. */
export interface WhitenOptions {
  /**
   * `whiten` and `graph-pca`: α, by which column k of the coordinates is multiplied as σₖ^−α: 0 leaves them as they are,
   * 1 gives the columns of `whiten` one variance. Default 0.5 for `whiten`, 0.25 for `graph-pca` (validation NDCG@10
   * on the three datasets of README).
   */
  readonly whitenExponent?: number;
}

/** Principal components whose columns are made more alike. */
export const whiten = strategy({
  name: 'whiten',
  about: 'principal components, columns evened out',
  needsVectors: true,
  options: describe<WhitenOptions>()({
    whitenExponent: number({
      about: 'evens out the columns',
      ...{ flag: '--whiten-exponent <number>', min: 0, max: 1, default: 0.5, source: 'validation NDCG@10' },
    }),
  }),
  scale: 1,
  checkDim: checkComponents,
  async rows(context) {
    const pca = await coordinatesOf(context);
    const { singularValues, varianceKept } = pca;
    return { rows: whitened(pca, context.options.whitenExponent), dim: singularValues.length, varianceKept };
  },
});
