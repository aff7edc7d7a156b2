import { DataError, OptionError } from '../errors.ts';
import { denseProduct, productRoom } from '../linalg/denseProduct.ts';
import { gramMatrix, gramRoom } from '../linalg/gramMatrix.ts';
import { type LinearOperator, randomizedSvd, sampledColumns, svdRoom } from '../linalg/randomizedSvd.ts';
import { eigenRoom, leadingEigenpairs } from '../linalg/symmetricEigen.ts';
import { transposeTable } from '../linalg/transpose.ts';
import type { Matrix } from '../runtime/buffers.ts';
import { roundUp } from '../runtime/roundUp.ts';
import { Turns } from '../runtime/turns.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** Gram matrices of more rows are sampled: their tridiagonal form would take longer than the products. */
const MOST_EXACT = 1600;
/** Eigenvectors sampled beyond those wanted: at least as many again, so that 4 power iterations suffice. */
const SAMPLES_PER_COMPONENT = 2;
const MIN_SAMPLES = 256;
const POWER_ITERATIONS = 4;
/** Smaller singular values, relative to the largest, are rounding errors of f32 products. */
const RANK_TOLERANCE = 1e-4;

/** Principal coordinates and the share of the rows' squared length that they keep. */
export interface PrincipalCoordinates {
  /** Dense rows × components; columns orthogonal, by descending norm. */
  readonly coordinates: Float32Array;
  /** Norms of the columns, descending. */
  readonly singularValues: Float64Array;
  /** ‖coordinates‖² / ‖x‖² (Frobenius): the share of the variance, as far as the columns of x are centred. */
  readonly varianceKept: number;
}

/**
 * Coordinates of the rows of x [rows × N] on the first `dim` right singular vectors of x: U Σ of x ≈ U Σ Vᵀ, which
 * for centred columns are the principal components. The sign of each makes the largest entry of its column of V
 * positive. V comes from the eigenvectors of XᵀX, or of XXᵀ where that is smaller, in float64; beyond 1,600 rows from a
 * random sample of its range. Same x: same bytes.
 *
 * @param dim how many there must be
 * @param components how many are wanted, if x has as many; default `dim`
 * @param turns gives the event loop its turns, and stops the work when aborted
 * @throws {OptionError} when there are fewer than `dim` components: dim must be ≤ min(N, rows − 1), and no more than
 *   the rank of x, where singular values below 1e-4 of the largest count as zero
 * @throws {DataError} when x is zero
 */
export async function principalCoordinates(
  workspace: Workspace,
  x: Matrix,
  dim: number,
  components = dim,
  turns = new Turns(),
): Promise<PrincipalCoordinates> {
  checkComponents(dim, x.dim, x.rows);
  const most = Math.min(x.dim, x.rows - 1);
  const mark = workspace.mark();
  const directions = await rightVectors(workspace, x, Math.min(components, most), turns);
  await turns.offer();
  const count = directions.length / x.dim;
  const products = denseProduct(workspace, x, directions, count);
  const all = x.view.reduce((sum, value) => sum + value * value, 0);
  workspace.release(mark);
  const norms = columnNorms(products, count);
  // The norms resolve small singular values that drown in the eigenvalues, their squares.
  const order = Array.from(norms.keys()).sort((i, j) => norms[j] - norms[i] || i - j);
  if (!(norms[order[0]] > 0))
    throw new DataError('pca', 'expected rows that differ from zero, received zeros', 'Check the vectors');
  const kept = order.filter((k) => norms[k] > RANK_TOLERANCE * norms[order[0]]);
  if (kept.length < dim)
    refuse(`≤ ${kept.length}, the rank of the ${x.rows} centred vectors`, dim, kept.length);
  const singularValues = Float64Array.from(kept, (k) => norms[k]);
  const squares = singularValues.reduce((sum, value) => sum + value * value, 0);
  return {
    coordinates: columnsOf(products, count, kept),
    singularValues,
    varianceKept: Math.min(1, squares / all),
  };
}

/** @throws {OptionError} when centred vectors of this width for so many items cannot have `dim` components */
export function checkComponents(dim: number, width: number, items: number): void {
  const most = Math.min(width, items - 1);
  if (dim > most) refuse(`≤ ${most} for ${items} items with vectors of ${width}`, dim, most);
}

/**
 * What `principalCoordinates` allocates at the most, in a workspace that only counts: all `components` may be found, or fewer,
 * for which it takes less.
 */
export function principalRoom(workspace: Workspace, x: Matrix, components: number): void {
  const narrow = x.dim <= x.rows;
  const count = Math.min(components, x.dim, x.rows - 1);
  const side = narrow ? x : transposedRoom(workspace, x);
  workspace.foresee(() => gramRoom(workspace, side));
  if (side.dim <= MOST_EXACT) workspace.foresee(() => eigenRoom(workspace, side.dim, count));
  else {
    const { dim: size } = side;
    const samples = samplesFor(count);
    // The operator's table stands behind the room of the decomposition, and both stay.
    const table = operatorRoom(workspace, size);
    svdRoom(workspace, { rows: size, cols: size }, samples);
    const width = sampledColumns({ rows: size, cols: size }, samples);
    workspace.foresee(() => {
      workspace.matrix(width, size);
      productRoom(workspace, table.slice(0, size), width);
    });
  }
  if (!narrow) workspace.foresee(() => productRoom(workspace, side, count));
  workspace.foresee(() => productRoom(workspace, x, count));
}

