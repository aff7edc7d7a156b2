/**
 * The lower Cholesky factor L of a symmetric positive definite matrix A = L Lᵀ, in place: what is above its diagonal is
 * left as it is. Source: Golub & Van Loan, Algorithm 4.2.1, row by row; deviation: none.
 *
 * @param a dense size × size in float64, of which the lower triangle is read
 * @returns the smallest share of a diagonal entry that its row before it leaves; 0 or less, or NaN, when A is not
 *   positive definite, and the factor is then of no use
 */
export function choleskyInPlace(a: Float64Array, size: number): number {
  let smallest = 1;
  for (let i = 0; i < size; i++) {
    const row = i * size;
    for (let j = 0; j < i; j++) {
      const other = j * size;
      let sum = a[row + j];
      for (let k = 0; k < j; k++) sum -= a[row + k] * a[other + k];
      a[row + j] = sum / a[other + j];
    }
    const whole = a[row + i];
    let left = whole;
    for (let k = 0; k < i; k++) left -= a[row + k] * a[row + k];
    const share = left / whole;
    if (!(share > 0)) return share;
    smallest = Math.min(smallest, share);
    a[row + i] = Math.sqrt(left);
  }
  return smallest;
}

/**
 * A⁻¹ for a symmetric positive definite A, in place and whole, by its Cholesky factor.
 *
 * @param a dense size × size in float64, of which the lower triangle is read
 * @returns as `choleskyInPlace`
 */
export function invertSmall(a: Float64Array, size: number): number {
  const smallest = choleskyInPlace(a, size);
  if (!(smallest > 0)) return smallest;
  // Rows of L⁻¹, from the top, in the place of those of L.
  for (let i = 0; i < size; i++) {
    const row = a.subarray(i * size, i * size + i);
    const pivot = 1 / a[i * size + i];
    const inverse = new Float64Array(i);
    for (let k = 0; k < i; k++) {
      const factor = row[k] * pivot;
      const above = a.subarray(k * size, k * size + k + 1);
      for (let j = 0; j <= k; j++) inverse[j] -= factor * above[j];
    }
    row.set(inverse);
    a[i * size + i] = pivot;
  }
  // A⁻¹ = L⁻ᵀ L⁻¹, a row of L⁻¹ after the other.
  const sums = new Float64Array(size * size);
  for (let k = 0; k < size; k++) {
    const row = a.subarray(k * size, k * size + k + 1);
    for (let i = 0; i <= k; i++) {
      const factor = row[i];
      const out = sums.subarray(i * size, i * size + k + 1);
      for (let j = 0; j <= k; j++) out[j] += factor * row[j];
    }
  }
  a.set(sums);
  return smallest;
}
