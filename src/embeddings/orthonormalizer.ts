/** Below this share of a column that its predecessors do not explain, the Gram matrix (f32 sums) is mere noise. */
const PIVOT_FLOOR = 1e-5;

/** What makes the columns of a matrix orthonormal when it is multiplied from the right. */
export interface Orthonormalizer {
  /** Dense size × size, upper triangular. */
  readonly transform: Float64Array;
  /** False if a pivot had to be raised to the floor: the product is better conditioned, but not orthonormal. */
  readonly wellConditioned: boolean;
}

/**
 * The inverse R⁻¹ of the Cholesky factor of a Gram matrix G = RᵀR, by way of the columns scaled to norm 1.
 * Zero columns give zero columns.
 *
 * @param gram XᵀX, dense size × size, overwritten
 */
export function orthonormalizer(gram: Float64Array, size: number): Orthonormalizer {
  const scale = new Float64Array(size);
  for (let i = 0; i < size; i++) scale[i] = gram[i * size + i] > 0 ? 1 / Math.sqrt(gram[i * size + i]) : 0;
  for (let i = 0; i < size; i++) {
    for (let j = i + 1; j < size; j++) gram[i * size + j] *= scale[i] * scale[j];
    gram[i * size + i] = 1;
  }
  const wellConditioned = factorize(gram, size);
  return { transform: scaledInverse(gram, size, scale), wellConditioned };
}

/** Upper Cholesky factor in place, row by row; the lower triangle is left as it is. */
function factorize(a: Float64Array, size: number): boolean {
  let wellConditioned = true;
  for (let i = 0; i < size; i++) {
    const row = a.subarray(i * size, (i + 1) * size);
    if (!(row[i] >= PIVOT_FLOOR)) {
      row[i] = PIVOT_FLOOR;
      wellConditioned = false;
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
  return wellConditioned;
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
