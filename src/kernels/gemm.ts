import { ShapeError } from '../errors.ts';
import type { F32Buffer, Matrix } from '../runtime/buffers.ts';
import { GEMM_SCRATCH_BYTES } from '../runtime/constants.ts';
import { evenChunks, scratchPart } from '../runtime/rowJobs.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** Rows of a chunk of a product: enough to read a block of packed rows often. */
const GEMM_ROWS = 64;

/** Packs the rows of b for `gemmNt` and `scoreTopK`; panels [⌈rows/8⌉ · 8 · dim]; see assembly/gemm.ts. */
export function packPanels(ws: Workspace, b: Matrix, panels: F32Buffer): void {
  ws.wasm.pack_panels_f32(b.ptr, b.rows, b.dim, b.stride, panels.ptr);
}

/**
 * c ← a bᵀ, or c + a bᵀ where `add`; b packed (n rows); a.rows a multiple of 4, c.stride ≥ n rounded up to 8.
 * @throws {ShapeError} when they do not fit
 */
export function gemmNt(ws: Workspace, a: Matrix, panels: F32Buffer, n: number, c: Matrix, add = false): void {
  if (a.rows % 4 !== 0)
    throw new ShapeError('gemmNt', `expected 4n rows, received ${a.rows}`, 'Pad with zero rows');
  const width = Math.ceil(n / 8) * 8;
  if (c.rows < a.rows || c.stride < width || panels.length < width * a.dim) {
    const problem = `expected a result of ${a.rows} rows with stride ${width} and panels of ${width * a.dim} values`;
    const received = `received ${c.rows} rows with stride ${c.stride} and ${panels.length} values`;
    throw new ShapeError('gemmNt', `${problem}, ${received}`, 'Round the width up to 8');
  }
  const tables = [a.ptr, a.dim, a.stride, panels.ptr, n, c.ptr, c.stride, Number(add)];
  ws.run({
    kernel: 'gemm_nt_f32',
    args: [...tables, ws.gemmScratchPtr, 0, 0],
    beginAt: tables.length + 1,
    chunks: evenChunks(a.rows, GEMM_ROWS),
    scratch: [scratchPart(tables.length, GEMM_SCRATCH_BYTES / 4)],
    work: a.rows * n * a.dim,
  });
}

/** Packs the columns of b for `gemmNt`, where they stand for rows, and `gemmTn`; panels [⌈dim/8⌉ · 8 · rows]. */
export function packColumns(ws: Workspace, b: Matrix, panels: F32Buffer): void {
  ws.wasm.pack_columns_f32(b.ptr, b.rows, b.dim, b.stride, panels.ptr);
}

/**
 * c ← aᵀ b; b packed by `packColumns` (a.rows × n); rows of c are columns of a, their number rounded up to 4; c.stride ≥ n
 * rounded up to 8.
 * @throws {ShapeError} when they do not fit
 */
export function gemmTn(ws: Workspace, a: Matrix, panels: F32Buffer, n: number, c: Matrix): void {
  const [height, width] = [Math.ceil(a.dim / 4) * 4, Math.ceil(n / 8) * 8];
  if (c.rows < height || c.stride < width || panels.length < width * a.rows) {
    const problem = `expected a result of ${height} rows with stride ${width} and panels of ${width * a.rows} values`;
    const received = `received ${c.rows} rows with stride ${c.stride} and ${panels.length} values`;
    throw new ShapeError('gemmTn', `${problem}, ${received}`, 'Round the rows up to 4 and the width up to 8');
  }
  const tables = [a.ptr, a.rows, a.stride, panels.ptr, n, c.ptr, c.stride];
  ws.run({
    kernel: 'gemm_tn_f32',
    args: [...tables, ws.gemmScratchPtr, 0, 0],
    beginAt: tables.length + 1,
    chunks: evenChunks(height, GEMM_ROWS),
    scratch: [scratchPart(tables.length, GEMM_SCRATCH_BYTES / 4)],
    work: a.rows * n * a.dim,
  });
}
