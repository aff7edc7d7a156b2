import type { Graph } from '../data/graph.ts';
import { OptionError, ShapeError, shown } from '../errors.ts';
import type { CsrMatrix, Matrix } from '../runtime/buffers.ts';
import type { AdamOptions } from '../runtime/rowKernels.ts';
import { csrBytes, tableBytes, type Workspace } from '../runtime/workspace.ts';
import { BatchRows, type PlannedBatch } from './batchRows.ts';
import { ADAM, type Batch, type Model, type ModelState, type OptimizerOptions } from './model.ts';
import { type RegularizationOptions, regularize } from './regularization.ts';

export interface LightGcnOptions {
  /** Propagation layers L ≥ 0; 0 is matrix factorisation (BPR-MF). Default 2 (the authors' configuration). */
  readonly layers?: number;
  readonly regularization?: RegularizationOptions;
  readonly optimizer?: OptimizerOptions;
  /** The most interactions a batch will have. */
  readonly batchSize: number;
}

/** Default regularisation: the authors' configuration. */
export const REGULARIZATION: RegularizationOptions = { weight: 1e-5, form: 'norm' };

/** Bytes of workspace that LightGCN takes: parameters, two moments, one or two temporaries, graph and batch rows. */
export function lightGcnBytes(graph: Graph, dim: number, layers: number, batchSize: number): number {
  const table = tableBytes(graph.numNodes, dim);
  const slots = Math.min(3 * batchSize, graph.numNodes);
  const tables = (3 + Math.min(layers, 2)) * table + 2 * tableBytes(slots, dim);
  return tables + (layers > 0 ? csrBytes(graph.numNodes, graph.adjacency.colIdx.length) : 0);
}

/**
 * LightGCN (He et al., SIGIR 2020) with BPR and layer-0 regularisation: E^{(l+1)} = Â E^{(l)}, Z = mean of layers
 * 0 … L, loss = mean over the batch of −log(1e-10 + σ(⟨z_u, z_i⟩ − ⟨z_u, z_j⟩)) + regularisation. With `layers: 0`
 * it is BPR-MF (Rendle et al., UAI 2009).
 *
 * One step computes exactly the plain form, reordered: layers by Horner's rule (X ← E⁰ + Â X), the last layer for the
 * batch's rows only, the gradient pushed back from those rows, and the last backward layer fused with the update.
 */
