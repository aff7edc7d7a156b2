import type { F32Buffer, F64Buffer, I32Buffer, Matrix } from '../runtime/buffers.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** What `columnMoments` computes in. */
export interface MomentsRoom {
  readonly mean: F32Buffer;
  readonly variance: F32Buffer;
  readonly sums: F64Buffer;
}

/** Room for the moments of a table's columns, in a workspace that may only count. */
export function momentsRoom(ws: Workspace, { stride }: Pick<Matrix, 'stride'>): MomentsRoom {
  return { mean: ws.f32(stride), variance: ws.f32(stride), sums: ws.f64(3 * stride) };
}

/**
 * Column means and variances [x.stride]; `divisor` is rows or rows − 1; see assembly/select.ts.
 */
export function columnMoments(
  ws: Workspace,
  x: Matrix,
  divisor: number,
  { mean, variance, sums }: MomentsRoom,
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
