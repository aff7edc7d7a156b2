import { type AdamOptions, adamConstants } from './adam.ts';
import type { F32Buffer, I32Buffer, Matrix, Table } from './buffers.ts';
import { ContrastiveKernels } from './contrastiveKernels.ts';
import { panelPtr, sameKind, sameWidth } from './layout.ts';

/** The kernels that read and change the rows of a table, in whatever layout; see assembly/rows.ts and optimizers.ts. */
export class TableKernels extends ContrastiveKernels {
  /** Adam on a dense gradient. */
  adam(parameters: Table, gradient: Table, m: Table, v: Table, adam: AdamOptions): void {
    for (const table of [gradient, m, v]) sameKind('adam', parameters, table);
    const count = parameters.view.length;
    this.wasm.adam_f32(parameters.ptr, gradient.ptr, m.ptr, v.ptr, count, ...adamConstants(adam));
  }

  /** parameters ← parameters − rate · gradient. */
  sgd(parameters: Table, gradient: Table, rate: number): void {
    sameKind('sgd', parameters, gradient);
    this.wasm.sgd_f32(parameters.ptr, gradient.ptr, parameters.view.length, rate);
  }

  /** out[i] ← x[rows[i]]. */
  gatherRows(x: Table, rows: I32Buffer, count: number, out: Matrix): void {
    sameWidth('gatherRows', x, out);
    for (let p = 0; p < x.panels; p++)
      this.wasm.gather_rows_f32(
        panelPtr(x, p),
        rows.ptr,
        count,
        x.stride,
        panelPtr(out, p, x.stride),
        out.stride,
      );
  }

  /** out[i] ← ‖x[rows[i]]‖², panel by panel. */
  squaredNorms(x: Table, rows: I32Buffer, count: number, out: F32Buffer): void {
    const { ptr, stride, panels, panelStride } = x;
    this.wasm.squared_norms_f32(ptr, rows.ptr, count, stride, panels, panelStride * 4, out.ptr);
  }

  /** Divides every row by its L2 norm; zero rows stay. */
  normalizeRows(x: Matrix): void {
    this.wasm.normalize_rows_f32(x.ptr, x.rows, x.stride);
  }

  /** y[rows[i]] += factor · x[i] or, without norms, x[i]; factor = norms[rows[i]]; rows distinct. */
  addRows(x: Matrix, rows: I32Buffer, count: number, y: Table, norms: F32Buffer | null = null): void {
    sameWidth('addRows', x, y);
    for (let p = 0; p < y.panels; p++) {
      const from = panelPtr(x, p, y.stride);
      this.wasm.add_rows_f32(from, rows.ptr, count, x.stride, norms?.ptr ?? 0, panelPtr(y, p), y.stride);
    }
  }

  /** y[to[i]] += factors[i] · x[from[i]] in order; null stands for rows 0 … count − 1. */
  addScaledRows(
    x: Table,
    from: I32Buffer | null,
    factors: F32Buffer,
    count: number,
    y: Table,
    to: I32Buffer | null,
  ): void {
    sameKind('addScaledRows', x, y);
    for (let p = 0; p < x.panels; p++) {
      const [source, target] = [panelPtr(x, p), panelPtr(y, p)];
      this.wasm.add_scaled_rows_f32(
        source,
        from?.ptr ?? 0,
        factors.ptr,
        count,
        x.stride,
        target,
        to?.ptr ?? 0,
      );
    }
  }
}
