import { OptionError, shown } from '../errors.ts';
import { gatherRows } from '../kernels/rows.ts';
import { columnMoments, momentsRoom } from '../kernels/select.ts';
import { optionsObject } from '../options/resolve.ts';
import type { Matrix } from '../runtime/buffers.ts';
import { PURPOSE, Random } from '../runtime/random.ts';
import type { Workspace } from '../runtime/workspace.ts';

/**
 * Strategies that keep columns of the embeddings as they are (Zhang et al., LLMInit, 2025, §3).
 *
 * @example
 * COLUMN_STRATEGIES.includes('variance'); // → true
 */
export const COLUMN_STRATEGIES = ['random', 'uniform', 'variance', 'full'] as const;

/**
 * One of `COLUMN_STRATEGIES`.
 *
 * @example
 * const strategy: ColumnStrategy = 'uniform';
 * [...selectColumns(runtime, Float32Array.of(1, 2, 3, 4), 4, strategy, { dim: 2 })].length; // → 2
 */
export type ColumnStrategy = (typeof COLUMN_STRATEGIES)[number];

/** How `uniform` spaces its columns. */
export const SPACINGS = ['floor', 'linspace'] as const;

/**
 * Options of the strategies that keep columns.
 *
 * @example
 * const options: ColumnOptions = { dim: 2, seed: 1 };
 * [...selectColumns(runtime, Float32Array.of(1, 2, 3), 3, 'random', options)].length; // → 2
 */
export interface ColumnOptions {
  /** Columns to keep, K. Ignored by `full`. */
  readonly dim: number;
  /** Read by `random`. Default 2020. */
  readonly seed?: number;
  /** `random`: draw with replacement, as the authors' code does; about 118 of 128 columns differ at N = 768. */
  readonly withReplacement?: boolean;
  /**
   * `uniform`: `floor` keeps k·⌊N/K⌋ (the paper), which never reaches the last columns when K does not divide N;
   * `linspace` keeps round(k·(N−1)/(K−1)). Default `floor`.
   */
  readonly spacing?: 'floor' | 'linspace';
  /**
   * `variance`: take the variance over this share of the items only, those with the most interactions (0.2 in the
   * authors' code, with unbiased variance, which orders columns alike). Default 1: all items (the paper).
   */
  readonly popularFraction?: number;
  /** Interactions of each row of the embeddings; needed when `popularFraction` < 1. */
  readonly popularity?: ArrayLike<number>;
}

/**
 * The columns of `vectors` [numItems × N] to keep, ascending.
 *
 * `variance` keeps the K columns of largest variance over the rows; equal variances go to the lower column.
 * Deterministic for a seed.
 *
 * @throws {OptionError} when K is larger than N, or an option is out of range
 */
export function selectColumns(
  workspace: Workspace,
  vectors: Matrix,
  strategy: ColumnStrategy,
  options: ColumnOptions,
): Int32Array {
  optionsObject(options, { where: 'selectColumns', name: 'options' });
  const width = vectors.dim;
  if (strategy === 'full') return Int32Array.from({ length: width }, (_, column) => column);
  const { dim } = options;
  checkDim('selectColumns', dim, width);
  switch (strategy) {
    case 'random':
      return randomColumns(width, dim, options);
    case 'uniform':
      return uniformColumns(width, dim, options.spacing);
    case 'variance':
      return varianceColumns(workspace, vectors, dim, options);
    default:
      return refuse(
        `expected ${COLUMN_STRATEGIES.join(', ')}, received ${shown(strategy)}`,
        'Pass one of them',
        'strategy',
      );
  }
}

/** @throws {OptionError} unless so many columns can be kept of `width` */
export function checkDim(where: string, dim: number, width: number): void {
  if (!Number.isInteger(dim) || dim < 1) {
    const problem = `expected dim to be an integer ≥ 1, received ${shown(dim)}`;
    throw new OptionError(where, problem, 'Pass e.g. 128', 'dim');
  }
  if (dim > width) {
    const problem = `expected dim ≤ ${width}, the width of the embeddings, received ${dim}`;
    const remedy = `Lower dim, use strategy full (dim ${width}), or bring wider embeddings`;
    throw new OptionError(where, problem, remedy, 'dim');
  }
}

