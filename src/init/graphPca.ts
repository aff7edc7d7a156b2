import { type Csr, transpose } from '../data/csr.ts';
import { spmm } from '../kernels/spmm.ts';
import { denseProduct, productRoom } from '../linalg/denseProduct.ts';
import { gramMatrix, gramRoom } from '../linalg/gramMatrix.ts';
import { eigenRoom, leadingEigenpairs } from '../linalg/symmetricEigen.ts';
import type { Matrix } from '../runtime/buffers.ts';
import { roundUp } from '../runtime/roundUp.ts';
import { Turns } from '../runtime/turns.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { type PrincipalCoordinates, principalCoordinates, principalRoom } from './pca.ts';
import { whiten } from './whiten.ts';

/** The graph is looked for among so many principal components for each column of the table … */
const COMPONENTS_PER_COLUMN = 2;
/** … but no fewer than this, if the vectors have as many. */
const MIN_COMPONENTS = 256;

/** Eigenvalues below so much of the largest count as that when columns are whitened. */
const SMALLEST_EIGENVALUE = 1e-4;

/** The items' graph, and how much it counts. */
export interface GraphWeighting {
  /** Items of the rows of x, as columns of `csr`. */
  readonly present: readonly number[];
  /** users × items of the training interactions. */
  readonly csr: Csr;
  /** λ ≥ 0 */
  readonly weight: number;
  /** α in [0, 1]: column k is multiplied by μₖ^(−α/2) for the eigenvalue μₖ. */
  readonly whitenExponent: number;
}

/**
 * Coordinates of the rows of x [rows × N] on the `dim` leading eigenvectors of Xᵀ X − λ Xᵀ L X, where
 * L = I − D^−½ C D^−½ is the normalised Laplacian of the items' co-occurrence graph: C counts the users that two items
 * have in common, its diagonal is 0, D holds its row sums. Directions in which neighbours are alike come first.
 * Source: graph-Laplacian PCA (Jiang et al., CVPR 2013), here as a penalty on the directions. Deviations: items without
 * a neighbour have a zero row in L; the eigenvectors are looked for within the leading principal components of x (at
 * least 256, twice `dim`); columns are whitened a little, by μₖ^(−α/2) for the eigenvalue μₖ, which counts as 1e-4 of the
 * largest when it is less, and not at all when no eigenvalue is positive (λ = 1.5 on amazon-office's BERT). The sign of each makes
 * its component of largest magnitude positive.
 *
 * @param least how many there must be; fewer than `dim` come back where x has no more components
 * @param turns gives the event loop its turns, and stops the work when aborted
 * @throws {OptionError} as `principalCoordinates`
 */
export async function graphPrincipalCoordinates(
  workspace: Workspace,
  x: Matrix,
  dim: number,
  graph: GraphWeighting,
  least = dim,
  turns = new Turns(),
): Promise<Omit<PrincipalCoordinates, 'singularValues'>> {
  const pca = await principalCoordinates(workspace, x, least, componentsFor(x, dim), turns);
  await turns.offer();
  const mark = workspace.mark();
  const width = pca.singularValues.length;
  const table = workspace.matrixFrom(pca.coordinates, x.rows, width, roundUp(width, 8));
  const count = Math.min(dim, width);
  const covariance = await penalizedCovariance(workspace, table, graph, turns);
  const { vectors, values } = await leadingEigenpairs(workspace, covariance, count, turns);
  await turns.offer();
  const coordinates = denseProduct(workspace, table, vectors, count);
  const kept = coordinates.reduce((sum, value) => sum + value * value, 0);
  const all = x.view.reduce((sum, value) => sum + value * value, 0);
  workspace.release(mark);
  return {
    coordinates: whiten({ coordinates, singularValues: rootsOf(values) }, graph.whitenExponent),
    varianceKept: Math.min(1, kept / all),
  };
}

/** Components among which those of the graph are found. */
function componentsFor(x: Matrix, dim: number): number {
  const wanted = Math.max(COMPONENTS_PER_COLUMN * dim, MIN_COMPONENTS);
  return Math.min(wanted, x.dim, x.rows - 1);
}

/**
 * What `graphPrincipalCoordinates` allocates at the most, in a workspace that only counts: with all components, and every item
 * in the list of those without a neighbour.
 */
export function graphRoom(workspace: Workspace, x: Matrix, dim: number, csr: Csr): void {
  const width = componentsFor(x, dim);
  workspace.foresee(() => principalRoom(workspace, x, width));
  const count = Math.min(dim, width);
  const table = (rows: number) => workspace.matrix(rows, width, roundUp(width, 8));
  const coordinates = table(x.rows);
  // Of `penalizedCovariance`: the items' own rows, the graph, the users' rows, items without a neighbour.
  table(x.rows);
  workspace.csrRoom(csr.rows, x.rows, csr.colIdx.length);
  const users = table(csr.rows);
  table(x.rows);
  workspace.foresee(() => gramRoom(workspace, users));
  workspace.foresee(() => eigenRoom(workspace, width, count));
  workspace.foresee(() => productRoom(workspace, coordinates, count));
}

