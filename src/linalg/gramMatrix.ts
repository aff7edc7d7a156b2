import { gram } from '../kernels/covariance.ts';
import type { Matrix } from '../runtime/buffers.ts';
import { roundUp } from '../runtime/roundUp.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** XᵀX, dense dim × dim in float64: sums in f32 over 128 rows, in f64 across. */
export function gramMatrix(workspace: Workspace, x: Matrix): Float64Array {
  const mark = workspace.mark();
  const stride = roundUp(x.dim, 8);
  const table = x.stride === stride ? x : widened(workspace, x, stride);
  const sums = workspace.f64(stride * stride);
  gram(workspace, table, sums);
  const upper = sums.view;
  const full = new Float64Array(x.dim * x.dim);
  for (let i = 0; i < x.dim; i++) {
    for (let j = i; j < x.dim; j++) {
      full[i * x.dim + j] = upper[i * stride + j];
      full[j * x.dim + i] = upper[i * stride + j];
    }
  }
  workspace.release(mark);
  return full;
}

/** The same rows at another stride. */
function widened(workspace: Workspace, x: Matrix, stride: number): Matrix {
  const table = workspace.matrix(x.rows, x.dim, stride);
  const [from, to] = [x.view, table.view];
  for (let r = 0; r < x.rows; r++) to.set(from.subarray(r * x.stride, r * x.stride + x.dim), r * stride);
  return table;
}
