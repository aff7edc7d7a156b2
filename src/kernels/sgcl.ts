import type { F32Buffer, F64Buffer, I32Buffer, Matrix } from '../runtime/buffers.ts';
import { ANCHOR_BLOCK as BLOCK, CANDIDATE_CHUNK as CHUNK } from '../runtime/constants.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { type ContrastiveScratch, checkTemperature, panelRows, runBlock, unitTable } from './blocks.ts';

/** One side of the pairs in `sgcl`; see `contrastiveSide`. */
export interface ContrastiveSide {
  /** Distinct unit rows. */
  readonly unit: Matrix;
  /** How often each row stands in the pairs. */
  readonly weights: F32Buffer;
  /** The row of each pair. */
  readonly pairs: I32Buffer;
  /** dLoss/dUnit, overwritten. */
  readonly gradient: Matrix;
  readonly sums: F64Buffer;
  readonly shares: F32Buffer;
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

/**
 * The supervised contrastive loss of `count` pairs (x, y) of unit rows, over the first `xRows` and `yRows` distinct
 * rows: losses[b] ← −log( e^{⟨x_b, y_b⟩/τ} / (Σ_j e^{⟨x_b, x_j⟩/τ} + Σ_j e^{⟨y_b, y_j⟩/τ}) ), j over all pairs.
 * @throws {OptionError} unless the temperature is a number of at least 0.01
 */
export function sgcl(
  ws: Workspace,
  x: ContrastiveSide,
  xRows: number,
  y: ContrastiveSide,
  yRows: number,
  count: number,
  temperature: number,
  scratch: ContrastiveScratch,
  losses: F32Buffer,
): void {
  checkTemperature('sgcl', temperature);
  const inverse = 1 / temperature;
  for (const [side, rows] of [
    [x, xRows],
    [y, yRows],
  ] as const) {
    side.weights.view.fill(0, rows);
    side.shares.view.fill(0);
    side.sums.view.fill(0);
    side.gradient.view.fill(0);
    addSums(ws, side, rows, inverse * Math.LOG2E, scratch);
  }
  ws.wasm.sgcl_pairs_f32(
    x.unit.ptr,
    y.unit.ptr,
    x.pairs.ptr,
    y.pairs.ptr,
    count,
    x.unit.stride,
    inverse,
    x.sums.ptr,
    y.sums.ptr,
    losses.ptr,
    x.shares.ptr,
    y.shares.ptr,
    x.gradient.ptr,
    y.gradient.ptr,
  );
  addGradient(ws, x, xRows, inverse, scratch);
  addGradient(ws, y, yRows, inverse, scratch);
}

function addSums(
  ws: Workspace,
  side: ContrastiveSide,
  rows: number,
  power: number,
  scratch: ContrastiveScratch,
): void {
  const { unit } = side;
  const { table, splats, scores, sums } = scratch;
  ws.wasm.pack_panels_f32(unit.ptr, rows, unit.stride, unit.stride, table.ptr);
  for (let first = 0; first < rows; first += BLOCK) {
    const left = rows - first;
    const size = Math.min(BLOCK, left);
    const offset = first * unit.stride * 4;
    ws.wasm.splat_anchors_f32(unit.ptr + offset, size, unit.dim, unit.stride, power, splats.ptr);
    const total = side.sums.ptr + first * 8;
    const weights = side.weights.ptr + first * 4;
    const head = [table.ptr + offset, splats.ptr, weights, scores.ptr, sums.ptr, total, power];
    runBlock(ws, 'sgcl_sums_f32', head, left, size, unit);
    ws.wasm.sgcl_add_sums(sums.ptr, Math.ceil(left / CHUNK), size, total);
  }
}

function addGradient(
  ws: Workspace,
  side: ContrastiveSide,
  rows: number,
  inverse: number,
  scratch: ContrastiveScratch,
): void {
  const { unit, gradient } = side;
  const { dim, stride } = unit;
  const { table, splats, columns, scores, partials } = scratch;
  const { wasm } = ws;
  const power = inverse * Math.LOG2E;
  const panels = panelRows('sgcl', gradient, rows);
  wasm.pack_panels_f32(unit.ptr, rows, stride, stride, table.ptr);
  wasm.rows_to_panels_f32(gradient.ptr, panels, stride, columns.ptr);
  for (let first = 0; first < rows; first += BLOCK) {
    const left = rows - first;
    const size = Math.min(BLOCK, left);
    const offset = first * stride * 4;
    wasm.splat_anchors_f32(unit.ptr + offset, size, dim, stride, power, splats.ptr);
    wasm.splat_columns_f32(unit.ptr + offset, size, dim, stride, 0, columns.ptr);
    const own = [side.weights.ptr + first * 4, side.shares.ptr + first * 4];
    const tables = [table.ptr + offset, splats.ptr, columns.ptr, ...own, scores.ptr, partials.ptr];
    runBlock(ws, 'sgcl_gradient_f32', [...tables, gradient.ptr + offset, inverse, power], left, size, unit);
    const chunks = Math.ceil(left / CHUNK);
    wasm.sgcl_add_partials_f32(partials.ptr, chunks, size, stride, gradient.ptr + offset);
  }
  wasm.panels_to_rows_f32(gradient.ptr, panels, stride, columns.ptr);
}