/** √μ for descending eigenvalues μ with their floor; 1 for all when a heavy graph leaves none that is positive. */
function rootsOf(eigenvalues: Float64Array): Float64Array {
  const floor = SMALLEST_EIGENVALUE * eigenvalues[0];
  if (!(floor > 0)) return new Float64Array(eigenvalues.length).fill(1);
  return eigenvalues.map((value) => Math.sqrt(Math.max(value, floor)));
}

/**
 * Xᵀ (I − λ L) X, dense width × width, as a sum of Gram matrices: with Y = R D^−½ X, Xᵀ D^−½ C D^−½ X = Yᵀ Y less the
 * diagonal of C, Σ cᵢᵢ/dᵢ xᵢ xᵢᵀ.
 */
async function penalizedCovariance(
  workspace: Workspace,
  x: Matrix,
  { present, csr, weight }: GraphWeighting,
  turns: Turns,
): Promise<Float64Array> {
  const { degrees, neighbours } = coOccurrence(csr);
  const own = workspace.matrix(x.rows, x.dim, x.stride);
  const isolated: number[] = [];
  scaleRows(x, own, (row) => {
    const item = present[row];
    if (neighbours[item] === 0) isolated.push(row);
    return neighbours[item] === 0 ? 0 : Math.sqrt(degrees[item] / neighbours[item]);
  });
  const common = throughUsers(workspace, x, present, csr, neighbours);
  const alone = workspace.matrix(Math.max(1, isolated.length), x.dim, x.stride);
  for (const [n, row] of isolated.entries())
    alone.view.set(x.view.subarray(row * x.stride, (row + 1) * x.stride), n * x.stride);
  const grams: Float64Array[] = [];
  for (const table of [x, common, own, alone]) {
    await turns.offer();
    grams.push(gramMatrix(workspace, table));
  }
  const [all, between, diagonal, rest] = grams;
  return all.map((value, at) => (1 - weight) * value + weight * (between[at] - diagonal[at] + rest[at]));
}

/** Y = R D^−½ X: a user's row is the sum of the user's items, each divided by the root of its neighbours. */
function throughUsers(
  workspace: Workspace,
  x: Matrix,
  present: readonly number[],
  csr: Csr,
  neighbours: Float64Array,
): Matrix {
  const rowOf = new Int32Array(csr.cols).fill(-1);
  for (const [row, item] of present.entries()) rowOf[item] = row;
  const rowPtr = new Int32Array(csr.rows + 1);
  const colIdx: number[] = [];
  const values: number[] = [];
  for (let user = 0; user < csr.rows; user++) {
    for (const item of csr.colIdx.subarray(csr.rowPtr[user], csr.rowPtr[user + 1])) {
      if (rowOf[item] < 0 || neighbours[item] === 0) continue;
      colIdx.push(rowOf[item]);
      values.push(1 / Math.sqrt(neighbours[item]));
    }
    rowPtr[user + 1] = colIdx.length;
  }
  const r = workspace.csr({
    rows: csr.rows,
    cols: x.rows,
    rowPtr,
    colIdx: Int32Array.from(colIdx),
    values: Float32Array.from(values),
  });
  const y = workspace.matrix(csr.rows, x.dim, x.stride);
  spmm(workspace, r, x, y);
  return y;
}

/** Users of each item, and the row sums of C: co-occurrences with other items. */
function coOccurrence(csr: Csr): { degrees: Float64Array; neighbours: Float64Array } {
  const { rowPtr } = transpose(csr);
  const degrees = Float64Array.from({ length: csr.cols }, (_, item) => rowPtr[item + 1] - rowPtr[item]);
  const neighbours = new Float64Array(csr.cols);
  for (let user = 0; user < csr.rows; user++) {
    const own = csr.colIdx.subarray(csr.rowPtr[user], csr.rowPtr[user + 1]);
    for (const item of own) neighbours[item] += own.length - 1;
  }
  return { degrees, neighbours };
}

function scaleRows(from: Matrix, to: Matrix, factor: (row: number) => number): void {
  const { stride } = from;
  const source = from.view;
  const target = to.view;
  for (let row = 0; row < from.rows; row++) {
    const scale = factor(row);
    for (let at = row * stride; at < (row + 1) * stride; at++) target[at] = scale * source[at];
  }
}
