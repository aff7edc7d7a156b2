import { coordinatesOf } from '../mapped.ts';
import { checkComponents } from '../pca.ts';
import { strategy } from '../strategy.ts';

/** Principal components of the vectors. */
export const pca = strategy({
  name: 'pca',
  about: 'principal components',
  needsVectors: true,
  options: {},
  scale: 1,
  checkDim: checkComponents,
  async rows(context) {
    const { coordinates, singularValues, varianceKept } = await coordinatesOf(context);
    return { rows: coordinates, dim: singularValues.length, varianceKept };
  },
});
