import type { Graph } from '../../data/graph.ts';
import type { Matrix, Table } from '../../runtime/buffers.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import type { OptimizerOptions } from '../model.ts';
import { type AdapterOptions, AdapterTable, adapterBytes } from './adapterTable.ts';
import { EmbeddingTable } from './embeddingTable.ts';

/** Ways for a model to hold on to the text its table came from; all models take them. */
export interface TextHold {
  /** The first so many columns of E⁽⁰⁾ keep their initial values; the rest is learned. Default 0. */
  readonly frozenColumns?: number;
  /** The items' rows are a trained map of their text vectors instead of a table. Default none. */
  readonly adapter?: AdapterOptions;
}

/**
 * The table that a model trains: an adapter's is row-major, any other as `make` makes it.
 * @throws as `EmbeddingTable` and `AdapterTable`
 */
export function embeddingTable<T extends Table>(
  workspace: Workspace,
  make: () => T,
  graph: Graph,
  initial: Float32Array,
  dim: number,
  optimizer: OptimizerOptions,
  { frozenColumns, adapter }: TextHold,
): EmbeddingTable<T> | EmbeddingTable<Matrix> {
  return adapter
    ? new AdapterTable(workspace, graph, initial, dim, optimizer, adapter)
    : new EmbeddingTable(workspace, make, graph, initial, dim, optimizer, frozenColumns);
}

/** Bytes of workspace beyond those of a plain table. */
export function textHoldBytes(graph: Graph, dim: number, { adapter }: TextHold): number {
  return adapter ? adapterBytes(graph, dim, adapter) : 0;
}
