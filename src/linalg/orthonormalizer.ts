/** Below this share of a column that its predecessors do not explain, the Gram matrix (f32 sums) is mere noise. */
export const PIVOT_FLOOR = 1e-5;

/** What makes the columns of a matrix orthonormal when it is multiplied from the right. */
export interface Orthonormalizer {
  /** Dense size × size, upper triangular. */
  readonly transform: Float64Array;
  /**
   * Smallest share of a column's squared norm that its predecessors do not explain, dropped columns aside. Below
   * `PIVOT_FLOOR` the product is better conditioned but not orthonormal; from there on its error is about 1e-6
   * divided by this.
   */
  readonly smallestPivot: number;
}

/**
 * The inverse R⁻¹ of the Cholesky factor of a Gram matrix G = RᵀR, by way of the columns scaled to norm 1.
 * Zero columns give zero columns.
 *
 * @param gram XᵀX, dense size × size, overwritten
 * @param drop whether columns that depend on their predecessors become zero, in place of what rounding left of them
 */
export function orthonormalizer(gram: Float64Array, size: number, drop: boolean): Orthonormalizer {
  const scale = new Float64Array(size);
  for (let i = 0; i < size; i++) scale[i] = gram[i * size + i] > 0 ? 1 / Math.sqrt(gram[i * size + i]) : 0;
  for (let i = 0; i < size; i++) {
    for (let j = i + 1; j < size; j++) gram[i * size + j] *= scale[i] * scale[j];
    gram[i * size + i] = 1;
  }
  const { smallestPivot, dependent } = factorize(gram, size, drop);
  const transform = scaledInverse(gram, size, scale);
  if (drop) {
    for (const j of dependent) for (let i = 0; i <= j; i++) transform[i * size + j] = 0;
  }
  return { transform, smallestPivot };
}

/** Upper Cholesky factor in place, row by row; what is below its diagonal is left as it is. */
function factorize(
  a: Float64Array,
  size: number,
  drop: boolean,
): { smallestPivot: number; dependent: readonly number[] } {
  let smallestPivot = 1;
  const dependent: number[] = [];
  for (let i = 0; i < size; i++) {
    const row = a.subarray(i * size, (i + 1) * size);
    if (row[i] >= PIVOT_FLOOR || !drop) smallestPivot = Math.min(smallestPivot, row[i]);
    if (row[i] < PIVOT_FLOOR) {
      // What is left of the column is noise: later columns must not be projected on it, or the noise grows.
      row.fill(0, i);
      row[i] = PIVOT_FLOOR;
      dependent.push(i);
    }
    const root = Math.sqrt(row[i]);
    for (let j = i; j < size; j++) row[j] /= root;
    for (let k = i + 1; k < size; k++) {
      const factor = row[k];
      if (factor === 0) continue;
      const below = a.subarray(k * size, (k + 1) * size);
      for (let j = k; j < size; j++) below[j] -= factor * row[j];
    }
  }
  return { smallestPivot, dependent };
}

/** diag(scale) R⁻¹ by forward substitution on the rows of the inverse. */
function scaledInverse(r: Float64Array, size: number, scale: Float64Array): Float64Array {
  const inverse = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    const out = inverse.subarray(i * size, (i + 1) * size);
    out[i] = scale[i];
    for (let k = i; k < size; k++) {
      const row = r.subarray(k * size, (k + 1) * size);
      out[k] /= row[k];
      const factor = out[k];
      for (let j = k + 1; j < size; j++) out[j] -= factor * row[j];
    }
  }
  return inverse;
}
