import { ShapeError } from '../../errors.ts';
import type { InputOptions } from '../../kernels/layout.ts';
import { spmmAdam, spmmSgd } from '../../kernels/step.ts';
import type { Table } from '../../runtime/buffers.ts';
import type { CsrMatrix } from '../../runtime/csrMatrix.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import type { BatchRows, PlannedBatch } from '../batchRows.ts';
import type { AdapterWeights } from './adapterRows.ts';
import { applyUpdate, Optimizer, type OptimizerOptions } from './optimizer.ts';
import type { ModelState, Parameters } from './parameters.ts';

/** Layer-0 rows as a table of their own. */
export class EmbeddingTable implements Parameters {
  readonly e0: Table;
  protected readonly m: Table;
  protected readonly v: Table;
  protected readonly optimizer: Optimizer;
  protected readonly workspace: Workspace;
  /** The first columns as they were, to be put back after every update. */
  #frozen: Float32Array | null = null;
  readonly #frozenColumns: number;

  /**
   * @param make a table of zeros, numNodes × dim
   * @param stepsPerEpoch for the options of the optimiser that count epochs
   * @param frozenColumns the first so many columns keep their initial values
   */
  constructor(
    workspace: Workspace,
    make: () => Table,
    optimizer: OptimizerOptions,
    stepsPerEpoch: number,
    frozenColumns = 0,
  ) {
    this.e0 = make();
    this.m = make();
    this.v = make();
    this.optimizer = new Optimizer(optimizer, stepsPerEpoch);
    this.workspace = workspace;
    this.#frozenColumns = frozenColumns;
  }

  start(initial: Float32Array): void {
    const { rows, dim } = this.e0;
    if (initial.length !== rows * dim) {
      throw new ShapeError(
        'model',
        `expected ${rows} × ${dim} initial values, received ${initial.length}`,
        'Initialise users and items of the same graph',
      );
    }
    this.e0.write(initial);
    if (this.#frozenColumns > 0) this.#frozen = firstColumns(initial, dim, this.#frozenColumns);
  }

  get steps(): number {
    return this.optimizer.steps;
  }

  update(gradient: Table): void {
    applyUpdate(this.workspace, this.optimizer.next(), this.e0, gradient, this.m, this.v);
    this.#restoreFrozen();
  }

  updateThrough(
    adjacency: CsrMatrix | null,
    y: Table | null,
    { gradient, scratch }: BatchRows,
    _planned: PlannedBatch,
    options: InputOptions,
  ): void {
    const { workspace, e0, m, v } = this;
    const update = this.optimizer.next();
    if (update.adam) spmmAdam(workspace, adjacency, y, gradient, e0, m, v, scratch, options, update.adam);
    else spmmSgd(workspace, adjacency, y, gradient, e0, scratch, options, update.rate);
    this.#restoreFrozen();
  }

  values(): Float32Array {
    return this.e0.read();
  }

  setValues(values: Float32Array): void {
    this.e0.write(values);
  }

  state(): ModelState {
    return { parameters: copyOf(this.e0), m: copyOf(this.m), v: copyOf(this.v) };
  }

  restore(state: ModelState, steps: number): void {
    this.e0.write(state.parameters.values);
    this.m.write(state.m.values);
    this.v.write(state.v.values);
    this.optimizer.steps = steps;
  }

  itemMap(): AdapterWeights | null {
    return null;
  }

  #restoreFrozen(): void {
    if (this.#frozen) this.e0.writeColumns(this.#frozen, this.#frozenColumns);
  }
}

/** A table as a checkpoint holds it. */
export function copyOf(table: Table): ModelState[string] {
  return { rows: table.rows, dim: table.dim, values: table.read() };
}

/** Dense rows × columns, of a dense table. */
function firstColumns(table: Float32Array, dim: number, columns: number): Float32Array {
  const rows = table.length / dim;
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++)
    values.set(table.subarray(row * dim, row * dim + columns), row * columns);
  return values;
}
