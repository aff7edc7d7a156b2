import { type Csr, transpose } from '../../data/csr.ts';
import { OptionError } from '../../errors.ts';
import { gemmNt, packPanels } from '../../kernels/gemm.ts';
import { inverseRoom, invertPositiveDefinite } from '../../linalg/inverse.ts';
import { transposeTable } from '../../linalg/transpose.ts';
import { inverseFactors, inverseRow } from '../../rank/inverseRows.ts';
import { RowCutter, rowBudgets } from '../../rank/largestEntries.ts';
import type { SparseRows } from '../../rank/sparseRows.ts';
import type { F32Buffer, Matrix } from '../../runtime/buffers.ts';
import { roundUp } from '../../runtime/roundUp.ts';
import type { Turns } from '../../runtime/turns.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import { addGram, squaredNorms } from './gram.ts';
import type { TextPrior } from './textPrior.ts';

/** An inverse whose diagonal is off by more than this share is refused. */
const INVERSE_ERROR = 0.01;
/** Rows of B computed at a time; a multiple of 4. */
const CHUNK_ROWS = 256;

/** What decides the weights of the dense form. */
export interface DenseSettings {
  /** λ > 0 */
  readonly regularization: number;
  /** p ≥ 0 */
  readonly popularityPenalty: number;
  /** λ_E ≥ 0; without text 0. */
  readonly textWeight: number;
  /** Whether weights below 0 are kept. */
  readonly negative: boolean;
  /** Entries of a row that are kept, on average; Infinity for all. */
  readonly entries: number;
}

/**
 * B = argmin ‖X − XB‖² + λ_X‖B‖² + λ_E‖B − C‖² with diag B = 0 over all items at once, from the inverse
 * P = (XᵀX + diag(λ + p G_ii))⁻¹, λ = λ_X + λ_E:
 * B_ij = λ_E (PFM)_i · f_j / (1 − d_j) − P_ij (λ_E d_j / (1 − d_j) + μ_j) for the leverages d_j = f_j M f_j and
 * μ_j = (1 + λ_E (PC)_jj) / P_jj; B_jj = 0. Of items × items there is one table in f32, which becomes P; neither C nor PC
 * is stored. Without text it is EASE, B_ij = −P_ij / P_jj.
 *
 * @param byUser X, users × items
 * @param prior C of the items' vectors; null without text
 * @throws {OptionError} when λ is too small for the inverse in f32
 */
export async function denseItemRows(
  workspace: Workspace,
  byUser: Csr,
  prior: TextPrior | null,
  settings: DenseSettings,
  turns: Turns,
): Promise<SparseRows> {
  const squares = squaredNorms(transpose(byUser));
  const mark = workspace.mark();
  const p = await invertGram(workspace, byUser, squares, settings, turns);
  const rows = await rowsOfInverse(workspace, p, squares, prior, settings, turns);
  workspace.release(mark);
  return rows;
}

/** The rows of B, from P and the diagonal of XᵀX. */
export async function rowsOfInverse(
  workspace: Workspace,
  p: Matrix,
  squares: Float64Array,
  prior: TextPrior | null,
  { textWeight, negative, entries }: DenseSettings,
  turns: Turns,
): Promise<SparseRows> {
  const numItems = squares.length;
  const mark = workspace.mark();
  const text = prior && textWeight > 0 ? new TextRows(workspace, p, prior, numItems) : null;
  const factors = columnFactors(p, numItems, text, textWeight);
  const cutter = new RowCutter(rowBudgets(squares, entries));
  const scratch = { indices: new Int32Array(numItems), weights: new Float32Array(numItems) };
  for (let first = 0; first < numItems; first += CHUNK_ROWS) {
    await turns.offer();
    const rows = Math.min(CHUNK_ROWS, numItems - first);
    const drawn = text?.rows(first, rows).view ?? null;
    for (let r = 0; r < rows; r++) {
      const prior = drawn && ((j: number) => textWeight * drawn[r * p.stride + j]);
      const own = p.view.subarray((first + r) * p.stride, (first + r + 1) * p.stride);
      const row = inverseRow(own, first + r, factors, prior, negative, scratch);
      cutter.add(row.indices, row.weights);
    }
  }
  workspace.release(mark);
  return cutter.rows();
}

/** P of `invertGram` and what that computes in, in a workspace that may only count. */
export function gramInverseRoom(workspace: Workspace, numItems: number): Matrix {
  const p = inverseTable(workspace, numItems);
  workspace.foresee(() => inverseRoom(workspace, p.rows));
  return p;
}

/** What `denseItemRows` allocates at the most, in a workspace that only counts. @param prior null without text */
export function denseRoom(
  workspace: Workspace,
  numItems: number,
  prior: Pick<TextPrior, 'mapped'> | null,
): void {
  const p = gramInverseRoom(workspace, numItems);
  if (prior) workspace.foresee(() => textRoom(workspace, p, prior, numItems));
}

