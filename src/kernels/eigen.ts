import type { F64Buffer } from '../runtime/buffers.ts';
import { evenChunks } from '../runtime/rowJobs.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** Vectors in a chunk: so many stay in the cache while the reflections go by. */
const CHUNK_VECTORS = 16;

/** A symmetric matrix on its way to tridiagonal form; see assembly/eigen.ts. */
export interface TridiagonalForm {
  readonly size: number;
  /** [size × size] in f64; afterwards the reflections. */
  readonly a: F64Buffer;
  /** [size] each */
  readonly diagonal: F64Buffer;
  readonly offDiagonal: F64Buffer;
  readonly tau: F64Buffer;
  /** [2 · size] */
  readonly state: F64Buffer;
}

/** Steps of rows begin … end + 1, descending; the first call begins at size − 1, the last one ends at −1. */
export function tridiagonalize(ws: Workspace, form: TridiagonalForm, begin: number, end: number): void {
  const { size, a, diagonal, offDiagonal, tau, state } = form;
  const outputs = [diagonal.ptr, offDiagonal.ptr, tau.ptr, state.ptr] as const;
  ws.wasm.tridiagonalize_f64(a.ptr, size, size, ...outputs, begin, end);
}

/** Eigenvectors of the tridiagonal matrix, rows of y [count × size], become those of the matrix. */
export function applyReflections(ws: Workspace, form: TridiagonalForm, y: F64Buffer, count: number): void {
  const { size, a, tau } = form;
  ws.run({
    kernel: 'apply_reflections_f64',
    args: [a.ptr, size, size, tau.ptr, y.ptr, size, 0, 0],
    beginAt: 6,
    chunks: evenChunks(count, CHUNK_VECTORS),
    scratch: [],
    work: count * size * size,
  });
}
