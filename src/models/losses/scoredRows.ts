import { unitTable } from '../../kernels/blocks.ts';
import { addRows, gatherRows } from '../../kernels/rows.ts';
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

/** Rows in the layout of the contrastive kernels, the gradient they receive, and the way back to where they came from. */
export interface ScoredRows {
  readonly unit: Matrix;
  readonly gradient: Matrix;
  /** Before anything is taken. */
  start(): void;
  /** Takes the first `count` rows of x, or as many that are named. */
  take(x: Matrix, count: number, rows?: I32Buffer): void;
  /** dx[i] += scale · the gradient of x[i]. */
  backward(dx: Matrix, scale: number): void;
}

/** Rows as they are. */
export class PlainRows implements ScoredRows {
  readonly unit: Matrix;
  readonly gradient: Matrix;
  readonly #workspace: Workspace;
  readonly #order: I32Buffer;
  readonly #factors: F32Buffer;
  #count = 0;

  constructor(workspace: Workspace, rows: number, tables: { unit: Matrix; gradient: Matrix }) {
    this.#workspace = workspace;
    this.unit = tables.unit;
    this.gradient = tables.gradient;
    this.#order = workspace.i32(rows);
    this.#factors = workspace.f32(rows);
  }

  start(): void {
    const order = this.#order.view;
    for (let row = 0; row < order.length; row++) order[row] = row;
  }

  take(x: Matrix, count: number, rows: I32Buffer = this.#order): void {
    this.#count = count;
    gatherRows(this.#workspace, x, rows, count, this.unit);
  }

  backward(dx: Matrix, scale: number): void {
    this.#factors.view.fill(scale, 0, this.#count);
    addRows(this.#workspace, this.gradient, this.#order, this.#count, dx, this.#factors);
  }
}

/** Rows divided by their lengths. */
export class UnitRows implements ScoredRows {
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

  start(): void {}

  take(x: Matrix, count: number, rows: I32Buffer | null = null): void {
    this.#count = count;
    unitRows(this.#workspace, x, rows, count, this.unit, this.#inverseNorms);
  }

  backward(dx: Matrix, scale: number): void {
    unitRowsBackward(this.#workspace, this.unit, this.gradient, this.#count, this.#inverseNorms, scale, dx);
  }
}
