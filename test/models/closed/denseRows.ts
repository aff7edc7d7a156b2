import type { SparseRows } from '../../../src/rank/sparseRows.ts';

/** Sparse rows as a dense table, row by row. */
export function denseRows({ numItems: n, rowPtr, indices, weights }: SparseRows): Float32Array {
  const dense = new Float32Array(n * n);
  for (let j = 0; j < n; j++) {
    for (let at = rowPtr[j]; at < rowPtr[j + 1]; at++) dense[j * n + indices[at]] = weights[at];
  }
  return dense;
}
