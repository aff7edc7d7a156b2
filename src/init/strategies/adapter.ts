import { oneOf } from '../../options/builders.ts';
import { describe } from '../../options/descriptor.ts';
import { fromCentered, leastDim } from '../mapped.ts';
import { checkComponents, type PrincipalCoordinates, principalCoordinates, principalRoom } from '../pca.ts';
import { type StrategyContext, strategy } from '../strategy.ts';

/** Options of `adapter`. */
export interface AdapterStrategyOptions {
  /** `adapter`: 1, a linear map, or 2, with a branch through a hidden layer. Default 1. */
  readonly adapterLayers?: 1 | 2;
  /** `adapter`: users have rows of their `own` (default), or theirs are `mapped` from the mean vector of their items. */
  readonly adapterUsers?: 'own' | 'mapped';
}

/** Principal components that are a trained map of the vectors instead of a table, so that new items have rows, too. */
export const adapter = strategy({
  name: 'adapter',
  about: 'a trained map of the vectors instead of a table of items',
  needsVectors: true,
  options: describe<AdapterStrategyOptions>()({
    adapterLayers: oneOf([1, 2], { about: 'layers of the map', flag: '--adapter-layers <n>', default: 1 }),
    adapterUsers: oneOf(['own', 'mapped'], {
      about: "users' rows: their own, or the map of their items' mean vector",
      ...{ flag: '--adapter-users <name>', default: 'own' },
    }),
  }),
  scale: 1,
  checkDim: checkComponents,
  rows: (context) =>
    fromCentered(
      context,
      (workspace, x) => principalRoom(workspace, x, context.dim),
      async (workspace, x) => {
        const { dim, width, seed, options } = context;
        const features = x.read();
        const isMapped = options.adapterUsers === 'mapped';
        const pca = await principalCoordinates(workspace, x, leastDim(context), dim, context.turns);
        const { coordinates: rows, singularValues, varianceKept } = pca;
        return {
          ...{ rows, dim: singularValues.length, varianceKept },
          adapter: {
            center: meanOf(context.vectors, width),
            ...{ features, width, start: mapTo(pca, features, width), layers: options.adapterLayers, seed },
            ...(isMapped && { userFeatures: meansOfItems(context, features) }),
          },
        };
      },
    ),
});

/** The mean of the rows of every user's items, in float64; of all rows for a user without. */
function meansOfItems(
  { interactions, present, width }: StrategyContext,
  features: Float32Array,
): Float32Array {
  const { rows, cols, rowPtr, colIdx } = interactions;
  const places = new Int32Array(cols).fill(-1);
  for (const [place, item] of present.entries()) places[item] = place;
  const everybody = meanOf(features, width);
  const means = new Float32Array(rows * width);
  for (let user = 0; user < rows; user++) {
    const own = colIdx.subarray(rowPtr[user], rowPtr[user + 1]).filter((item) => places[item] >= 0);
    const sums = new Float64Array(width);
    for (const item of own) for (let k = 0; k < width; k++) sums[k] += features[places[item] * width + k];
    means.set(own.length > 0 ? sums.map((sum) => sum / own.length) : everybody, user * width);
  }
  return means;
}

/** Mean of rows, in float64. */
function meanOf(vectors: Float32Array, width: number): Float32Array {
  const sums = new Float64Array(width);
  for (let at = 0; at < vectors.length; at++) sums[at % width] += vectors[at];
  return Float32Array.from(sums, (sum) => (sum * width) / vectors.length);
}

/** Vᵀ, dense dim × width, from coordinates C = X V: V = Xᵀ C Σ⁻²; scaled so that rows of C have mean norm 1. */
function mapTo(
  { coordinates, singularValues }: Pick<PrincipalCoordinates, 'coordinates' | 'singularValues'>,
  x: Float32Array,
  width: number,
): Float32Array {
  const dim = singularValues.length;
  const rows = x.length / width;
  const sums = new Float64Array(dim * width);
  let norms = 0;
  for (let row = 0; row < rows; row++) {
    let squares = 0;
    for (let c = 0; c < dim; c++) {
      const value = coordinates[row * dim + c];
      squares += value * value;
      for (let k = 0; k < width; k++) sums[c * width + k] += value * x[row * width + k];
    }
    norms += Math.sqrt(squares);
  }
  const scale = rows / norms;
  return Float32Array.from(sums, (sum, at) => {
    const singularValue = singularValues[Math.floor(at / width)];
    return (scale * sum) / (singularValue * singularValue);
  });
}
