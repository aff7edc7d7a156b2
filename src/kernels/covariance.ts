import { ShapeError } from '../errors.ts';
import type { F64Buffer, Matrix } from '../runtime/buffers.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** gram ← xᵀ x, upper triangle; x.stride must be a multiple of 8, gram [stride × stride]; see assembly/covariance.ts. */
export function gram(ws: Workspace, x: Matrix, out: F64Buffer): void {
  if (x.stride % 8 !== 0)
    throw new ShapeError('gram', `expected a stride of 8n, received ${x.stride}`, 'Pad the table');
  ws.wasm.gram_f64(x.ptr, x.rows, x.stride, out.ptr);
}
