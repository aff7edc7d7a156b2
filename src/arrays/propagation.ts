import type { Csr } from '../data/csr.ts';
import { type Pooling, poolUsers as poolTableUsers } from '../init/pooling.ts';
import { spmm as multiply } from '../kernels/spmm.ts';
import { FLOAT32 } from '../options/arguments.ts';
import { instance, number } from '../options/builders.ts';
import { resolveOptions } from '../options/resolve.ts';
import type { Runtime } from '../runtime/load.ts';
import { csrBytes, tableBytes } from '../runtime/workspace.ts';
import { checkCounts, checkCsr, checkTable, open } from './checks.ts';

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
  const tables = tableBytes(a.cols, dim) + (addend ? 2 : 1) * tableBytes(a.rows, dim);
  const workspace = open('spmm', runtime, csrBytes(a.rows, a.colIdx.length) + tables);
  const y = workspace.matrix(a.rows, dim);
  const added = addend ? workspace.matrixFrom(addend, a.rows, dim) : null;
  multiply(workspace, workspace.csr(a), workspace.matrixFrom(x, a.cols, dim), y, added, { scale });
  return y.read();
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
  const { rows, cols, colIdx } = interactions;
  checkTable('poolUsers', 'items', items, cols, dim);
  const tables = tableBytes(cols, dim) + tableBytes(rows, dim);
  const workspace = open('poolUsers', runtime, csrBytes(rows, colIdx.length) + tables);
  const users = workspace.matrix(rows, dim);
  poolTableUsers(workspace, interactions, workspace.matrixFrom(items, cols, dim), users, pooling);
  return users.read();
}
