import type { GraphSize } from '../../data/graph.ts';
import type { InputOptions } from '../../kernels/layout.ts';
import type { Table } from '../../runtime/buffers.ts';
import type { CsrMatrix } from '../../runtime/csrMatrix.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import type { BatchRows, PlannedBatch } from '../batchRows.ts';
import type { AdapterWeights } from './adapterRows.ts';
import { type AdapterOptions, AdapterTable } from './adapterTable.ts';
import { EmbeddingTable } from './embeddingTable.ts';
import type { OptimizerOptions } from './optimizer.ts';

/**
 * The trained numbers by name, as dense copies: what a checkpoint holds.
 *
 * @example
 * const state: ModelState = { items: { rows: 2, dim: 2, values: Float32Array.of(1, 2, 3, 4) } };
 */
export type ModelState = Record<string, { rows: number; dim: number; values: Float32Array }>;

/** Everything that a model trains, as training keeps and restores it. */
export interface TrainedState {
  /** Layer-0 rows: of all nodes, users first, or of the items alone where a model has none for users. */
  readonly e0: Table;
  /** Updates done. */
  readonly steps: number;
  /** A copy of all that is trained, for keeping the best weights; `e0` comes first. */
  values(): Float32Array;
  /** Overwrites what `values` copies. */
  setValues(values: Float32Array): void;
  /** Copies of everything that an update reads and writes. */
  state(): ModelState;
  /** Overwrites what `state` copies; the number of updates done restores the bias correction. */
  restore(state: ModelState, steps: number): void;
  /** The map that makes the items' rows; null where they are a table. */
  itemMap(): AdapterWeights | null;
}

/** What a graph model trains: layer-0 rows E⁽⁰⁾ of all nodes, with what its optimiser remembers of them. */
export interface Parameters extends TrainedState {
  /**
   * Fills what was laid out.
   * @param initial E⁽⁰⁾, numNodes × dim, users first
   * @throws {ShapeError} when it has other rows, or text vectors do not fit
   */
  start(initial: Float32Array): void;
  /** One update by the gradient of the whole table, which lies as `e0` does. */
  update(gradient: Table): void;
  /**
   * One update by the gradient scale · (G + Â y) + decay · E⁽⁰⁾ of a batch, a block of rows at a time, so that it is never
   * stored. `adjacency` null: no propagation (0 layers). `y` null: y = G (1 layer). Options as `spmmAdam`.
   */
  updateThrough(
    adjacency: CsrMatrix | null,
    y: Table | null,
    rows: BatchRows,
    planned: PlannedBatch,
    options: InputOptions,
  ): void;
}

/** Ways for a model to hold on to the text its table came from; all models take them. */
export interface TextHold {
  /** The first so many columns of E⁽⁰⁾ keep their initial values; the rest is learned. Default 0. */
  readonly frozenColumns?: number;
  /** The items' rows are a trained map of their text vectors instead of a table. Default none. */
  readonly adapter?: AdapterOptions;
}

/**
 * The parameters of a model, laid out: a table, a table of which columns are frozen, or a map of text vectors, whose table is
 * row-major.
 *
 * @param make a table of zeros, numNodes × dim
 * @throws as `AdapterTable`
 */
export function createParameters(
  workspace: Workspace,
  make: () => Table,
  graph: GraphSize,
  dim: number,
  options: TextHold & { readonly optimizer: OptimizerOptions; readonly batchSize: number },
): Parameters {
  const { frozenColumns, adapter, optimizer, batchSize } = options;
  const steps = Math.ceil(graph.numEdges / batchSize);
  return adapter
    ? new AdapterTable(workspace, graph, dim, optimizer, steps, adapter)
    : new EmbeddingTable(workspace, make, optimizer, steps, frozenColumns);
}
