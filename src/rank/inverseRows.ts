/** A row of a table as its entries that are not zero. */
export interface RowEntries {
  readonly indices: Int32Array;
  readonly weights: Float32Array;
}

/** What P_ij is multiplied by in EASE's B_ij = −P_ij / P_jj. */
export function inverseFactors(diagonal: Float32Array): Float64Array {
  return Float64Array.from(diagonal, (value) => 1 / value);
}

/**
 * Row i of a closed form from that of P: prior_j − P_ij · factor_j for j ≠ i, in ascending order, without
 * zeros and, unless they are wanted, weights below 0.
 *
 * @param factors [numItems] what a column of P is multiplied by
 * @param prior adds to entry j; null for nothing
 * @param scratch of numItems each; what is returned is a view of it
 */
export function inverseRow(
  row: Float32Array,
  i: number,
  factors: Float64Array,
  prior: ((j: number) => number) | null,
  negative: boolean,
  scratch: RowEntries,
): RowEntries {
  const { indices, weights } = scratch;
  let count = 0;
  for (let j = 0; j < factors.length; j++) {
    const weight = Math.fround((prior ? prior(j) : 0) - row[j] * factors[j]);
    if (!(weight > 0 || (negative && weight < 0)) || j === i) continue;
    indices[count] = j;
    weights[count++] = weight;
  }
  return { indices: indices.subarray(0, count), weights: weights.subarray(0, count) };
}
