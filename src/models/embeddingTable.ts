import type { Graph } from '../data/graph.ts';
import { ShapeError } from '../errors.ts';
import type { Matrix } from '../runtime/buffers.ts';
import type { AdamOptions } from '../runtime/rowKernels.ts';
import type { Workspace } from '../runtime/workspace.ts';
import type { ModelState, OptimizerOptions } from './model.ts';

/** E⁽⁰⁾ with what its optimiser remembers: the only numbers that training changes. */
export class EmbeddingTable {
  readonly e0: Matrix;
  readonly m: Matrix;
  readonly v: Matrix;
  readonly optimizer: OptimizerOptions;
  readonly #workspace: Workspace;
  #steps = 0;

  /**
   * @param initial E⁽⁰⁾, numNodes × dim, users first
   * @throws {ShapeError} when `initial` does not have numNodes rows
   */
  constructor(
    workspace: Workspace,
    graph: Graph,
    initial: Float32Array,
    dim: number,
    optimizer: OptimizerOptions,
  ) {
    const { numNodes } = graph;
    if (initial.length !== numNodes * dim) {
      throw new ShapeError(
        'model',
        `expected ${numNodes} × ${dim} initial values, received ${initial.length}`,
        'Initialise users and items of the same graph',
      );
    }
    this.e0 = workspace.matrixFrom(initial, numNodes, dim);
    this.m = workspace.matrix(numNodes, dim);
    this.v = workspace.matrix(numNodes, dim);
    this.optimizer = optimizer;
    this.#workspace = workspace;
  }

  /** Updates done. */
  get steps(): number {
    return this.#steps;
  }

  /** Counts an update. @returns Adam's constants for it, null for SGD */
  nextAdam(): AdamOptions | null {
    this.#steps++;
    const { optimizer } = this;
    return optimizer.name === 'sgd'
      ? null
      : { ...optimizer, rate: optimizer.learningRate, step: this.#steps };
  }

  /** One update by a gradient of the whole table. */
  update(gradient: Matrix): void {
    const { kernels } = this.#workspace;
    const adam = this.nextAdam();
    if (adam) kernels.adam(this.e0, gradient, this.m, this.v, adam);
    else kernels.sgd(this.e0, gradient, this.optimizer.learningRate);
  }

  state(): ModelState {
    const copy = (table: Matrix) => ({ rows: table.rows, dim: table.dim, values: table.read() });
    return { parameters: copy(this.e0), m: copy(this.m), v: copy(this.v) };
  }

  restore(state: ModelState, steps: number): void {
    this.e0.write(state.parameters.values);
    this.m.write(state.m.values);
    this.v.write(state.v.values);
    this.#steps = steps;
  }
}
