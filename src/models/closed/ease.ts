import { interactionsToCsr } from '../../data/csr.ts';
import type { Interactions } from '../../data/interactions.ts';
import { OptionError, shown } from '../../errors.ts';
import { invertPositiveDefinite } from '../../linalg/inverse.ts';
import { type DenseScorer, historyScorer } from '../../rank/denseScorer.ts';
import type { Matrix } from '../../runtime/buffers.ts';
import { load, type Runtime } from '../../runtime/load.ts';

/** An inverse whose diagonal is off by more than this share is refused. */
const INVERSE_ERROR = 0.01;

export interface EaseOptions {
  /** λ > 0, added to the diagonal of RᵀR. */
  readonly regularization: number;
  readonly runtime?: Runtime;
}

/**
 * EASE (Steck, WWW 2019): B = I − P · diag(1/diag P) with P = (RᵀR + λI)⁻¹, the closed form of a linear autoencoder
 * with zero diagonal; score(u, i) = Σ_{j ∈ history} B[j][i]. Takes about numItems² × 12 bytes and numItems³ operations.
 *
 * @throws {OptionError} unless λ is a number > 0, and large enough for the inverse in f32
 * @throws {BudgetError} when the job does not fit `maxMemoryBytes`
 */
export async function ease(
  train: Interactions,
  { regularization, runtime }: EaseOptions,
): Promise<DenseScorer> {
  if (!(regularization > 0 && Number.isFinite(regularization))) {
    const problem = `expected regularization to be a number > 0, received ${shown(regularization)}`;
    throw new OptionError('ease', problem, 'Pass e.g. 100');
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
      throw new OptionError('ease', problem, 'Pass e.g. 100');
    }
    const { view, stride } = p;
    const weights = new Float32Array(numItems * numItems);
    for (let i = 0; i < numItems; i++) {
      const factor = -1 / view[i * stride + i];
      for (let j = 0; j < numItems; j++)
        if (i !== j) weights[i * numItems + j] = view[i * stride + j] * factor;
    }
    return historyScorer('ease', train, weights);
  } finally {
    workspace.close();
  }
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
