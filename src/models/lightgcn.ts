import type { Graph } from '../data/graph.ts';
import { squaredNorms } from '../kernels/rows.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { BatchModel, batchModelBytes } from './batchModel.ts';
import type { PlannedBatch } from './batchRows.ts';
import type { GraphModelDescriptor } from './descriptor.ts';
import { bprLoss } from './losses/bpr.ts';
import { REGULARIZATION, type RegularizationOptions, regularize } from './losses/regularization.ts';
import { ADAM, type OptimizerOptions } from './model.ts';
import type { TextHold } from './parameters/textHold.ts';

export interface LightGcnOptions extends TextHold {
  /** Propagation layers L ≥ 0; 0 is matrix factorisation (BPR-MF). Default 2 (the authors' configuration). */
  readonly layers?: number;
  readonly regularization?: RegularizationOptions;
  readonly optimizer?: OptimizerOptions;
  /** The most interactions a batch will have. */
  readonly batchSize: number;
}

/** Bytes of workspace that LightGCN takes. */
export const lightGcnBytes = batchModelBytes;

/**
 * LightGCN (He et al., SIGIR 2020) with BPR and layer-0 regularisation: E^{(l+1)} = Â E^{(l)}, Z = mean of layers
 * 0 … L, loss = mean over the batch of −log(1e-10 + σ(⟨z_u, z_i⟩ − ⟨z_u, z_j⟩)) + regularisation. With `layers: 0`
 * it is BPR-MF (Rendle et al., UAI 2009).
 */
export class LightGcn extends BatchModel {
  readonly name: string;
  readonly usesNegatives = true;
  readonly #regularization: RegularizationOptions;

  /**
   * @param initial E⁽⁰⁾, numNodes × dim, users first
   * @throws {ShapeError} when `initial` does not have numNodes rows
   * @throws {OptionError} when `layers` is not an integer ≥ 0
   */
  constructor(
    workspace: Workspace,
    graph: Graph,
    initial: Float32Array,
    dim: number,
    options: LightGcnOptions,
  ) {
    const { layers = 2, regularization = REGULARIZATION, optimizer = ADAM, batchSize } = options;
    super(workspace, graph, initial, dim, { ...options, layers, optimizer, batchSize });
    this.name = layers === 0 ? 'bpr-mf' : 'lightgcn';
    this.#regularization = regularization;
  }

  protected loss(planned: PlannedBatch, count: number): number {
    const { workspace, rows, table } = this;
    const loss = bprLoss(workspace, rows, planned, count, 1 / count, 1e-10);
    squaredNorms(workspace, table.e0, planned.nodes, planned.numSlots, rows.squaredNorms);
    const decayLoss = regularize(rows, planned, count, this.#regularization);
    return loss / count + decayLoss;
  }
}

export const lightgcn: GraphModelDescriptor<'lightgcn'> = {
  name: 'lightgcn',
  kind: 'graph',
  usesNegatives: true,
  options: ['negatives', 'regularization'],
  layers: { default: 2, min: 0 },
  create: (...args) => new LightGcn(...args),
  bytes: (graph, dim, { layers, batchSize }) => lightGcnBytes(graph, dim, layers, batchSize),
};

/** LightGCN without layers. */
export const bprMf: GraphModelDescriptor<'bpr-mf'> = {
  ...lightgcn,
  name: 'bpr-mf',
  layers: { default: 0, min: 0, max: 0 },
};
