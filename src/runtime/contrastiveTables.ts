import type { Matrix } from './buffers.ts';
import { BLOCK, CHUNK, type ContrastiveScratch, type ContrastiveSide } from './contrastiveKernels.ts';
import type { Workspace } from './workspace.ts';

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

/** One side for up to `rows` distinct rows in up to `pairs` pairs. */
export function contrastiveSide(
  workspace: Workspace,
  rows: number,
  pairs: number,
  dim: number,
): ContrastiveSide {
  return {
    unit: unitTable(workspace, rows, dim),
    weights: workspace.f32(rows + BLOCK),
    pairs: workspace.i32(pairs),
    gradient: unitTable(workspace, rows, dim),
    sums: workspace.f64(rows + BLOCK),
    shares: workspace.f32(rows + BLOCK),
  };
}

/** Bytes of `unitTable`. */
export function unitTableBytes(rows: number, dim: number): number {
  return (rows + 8) * unitStride(dim) * 4 + 64;
}

/** Bytes of `contrastiveScratch`. */
export function contrastiveScratchBytes(candidates: number, dim: number): number {
  const stride = unitStride(dim);
  const chunks = Math.ceil(candidates / CHUNK) + 1;
  const panels = (candidates + 8) * (stride + BLOCK + 8);
  return 4 * (panels + BLOCK * (4 * dim + 4 * stride + 1 + chunks * (5 + stride))) + 8 * 64;
}

/** Bytes of `contrastiveSide`. */
export function contrastiveSideBytes(rows: number, pairs: number, dim: number): number {
  return 2 * unitTableBytes(rows, dim) + 16 * (rows + BLOCK) + 4 * pairs + 4 * 64;
}

/** An odd multiple of 8 ≥ dim. */
function unitStride(dim: number): number {
  return 8 * (Math.ceil(dim / 8) | 1);
}
