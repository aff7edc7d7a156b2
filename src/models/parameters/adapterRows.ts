import { ShapeError } from '../../errors.ts';
import { checkArgument, FLOAT32, having, maybe, NUMBER } from '../../options/arguments.ts';

/**
 * A trained map: rows of E⁽⁰⁾ for any vectors of the same encoder, new items included.
 *
 * @example
 * const tables = await initialize(split.train, embeddings, { strategy: 'adapter', dim: 8 });
 * const adapter: AdapterWeights | null = (await fit(split, tables, { epochs: 1 })).adapter;
 */
export interface AdapterWeights {
  readonly width: number;
  readonly dim: number;
  /** Dense dim × width. */
  readonly linear: Float32Array;
  /** The second branch: dense hidden × width and dim × hidden; null for one layer. */
  readonly branch: {
    readonly hidden: number;
    readonly inner: Float32Array;
    readonly outer: Float32Array;
  } | null;
}

const BRANCH = having<NonNullable<AdapterWeights['branch']>>('{ hidden, inner, outer }', {
  ...{ hidden: NUMBER, inner: FLOAT32, outer: FLOAT32 },
});
const WEIGHTS = having<AdapterWeights>('{ width, dim, linear, branch }', {
  ...{ width: NUMBER, dim: NUMBER, linear: FLOAT32, branch: maybe(BRANCH) },
});

/**
 * Layer-0 rows of items by a trained map, e.g. of items that came after training; dense rows × dim. An item without
 * interactions has 1/(L+1) of its row as final row. In float64, rounded once.
 * @param features dense rows × width
 * @throws {OptionError} for arguments of another kind
 * @throws {ShapeError} unless features has whole rows
 * @example
 * const { adapter } = await fit(split, await initialize(split.train, embeddings, { strategy: 'adapter', dim: 8 }), { epochs: 2 });
 * const rows = adapterRows(adapter!, new Float32Array(adapter!.width));
 * rows.length; // → 8
 */
export function adapterRows(weights: AdapterWeights, features: Float32Array): Float32Array {
  checkArgument(WEIGHTS, weights, 'weights', 'adapterRows');
  checkArgument(FLOAT32, features, 'features', 'adapterRows');
  const { width, dim, linear, branch } = weights;
  if (features.length % width !== 0) {
    const problem = `expected rows of ${width} values, received ${features.length} values`;
    throw new ShapeError('adapterRows', problem, 'Pass vectors of the same encoder');
  }
  const rows = features.length / width;
  const out = new Float32Array(rows * dim);
  for (let row = 0; row < rows; row++) {
    const x = features.subarray(row * width, (row + 1) * width);
    const hidden = branch
      ? Float64Array.from({ length: branch.hidden }, (_, h) => Math.max(0, product(branch.inner, h, x)))
      : null;
    for (let c = 0; c < dim; c++)
      out[row * dim + c] = product(linear, c, x) + (hidden ? product(branch!.outer, c, hidden) : 0);
  }
  return out;
}

/** ⟨row of a dense table, x⟩ */
function product(table: Float32Array, row: number, x: Float32Array | Float64Array): number {
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += table[row * x.length + k] * x[k];
  return sum;
}
