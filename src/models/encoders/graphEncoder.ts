import { addRows } from '../../kernels/rows.ts';
import { spmm, spmmSlots } from '../../kernels/spmm.ts';
import type { I32Buffer, Matrix, Table } from '../../runtime/buffers.ts';
import type { CsrMatrix } from '../../runtime/csrMatrix.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import type { BatchRows, PlannedBatch } from '../batchRows.ts';
import type { Parameters } from '../parameters/parameters.ts';
import type { Encoder, EncoderDescriptor, EncoderParts } from './encoder.ts';
import { Propagation, propagatedTable, propagationTables, propagationWork } from './propagation.ts';

/**
 * LightGCN's propagation over the training graph: E^{(l+1)} = Â E^{(l)}, Z = mean of layers 0 … L (He et al., SIGIR 2020).
 *
 * A step computes exactly the plain form, reordered: layers by Horner's rule (X ← E⁰ + Â X), the last layer for the
 * batch's rows only, the gradient pushed back from those rows, and the last backward layer fused with the update.
 */
class GraphEncoder implements Encoder {
  readonly gradientScale = 1;
  readonly #workspace: Workspace;
  readonly #parameters: Parameters;
  readonly #rows: BatchRows;
  readonly #layers: number;
  readonly #adjacency: CsrMatrix | null;
  readonly #propagation: Propagation;
  /** Used in turn; the second exists for two layers or more. */
  readonly #temporaries: readonly Table[];

  constructor({ workspace, parameters, rows, adjacency, options: { layers } }: EncoderParts) {
    this.#workspace = workspace;
    this.#parameters = parameters;
    this.#rows = rows;
    this.#layers = layers;
    this.#adjacency = adjacency;
    this.#temporaries = Array.from({ length: propagationTables(layers) }, () =>
      workspace.tableLike(parameters.e0),
    );
    const graphs = Array.from({ length: layers }, () => adjacency!);
    this.#propagation = new Propagation(workspace, graphs, this.#temporaries);
  }

  start(): void {}

  beginEpoch(): void {}

  forward({ nodes, numSlots }: PlannedBatch): void {
    this.finalRows(nodes, numSlots, this.#rows.z);
  }

  /** dE⁰ = 1/(L+1) · Σ_l Âˡ G by Horner's rule; the last layer updates E⁰ block by block. */
  backward(planned: PlannedBatch): void {
    const { gradient, scratch } = this.#rows;
    const { scaled, scale } = this.#propagation;
    const [workspace, adjacency] = [this.#workspace, this.#adjacency!];
    let y: Table | null = null;
    for (let layer = 1; layer < this.#layers; layer++) {
      const next: Table = this.#temporaries[(layer - 1) % 2];
      if (y === null) {
        spmmSlots(workspace, adjacency, gradient, next, scratch, scaled);
      } else {
        spmm(workspace, adjacency, y, next, null, { scaledIn: scaled, scaledOut: scaled });
        const factors = scaled ? adjacency.norms : null;
        addRows(workspace, gradient.gradient, planned.nodes, planned.numSlots, next, factors);
      }
      y = next;
    }
    const options = { scale, scaledIn: scaled && y !== null };
    this.#parameters.updateThrough(this.#adjacency, y, this.#rows, planned, options);
  }

  propagate(): Matrix {
    return this.#propagation.all(this.#parameters.e0);
  }

  finalRows(nodes: I32Buffer<'node'>, count: number, out: Matrix): void {
    this.#propagation.rows(this.#parameters.e0, nodes, count, out);
  }
}

/** Propagation over the training graph; without layers Z is E⁽⁰⁾. */
export const GRAPH: EncoderDescriptor = {
  table: propagatedTable,
  create: (parts) => new GraphEncoder(parts),
  work: (graph, dim, { layers }) => propagationWork(graph, dim, layers),
};
