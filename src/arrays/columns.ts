import {
  type ColumnOptions,
  type ColumnStrategy,
  selectColumns as selectTableColumns,
  columnVariance as tableVariance,
} from '../init/columns.ts';
import { gatherColumns as gatherTableColumns } from '../kernels/select.ts';
import type { Runtime } from '../runtime/load.ts';
import { checkFinite, misfit, openTable } from './checks.ts';

/**
 * Population variance of every column of x, [width], within 1e-6 relative of float64; NaN for columns with NaN or Inf.
 *
 * @param x dense [rows × width], rows ≥ 1
 * @throws {ShapeError} when x is no whole number of rows
 * @throws {OptionError} when rows or width is no integer ≥ 1
 */
export function columnVariance(runtime: Runtime, x: Float32Array, width: number): Float32Array {
  return tableVariance(...openTable('columnVariance', runtime, x, width));
}

/**
 * The columns of x that a strategy of LLMInit keeps, ascending; see `ColumnOptions`.
 *
 * @param x dense [rows × width], rows ≥ 1, finite
 * @throws {ShapeError} when x is no whole number of rows
 * @throws {OptionError} on an unknown strategy, a dim larger than width, or an option out of range
 * @throws {DataError} on NaN or Inf
 */
export function selectColumns(
  runtime: Runtime,
  x: Float32Array,
  width: number,
  strategy: ColumnStrategy,
  options: ColumnOptions,
): Int32Array {
  const [workspace, table] = openTable('selectColumns', runtime, x, width);
  checkFinite('selectColumns', 'x', x);
  return selectTableColumns(workspace, table, strategy, options);
}

/**
 * The listed columns of x in their order, repeats allowed: dense [rows × columns.length].
 *
 * @param x dense [rows × width], rows ≥ 1
 * @throws {ShapeError} when x is no whole number of rows or a column is not in 0 … width − 1
 * @throws {OptionError} when rows or width is no integer ≥ 1
 */
export function gatherColumns(
  runtime: Runtime,
  x: Float32Array,
  width: number,
  columns: Int32Array,
): Float32Array {
  const [workspace, table] = openTable('gatherColumns', runtime, x, width);
  if (!(columns instanceof Int32Array)) misfit('gatherColumns', 'columns to be an Int32Array', columns);
  const outside = columns.find((column) => column < 0 || column >= width);
  if (outside !== undefined) misfit('gatherColumns', `columns in 0 … ${width - 1}`, outside);
  const out = workspace.matrix(table.rows, columns.length);
  gatherTableColumns(workspace, table, workspace.i32From(columns), out);
  return out.read();
}
