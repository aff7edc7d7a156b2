import { gemmNt, packPanels } from '../kernels/gemm.ts';
import type { Matrix } from '../runtime/buffers.ts';
import { roundUp } from '../runtime/roundUp.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** Dense x Bᵀ [rows × count] for x [rows × N] and dense rows B [count × N]. */
export function denseProduct(
  workspace: Workspace,
  x: Matrix,
  b: ArrayLike<number>,
  count: number,
): Float32Array<ArrayBuffer> {
  const mark = workspace.mark();
  const { panels, rows, product, rest } = productRoom(workspace, x, count);
  const view = rows.view;
  for (let r = 0; r < count; r++)
    for (let k = 0; k < x.dim; k++) view[r * rows.stride + k] = b[r * x.dim + k];
  packPanels(workspace, rows, panels);
  const whole = x.rows & ~3;
  gemmNt(workspace, x.slice(0, whole), panels, count, product.slice(0, whole));
  if (rest) {
    rest.view.set(x.slice(whole, x.rows - whole).view);
    gemmNt(workspace, rest, panels, count, product.slice(whole, 4));
  }
  const values = product.slice(0, x.rows).read();
  workspace.release(mark);
  return values;
}

/** What `denseProduct` allocates. */
export function productRoom(workspace: Workspace, x: Pick<Matrix, 'rows' | 'dim' | 'stride'>, count: number) {
  return {
    panels: workspace.f32(roundUp(count, 8) * x.dim),
    rows: workspace.matrix(count, x.dim),
    // gemmNt multiplies four rows at a time, and writes whole panels of eight columns.
    product: workspace.matrix(roundUp(x.rows, 4), count, roundUp(count, 8)),
    rest: x.rows % 4 === 0 ? null : workspace.matrix(4, x.dim, x.stride),
  };
}
