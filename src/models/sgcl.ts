import type { Graph } from '../data/graph.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { BatchModel, batchModelBytes } from './batchModel.ts';
import type { PlannedBatch } from './batchRows.ts';
import type { GraphModelDescriptor } from './descriptor.ts';
import { PairLoss, pairLossBytes } from './losses/pairLoss.ts';
import { ADAM, type OptimizerOptions } from './model.ts';
import type { TextHold } from './parameters/textHold.ts';

export interface SgclOptions extends TextHold {
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
    super(workspace, graph, initial, dim, { ...options, layers, optimizer, batchSize });
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

export const sgcl: GraphModelDescriptor<'sgcl'> = {
  name: 'sgcl',
  kind: 'graph',
  usesNegatives: false,
  options: ['temperature'],
  layers: { default: 2, min: 0 },
  create: (...args) => new Sgcl(...args),
  bytes: (graph, dim, { layers, batchSize }) => sgclBytes(graph, dim, layers, batchSize),
};
