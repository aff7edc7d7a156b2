import { DataError, OptionError, shown } from '../errors.ts';
import { randomUniform } from '../kernels/random.ts';
import { spmm } from '../kernels/spmm.ts';
import type { Matrix } from '../runtime/buffers.ts';
import type { CsrMatrix } from '../runtime/csrMatrix.ts';
import { PURPOSE } from '../runtime/random.ts';
import { Turns } from '../runtime/turns.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { type EigenRoom, eigenRoom, leadingEigenpairs } from './symmetricEigen.ts';
import { TallMatrix, TallScratch } from './tallMatrix.ts';

/** Columns beyond the rank asked for; Halko et al. (2011), §4.3, advise 5 to 10, a flat spectrum profits from more. */
const OVERSAMPLING = 16;
/** Smaller singular values, relative to the largest, are rounding errors of f32 products. */
const RANK_TOLERANCE = 1e-4;

/** A rows × cols matrix A of which only products with tall matrices are known. */
export interface LinearOperator {
  readonly rows: number;
  readonly cols: number;
  /** y ← A x; x [cols × l], y [rows × l] of the same stride, a multiple of 8; pad lanes stay 0. */
  multiply(x: Matrix, y: Matrix): void;
  /** y ← Aᵀ x; x [rows × l], y [cols × l]. */
  multiplyTransposed(x: Matrix, y: Matrix): void;
}

export interface RandomizedSvdOptions {
  /** Singular triplets asked for. */
  readonly rank: number;
  /** Default 6: on the flat spectrum of amazon-office the squared norm kept is within 0.3 % of the best. */
  readonly powerIterations?: number;
  /** Of the random start. Default 2020, as RecBole. */
  readonly seed?: number;
  /** Checked before every product. */
  readonly signal?: AbortSignal;
  /** Called after every product with A or Aᵀ. */
  readonly onProgress?: (progress: SvdProgress) => void;
}

/**
 * How far a singular value decomposition has come.
 *
 * @example
 * const onProgress = ({ done, total }: SvdProgress) => console.log(`${done} of ${total}`);
 */
export interface SvdProgress {
  /** Products that are computed. */
  readonly done: number;
  readonly total: number;
}

/** A ≈ U Σ Vᵀ. */
export interface TruncatedSvd {
  /** As asked for, or the numerical rank of A if that is smaller. */
  readonly rank: number;
  /** Descending; [rank]. */
  readonly singularValues: Float64Array;
  /** A dense copy of U, rows × rank, while the workspace's memory is not released. */
  readLeft(): Float32Array;
  /** A dense copy of V, cols × rank; in each column the component of largest magnitude is positive. */
  readRight(): Float32Array;
}

/**
 * The leading singular triplets of A by subspace iteration from a random start, with orthonormal columns after
 * every product, and Rayleigh–Ritz on AᵀQ. Singular values below 1e-4 of the largest count as zero. Same
 * operator, options and seed: same bytes.
 * Source: Halko, Martinsson & Tropp, "Finding structure with randomness" (SIAM Review 2011), Algorithms 4.4
 * and 5.1; deviation: uniform numbers in place of Gaussian ones, which need a logarithm, and the SVD of the small
 * matrix by the eigenvectors of its Gram matrix.
 *
 * @param workspace holds the operator's tables
 * @param room for the operator's size and the rank
 * @throws {OptionError} a rank or powerIterations that is no integer of at least 1
 * @throws {DataError} if A is zero
 */
export async function randomizedSvd(
  workspace: Workspace,
  operator: LinearOperator,
  options: RandomizedSvdOptions,
  room = svdRoom(workspace, operator, options.rank),
): Promise<TruncatedSvd> {
  const { rank, powerIterations = 6, seed = 2020 } = options;
  checkCount('powerIterations', powerIterations);
  const { left, right } = room;
  randomUniform(workspace, right.matrix, -1, 1, seed, PURPOSE.spectrum, 0);

  const turns = new Turns(options.signal);
  const total = 2 * powerIterations + 2;
  for (let done = 1; done <= total; done++) {
    await turns.offer();
    if (done % 2 === 1) {
      operator.multiply(right.matrix, left.matrix);
      await left.orthonormalize(done === total - 1, turns);
    } else {
      operator.multiplyTransposed(left.matrix, right.matrix);
      if (done < total) await right.orthonormalize(false, turns);
    }
    options.onProgress?.({ done, total });
    await turns.take();
  }
  return rayleighRitz(workspace, room, rank, turns);
}

