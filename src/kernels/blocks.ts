import { OptionError, ShapeError, shown } from '../errors.ts';
import type { F32Buffer, Matrix } from '../runtime/buffers.ts';
import { ANCHOR_BLOCK as BLOCK, CANDIDATE_CHUNK as CHUNK } from '../runtime/constants.ts';
import { evenChunks, type RowKernel } from '../runtime/rowJobs.ts';
import type { Workspace } from '../runtime/workspace.ts';

// What the contrastive losses share; see assembly/blocks.ts.

/** What the contrastive kernels need beside their tables; see `contrastiveScratch`. */
export interface ContrastiveScratch {
  /** The candidates in panels of 8. */
  readonly table: F32Buffer;
  /** A block's anchors and their columns, splatted. */
  readonly splats: F32Buffer;
  readonly columns: F32Buffer;
  readonly factors: F32Buffer;
  readonly scores: F32Buffer;
  readonly maxima: F32Buffer;
  readonly sums: F32Buffer;
  readonly partials: F32Buffer;
}

/** A table for unit rows: rows up to a multiple of 8, and a stride that does not alias in the cache. */
export function unitTable(workspace: Workspace, rows: number, dim: number): Matrix {
  return workspace.matrix(8 * Math.ceil(rows / 8), dim, unitStride(dim));
}

/** Scratch for up to `candidates` candidate rows. */
export function contrastiveScratch(
  workspace: Workspace,
  candidates: number,
  dim: number,
): ContrastiveScratch {
  const chunks = Math.max(1, Math.ceil(candidates / CHUNK));
  const panels = Math.ceil(candidates / 8);
  const stride = unitStride(dim);
  return {
    table: workspace.f32(8 * panels * stride),
    splats: workspace.f32(4 * BLOCK * dim),
    columns: workspace.f32(4 * BLOCK * stride),
    factors: workspace.f32(BLOCK),
    scores: workspace.f32(8 * panels * (BLOCK + 8)),
    maxima: workspace.f32(chunks * BLOCK),
    sums: workspace.f32(4 * chunks * BLOCK),
    partials: workspace.f32(chunks * BLOCK * stride),
  };
}

/** Stride of tables of rows that are scored against many: an odd multiple of 8 ≥ dim. */
export function unitStride(dim: number): number {
  return 8 * (Math.ceil(dim / 8) | 1);
}

/** A block's anchors that are one unit of a kernel whose row range is over anchors and chunks of candidates. */
const PART = 32;

/** One kernel over the anchors of a block of `size`, and the candidates; its range of units stands behind `head`. */
export function runParts(
  ws: Workspace,
  kernel: RowKernel,
  head: number[],
  candidates: number,
  size: number,
  { dim, stride }: Matrix,
): void {
  const rows = 4 * Math.ceil(size / 4);
  ws.run({
    kernel,
    args: [...head, 0, 0, candidates, rows, PART, dim, stride],
    beginAt: head.length,
    chunks: evenChunks(Math.ceil(candidates / CHUNK) * Math.ceil(rows / PART), 1),
    scratch: [],
    work: rows * candidates * dim,
  });
}

/**
 * One kernel over the candidates of a block of `size` anchors; its row range stands behind `head`.
 * @param chunk candidates that are computed together: those of a chunk, or fewer where they are apart from each other
 */
export function runBlock(
  ws: Workspace,
  kernel: RowKernel,
  head: number[],
  candidates: number,
  size: number,
  { dim, stride }: Matrix,
  chunk = CHUNK,
): void {
  const rows = 4 * Math.ceil(size / 4);
  ws.run({
    kernel,
    args: [...head, 0, 0, rows, dim, stride],
    beginAt: head.length,
    chunks: evenChunks(candidates, chunk),
    scratch: [],
    work: rows * candidates * dim,
  });
}

/** Rows of a table that stand in panels for `count` candidates. @throws {ShapeError} where it has fewer */
export function panelRows(kernel: string, table: Matrix, count: number): number {
  const rows = 8 * Math.ceil(count / 8);
  if (table.rows >= rows) return rows;
  throw new ShapeError(
    kernel,
    `expected a gradient of at least ${rows} rows for ${count} candidates, received ${table.rows}`,
    'Make it with unitTable',
  );
}

/** @throws {OptionError} unless the temperature is a number of at least 0.01 */
export function checkTemperature(kernel: string, temperature: number): void {
  if (temperature >= 0.01 && Number.isFinite(temperature)) return;
  throw new OptionError(
    kernel,
    `expected temperature to be a number ≥ 0.01, received ${shown(temperature)}`,
    'Pass e.g. 0.2',
  );
}