export class LightGcn implements Model {
  readonly name: string;
  readonly #workspace: Workspace;
  readonly #layers: number;
  readonly #regularization: RegularizationOptions;
  readonly #optimizer: OptimizerOptions;
  readonly #adjacency: CsrMatrix | null;
  readonly #rows: BatchRows;
  readonly #e0: Matrix;
  readonly #m: Matrix;
  readonly #v: Matrix;
  /** Ping-pong tables; the second exists for two layers or more. */
  readonly #temporaries: readonly Matrix[];
  #steps = 0;

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
    if (!Number.isInteger(layers) || layers < 0) {
      throw new OptionError(
        'lightgcn',
        `expected layers to be an integer ≥ 0, received ${shown(layers)}`,
        'Pass e.g. 2',
      );
    }
    const { numNodes } = graph;
    if (initial.length !== numNodes * dim) {
      throw new ShapeError(
        'lightgcn',
        `expected ${numNodes} × ${dim} initial values, received ${initial.length}`,
        'Initialise users and items of the same graph',
      );
    }
    this.name = layers === 0 ? 'bpr-mf' : 'lightgcn';
    this.#workspace = workspace;
    this.#layers = layers;
    this.#regularization = regularization;
    this.#optimizer = optimizer;
    this.#adjacency = layers > 0 ? workspace.csr(graph.adjacency) : null;
    this.#e0 = workspace.matrixFrom(initial, numNodes, dim);
    this.#m = workspace.matrix(numNodes, dim);
    this.#v = workspace.matrix(numNodes, dim);
    this.#temporaries = Array.from({ length: Math.min(layers, 2) }, () => workspace.matrix(numNodes, dim));
    this.#rows = new BatchRows(workspace, numNodes, dim, batchSize, this.#adjacency?.maxDegree ?? 0);
  }

  beginEpoch(): void {}

  step(batch: Batch): number {
    const { kernels } = this.#workspace;
    const rows = this.#rows;
    const planned = rows.plan(batch);
    this.#forward(planned);
    kernels.bprMargins(
      rows.z,
      planned.users,
      planned.positives,
      planned.negatives,
      batch.count,
      rows.margins,
    );
    kernels.bprLoss(rows.margins, batch.count, 1 / batch.count, rows.losses, rows.slopes);
    kernels.bprGradient(
      rows.z,
      planned.users,
      planned.positives,
      planned.negatives,
      rows.slopes,
      batch.count,
      rows.gradient.gradient,
    );
    kernels.squaredNorms(this.#e0, planned.nodes, planned.numSlots, rows.squaredNorms);
    const decayLoss = regularize(rows, planned, batch.count, this.#regularization);
    this.#backward(planned);
    rows.clear(planned);
    let loss = 0;
    for (const value of rows.losses.view.subarray(0, batch.count)) loss += value;
    return loss / batch.count + decayLoss;
  }

  propagate(): Matrix {
    const { kernels } = this.#workspace;
    let x = this.#e0;
    for (let layer = 1; layer <= this.#layers; layer++) {
      const y = this.#temporaries[(layer - 1) % 2];
      const scale = layer === this.#layers ? 1 / (this.#layers + 1) : 1;
      kernels.spmm(this.#adjacency!, x, y, this.#e0, scale);
      x = y;
    }
    return x;
  }

  /** Z of the batch's slots → rows.z. */
  #forward(planned: PlannedBatch): void {
    const { kernels } = this.#workspace;
    if (!this.#adjacency) {
      kernels.gatherRows(this.#e0, planned.nodes, planned.numSlots, this.#rows.z);
      return;
    }
    let x = this.#e0;
    for (let layer = 1; layer < this.#layers; layer++) {
      const y = this.#temporaries[(layer - 1) % 2];
      kernels.spmm(this.#adjacency, x, y, this.#e0);
      x = y;
    }
    const scale = 1 / (this.#layers + 1);
    kernels.spmmRows(this.#adjacency, x, planned.nodes, planned.numSlots, this.#rows.z, this.#e0, scale);
  }

  /** dE⁰ = 1/(L+1) · Σ_l Âˡ G by Horner's rule; the last layer updates E⁰ row by row. */
  #backward(planned: PlannedBatch): void {
    const { kernels } = this.#workspace;
    const { gradient, scratch } = this.#rows;
    let y: Matrix | null = null;
    for (let layer = 1; layer < this.#layers; layer++) {
      const next: Matrix = this.#temporaries[(layer - 1) % 2];
      if (y === null) {
        kernels.spmmSlots(this.#adjacency!, gradient, next, scratch);
      } else {
        kernels.spmm(this.#adjacency!, y, next);
        kernels.addRows(gradient.gradient, planned.nodes, planned.numSlots, next);
      }
      y = next;
    }
    this.#steps++;
    const scale = 1 / (this.#layers + 1);
    const optimizer = this.#optimizer;
    if (optimizer.name === 'sgd') {
      kernels.spmmSgd(this.#adjacency, y, gradient, this.#e0, scratch, scale, optimizer.learningRate);
      return;
    }
    const adam: AdamOptions = { ...optimizer, rate: optimizer.learningRate, step: this.#steps };
    kernels.spmmAdam(this.#adjacency, y, gradient, this.#e0, this.#m, this.#v, scratch, scale, adam);
  }

  state(): ModelState {
    const copy = (table: Matrix) => ({ rows: table.rows, dim: table.dim, values: table.read() });
    return { parameters: copy(this.#e0), m: copy(this.#m), v: copy(this.#v) };
  }

  restore(state: ModelState, steps: number): void {
    this.#e0.write(state.parameters.values);
    this.#m.write(state.m.values);
    this.#v.write(state.v.values);
    this.#steps = steps;
  }

  parameters(): Float32Array {
    return this.#e0.read();
  }

  setParameters(values: Float32Array): void {
    this.#e0.write(values);
  }
}
