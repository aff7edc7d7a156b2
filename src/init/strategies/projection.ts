import { productRoom } from '../../linalg/denseProduct.ts';
import { fromCentered } from '../mapped.ts';
import { gaussianProjection } from '../projection.ts';
import { strategy } from '../strategy.ts';

/** A random linear map, which keeps inner products in expectation. */
export const projection = strategy({
  name: 'projection',
  about: 'a random linear map',
  needsVectors: true,
  options: {},
  scale: 1,
  rows: (context) =>
    fromCentered(
      context,
      (workspace, x) => productRoom(workspace, x, context.dim),
      (workspace, x) => ({
        rows: gaussianProjection(workspace, x, context.dim, context.seed),
        dim: context.dim,
      }),
    ),
});
