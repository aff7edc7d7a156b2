import type { F32Buffer, I32Buffer, Matrix, Table } from '../runtime/buffers.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { noWider, panelPtr, sameKind } from './layout.ts';

/** out[i] ← x[rows[i]]; see assembly/rows.ts. Rows of `out` may be longer: their rest stays. */
export function gatherRows(ws: Workspace, x: Table, rows: I32Buffer, count: number, out: Matrix): void {
  noWider('gatherRows', x, out);
  for (let p = 0; p < x.panels; p++) {
    const to = panelPtr(out, p, x.stride);
    ws.wasm.gather_rows_f32(panelPtr(x, p), rows.ptr, count, x.stride, to, out.stride);
  }
}

/** out[i] ← ‖x[rows[i]]‖², panel by panel. */
export function squaredNorms(ws: Workspace, x: Table, rows: I32Buffer, count: number, out: F32Buffer): void {
  const { ptr, stride, panels, panelStride } = x;
  ws.wasm.squared_norms_f32(ptr, rows.ptr, count, stride, panels, panelStride * 4, out.ptr);
}

/** Divides every row by its L2 norm; zero rows stay. */
export function normalizeRows(ws: Workspace, x: Matrix): void {
  ws.wasm.normalize_rows_f32(x.ptr, x.rows, x.stride);
}

/** y[rows[i]] += factor · x[i] or, without norms, x[i]; factor = norms[rows[i]]; rows distinct. Those of x may be longer. */
export function addRows(
  ws: Workspace,
  x: Matrix,
  rows: I32Buffer,
  count: number,
  y: Table,
  norms: F32Buffer | null = null,
): void {
  noWider('addRows', y, x);
  for (let p = 0; p < y.panels; p++) {
    const from = panelPtr(x, p, y.stride);
    ws.wasm.add_rows_f32(from, rows.ptr, count, x.stride, norms?.ptr ?? 0, panelPtr(y, p), y.stride);
  }
}

/** y[to[i]] += factors[i] · x[from[i]] in order; null stands for rows 0 … count − 1. */
export function addScaledRows(
  ws: Workspace,
  x: Table,
  from: I32Buffer | null,
  factors: F32Buffer,
  count: number,
  y: Table,
  to: I32Buffer | null,
): void {
  sameKind('addScaledRows', x, y);
  const [sources, targets] = [from?.ptr ?? 0, to?.ptr ?? 0];
  for (let p = 0; p < x.panels; p++) {
    const target = panelPtr(y, p);
    ws.wasm.add_scaled_rows_f32(panelPtr(x, p), sources, factors.ptr, count, x.stride, target, targets);
  }
}
