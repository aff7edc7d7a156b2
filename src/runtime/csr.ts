/**
 * A sparse matrix in compressed rows; within a row the columns ascend and none stands twice.
 *
 * @example
 * // Row 0 has columns 1 and 3, row 1 has column 0.
 * const matrix: Csr = {
 *   rows: 2,
 *   cols: 4,
 *   rowPtr: Int32Array.of(0, 2, 3),
 *   colIdx: Int32Array.of(1, 3, 0),
 *   values: null,
 * };
 */
export interface Csr {
  readonly rows: number;
  readonly cols: number;
  /** rows + 1 entries; row r is colIdx[rowPtr[r]] … colIdx[rowPtr[r + 1] − 1] */
  readonly rowPtr: Int32Array;
  /** nnz entries */
  readonly colIdx: Int32Array;
  /** nnz entries; null means that every stored entry is 1 */
  readonly values: Float32Array | null;
  /** d^-½ of each row, where the matrix is D^-½ A D^-½ of a symmetric binary A */
  readonly norms?: Float32Array;
}
