import type { Matrix } from '../runtime/buffers.ts';
import type { CsrMatrix } from '../runtime/csrMatrix.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { sameWidth } from './layout.ts';

/** y[r] ← element-wise maximum of the rows x[c] over the neighbours c of r; see assembly/pooling.ts. */
export function poolMax(ws: Workspace, a: CsrMatrix, x: Matrix, y: Matrix): void {
  sameWidth('poolMax', x, y);
  ws.wasm.pool_max_csr_f32(a.rowPtr.ptr, a.colIdx.ptr, x.ptr, y.ptr, a.rows, x.stride);
}
