/**
 * sums[k] ← Σ_n weights[n] · table[rows[n] · width + k], in float64, in the order of n.
 *
 * @param sums [width] overwritten
 * @param table [… × width], row-major
 */
export function weightedSum(
  weights: ArrayLike<number>,
  rows: ArrayLike<number>,
  table: Float32Array,
  sums: Float64Array,
): void {
  const width = sums.length;
  sums.fill(0);
  let n = 0;
  // Four rows at a time load and store each sum once for all; the order of additions stays.
  for (; n + 4 <= weights.length; n += 4) {
    const [a, b, c, d] = [rows[n] * width, rows[n + 1] * width, rows[n + 2] * width, rows[n + 3] * width];
    const [u, v, w, x] = [weights[n], weights[n + 1], weights[n + 2], weights[n + 3]];
    for (let k = 0; k < width; k++)
      sums[k] = sums[k] + u * table[a + k] + v * table[b + k] + w * table[c + k] + x * table[d + k];
  }
  for (; n < weights.length; n++) {
    const weight = weights[n];
    const offset = rows[n] * width;
    for (let k = 0; k < width; k++) sums[k] += weight * table[offset + k];
  }
}
