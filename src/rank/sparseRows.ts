import { assertCsr, type Csr } from '../data/csr.ts';
import { DataError, ShapeError } from '../errors.ts';
import { firstNonFinite } from '../format/finite.ts';
import { FLOAT32, having, INT32, NUMBER } from '../options/arguments.ts';

/**
 * Sparse rows of items, what a closed form learns: score(history)[i] = Σ over the items j of the history of
 * weights[j → i]. Row j is entries rowPtr[j] … rowPtr[j + 1] − 1; within a row the indices ascend and none is j itself.
 *
 * @example
 * const rows: SparseRows = {
 *   numItems: 2,
 *   rowPtr: Int32Array.of(0, 1, 2),
 *   indices: Int32Array.of(1, 0),
 *   weights: Float32Array.of(0.5, 0.5),
 * };
 */
export interface SparseRows {
  readonly numItems: number;
  /** [numItems + 1] */
  readonly rowPtr: Int32Array;
  /** [nnz] item indices */
  readonly indices: Int32Array;
  /** [nnz] finite */
  readonly weights: Float32Array;
}

/** Whatever has the arrays of sparse rows. */
export const SPARSE_ROWS = having<SparseRows>('sparse rows { numItems, rowPtr, indices, weights }', {
  ...{ numItems: NUMBER, rowPtr: INT32, indices: INT32, weights: FLOAT32 },
});

/** The rows as a numItems × numItems sparse matrix. */
export function rowsAsCsr({
  numItems,
  rowPtr,
  indices,
  weights,
}: SparseRows): Csr & { values: Float32Array } {
  return { rows: numItems, cols: numItems, rowPtr, colIdx: indices, values: weights };
}

/**
 * @throws {ShapeError} unless the arrays fit each other and the indices of every row ascend within range
 * @throws {DataError} on NaN or Inf in the weights, or an item in its own row
 */
export function assertSparseRows(where: string, rows: SparseRows): void {
  assertCsr(where, rowsAsCsr(rows));
  const { numItems, rowPtr, indices, weights } = rows;
  const at = firstNonFinite(weights);
  if (at >= 0)
    throw new DataError(where, `expected finite weights, received ${weights[at]} at ${at}`, 'Train again');
  for (let item = 0; item < numItems; item++) {
    if (indices.subarray(rowPtr[item], rowPtr[item + 1]).includes(item))
      throw new ShapeError(where, `item ${item} stands in its own row`, 'Leave the diagonal out');
  }
}
