import { type ContrastiveScratch, contrastiveScratch } from '../../kernels/blocks.ts';
import { type ContrastiveSide, contrastiveSide, sgcl } from '../../kernels/sgcl.ts';
import type { F32Buffer, Matrix } from '../../runtime/buffers.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import type { PlannedBatch } from '../batchRows.ts';
import { countRows, UnitRows } from './scoredRows.ts';

/** The supervised contrastive loss between two sets of rows, and its gradient with respect to them. */
export class PairLoss {
  readonly #workspace: Workspace;
  readonly #temperature: number;
  readonly #sides: readonly [ContrastiveSide, ContrastiveSide];
  readonly #rows: readonly [UnitRows, UnitRows];
  readonly #scratch: ContrastiveScratch;
  readonly #losses: F32Buffer;

  constructor(workspace: Workspace, dim: number, batchSize: number, temperature: number) {
    const side = () => contrastiveSide(workspace, batchSize, batchSize, dim);
    this.#workspace = workspace;
    this.#temperature = temperature;
    this.#sides = [side(), side()];
    const [x, y] = this.#sides;
    this.#rows = [new UnitRows(workspace, batchSize, dim, x), new UnitRows(workspace, batchSize, dim, y)];
    this.#scratch = contrastiveScratch(workspace, batchSize, dim);
    this.#losses = workspace.f32(batchSize);
  }

  /** Both sides: their unit rows, pairs and, after `forward`, gradients. */
  get sides(): readonly [ContrastiveSide, ContrastiveSide] {
    return this.#sides;
  }

  /** Takes a batch's pairs: rows are its distinct users and its distinct positives. */
  plan({ userSlots, positiveSlots, numUsers, numPositives }: PlannedBatch, count: number): void {
    const [x, y] = this.#sides;
    countRows(userSlots, count, 0, numUsers, x.weights);
    countRows(positiveSlots, count, numUsers, numPositives, y.weights);
    x.pairs.view.set(userSlots.view.subarray(0, count));
    const items = y.pairs.view;
    positiveSlots.view.subarray(0, count).forEach((slot, b) => {
      items[b] = slot - numUsers;
    });
  }

  /** Row b of one side stands with row b of the other. */
  planRowByRow(count: number): void {
    for (const { weights, pairs } of this.#sides) {
      weights.view.fill(1, 0, count);
      const view = pairs.view;
      for (let b = 0; b < count; b++) view[b] = b;
    }
  }

  /** The loss, summed in float64 in the order of the batch; leaves the gradient of the unit rows in `sides`. */
  forward(x: Matrix, numX: number, y: Matrix, numY: number, count: number): number {
    this.#rows[0].take(x, numX);
    this.#rows[1].take(y, numY);
    const [a, b] = this.#sides;
    sgcl(this.#workspace, a, numX, b, numY, count, this.#temperature, this.#scratch, this.#losses);
    let loss = 0;
    for (const value of this.#losses.view.subarray(0, count)) loss += value;
    return loss;
  }

  /** dx, dy += scale · the gradient of the rows. */
  backward(dx: Matrix, dy: Matrix, scale: number): void {
    this.#rows[0].backward(dx, scale);
    this.#rows[1].backward(dy, scale);
  }
}
