import { interactionsToCsr } from '../../data/csr.ts';
import type { Interactions } from '../../data/interactions.ts';
import { OptionError, shown } from '../../errors.ts';
import { invertPositiveDefinite } from '../../linalg/inverse.ts';
import { RowScorer } from '../../rank/rowScorer.ts';
import type { Matrix } from '../../runtime/buffers.ts';
import { load, type Runtime } from '../../runtime/load.ts';
import { RowCutter, rowBudgets } from './cutRows.ts';

/** An inverse whose diagonal is off by more than this share is refused. */
const INVERSE_ERROR = 0.01;

/** Options of `ease`. */
export interface EaseOptions {
  /** λ > 0, added to the diagonal of RᵀR. */
  readonly regularization: number;
  /**
   * Entries kept of each item's row of B, on average, those of the largest weights; rows of popular items keep more.
   * Default: all, which is Steck's model.
   */
  readonly entries?: number;
  readonly runtime?: Runtime;
}

/**
 * EASE (Steck, WWW 2019): B = I − P · diag(1/diag P) with P = (RᵀR + λI)⁻¹, the closed form of a linear autoencoder
 * with zero diagonal; score(u, i) = Σ_{j ∈ history} B[j][i]. Takes about numItems² × 12 bytes and numItems³ operations.
 *
 * @throws {OptionError} unless λ is a number > 0, and large enough for the inverse in f32
 * @throws {BudgetError} when the job does not fit `maxMemoryBytes`
 */
export async function ease(train: Interactions, options: EaseOptions): Promise<RowScorer> {
  const { regularization, entries = Number.POSITIVE_INFINITY, runtime } = options;
  if (!(regularization > 0 && Number.isFinite(regularization))) {
    const problem = `expected regularization to be a number > 0, received ${shown(regularization)}`;
    throw new OptionError('ease', problem, 'Pass e.g. 100', 'regularization');
  }
  const { numItems } = train;
  const workspace = (runtime ?? (await load())).open();
  try {
    // Rows beyond the items are those of the identity, so that they change nothing.
    const p = workspace.matrix(Math.ceil(numItems / 8) * 8, Math.ceil(numItems / 8) * 8);
    addCoOccurrences(train, p.view, p.stride);
    for (let item = 0; item < p.rows; item++) p.view[item * p.stride + item] += regularization;
    if (!invertPositiveDefinite(workspace, p) || !hasBoundedDiagonal(p, regularization)) {
      const problem = `expected a regularization with which RᵀR + λI can be inverted in f32, received ${regularization}`;
      throw new OptionError('ease', problem, 'Pass e.g. 100', 'regularization');
    }
    const degrees = new Int32Array(numItems);
    for (const item of train.items) degrees[item]++;
    return new RowScorer('ease', rowsOf(p, degrees, entries));
  } finally {
    workspace.close();
  }
}

/** B's rows, each cut to its budget; without a limit all entries but the zeros, else those above 0. */
function rowsOf({ view, stride }: Matrix, degrees: Int32Array, entries: number) {
  const numItems = degrees.length;
  const cutter = new RowCutter(rowBudgets(degrees, entries));
  const factors = Float64Array.from(degrees, (_, i) => -1 / view[i * stride + i]);
  const least = entries === Number.POSITIVE_INFINITY ? Number.NEGATIVE_INFINITY : 0;
  const [indices, weights] = [new Int32Array(numItems), new Float32Array(numItems)];
  for (let j = 0; j < numItems; j++) {
    let count = 0;
    for (let i = 0; i < numItems; i++) {
      const weight = Math.fround(view[j * stride + i] * factors[i]);
      if (i === j || weight === 0 || weight < least) continue;
      indices[count] = i;
      weights[count++] = weight;
    }
    cutter.add(indices.subarray(0, count), weights.subarray(0, count));
  }
  return cutter.rows();
}

/** Whether 0 < Pᵢᵢ ≤ 1/λ for all i, up to rounding, as for every P = (G + λI)⁻¹ with G positive semidefinite. */
function hasBoundedDiagonal({ view, rows, stride }: Matrix, regularization: number): boolean {
  const most = (1 + INVERSE_ERROR) / regularization;
  for (let item = 0; item < rows; item++) {
    const value = view[item * stride + item];
    if (!(value > 0 && value <= most)) return false;
  }
  return true;
}

/** gram[i][j] += the number of users that items i and j have in common. */
function addCoOccurrences(train: Interactions, gram: Float32Array, stride: number): void {
  const { rows, rowPtr, colIdx } = interactionsToCsr(train);
  for (let user = 0; user < rows; user++) {
    const own = colIdx.subarray(rowPtr[user], rowPtr[user + 1]);
    for (const i of own) for (const j of own) gram[i * stride + j]++;
  }
}