/** Population variance of every column of x [rows × N], over all rows; error ≤ 1e-6 relative. */
export function columnVariance(workspace: Workspace, x: Matrix): Float32Array {
  const mark = workspace.mark();
  const room = momentsRoom(workspace, x);
  columnMoments(workspace, x, x.rows, room);
  const result = room.variance.view.slice(0, x.dim);
  workspace.release(mark);
  return result;
}

/** `dim` of `width` columns, drawn at random. */
export function randomColumns(
  width: number,
  dim: number,
  { seed = 2020, withReplacement }: Pick<ColumnOptions, 'seed' | 'withReplacement'>,
): Int32Array {
  const random = new Random(seed, PURPOSE.columns);
  if (withReplacement) return Int32Array.from({ length: dim }, () => random.below(width)).sort();
  return random
    .shuffle(Int32Array.from({ length: width }, (_, column) => column))
    .slice(0, dim)
    .sort();
}

/** `dim` of `width` columns at even distances. */
export function uniformColumns(
  width: number,
  dim: number,
  spacing: ColumnOptions['spacing'] = 'floor',
): Int32Array {
  if (!SPACINGS.includes(spacing))
    refuse(`expected spacing floor or linspace, received ${shown(spacing)}`, 'Pass one of them', 'spacing');
  const step = spacing === 'floor' || dim === 1 ? Math.floor(width / dim) : (width - 1) / (dim - 1);
  return Int32Array.from({ length: dim }, (_, k) => Math.round(k * step));
}

/** The `dim` columns of largest variance. */
export function varianceColumns(
  workspace: Workspace,
  vectors: Matrix,
  dim: number,
  options: PopularityOptions,
): Int32Array {
  return largest(columnVariance(workspace, popularRows(workspace, vectors, options)), dim);
}

type PopularityOptions = Pick<ColumnOptions, 'popularFraction' | 'popularity'>;

function popularRows(
  workspace: Workspace,
  vectors: Matrix,
  { popularFraction = 1, popularity }: PopularityOptions,
): Matrix {
  if (!(popularFraction > 0 && popularFraction <= 1)) {
    const problem = `expected popularFraction in (0, 1], received ${shown(popularFraction)}`;
    refuse(problem, 'Pass e.g. 0.2', 'popularFraction');
  }
  if (popularFraction === 1) return vectors;
  if (popularity?.length !== vectors.rows) {
    return refuse(
      `expected the popularity of ${vectors.rows} items, received ${popularity?.length ?? 'none'}`,
      'Pass it',
      'popularity',
    );
  }
  const { kept, list } = popularRoom(workspace, vectors, popularFraction);
  list.view.set(largest(Float64Array.from(popularity), kept.rows));
  gatherRows(workspace, vectors, list, kept.rows, kept);
  return kept;
}

/** Room for the rows of the most popular items, and their list. */
function popularRoom(workspace: Workspace, { rows, dim, stride }: Matrix, popularFraction: number) {
  const count = Math.max(1, Math.floor(rows * popularFraction));
  return { kept: workspace.matrix(count, dim, stride), list: workspace.i32(count) };
}

/** What `varianceColumns` and `columnVariance` allocate at the most, in a workspace that only counts. */
export function varianceRoom(workspace: Workspace, vectors: Matrix, popularFraction = 1): void {
  const isPart = popularFraction > 0 && popularFraction < 1;
  if (isPart) popularRoom(workspace, vectors, popularFraction);
  momentsRoom(workspace, vectors);
}

/** Positions of the `count` largest values, ascending; equal values go to the lower position, NaN comes last. */
function largest(values: ArrayLike<number>, count: number): Int32Array {
  const keys = Float64Array.from(values);
  for (let n = 0; n < keys.length; n++) if (Number.isNaN(keys[n])) keys[n] = -Infinity;
  const least = keys.slice().sort()[keys.length - count];
  const positions = new Int32Array(count);
  let ties = count;
  for (const key of keys) if (key > least) ties--;
  let found = 0;
  for (let n = 0; found < count; n++) {
    if (keys[n] > least || (keys[n] === least && ties-- > 0)) positions[found++] = n;
  }
  return positions;
}

function refuse(problem: string, remedy: string, option: string): never {
  throw new OptionError('selectColumns', problem, remedy, option);
}
