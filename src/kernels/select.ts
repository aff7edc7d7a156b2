import type { F32Buffer, F64Buffer, I32Buffer, Matrix } from '../runtime/buffers.ts';
import type { Workspace } from '../runtime/workspace.ts';

/**
 * Column means and variances [x.stride]; `divisor` is rows or rows − 1; `sums` [3 · x.stride] is scratch; see
 * assembly/select.ts.
 */
export function columnMoments(
  ws: Workspace,
  x: Matrix,
  divisor: number,
  mean: F32Buffer,
  variance: F32Buffer,
  sums: F64Buffer,
): void {
  ws.wasm.column_moments_f32(x.ptr, x.rows, x.stride, divisor, mean.ptr, variance.ptr, sums.ptr);
}

/** x −= mean, row by row. */
export function centerColumns(ws: Workspace, x: Matrix, mean: F32Buffer): void {
  ws.wasm.center_columns_f32(x.ptr, x.rows, x.stride, mean.ptr);
}

/** out[r][k] ← x[r][columns[k]]. */
export function gatherColumns(ws: Workspace, x: Matrix, columns: I32Buffer, out: Matrix): void {
  const { ptr, rows, stride } = x;
  ws.wasm.gather_columns_f32(ptr, rows, stride, columns.ptr, columns.length, out.ptr, out.stride);
}