function inverseTable(workspace: Workspace, numItems: number): Matrix {
  const size = roundUp(numItems, 8);
  return workspace.matrix(size, size);
}

/** P, its rows and columns rounded up to a multiple of 8 with those of the identity, which change nothing. */
export async function invertGram(
  workspace: Workspace,
  byUser: Csr,
  squares: Float64Array,
  { regularization, popularityPenalty }: Pick<DenseSettings, 'regularization' | 'popularityPenalty'>,
  turns: Turns,
): Promise<Matrix> {
  const p = inverseTable(workspace, squares.length);
  const size = p.rows;
  await addGram(byUser, p, turns);
  const view = p.view;
  for (let i = 0; i < size; i++)
    view[i * (size + 1)] += i < squares.length ? regularization + popularityPenalty * squares[i] : 1;
  if (!(await invertPositiveDefinite(workspace, p, turns))) refuse(regularization);
  checkDiagonal(p, squares.length, regularization);
  return p;
}

/** @throws {OptionError} where f32 has lost the inverse */
export function checkDiagonal(p: Matrix, numItems: number, regularization: number): void {
  if (!hasBoundedDiagonal(p, numItems, regularization)) refuse(regularization);
}

function refuse(regularization: number): never {
  const problem = `expected a regularization with which XᵀX + λI can be inverted in f32, received ${regularization}`;
  throw new OptionError('ease', problem, 'Pass e.g. 100', 'regularization');
}

/** Whether 0 < Pᵢᵢ ≤ 1/λ for all i, up to rounding, as for every P = (G + λI)⁻¹ with G positive semidefinite. */
function hasBoundedDiagonal({ view, stride }: Matrix, numItems: number, regularization: number): boolean {
  const most = (1 + INVERSE_ERROR) / regularization;
  for (let item = 0; item < numItems; item++) {
    const value = view[item * (stride + 1)];
    if (!(value > 0 && value <= most)) return false;
  }
  return true;
}

/** λ_E d_j / (1 − d_j) + μ_j, what P_ij is multiplied by. */
function columnFactors(p: Matrix, numItems: number, text: TextRows | null, textWeight: number): Float64Array {
  const { view, stride } = p;
  if (!text) return inverseFactors(Float32Array.from({ length: numItems }, (_, j) => view[j * (stride + 1)]));
  return Float64Array.from({ length: numItems }, (_, j) => {
    const own = view[j * (stride + 1)];
    const odds = text.prior.odds[j];
    const diagonal = text.diagonal(j) - own * odds;
    return textWeight * odds + (1 + textWeight * diagonal) / own;
  });
}

/** (PFM)_i · f_j / (1 − d_j), some rows i at a time. */
class TextRows {
  readonly prior: TextPrior;
  readonly #workspace: Workspace;
  /** P F M */
  readonly #left: Matrix;
  readonly #panels: F32Buffer;
  readonly #out: Matrix;

  constructor(workspace: Workspace, p: Matrix, prior: TextPrior, numItems: number) {
    const { mapped, targets } = prior;
    const columns = mapped.stride;
    this.prior = prior;
    this.#workspace = workspace;
    const { left, packed, out } = textRoom(workspace, p, prior, numItems);
    [this.#left, this.#panels, this.#out] = [left, packed, out];
    const mark = workspace.mark();
    const { transposed, panels } = mappedRoom(workspace, p, columns);
    transposeTable(mapped, transposed);
    packPanels(workspace, transposed, panels);
    gemmNt(workspace, p, panels, columns, this.#left);
    workspace.release(mark);
    packPanels(workspace, targets.slice(0, numItems), this.#panels);
  }

  /** Rows first … first + count − 1; valid until the next call. */
  rows(first: number, count: number): Matrix {
    const out = this.#out.slice(0, roundUp(count, 4));
    gemmNt(this.#workspace, this.#left.slice(first, out.rows), this.#panels, out.dim, out);
    return out;
  }

  /** (PFM)_j · f_j / (1 − d_j) */
  diagonal(j: number): number {
    const { view, stride } = this.#left;
    const other = this.prior.targets.view;
    let sum = 0;
    for (let at = j * stride; at < (j + 1) * stride; at++) sum += view[at] * other[at];
    return sum;
  }
}

/** What `TextRows` holds, with what comes and goes. */
function textRoom(workspace: Workspace, p: Matrix, { mapped }: Pick<TextPrior, 'mapped'>, numItems: number) {
  const columns = mapped.stride;
  const left = workspace.matrix(p.rows, columns);
  const packed = workspace.f32(p.rows * columns);
  const out = workspace.matrix(roundUp(Math.min(CHUNK_ROWS, numItems), 4), numItems, p.stride);
  workspace.foresee(() => mappedRoom(workspace, p, columns));
  return { left, packed, out };
}

/** The prior's mapped vectors as columns, and these in panels. */
function mappedRoom(workspace: Workspace, p: Matrix, columns: number) {
  return { transposed: workspace.matrix(columns, p.rows), panels: workspace.f32(columns * p.rows) };
}
