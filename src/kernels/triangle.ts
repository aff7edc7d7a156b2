import type { F32Buffer, Matrix } from '../runtime/buffers.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** values ← values − Σ x_s x_sᵀ / divisor_s, the lower triangle of a matrix of `size` rows; x_s are the first rows of a table. */
export function subtractOuter(
  ws: Workspace,
  values: F32Buffer,
  size: number,
  x: Matrix,
  divisors: F32Buffer,
): void {
  ws.wasm.subtract_outer_f32(values.ptr, x.ptr, x.stride, divisors.ptr, divisors.length, 0, size);
}
