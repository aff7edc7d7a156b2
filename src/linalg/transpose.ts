import type { Matrix } from '../runtime/buffers.ts';

/** Rows and columns of a tile: what is written stays in the cache. */
const TILE = 32;

/** to ← fromᵀ, as far as `to` [columns × rows] has room for it. */
export function transposeTable(from: Matrix, to: Matrix): void {
  const [source, target] = [from.view, to.view];
  const rows = Math.min(from.rows, to.dim);
  const columns = Math.min(from.dim, to.rows);
  for (let top = 0; top < rows; top += TILE) {
    for (let left = 0; left < columns; left += TILE) {
      const [bottom, right] = [Math.min(top + TILE, rows), Math.min(left + TILE, columns)];
      for (let r = top; r < bottom; r++)
        for (let c = left; c < right; c++) target[c * to.stride + r] = source[r * from.stride + c];
    }
  }
}
