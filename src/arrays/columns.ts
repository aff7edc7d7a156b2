import {
  type ColumnOptions,
  type ColumnStrategy,
  selectColumns as selectTableColumns,
  columnVariance as tableVariance,
  varianceRoom,
} from '../init/columns.ts';
import { gatherColumns as gatherTableColumns } from '../kernels/select.ts';
import type { Runtime } from '../runtime/load.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { checkFinite, countTable, misfit, use } from './checks.ts';

/**
 * Population variance of every column of x, [width], within 1e-6 relative of float64; NaN for columns with NaN or Inf.
 *
 * @param x dense [rows × width], rows ≥ 1
 * @throws {ShapeError} when x is no whole number of rows
 * @throws {OptionError} when rows or width is no integer ≥ 1
 * @example
 * const variances = columnVariance(runtime, Float32Array.of(1, 10, 3, 10), 2);
 * [...variances]; // → [1, 0]
 */
export function columnVariance(runtime: Runtime, x: Float32Array, width: number): Float32Array {
  const layout = tableLayout(countTable('columnVariance', x, width), width);
  return use('columnVariance', runtime, layout, (table, workspace) => {
    table.write(x);
    return tableVariance(workspace, table);
  });
}

/**
 * The columns of x that a strategy of LLMInit keeps, ascending; see `ColumnOptions`.
 *
 * @param x dense [rows × width], rows ≥ 1, finite
 * @throws {ShapeError} when x is no whole number of rows
 * @throws {OptionError} on an unknown strategy, a dim larger than width, or an option out of range
 * @throws {DataError} on NaN or Inf
 * @example
 * const vectors = Float32Array.of(1, 10, 5, 3, 10, 9);
 * [...selectColumns(runtime, vectors, 3, 'variance', { dim: 2 })]; // → [0, 2]
 */
export function selectColumns(
  runtime: Runtime,
  x: Float32Array,
  width: number,
  strategy: ColumnStrategy,
  options: ColumnOptions,
): Int32Array {
  const layout = tableLayout(countTable('selectColumns', x, width), width, options?.popularFraction);
  return use('selectColumns', runtime, layout, (table, workspace) => {
    checkFinite('selectColumns', 'x', x);
    table.write(x);
    return selectTableColumns(workspace, table, strategy, options);
  });
}

/**
 * The listed columns of x in their order, repeats allowed: dense [rows × columns.length].
 *
 * @param x dense [rows × width], rows ≥ 1
 * @throws {ShapeError} when x is no whole number of rows or a column is not in 0 … width − 1
 * @throws {OptionError} when rows or width is no integer ≥ 1
 * @example
 * const narrow = gatherColumns(runtime, Float32Array.of(1, 2, 3, 4, 5, 6), 3, Int32Array.of(2, 0));
 * [...narrow]; // → [3, 1, 6, 4]
 */
export function gatherColumns(
  runtime: Runtime,
  x: Float32Array,
  width: number,
  columns: Int32Array,
): Float32Array {
  const rows = countTable('gatherColumns', x, width);
  if (!(columns instanceof Int32Array)) misfit('gatherColumns', 'columns to be an Int32Array', columns);
  const outside = columns.find((column) => column < 0 || column >= width);
  if (outside !== undefined) misfit('gatherColumns', `columns in 0 … ${width - 1}`, outside);
  const layout = (workspace: Workspace) => ({
    table: workspace.matrix(rows, width),
    list: workspace.i32(columns.length),
    out: workspace.matrix(rows, columns.length),
  });
  return use('gatherColumns', runtime, layout, ({ table, list, out }, workspace) => {
    table.write(x);
    list.view.set(columns);
    gatherTableColumns(workspace, table, list, out);
    return out.read();
  });
}

/** A table whose columns' variances are measured. */
function tableLayout(rows: number, width: number, popularFraction?: number) {
  return (workspace: Workspace) => {
    const table = workspace.matrix(rows, width);
    workspace.foresee(() => varianceRoom(workspace, table, popularFraction));
    return table;
  };
}
