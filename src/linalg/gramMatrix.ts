import { gram } from '../kernels/covariance.ts';
import type { Matrix } from '../runtime/buffers.ts';
import { roundUp } from '../runtime/roundUp.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** XᵀX, dense dim × dim in float64: sums in f32 over 128 rows, in f64 across. */
export function gramMatrix(workspace: Workspace, x: Matrix): Float64Array {
  const mark = workspace.mark();
  const { stride, wide, sums } = gramRoom(workspace, x);
  if (wide) copyRows(x, wide);
  gram(workspace, wide ?? x, sums);
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

/** What `gramMatrix` allocates: the sums, and where the stride of x does not do the same rows at another. */
export function gramRoom(workspace: Workspace, x: Pick<Matrix, 'rows' | 'dim' | 'stride'>) {
  const stride = roundUp(x.dim, 8);
  const wide = x.stride === stride ? null : workspace.matrix(x.rows, x.dim, stride);
  return { stride, wide, sums: workspace.f64(stride * stride) };
}

function copyRows(from: Matrix, to: Matrix): void {
  const [source, target] = [from.view, to.view];
  for (let r = 0; r < from.rows; r++)
    target.set(source.subarray(r * from.stride, r * from.stride + from.dim), r * to.stride);
}
