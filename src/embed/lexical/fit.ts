import { type Csr, transpose } from '../../data/csr.ts';
import { spmm } from '../../kernels/spmm.ts';
import {
  type LinearOperator,
  randomizedSvd,
  sampledColumns,
  sparseOperator,
  svdRoom,
} from '../../linalg/randomizedSvd.ts';
import type { Matrix } from '../../runtime/buffers.ts';
import type { CsrMatrix } from '../../runtime/csrMatrix.ts';
import { load, type Runtime } from '../../runtime/load.ts';
import { roundUp } from '../../runtime/roundUp.ts';
import { Turns } from '../../runtime/turns.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import type { StepProgress } from '../embedder.ts';
import type { LexicalModel } from './model.ts';
import { segmenterVersion } from './segmenter.ts';
import type { TermOptions } from './terms.ts';
import type { TermCounts } from './vocabulary.ts';
import { weightedSum } from './weightedSum.ts';
import { weighRows } from './weights.ts';

/** From so many times as many texts and terms as columns on, the matrix is squared. */
const SQUARED_FROM = 4;
/**
 * Products with the square: as many products with the matrix as scikit-learn's TruncatedSVD makes, and as much of the
 * squared norm (99.2 to 99.4 % of the best on two catalogues); text-only NDCG@10 no longer moves from there on.
 */
const SQUARED_ITERATIONS = 2;

export interface FitLexicalOptions extends TermOptions {
  /** Columns asked for. */
  readonly dim: number;
  /** Of the SVD's random start. Default 2020, as RecBole. */
  readonly seed?: number;
  readonly runtime?: Runtime;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: StepProgress) => void;
}

/**
 * The model of counted terms: the leading singular triplets of their TF-IDF matrix.
 * @throws {BudgetError} when the job does not fit the runtime's memory
 */
export async function fitLexical(terms: TermCounts, options: FitLexicalOptions): Promise<LexicalModel> {
  const { counts, weights, vocabulary } = terms;
  const { subwords = 'rare', segmentation = 'characters' } = options;
  const matrix = weighRows(counts, weights);
  const { left, singularValues, rank } = await leadingTriplets(matrix, options);
  const projection = left;
  for (let at = 0; at < projection.length; at++) projection[at] /= singularValues[at % rank];
  return {
    options: { subwords, segmentation },
    segmenter: segmentation === 'intl' ? segmenterVersion() : null,
    ...{ vocabulary, weights, counts, projection, singularValues, width: rank },
  };
}

interface Triplets {
  /** U [rows × rank] */
  readonly left: Float32Array;
  readonly singularValues: Float64Array;
  readonly rank: number;
}

/**
 * The leading left singular vectors of A. A matrix that has many more rows and columns than are asked for is squared
 * on its smaller side, so that only tables of that side are made orthonormal: half the time for what subspace
 * iteration with twice the products would find.
 */
async function leadingTriplets(matrix: Csr, options: FitLexicalOptions): Promise<Triplets> {
  const { rows, cols } = matrix;
  const { dim: rank, seed, signal, onProgress } = options;
  const runtime = options.runtime ?? (await load());
  const isSquared = Math.min(rows, cols) > SQUARED_FROM * rank;
  const layout = (workspace: Workspace) => layOut(workspace, matrix, rank, isSquared);
  return runtime.use('lexicalEmbeddings', layout, async ({ room, ...tables }, workspace) => {
    const a = tables.a.fill(matrix);
    const transposed = tables.transposed.fill(transpose(matrix));
    if (!isSquared) {
      const operator = sparseOperator(workspace, a, transposed);
      const svd = await randomizedSvd(workspace, operator, { rank, seed, signal, onProgress }, room);
      return { left: svd.readLeft(), singularValues: svd.singularValues, rank: svd.rank };
    }
    const [first, second] = rows <= cols ? [transposed, a] : [a, transposed];
    const operator = squaredOperator(workspace, first, second, tables.between!);
    const settings = { rank, seed, powerIterations: SQUARED_ITERATIONS, signal, onProgress };
    const svd = await randomizedSvd(workspace, operator, settings, room);
    const singularValues = svd.singularValues.map(Math.sqrt);
    if (rows <= cols) return { left: svd.readLeft(), singularValues, rank: svd.rank };
    const left = await product(matrix, svd.readLeft(), svd.rank, new Turns(signal));
    for (let at = 0; at < left.length; at++) left[at] /= singularValues[at % svd.rank];
    return { left, singularValues, rank: svd.rank };
  });
}

/** The matrix, its transpose, and room for the triplets of it or of its square, which has a table between its factors. */
function layOut(workspace: Workspace, { rows, cols, colIdx }: Csr, rank: number, isSquared: boolean) {
  const [smaller, larger] = [Math.min(rows, cols), Math.max(rows, cols)];
  const size = isSquared ? { rows: smaller, cols: smaller } : { rows, cols };
  const width = sampledColumns(size, rank);
  return {
    a: workspace.csrRoom(rows, cols, colIdx.length),
    transposed: workspace.csrRoom(cols, rows, colIdx.length),
    between: isSquared ? workspace.matrix(larger, width, roundUp(width, 8)) : null,
    room: svdRoom(workspace, size, rank),
  };
}

/** The symmetric operator x ↦ second (first x). */
function squaredOperator(
  workspace: Workspace,
  first: CsrMatrix,
  second: CsrMatrix,
  between: Matrix,
): LinearOperator {
  const multiply = (x: Matrix, y: Matrix) => {
    spmm(workspace, first, x, between);
    spmm(workspace, second, between, y);
  };
  return { rows: second.rows, cols: first.cols, multiply, multiplyTransposed: multiply };
}

/**
 * The vectors of the catalogue's own texts A V, [counts.rows × width] in the order of its rows, by the same sums as
 * `textTransform`.
 *
 * @param turns gives the event loop its turns, and stops the work when aborted
 */
export async function memberVectors(
  { counts, weights, projection, width }: LexicalModel,
  turns = new Turns(),
): Promise<Float32Array> {
  const matrix = weighRows(counts, weights);
  const terms = await product(transpose(matrix), projection, width, turns);
  return product(matrix, terms, width, turns);
}

/** Rows of a product between two turns of the event loop. */
const TURN_ROWS = 1024;

/** A X [a.rows × width]. */
async function product(
  { rows, rowPtr, colIdx, values }: Csr,
  x: Float32Array,
  width: number,
  turns: Turns,
): Promise<Float32Array> {
  const y = new Float32Array(rows * width);
  const sums = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    if (row % TURN_ROWS === 0) await turns.offer();
    const [begin, end] = [rowPtr[row], rowPtr[row + 1]];
    weightedSum(values!.subarray(begin, end), colIdx.subarray(begin, end), x, sums);
    y.set(sums, row * width);
  }
  return y;
}
