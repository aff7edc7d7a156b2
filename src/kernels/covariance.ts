import { ShapeError } from '../errors.ts';
import type { F64Buffer, Matrix } from '../runtime/buffers.ts';
import { evenChunks } from '../runtime/rowJobs.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** Rows of the result in a chunk; the first ones take longer than the last. */
const CHUNK_ROWS = 64;

/** gram ← xᵀ x, upper triangle; x.stride must be a multiple of 8, gram [stride × stride]; see assembly/covariance.ts. */
export function gram(ws: Workspace, x: Matrix, out: F64Buffer): void {
  if (x.stride % 8 !== 0)
    throw new ShapeError('gram', `expected a stride of 8n, received ${x.stride}`, 'Pad the table');
  ws.run({
    kernel: 'gram_f64',
    args: [x.ptr, x.rows, x.stride, out.ptr, 0, 0],
    beginAt: 4,
    chunks: evenChunks(x.stride, CHUNK_ROWS),
    scratch: [],
    work: x.rows * x.stride * x.stride,
  });
}
