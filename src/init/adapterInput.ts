import type { Interactions } from '../data/interactions.ts';
import type { Embeddings } from '../embed/embeddings.ts';
import { load, type Runtime } from '../runtime/load.ts';
import { centered } from './itemRows.ts';
import { principalCoordinates } from './pca.ts';
import { presentVectors } from './presentVectors.ts';

/** What `fit` takes as `adapter`. */
export interface AdapterInput {
  /** Dense numItems × width: centred vectors of norm 1; zeros where an item has none. */
  readonly features: Float32Array;
  readonly width: number;
  /** Dense dim × width: the map to the principal coordinates, with rows of mean norm 1. */
  readonly start: Float32Array;
}

/**
 * Text vectors of the items and the linear map that makes the rows of `pca` from them, for a model whose items have no
 * table of their own.
 *
 * @throws {OptionError} when the vectors have no `dim` components (default 128)
 * @throws {DataError} when no item has a vector other than zeros
 */
export async function adapterInput(
  train: Interactions,
  embeddings: Embeddings,
  { dim = 128, runtime }: { readonly dim?: number; readonly runtime?: Runtime } = {},
): Promise<AdapterInput> {
  const workspace = (runtime ?? (await load())).open();
  try {
    const { present, vectors } = presentVectors(workspace, embeddings, train.itemIds, true);
    const x = centered(workspace, vectors).read();
    const { width } = embeddings;
    const pca = await principalCoordinates(workspace, vectors, dim);
    const features = new Float32Array(train.numItems * width);
    for (const [row, item] of present.entries())
      features.set(x.subarray(row * width, (row + 1) * width), item * width);
    return { features, width, start: mapTo(pca.coordinates, pca.singularValues, x, width) };
  } finally {
    workspace.close();
  }
}

/** Vᵀ, dense dim × width, from coordinates C = X V: V = Xᵀ C Σ⁻²; scaled so that rows of C have mean norm 1. */
function mapTo(
  coordinates: Float32Array,
  singularValues: Float64Array,
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
