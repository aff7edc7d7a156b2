import type { Graph } from '../data/graph.ts';
import type { F32Buffer, Matrix } from '../runtime/buffers.ts';
import type { ContrastiveScratch, ContrastiveSide } from '../runtime/contrastiveKernels.ts';
import {
  contrastiveScratch,
  contrastiveScratchBytes,
  contrastiveSide,
  contrastiveSideBytes,
} from '../runtime/contrastiveTables.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { BatchModel, batchModelBytes } from './batchModel.ts';
import type { PlannedBatch } from './batchRows.ts';
import { ADAM, type OptimizerOptions } from './model.ts';
import { countRows, UnitRows } from './unitRows.ts';

export interface SgclOptions {
  /** Propagation layers L ≥ 0. Default 2 (the authors' configuration). */
  readonly layers?: number;
  /** τ */
  readonly temperature: number;
  readonly optimizer?: OptimizerOptions;
  /** The most interactions a batch will have. */
  readonly batchSize: number;
}

/** Bytes of workspace that SGCL takes. */
export function sgclBytes(graph: Graph, dim: number, layers: number, batchSize: number): number {
  return batchModelBytes(graph, dim, layers, batchSize) + pairLossBytes(batchSize, dim);
}

/**
 * SGCL (Zhang et al., RecSys 2025): no negatives, no BPR, no regularisation; summed over the batch's pairs,
 * −log( e^{⟨û, î⟩/τ} / (Σ_j e^{⟨û, û_j⟩/τ} + Σ_j e^{⟨î, î_j⟩/τ}) ) with unit rows of Z, repeats and self terms included.
 * Deviation from the authors' code: none in value, but sums are taken in the log-sum-exp form.
 */
export class Sgcl extends BatchModel {
  readonly name = 'sgcl';
  readonly usesNegatives = false;
  readonly #pairs: PairLoss;

  /**
   * @param initial E⁽⁰⁾, numNodes × dim, users first
   * @throws {ShapeError} when `initial` does not have numNodes rows
   * @throws {OptionError} when `layers` is not an integer ≥ 0
   */
  constructor(workspace: Workspace, graph: Graph, initial: Float32Array, dim: number, options: SgclOptions) {
    const { layers = 2, optimizer = ADAM, batchSize, temperature } = options;
    super(workspace, graph, initial, dim, { layers, optimizer, batchSize });
    this.#pairs = new PairLoss(workspace, dim, batchSize, temperature);
  }

  protected loss(planned: PlannedBatch, count: number): number {
    const { z, gradient } = this.rows;
    const { numUsers, numPositives } = planned;
    const users = z.slice(0, numUsers);
    const items = z.slice(numUsers, numPositives);
    gradient.decay.view.fill(0, 0, planned.numSlots);
    this.#pairs.plan(planned, count);
    const loss = this.#pairs.forward(users, numUsers, items, numPositives, count);
    const dz = gradient.gradient;
    this.#pairs.backward(dz.slice(0, numUsers), dz.slice(numUsers, numPositives), 1);
    return loss;
  }
}

/** Bytes of a `PairLoss`. */
export function pairLossBytes(batchSize: number, dim: number): number {
  return (
    2 * contrastiveSideBytes(batchSize, batchSize, dim) +
    contrastiveScratchBytes(batchSize, dim) +
    12 * batchSize +
    256
  );
}

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

  /** The unit rows of both sides and their gradients, users first. */
  get rows(): readonly [UnitRows, UnitRows] {
    return this.#rows;
  }

  /** Takes a batch's pairs: rows are its distinct users and its distinct positives. */
  plan({ users, positives, numUsers, numPositives }: PlannedBatch, count: number): void {
    const [x, y] = this.#sides;
    countRows(users, count, 0, numUsers, x.weights);
    countRows(positives, count, numUsers, numPositives, y.weights);
    x.pairs.view.set(users.view.subarray(0, count));
    const items = y.pairs.view;
    positives.view.subarray(0, count).forEach((slot, b) => {
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

  /** The loss, summed in float64 in the order of the batch; leaves the gradient of the unit rows in `rows`. */
  forward(x: Matrix, numX: number, y: Matrix, numY: number, count: number): number {
    this.#rows[0].normalize(x, numX);
    this.#rows[1].normalize(y, numY);
    const [a, b] = this.#sides;
    this.#workspace.kernels.sgcl(a, numX, b, numY, count, this.#temperature, this.#scratch, this.#losses);
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
