import { ShapeError } from '../errors.ts';
import type { F32Buffer, I32Buffer, Matrix } from '../runtime/buffers.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { sameWidth } from './layout.ts';

/**
 * unit[i] ← x[rows[i]] / ‖x[rows[i]]‖ for the first `count`, all rows in order when `rows` is null; see
 * assembly/unit.ts.
 */
export function unitRows(
  ws: Workspace,
  x: Matrix,
  rows: I32Buffer | null,
  count: number,
  unit: Matrix,
  inverseNorms: F32Buffer,
): void {
  narrower('unitRows', x, unit);
  ws.wasm.unit_rows_f32(x.ptr, rows?.ptr ?? 0, count, x.stride, unit.ptr, unit.stride, inverseNorms.ptr);
}

/** dx[i] += scale · the gradient of row i through `unitRows`. */
export function unitRowsBackward(
  ws: Workspace,
  unit: Matrix,
  dUnit: Matrix,
  count: number,
  inverseNorms: F32Buffer,
  scale: number,
  dx: Matrix,
): void {
  narrower('unitRowsBackward', dx, unit);
  sameWidth('unitRowsBackward', unit, dUnit);
  const from = [unit.ptr, dUnit.ptr, count, unit.stride] as const;
  ws.wasm.unit_rows_backward_f32(...from, inverseNorms.ptr, scale, dx.ptr, dx.stride);
}

function narrower(kernel: string, x: Matrix, unit: Matrix): void {
  if (x.stride <= unit.stride && x.dim === unit.dim) return;
  throw new ShapeError(
    kernel,
    `expected rows of dim ${unit.dim}, received ${x.dim}`,
    'Make the unit table with unitTable for the same dim',
  );
}
