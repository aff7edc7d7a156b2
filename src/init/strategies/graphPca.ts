import { number } from '../../options/builders.ts';
import { describe } from '../../options/descriptor.ts';
import { graphPrincipalCoordinates, graphRoom } from '../graphPca.ts';
import { fromCentered, leastDim } from '../mapped.ts';
import { checkComponents } from '../pca.ts';
import { strategy } from '../strategy.ts';
import { type WhitenOptions, whiten } from './whiten.ts';

/** Options of `graph-pca`. */
export interface GraphPcaOptions extends WhitenOptions {
  /**
   * `graph-pca`: λ ≥ 0, the weight of the co-occurrence graph; 0 is `pca`. Default 1, chosen on validation data
   * (`llminit reproduce tuning`); above 1 little of the vectors' variance may be left (2 % of amazon-office's BERT
   * vectors at 1.5).
   */
  readonly graphWeight?: number;
}

/** Components in which items that users have in common are alike (see `graphPrincipalCoordinates`). */
export const graphPca = strategy({
  name: 'graph-pca',
  about: 'components in which items of the same users are alike',
  needsVectors: true,
  options: describe<GraphPcaOptions>()({
    whitenExponent: { ...whiten.options.whitenExponent, default: 0.25 as const },
    graphWeight: number({
      about: 'of co-occurrence beside the vectors',
      ...{ flag: '--graph-weight <number>', min: 0, max: 100, default: 1, source: 'validation NDCG@10' },
    }),
  }),
  scale: 1,
  checkDim: checkComponents,
  rows: (context) =>
    fromCentered(
      context,
      (workspace, x) => graphRoom(workspace, x, context.dim, context.interactions),
      async (workspace, x) => {
        const { present, interactions: csr, options, dim } = context;
        const graph = { present, csr, weight: options.graphWeight, whitenExponent: options.whitenExponent };
        const { coordinates, varianceKept } = await graphPrincipalCoordinates(
          workspace,
          x,
          dim,
          graph,
          leastDim(context),
          context.turns,
        );
        return { rows: coordinates, dim: coordinates.length / present.length, varianceKept };
      },
    ),
});