function transposedRoom(workspace: Workspace, x: Matrix): Matrix {
  return workspace.matrix(x.dim, x.rows, roundUp(x.rows, 8));
}

function operatorRoom(workspace: Workspace, size: number): Matrix {
  return workspace.matrix(roundUp(size, 4), size);
}

function samplesFor(components: number): number {
  return Math.max(SAMPLES_PER_COMPONENT * components, MIN_SAMPLES);
}

/** At most `count` right singular vectors of x as rows, dense count × N, roughly by descending singular value. */
async function rightVectors(
  workspace: Workspace,
  x: Matrix,
  count: number,
  turns: Turns,
): Promise<Float32Array> {
  const narrow = x.dim <= x.rows;
  const side = narrow ? x : transposedRoom(workspace, x);
  if (!narrow) transposeTable(x, side);
  const gram = gramMatrix(workspace, side);
  await turns.offer();
  const vectors = await leadingVectors(workspace, gram, side.dim, count, turns);
  if (narrow) return unitRows(Float32Array.from(vectors), x.dim);
  // Xᵀ U, whose columns are those of V but for their lengths.
  const found = vectors.length / x.rows;
  const products = denseProduct(workspace, side, vectors, found);
  const rows = new Float32Array(products.length);
  for (let c = 0; c < x.dim; c++)
    for (let k = 0; k < found; k++) rows[k * x.dim + c] = products[c * found + k];
  return unitRows(rows, x.dim);
}

/** Leading eigenvectors of a Gram matrix as rows, all of them or as many as a sample finds. */
async function leadingVectors(
  workspace: Workspace,
  gram: Float64Array,
  size: number,
  count: number,
  turns: Turns,
): Promise<ArrayLike<number>> {
  if (size <= MOST_EXACT) return (await leadingEigenpairs(workspace, gram, count, turns)).vectors;
  const samples = samplesFor(count);
  const options = { rank: samples, powerIterations: POWER_ITERATIONS / 2, signal: turns.signal };
  const { rank, readLeft } = await randomizedSvd(
    workspace,
    symmetricOperator(workspace, gram, size),
    options,
  );
  const left = readLeft();
  const kept = Math.min(count, rank);
  const rows = new Float32Array(kept * size);
  for (let k = 0; k < kept; k++) for (let i = 0; i < size; i++) rows[k * size + i] = left[i * rank + k];
  return rows;
}

/** A symmetric matrix in f32 as an operator: each product is a power of XᵀX. */
function symmetricOperator(workspace: Workspace, gram: Float64Array, size: number): LinearOperator {
  const table = operatorRoom(workspace, size);
  for (let i = 0; i < size; i++) table.view.set(gram.subarray(i * size, (i + 1) * size), i * table.stride);
  const multiply = (factor: Matrix, out: Matrix) => {
    const mark = workspace.mark();
    const rows = workspace.matrix(factor.dim, factor.rows);
    transposeTable(factor, rows);
    const product = denseProduct(workspace, table.slice(0, size), rows.read(), factor.dim);
    out.write(product);
    workspace.release(mark);
  };
  return { rows: size, cols: size, multiply, multiplyTransposed: multiply };
}

/** Rows divided by their lengths, the component of largest magnitude of each positive; rows of zeros stay. */
function unitRows(rows: Float32Array, width: number): Float32Array {
  for (let first = 0; first < rows.length; first += width) {
    let [squares, peak] = [0, 0];
    for (let at = first; at < first + width; at++) {
      squares += rows[at] * rows[at];
      if (Math.abs(rows[at]) > Math.abs(peak)) peak = rows[at];
    }
    const factor = squares > 0 ? (peak < 0 ? -1 : 1) / Math.sqrt(squares) : 0;
    for (let at = first; at < first + width; at++) rows[at] *= factor;
  }
  return rows;
}

function columnNorms(table: Float32Array, count: number): Float64Array {
  const norms = new Float64Array(count);
  for (let at = 0; at < table.length; at++) norms[at % count] += table[at] * table[at];
  return norms.map(Math.sqrt);
}

function columnsOf(table: Float32Array, count: number, kept: readonly number[]): Float32Array {
  const rows = table.length / count;
  const out = new Float32Array(rows * kept.length);
  for (let r = 0; r < rows; r++)
    for (const [place, k] of kept.entries()) out[r * kept.length + place] = table[r * count + k];
  return out;
}

function refuse(limit: string, dim: number, most: number): never {
  const problem = `expected dim ${limit}, received ${dim}`;
  throw new OptionError('pca', problem, `Lower dim to ${most} or less`, 'dim');
}
