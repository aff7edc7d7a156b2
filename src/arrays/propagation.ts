import type { Csr } from '../data/csr.ts';
import { type Pooling, poolingRoom, poolUsers as poolTableUsers } from '../init/pooling.ts';
import { spmm as multiply } from '../kernels/spmm.ts';
import { FLOAT32 } from '../options/arguments.ts';
import { instance, number } from '../options/builders.ts';
import { resolveOptions } from '../options/resolve.ts';
import type { Runtime } from '../runtime/load.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { checkCounts, checkCsr, checkTable, use } from './checks.ts';

const SPMM_OPTIONS = {
  addend: instance<Float32Array>('a Float32Array', FLOAT32.is, { about: 'what is added' }),
  scale: number({ about: 'of the sum', default: 1 }),
};

/**
 * y = scale · (addend + A x), dense [a.rows × dim]: one propagation step of a graph recommender. NaN and Inf pass
 * through as IEEE 754 says.
 *
 * @param a compressed rows, columns ascending; `values: null` means that every entry is 1
 * @param x dense [a.cols × dim]
 * @param options `addend`: dense [a.rows × dim], default none; `scale`: default 1
 * @throws {ShapeError} when the arrays do not fit each other, or an index of `a` is out of range
 * @throws {OptionError} when dim is no integer ≥ 1 or scale is not finite
 * @example
 * const ones = new Float32Array(csr.cols).fill(1);
 * const degrees = spmm(runtime, csr, ones, 1);
 * degrees[0] === csr.rowPtr[1]; // → true
 */
export function spmm(
  runtime: Runtime,
  a: Csr,
  x: Float32Array,
  dim: number,
  options: { readonly addend?: Float32Array; readonly scale?: number } = {},
): Float32Array {
  const { addend, scale } = resolveOptions(SPMM_OPTIONS, options, 'spmm');
  checkCounts('spmm', { dim });
  checkCsr('spmm', 'a', a);
  checkTable('spmm', 'x', x, a.cols, dim);
  if (addend) checkTable('spmm', 'addend', addend, a.rows, dim);
  const layout = (workspace: Workspace) => ({
    csr: workspace.csrRoom(a.rows, a.cols, a.colIdx.length),
    input: workspace.matrix(a.cols, dim),
    y: workspace.matrix(a.rows, dim),
    added: addend ? workspace.matrix(a.rows, dim) : null,
  });
  return use('spmm', runtime, layout, ({ csr, input, y, added }, workspace) => {
    input.write(x);
    if (addend) added!.write(addend);
    multiply(workspace, csr.fill(a), input, y, added, { scale });
    return y.read();
  });
}

/**
 * User rows from item rows, dense [interactions.rows × dim]: the mean, the maximum or one step of normalised
 * aggregation over the user's items (LLMInit, Eq. 1 and Table 5); a user without items gets the mean of all item rows.
 *
 * @param interactions users × items; values are not read
 * @param items dense [interactions.cols × dim]
 * @throws {ShapeError} when the arrays do not fit each other
 * @throws {OptionError} when dim is no integer ≥ 1, or the pooling is unknown
 * @example
 * const items = new Float32Array(csr.cols * 4).fill(1);
 * const users = poolUsers(runtime, csr, items, 4);
 * users.length === csr.rows * 4; // → true
 */
export function poolUsers(
  runtime: Runtime,
  interactions: Csr,
  items: Float32Array,
  dim: number,
  pooling: Pooling = 'mean',
): Float32Array {
  checkCounts('poolUsers', { dim });
  checkCsr('poolUsers', 'interactions', interactions);
  const { rows, cols } = interactions;
  checkTable('poolUsers', 'items', items, cols, dim);
  const layout = (workspace: Workspace) => {
    const tables = { users: workspace.matrix(rows, dim), table: workspace.matrix(cols, dim) };
    return { ...tables, room: poolingRoom(workspace, interactions, tables.table) };
  };
  return use('poolUsers', runtime, layout, ({ users, table, room }, workspace) => {
    table.write(items);
    poolTableUsers(workspace, interactions, table, users, pooling, room);
    return users.read();
  });
}
