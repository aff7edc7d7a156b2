import type { Graph } from '../data/graph.ts';
import { OptionError, shown } from '../errors.ts';
import { addRows } from '../kernels/rows.ts';
import { spmm, spmmSlots } from '../kernels/spmm.ts';
import type { CsrMatrix, I32Buffer, Matrix, Table } from '../runtime/buffers.ts';
import { csrBytes, tableBytes, type Workspace } from '../runtime/workspace.ts';
import { BatchRows, batchRowsBytes, type PlannedBatch } from './batchRows.ts';
import { Propagation, propagatedTable, propagationTables } from './encoders/propagation.ts';
import type { Batch, OptimizerOptions } from './model.ts';
import type { EmbeddingTable } from './parameters/embeddingTable.ts';
import { embeddingTable, type TextHold } from './parameters/textHold.ts';
import { TableModel } from './tableModel.ts';

export interface BatchModelOptions extends TextHold {
  readonly layers: number;
  readonly optimizer: OptimizerOptions;
  readonly batchSize: number;
}

/** Bytes of workspace: parameters, two moments, one or two temporaries, graph and batch rows. */
export function batchModelBytes(graph: Graph, dim: number, layers: number, batchSize: number): number {
  const table = tableBytes(graph.numNodes, dim);
  const tables = (3 + propagationTables(layers)) * table + batchRowsBytes(graph, dim, batchSize);
  return tables + (layers > 0 ? csrBytes(graph.numNodes, graph.adjacency.colIdx.length) : 0);
}

/**
 * A model whose loss reads the final rows Z of the batch's nodes alone, Z as in LightGCN: E^{(l+1)} = Â E^{(l)}, mean of
 * layers 0 … L.
 *
 * One step computes exactly the plain form, reordered: layers by Horner's rule (X ← E⁰ + Â X), the last layer for the
 * batch's rows only, the gradient pushed back from those rows, and the last backward layer fused with the update.
 */
export abstract class BatchModel extends TableModel {
  protected readonly workspace: Workspace;
  protected readonly table: EmbeddingTable;
  protected readonly rows: BatchRows;
  readonly #layers: number;
  readonly #adjacency: CsrMatrix | null;
  readonly #propagation: Propagation;
  /** Ping-pong tables; the second exists for two layers or more. */
  readonly #temporaries: readonly Table[];

  constructor(
    workspace: Workspace,
    graph: Graph,
    initial: Float32Array,
    dim: number,
    options: BatchModelOptions,
  ) {
    super();
    const { layers, optimizer, batchSize } = options;
    checkLayers(layers, 0);
    this.workspace = workspace;
    this.#layers = layers;
    const make = () => propagatedTable(workspace, graph, dim, layers);
    this.table = embeddingTable(workspace, make, graph, initial, dim, optimizer, options);
    this.#adjacency = layers > 0 ? workspace.csr(graph.adjacency) : null;
    this.#temporaries = Array.from({ length: propagationTables(layers) }, () =>
      workspace.tableLike(this.table.e0),
    );
    const graphs = Array.from({ length: layers }, () => this.#adjacency!);
    this.#propagation = new Propagation(workspace, graphs, this.#temporaries);
    this.rows = new BatchRows(workspace, graph.numNodes, dim, batchSize, this.#adjacency?.maxDegree ?? 0);
  }

  /**
   * The loss of a batch from `rows.z`. Adds dLoss/dZ to `rows.gradient.gradient`, which is zero before, and overwrites
   * `rows.gradient.decay` with the factor of E⁽⁰⁾ in its own gradient.
   */
  protected abstract loss(planned: PlannedBatch, count: number): number;

  beginEpoch(): void {}

  step(batch: Batch): number {
    const { rows } = this;
    const planned = rows.plan(batch, this.usesNegatives);
    this.#propagation.rows(this.table.e0, planned.nodes, planned.numSlots, rows.z);
    const loss = this.loss(planned, batch.count);
    this.#backward(planned);
    rows.clear(planned);
    return loss;
  }

  finalRows(nodes: I32Buffer<'node'>, count: number, out: Matrix): void {
    this.#propagation.rows(this.table.e0, nodes, count, out);
  }

  propagate(): Matrix {
    return this.#propagation.all(this.table.e0);
  }

  spare(): Table | null {
    return this.#propagation.spare;
  }

  /** dE⁰ = 1/(L+1) · Σ_l Âˡ G by Horner's rule; the last layer updates E⁰ block by block. */
  #backward(planned: PlannedBatch): void {
    const { gradient, scratch } = this.rows;
    const { scaled, scale } = this.#propagation;
    let y: Table | null = null;
    for (let layer = 1; layer < this.#layers; layer++) {
      const next: Table = this.#temporaries[(layer - 1) % 2];
      if (y === null) {
        spmmSlots(this.workspace, this.#adjacency!, gradient, next, scratch, scaled);
      } else {
        spmm(this.workspace, this.#adjacency!, y, next, null, { scaledIn: scaled, scaledOut: scaled });
        const factors = scaled ? this.#adjacency!.norms : null;
        addRows(this.workspace, gradient.gradient, planned.nodes, planned.numSlots, next, factors);
      }
      y = next;
    }
    const options = { scale, scaledIn: scaled && y !== null };
    this.table.updateThrough(this.#adjacency, y, this.rows, planned, options);
  }
}

/** @throws {OptionError} unless `layers` is an integer of at least `least` */
export function checkLayers(layers: number, least: number): void {
  if (Number.isInteger(layers) && layers >= least) return;
  throw new OptionError(
    'model',
    `expected layers to be an integer ≥ ${least}, received ${shown(layers)}`,
    'Pass e.g. 2',
  );
}
