// The entry `llminit/kernels`: the numeric core on the caller's arrays, for those who bring their own model.
import type { Csr } from './data/csr.ts';
import {
  type ColumnOptions,
  type ColumnStrategy,
  selectColumns as selectTableColumns,
  columnVariance as tableVariance,
} from './init/columns.ts';
import {
  checkCounts,
  checkCsr,
  checkFinite,
  checkRange,
  checkTable,
  countRows,
  misfit,
  open,
  openTable,
  refuse,
} from './kernels/checks.ts';
import { Ranker, rankerBytes } from './recommend/ranker.ts';
import type { Runtime } from './runtime/load.ts';
import { csrBytes, tableBytes } from './runtime/workspace.ts';

export type { Csr } from './data/csr.ts';
export * from './errors.ts';
export { COLUMN_STRATEGIES, type ColumnOptions, type ColumnStrategy } from './init/columns.ts';
export { type LoadOptions, load, loadSync, Runtime } from './runtime/load.ts';

/**
 * y = scale · (addend + A x), dense [a.rows × dim]: one propagation step of a graph recommender. NaN and Inf pass
 * through as IEEE 754 says.
 *
 * @param a compressed rows, columns ascending; `values: null` means that every entry is 1
 * @param x dense [a.cols × dim]
 * @param options `addend`: dense [a.rows × dim], default none; `scale`: default 1
 * @throws {ShapeError} when the arrays do not fit each other, or an index of `a` is out of range
 * @throws {OptionError} when dim is no integer ≥ 1 or scale is not finite
 */
export function spmm(
  runtime: Runtime,
  a: Csr,
  x: Float32Array,
  dim: number,
  options: { readonly addend?: Float32Array; readonly scale?: number } = {},
): Float32Array {
  const { addend, scale = 1 } = options;
  checkCounts('spmm', { dim });
  if (!Number.isFinite(scale)) refuse('spmm', 'scale to be a finite number', scale, 'Pass e.g. 1');
  checkCsr('spmm', 'a', a);
  checkTable('spmm', 'x', x, a.cols, dim);
  if (addend) checkTable('spmm', 'addend', addend, a.rows, dim);
  const tables = tableBytes(a.cols, dim) + (addend ? 2 : 1) * tableBytes(a.rows, dim);
  const workspace = open('spmm', runtime, csrBytes(a.rows, a.colIdx.length) + tables);
  const y = workspace.matrix(a.rows, dim);
  const added = addend ? workspace.matrixFrom(addend, a.rows, dim) : null;
  workspace.kernels.spmm(workspace.csr(a), workspace.matrixFrom(x, a.cols, dim), y, added, scale);
  return y.read();
}

/** The best items of every user, best first; ties stand in ascending item order. */
export interface TopK {
  /** [numUsers × k]; −1 where fewer than k items are left. */
  readonly items: Int32Array;
  /** Inner products, [numUsers × k]; −Infinity where fewer than k items are left. */
  readonly scores: Float32Array;
}

/**
 * Exact top-k by inner product over all items. Each score equals the scalar f32 loop over ascending columns.
 *
 * @param users dense [numUsers × dim], finite
 * @param items dense [numItems × dim], finite
 * @param options `excluded`: numUsers × numItems, the items left out of each user's ranking; values are not read
 * @throws {ShapeError} when users or items are no whole rows, or `excluded` does not fit them
 * @throws {OptionError} when dim or k is no integer ≥ 1
 * @throws {DataError} on NaN or Inf
 */
