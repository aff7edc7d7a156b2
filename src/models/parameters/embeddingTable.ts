import type { Graph } from '../../data/graph.ts';
import { ShapeError } from '../../errors.ts';
import type { InputOptions } from '../../kernels/layout.ts';
import { type AdamOptions, adam, sgd } from '../../kernels/optimizers.ts';
import { spmmAdam, spmmSgd } from '../../kernels/step.ts';
import type { CsrMatrix, Table } from '../../runtime/buffers.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import type { BatchRows, PlannedBatch } from '../batchRows.ts';
import type { ModelState, OptimizerOptions } from '../model.ts';
import { FrozenColumns } from './frozenColumns.ts';

/** E⁽⁰⁾ with what its optimiser remembers: the only numbers that training changes. */
export class EmbeddingTable<T extends Table = Table> {
  readonly e0: T;
  readonly m: T;
  readonly v: T;
  readonly optimizer: OptimizerOptions;
  protected readonly workspace: Workspace;
  readonly #frozen: FrozenColumns | null;
  #steps = 0;

  /**
   * @param make a table of zeros, numNodes × dim
   * @param initial E⁽⁰⁾, numNodes × dim, users first
   * @param frozenColumns the first so many columns keep their initial values
   * @throws {ShapeError} when `initial` does not have numNodes rows
   */
  constructor(
    workspace: Workspace,
    make: () => T,
    graph: Graph,
    initial: Float32Array,
    dim: number,
    optimizer: OptimizerOptions,
    frozenColumns = 0,
  ) {
    const { numNodes } = graph;
    if (initial.length !== numNodes * dim) {
      throw new ShapeError(
        'model',
        `expected ${numNodes} × ${dim} initial values, received ${initial.length}`,
        'Initialise users and items of the same graph',
      );
    }
    this.e0 = make();
    this.e0.write(initial);
    this.m = make();
    this.v = make();
    this.optimizer = optimizer;
    this.workspace = workspace;
    this.#frozen = frozenColumns > 0 ? new FrozenColumns(initial, dim, frozenColumns) : null;
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
  update(gradient: T): void {
    this.apply(this.e0, gradient, this.m, this.v, this.nextAdam());
    this.#frozen?.restore(this.e0);
  }

  /**
   * One update by the gradient scale · (G + Â y) + decay · E⁽⁰⁾ of a batch, a block of rows at a time, so that it is never
   * stored.
   * `adjacency` null: no propagation (0 layers). `y` null: y = G (1 layer). Options as `Kernels.spmmAdam`.
   */
  updateThrough(
    adjacency: CsrMatrix | null,
    y: Table | null,
    { gradient, scratch }: BatchRows,
    _planned: PlannedBatch,
    options: InputOptions,
  ): void {
    const { e0, m, v, optimizer } = this;
    const adam = this.nextAdam();
    if (adam) spmmAdam(this.workspace, adjacency, y, gradient, e0, m, v, scratch, options, adam);
    else spmmSgd(this.workspace, adjacency, y, gradient, e0, scratch, options, optimizer.learningRate);
    this.#frozen?.restore(e0);
  }

  /** Everything that is trained, as one dense copy; E⁽⁰⁾, numNodes × dim, comes first. */
  parameters(): Float32Array {
    return this.e0.read();
  }

  setParameters(values: Float32Array): void {
    this.e0.write(values);
  }

  state(): ModelState {
    return { parameters: copyOf(this.e0), m: copyOf(this.m), v: copyOf(this.v) };
  }

  restore(state: ModelState, steps: number): void {
    this.e0.write(state.parameters.values);
    this.m.write(state.m.values);
    this.v.write(state.v.values);
    this.#steps = steps;
  }

  /** Adam's or SGD's rule on one table. */
  protected apply(parameters: Table, gradient: Table, m: Table, v: Table, options: AdamOptions | null): void {
    if (options) adam(this.workspace, parameters, gradient, m, v, options);
    else sgd(this.workspace, parameters, gradient, this.optimizer.learningRate);
  }
}

/** A table as a checkpoint holds it. */
export function copyOf(table: Table): ModelState[string] {
  return { rows: table.rows, dim: table.dim, values: table.read() };
}
