import { addRows, addScaledRows, gatherRows } from '../../kernels/rows.ts';
import { spmm, spmmRows } from '../../kernels/spmm.ts';
import type { F32Buffer, I32Buffer, Matrix, Table } from '../../runtime/buffers.ts';
import type { CsrMatrix } from '../../runtime/csrMatrix.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import type { BatchRows, PlannedBatch } from '../batchRows.ts';
import type { Parameters } from '../parameters/parameters.ts';
import type { Encoder, EncoderDescriptor, EncoderParts } from './encoder.ts';
import { Propagation, propagatedTable, propagationWork } from './propagation.ts';

/**
 * LightGCN's propagation with the layers of a batch's rows one by one: Z is their mean, and a loss may read another
 * mixture Σ_l α_l E^{(l)}, α of its own for each slot, beside it.
 */
export class LayerEncoder implements Encoder {
  readonly gradientScale = 1;
  /** For each layer the share α of each slot, for `mix`. */
  readonly shares: readonly F32Buffer[];
  /** The mixture of each slot. */
  readonly mixed: Matrix;
  /** dLoss/d`mixed`, to be overwritten by the loss. */
  readonly dMixed: Matrix;
  readonly #workspace: Workspace;
  readonly #parameters: Parameters;
  readonly #rows: BatchRows;
  readonly #layers: number;
  readonly #adjacency: CsrMatrix | null;
  readonly #temporaries: readonly Table[];
  readonly #propagation: Propagation;
  /** For each layer the batch's rows and their gradient. */
  readonly #layerRows: readonly Matrix[];
  readonly #layerGradients: readonly Matrix[];
  readonly #dMean: Matrix;
  /** 1/(L+1) for each slot. */
  readonly #equal: F32Buffer;

  constructor({ workspace, parameters, rows, adjacency, options: { layers } }: EncoderParts) {
    this.#workspace = workspace;
    this.#parameters = parameters;
    this.#rows = rows;
    this.#layers = layers;
    this.#adjacency = adjacency;
    this.#temporaries = [0, 1].map(() => workspace.tableLike(parameters.e0));
    const graphs = Array.from({ length: layers }, () => adjacency!);
    this.#propagation = new Propagation(workspace, graphs, this.#temporaries);
    const { rows: slots, dim } = rows.z;
    const compact = () => workspace.matrix(slots, dim);
    const each = <T>(make: () => T) => Array.from({ length: layers + 1 }, make);
    this.#layerRows = each(compact);
    // The gradient of layer 0 is what the fused update reads.
    this.#layerGradients = each(compact).with(0, rows.gradient.gradient);
    this.shares = each(() => workspace.f32(slots));
    this.#equal = workspace.f32(slots);
    [this.mixed, this.dMixed, this.#dMean] = [compact(), compact(), compact()];
  }

  start(): void {
    this.#equal.view.fill(1 / (this.#layers + 1));
  }

  beginEpoch(): void {}

  forward({ nodes, numSlots }: PlannedBatch): void {
    this.#gatherLayers(nodes, numSlots);
    const { z } = this.#rows;
    z.view.fill(0);
    for (const rows of this.#layerRows)
      addScaledRows(this.#workspace, rows, null, this.#equal, numSlots, z, null);
  }

  /** `mixed` ← the mixtures of the batch's slots by `shares`. */
  mix({ numSlots }: PlannedBatch): void {
    this.mixed.view.fill(0);
    this.#layerRows.forEach((rows, layer) => {
      addScaledRows(this.#workspace, rows, null, this.shares[layer], numSlots, this.mixed, null);
    });
  }

  /** dE⁰ = G₀ + Â (G₁ + Â (G₂ + …)) with G_l = dZ/(L+1) + α_l · dMixed; the last layer updates E⁰ block by block. */
  backward(planned: PlannedBatch): void {
    const { nodes, numSlots } = planned;
    const [workspace, adjacency] = [this.#workspace, this.#adjacency!];
    this.#dMean.view.set(this.#rows.gradient.gradient.view);
    this.#layerGradients.forEach((rows, layer) => {
      rows.view.fill(0);
      addScaledRows(workspace, this.#dMean, null, this.#equal, numSlots, rows, null);
      addScaledRows(workspace, this.dMixed, null, this.shares[layer], numSlots, rows, null);
    });
    let y: Table | null = null;
    for (let layer = this.#layers; layer > 0; layer--) {
      const next: Table = this.#temporaries[layer % 2];
      if (y === null) next.view.fill(0);
      else spmm(workspace, adjacency, y, next);
      addRows(workspace, this.#layerGradients[layer], nodes, numSlots, next);
      y = next;
    }
    this.#parameters.updateThrough(this.#adjacency, y, this.#rows, planned, { scale: 1 });
  }

  propagate(): Matrix {
    return this.#propagation.all(this.#parameters.e0);
  }

  finalRows(nodes: I32Buffer<'node'>, count: number, out: Matrix): void {
    this.#propagation.rows(this.#parameters.e0, nodes, count, out);
  }

  /** E^{(l)} of the batch's rows. */
  #gatherLayers(nodes: I32Buffer<'node'>, numSlots: number): void {
    const [workspace, adjacency] = [this.#workspace, this.#adjacency!];
    let x = this.#parameters.e0;
    gatherRows(workspace, x, nodes, numSlots, this.#layerRows[0]);
    for (let layer = 1; layer <= this.#layers; layer++) {
      if (layer === this.#layers) {
        spmmRows(workspace, adjacency, x, nodes, numSlots, this.#layerRows[layer]);
        return;
      }
      const next = this.#temporaries[layer % 2];
      spmm(workspace, adjacency, x, next);
      gatherRows(workspace, next, nodes, numSlots, this.#layerRows[layer]);
      x = next;
    }
  }
}

/** Propagation over the training graph, layer by layer. */
export const LAYERS: EncoderDescriptor<LayerEncoder> = {
  table: propagatedTable,
  create: (parts) => new LayerEncoder(parts),
  work: (graph, dim, { layers }) => propagationWork(graph, dim, layers),
};
