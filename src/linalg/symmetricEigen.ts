import { applyReflections, type TridiagonalForm, tridiagonalize } from '../kernels/eigen.ts';
import type { F64Buffer } from '../runtime/buffers.ts';
import type { Turns } from '../runtime/turns.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { eigenvectors, largestEigenvalues } from './tridiagonal.ts';

/** Multiplications between two turns of the event loop: some milliseconds. */
const TURN_WORK = 8e6;

/** Eigenvalues and eigenvectors of a symmetric matrix. */
export interface Eigenpairs {
  /** Algebraically largest first; [count] */
  readonly values: Float64Array;
  /** Orthonormal rows, count × n; in each the component of largest magnitude (the first such) is positive. */
  readonly vectors: Float64Array;
}

/** What `leadingEigenpairs` computes in. */
export interface EigenRoom {
  readonly form: TridiagonalForm;
  /** [count × size] */
  readonly vectors: F64Buffer;
}

/** Room for `count` eigenpairs of a matrix of this size, in a workspace that may only count. */
export function eigenRoom(workspace: Workspace, size: number, count: number): EigenRoom {
  const form: TridiagonalForm = {
    size,
    a: workspace.f64(size * size),
    diagonal: workspace.f64(size),
    offDiagonal: workspace.f64(size),
    tau: workspace.f64(size),
    state: workspace.f64(2 * size),
  };
  return { form, vectors: workspace.f64(count * size) };
}

/**
 * The `count` algebraically largest eigenvalues of a symmetric matrix with their vectors, in float64: tridiagonal form by
 * Householder reflections, bisection, inverse iteration. Takes 4/3 n³ + 2 n² count operations, and n² × 8 bytes of
 * workspace. Same matrix: same bytes.
 *
 * @param a dense n × n, of which the lower triangle is read
 * @param turns gives the event loop its turns, and stops the work when aborted
 * @param given room for so many pairs; default: its own, which is free again afterwards
 */
export async function leadingEigenpairs(
  workspace: Workspace,
  a: Float64Array,
  count: number,
  turns: Turns,
  given?: EigenRoom,
): Promise<Eigenpairs> {
  const size = Math.round(Math.sqrt(a.length));
  const mark = workspace.mark();
  const { form, vectors: y } = given ?? eigenRoom(workspace, size, count);
  form.a.view.set(a);
  for (let row = size - 1; row >= 0; ) {
    await turns.offer();
    const end = Math.max(-1, row - Math.max(1, Math.floor(TURN_WORK / (row * row + 1))));
    tridiagonalize(workspace, form, row, end);
    row = end;
  }
  const t = { diagonal: form.diagonal.view.slice(), offDiagonal: form.offDiagonal.view.slice() };
  await turns.offer();
  const values = largestEigenvalues(t, count);
  await turns.offer();
  y.view.set(eigenvectors(t, values));
  await turns.offer();
  applyReflections(workspace, form, y, count);
  const vectors = y.view.slice();
  workspace.release(mark);
  for (let k = 0; k < count; k++) makePeakPositive(vectors.subarray(k * size, (k + 1) * size));
  return { values, vectors };
}

function makePeakPositive(row: Float64Array): void {
  let peak = 0;
  for (const value of row) if (Math.abs(value) > Math.abs(peak)) peak = value;
  if (peak < 0) for (let i = 0; i < row.length; i++) row[i] = -row[i];
}
