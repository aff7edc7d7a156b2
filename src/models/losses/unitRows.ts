import { unitTable } from '../../kernels/blocks.ts';
import { unitRows, unitRowsBackward } from '../../kernels/unit.ts';
import type { F32Buffer, I32Buffer, Matrix } from '../../runtime/buffers.ts';
import type { Workspace } from '../../runtime/workspace.ts';

/** Counts how often each of `rows` rows stands in `pairs`, as f32. */
export function countRows(
  pairs: I32Buffer,
  count: number,
  first: number,
  rows: number,
  out: F32Buffer,
): void {
  const weights = out.view;
  weights.fill(0, 0, rows);
  for (const row of pairs.view.subarray(0, count)) weights[row - first]++;
}

/** Unit rows, the gradient they receive, and the way back to the rows they came from. */
export class UnitRows {
  readonly unit: Matrix;
  readonly gradient: Matrix;
  readonly #inverseNorms: F32Buffer;
  readonly #workspace: Workspace;
  #count = 0;

  /** @param tables what to use in place of tables of its own */
  constructor(workspace: Workspace, rows: number, dim: number, tables?: { unit: Matrix; gradient: Matrix }) {
    this.#workspace = workspace;
    this.unit = tables?.unit ?? unitTable(workspace, rows, dim);
    this.gradient = tables?.gradient ?? unitTable(workspace, rows, dim);
    this.#inverseNorms = workspace.f32(rows);
  }

  /** Takes the first `count` rows of x. */
  normalize(x: Matrix, count: number): void {
    this.#count = count;
    unitRows(this.#workspace, x, null, count, this.unit, this.#inverseNorms);
  }

  /** dx[i] += scale · the gradient through the normalisation. */
  backward(dx: Matrix, scale: number): void {
    unitRowsBackward(this.#workspace, this.unit, this.gradient, this.#count, this.#inverseNorms, scale, dx);
  }
}
