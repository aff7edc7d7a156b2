import { gemmNt, packPanels } from '../kernels/gemm.ts';
import type { Matrix } from '../runtime/buffers.ts';
import { roundUp } from '../runtime/roundUp.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** Dense x M [rows × dim] for x [rows × N] and a dense map M [N × dim]. */
export function denseProduct(workspace: Workspace, x: Matrix, map: Float64Array, dim: number): Float32Array {
  const mark = workspace.mark();
  const transposed = workspace.matrix(dim, x.dim);
  const view = transposed.view;
  for (let k = 0; k < x.dim; k++) {
    for (let c = 0; c < dim; c++) view[c * transposed.stride + k] = map[k * dim + c];
  }
  const panels = workspace.f32(roundUp(dim, 8) * x.dim);
  packPanels(workspace, transposed, panels);
  // gemmNt multiplies four rows at a time.
  const rows = workspace.matrix(roundUp(x.rows, 4), x.dim, x.stride);
  rows.view.set(x.view);
  // … and writes whole panels of eight columns.
  const product = workspace.matrix(rows.rows, dim, roundUp(dim, 8));
  gemmNt(workspace, rows, panels, dim, product);
  const values = product.slice(0, x.rows).read();
  workspace.release(mark);
  return values;
}