/** What `randomizedSvd` computes in. */
export interface SvdRoom {
  readonly left: TallMatrix;
  readonly right: TallMatrix;
  readonly eigen: EigenRoom;
}

/** Room for an operator of this size, in a workspace that may only count. @throws {OptionError} as `randomizedSvd` */
export function svdRoom(
  workspace: Workspace,
  operator: { readonly rows: number; readonly cols: number },
  rank: number,
): SvdRoom {
  checkCount('rank', rank);
  const width = sampledColumns(operator, rank);
  const scratch = new TallScratch(workspace, width);
  return {
    left: new TallMatrix(workspace, operator.rows, scratch),
    right: new TallMatrix(workspace, operator.cols, scratch),
    eigen: eigenRoom(workspace, width, width),
  };
}

/** A sparse matrix as an operator; `transposed` is its transpose. */
export function sparseOperator(workspace: Workspace, a: CsrMatrix, transposed: CsrMatrix): LinearOperator {
  return {
    rows: a.rows,
    cols: a.cols,
    multiply: (x, y) => spmm(workspace, a, x, y),
    multiplyTransposed: (x, y) => spmm(workspace, transposed, x, y),
  };
}

/** Columns that are computed for a rank. */
export function sampledColumns({ rows, cols }: { rows: number; cols: number }, rank: number): number {
  return Math.min(rank + OVERSAMPLING, rows, cols);
}

/** From an orthonormal Q and B = AᵀQ: B W = V Σ for the eigenvectors W of BᵀB, and U = Q W. */
async function rayleighRitz(
  workspace: Workspace,
  { left: q, right: b, eigen }: SvdRoom,
  asked: number,
  turns: Turns,
): Promise<TruncatedSvd> {
  const { width } = q;
  const { vectors: rows } = await leadingEigenpairs(workspace, b.gram(), width, turns, eigen);
  const vectors = new Float64Array(width * width);
  for (let k = 0; k < width; k++)
    for (let i = 0; i < width; i++) vectors[i * width + k] = rows[k * width + i];
  b.multiplyRight(vectors);
  q.multiplyRight(vectors);
  await turns.offer();

  // The norms of V Σ resolve small singular values that drown in the eigenvalues, their squares.
  const { norms, signs } = measureColumns(b);
  const order = Array.from(norms.keys()).sort((i, j) => norms[j] - norms[i] || i - j);
  const largest = norms[order[0]];
  if (!(largest > 0)) {
    throw new DataError(
      'randomizedSvd',
      'expected a matrix with a non-zero entry, received zeros',
      'Check the data',
    );
  }
  const kept = order.filter((column) => norms[column] > RANK_TOLERANCE * largest).slice(0, asked);
  await turns.offer();
  q.multiplyRight(selection(kept, width, (column) => signs[column]));
  await turns.offer();
  b.multiplyRight(selection(kept, width, (column) => signs[column] / norms[column]));
  await turns.offer();
  return {
    rank: kept.length,
    singularValues: Float64Array.from(kept, (column) => norms[column]),
    readLeft: () => q.readColumns(kept.length),
    readRight: () => b.readColumns(kept.length),
  };
}

/** For each column its L2 norm, and the sign of its component of largest magnitude (the first such). */
function measureColumns({ rows, width, matrix }: TallMatrix): { norms: Float64Array; signs: Float64Array } {
  const { view, stride } = matrix;
  const norms = new Float64Array(width);
  const peaks = new Float64Array(width);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < width; c++) {
      const value = view[r * stride + c];
      norms[c] += value * value;
      if (Math.abs(value) > Math.abs(peaks[c])) peaks[c] = value;
    }
  }
  return { norms: norms.map(Math.sqrt), signs: peaks.map((peak) => (peak < 0 ? -1 : 1)) };
}

/** The matrix that moves column kept[j], times its factor, to place j and leaves zeros in the other places. */
function selection(kept: readonly number[], width: number, factor: (column: number) => number): Float64Array {
  const transform = new Float64Array(width * width);
  for (const [place, column] of kept.entries()) transform[column * width + place] = factor(column);
  return transform;
}

function checkCount(name: string, count: number): void {
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new OptionError(
      'randomizedSvd',
      `expected ${name} to be an integer of at least 1, received ${shown(count)}`,
      `Pass e.g. ${name}: 5`,
    );
  }
}
