import { unitTable } from '../../kernels/blocks.ts';
import { addScaledRows } from '../../kernels/rows.ts';
import type { F32Buffer, I32Buffer, Matrix } from '../../runtime/buffers.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import type { PairLoss } from './pairLoss.ts';

/** The mixtures of a batch's unit rows, one for each pair and side. */
export class PairMix {
  readonly #workspace: Workspace;
  readonly #ratios: F32Buffer;
  readonly #rests: F32Buffer;
  readonly #rows: readonly [Matrix, Matrix];
  readonly #gradients: readonly [Matrix, Matrix];

  constructor(workspace: Workspace, dim: number, batchSize: number) {
    const table = () => unitTable(workspace, batchSize, dim);
    this.#workspace = workspace;
    this.#ratios = workspace.f32(batchSize);
    this.#rests = workspace.f32(batchSize);
    this.#rows = [table(), table()];
    this.#gradients = [table(), table()];
  }

  /** The loss of the mixed pairs, computed with `free`; its gradient is added to that of `pure`'s unit rows. */
  addLoss(pure: PairLoss, free: PairLoss, count: number, draw: () => number): number {
    const [ratios, rests] = [this.#ratios.view, this.#rests.view];
    for (let b = 0; b < count; b++) {
      ratios[b] = draw() / 2;
      rests[b] = 1 - ratios[b];
    }
    const [x, y] = pure.sides;
    const [p, q] = this.#rows;
    for (const table of [...this.#rows, ...this.#gradients]) table.view.fill(0);
    this.#mix(x.unit, x.pairs, p, q, count);
    this.#mix(y.unit, y.pairs, q, p, count);
    free.planRowByRow(count);
    const loss = free.forward(p, count, q, count, count);
    const [dp, dq] = this.#gradients;
    free.backward(dp, dq, 1);
    this.#unmix(dp, dq, x.gradient, x.pairs, count);
    this.#unmix(dq, dp, y.gradient, y.pairs, count);
    return loss;
  }

  /** own[b] += r_b · unit[pairs[b]]; other[b] += (1 − r_b) · unit[pairs[b]]. */
  #mix(unit: Matrix, pairs: I32Buffer, own: Matrix, other: Matrix, count: number): void {
    addScaledRows(this.#workspace, unit, pairs, this.#ratios, count, own, null);
    addScaledRows(this.#workspace, unit, pairs, this.#rests, count, other, null);
  }

  #unmix(own: Matrix, other: Matrix, gradient: Matrix, pairs: I32Buffer, count: number): void {
    addScaledRows(this.#workspace, own, null, this.#ratios, count, gradient, pairs);
    addScaledRows(this.#workspace, other, null, this.#rests, count, gradient, pairs);
  }
}