export function scoreTopK(
  runtime: Runtime,
  users: Float32Array,
  items: Float32Array,
  dim: number,
  k: number,
  options: { readonly excluded?: Csr } = {},
): TopK {
  const { excluded } = options;
  checkCounts('scoreTopK', { dim, k });
  const numUsers = countRows('scoreTopK', 'users', users, dim);
  const numItems = countRows('scoreTopK', 'items', items, dim);
  if (excluded) {
    checkCsr('scoreTopK', 'excluded', excluded);
    const { rows, cols } = excluded;
    const fits = rows === numUsers && cols === numItems;
    if (!fits) misfit('scoreTopK', `excluded to be ${numUsers} × ${numItems}`, `${rows} × ${cols}`);
  }
  checkFinite('scoreTopK', 'users', users);
  checkFinite('scoreTopK', 'items', items);
  const bytes = tableBytes(numItems, dim) + rankerBytes(numItems, dim, Math.min(k, numItems));
  const workspace = open('scoreTopK', runtime, bytes);
  const ranker = new Ranker(workspace, numItems, dim);
  ranker.setItems(workspace.matrixFrom(items, numItems, dim));
  const top = {
    items: new Int32Array(numUsers * k).fill(-1),
    scores: new Float32Array(numUsers * k).fill(-Infinity),
  };
  ranker.rank(
    numUsers,
    k,
    (user) => users.subarray(user * dim, (user + 1) * dim),
    (user, mask) => {
      if (excluded) mask.exclude(excluded.colIdx.subarray(excluded.rowPtr[user], excluded.rowPtr[user + 1]));
    },
    (user, ranked) => {
      top.items.set(ranked.items, user * k);
      top.scores.set(ranked.scores, user * k);
    },
  );
  return top;
}

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
  workspace.kernels.gatherColumns(table, workspace.i32From(columns), out);
  return out.read();
}

/** What Adam remembers of a table. */
export interface AdamState {
  /** First moments; as long as the parameters, at first zero. */
  readonly m: Float32Array;
  /** Second moments; as long as the parameters, at first zero. */
  readonly v: Float32Array;
  /** Updates done, at first 0. */
  step: number;
}

/** Defaults as in PyTorch: 1e-3, 0.9, 0.999, 1e-8. */
export interface AdamOptions {
  readonly learningRate?: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}

/**
 * One update by Adam, in place: `params`, `state.m` and `state.v` are overwritten, `state.step` goes up by one.
 * p ← p − lr/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε) (Kingma & Ba 2015, Algorithm 1, as torch.optim.Adam computes it).
 * NaN and Inf pass through.
 *
 * @param params any number of parameters, at least one
 * @param gradient of the loss with respect to `params`
 * @throws {ShapeError} when the arrays differ in length
 * @throws {OptionError} on a rate or ε that is not finite and ≥ 0, a β outside [0, 1), or a step that is no integer ≥ 0
 */
export function adamStep(
  runtime: Runtime,
  params: Float32Array,
  gradient: Float32Array,
  state: AdamState,
  options: AdamOptions = {},
): void {
  const { learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  checkRange('adamStep', { learningRate, epsilon }, Infinity);
  checkRange('adamStep', { beta1, beta2 }, 1);
  const { length } = params;
  const step = state.step + 1;
  checkCounts('adamStep', { 'params.length': length, 'state.step + 1': step });
  for (const [name, array] of Object.entries({ params, gradient, m: state.m, v: state.v }))
    checkTable('adamStep', name, array, 1, length);
  const workspace = open('adamStep', runtime, 4 * tableBytes(1, length));
  const [p, g, m, v] = [params, gradient, state.m, state.v].map((a) => workspace.matrixFrom(a, 1, length));
  workspace.kernels.adam(p, g, m, v, { rate: learningRate, beta1, beta2, epsilon, step });
  params.set(p.read());
  state.m.set(m.read());
  state.v.set(v.read());
  state.step = step;
}

/**
 * One update by gradient descent, in place: p ← p − lr · g. NaN and Inf pass through.
 *
 * @throws {ShapeError} when the arrays differ in length
 * @throws {OptionError} on a rate that is not finite and ≥ 0, or no parameters
 */
export function sgdStep(
  runtime: Runtime,
  params: Float32Array,
  gradient: Float32Array,
  learningRate: number,
): void {
  checkRange('sgdStep', { learningRate }, Infinity);
  const { length } = params;
  checkCounts('sgdStep', { 'params.length': length });
  checkTable('sgdStep', 'params', params, 1, length);
  checkTable('sgdStep', 'gradient', gradient, 1, length);
  const workspace = open('sgdStep', runtime, 2 * tableBytes(1, length));
  const table = workspace.matrixFrom(params, 1, length);
  workspace.kernels.sgd(table, workspace.matrixFrom(gradient, 1, length), learningRate);
  params.set(table.read());
}
