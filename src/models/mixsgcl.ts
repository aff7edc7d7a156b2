import type { Graph } from '../data/graph.ts';
import { addRows, addScaledRows, gatherRows } from '../kernels/rows.ts';
import { spmm, spmmRows } from '../kernels/spmm.ts';
import type { CsrMatrix, F32Buffer, I32Buffer, Matrix, Table } from '../runtime/buffers.ts';
import { PURPOSE, Random } from '../runtime/random.ts';
import { tableBytes, type Workspace } from '../runtime/workspace.ts';
import { batchModelBytes, checkLayers } from './batchModel.ts';
import { BatchRows, type PlannedBatch } from './batchRows.ts';
import type { GraphModelDescriptor } from './descriptor.ts';
import { Propagation, propagatedTable } from './encoders/propagation.ts';
import { PairLoss, pairLossBytes } from './losses/pairLoss.ts';
import { PairMix, pairMixBytes } from './losses/pairMix.ts';
import { ADAM, type Batch, type OptimizerOptions } from './model.ts';
import type { EmbeddingTable } from './parameters/embeddingTable.ts';
import { embeddingTable, type TextHold } from './parameters/textHold.ts';
import { TableModel } from './tableModel.ts';

export interface MixSgclOptions extends TextHold {
  /** Propagation layers L ≥ 0. Default 2 (the authors' configuration). */
  readonly layers?: number;
  /** τ */
  readonly temperature: number;
  /** Decides the mixtures. */
  readonly seed: number;
  readonly optimizer?: OptimizerOptions;
  /** The most interactions a batch will have. */
  readonly batchSize: number;
  /** A number in [0, 1) for each call; drawn anew each step with `seed` by default. */
  readonly draws?: (step: number) => () => number;
}

/** Bytes of workspace that MixSGCL takes. */
export function mixSgclBytes(graph: Graph, dim: number, layers: number, batchSize: number): number {
  const slots = Math.min(3 * batchSize, graph.numNodes);
  const compact = (2 * (layers + 1) + 3) * tableBytes(slots, dim) + (layers + 2) * tableBytes(1, slots);
  const losses = 2 * pairLossBytes(batchSize, dim) + pairMixBytes(batchSize, dim);
  // Two temporaries whatever the layers.
  return batchModelBytes(graph, dim, Math.max(2, layers), batchSize) + compact + losses;
}

/**
 * MixSGCL (Zhang et al., "Mixed Supervised Graph Contrastive Learning for Recommendation", arXiv 2404.15954), as the
 * authors' RecBole code computes it: the SGCL loss of three sets of pairs, each with its own denominators, summed.
 * 1. the rows of Z, as SGCL;
 * 2. node mix: each node's row is Σ_l α_l E^{(l)} with α = U(0,1)^{L+1} divided by its sum, drawn anew each step;
 * 3. pair mix: r·û + (1−r)·î and r·î + (1−r)·û of each pair, made unit again, with r = U(0,1)/2 drawn for each pair.
 * Gradients flow through all three. Deviation: α is drawn for the batch's nodes only, from this package's generator.
 */
export class MixSgcl extends TableModel {
  readonly name = 'mixsgcl';
  readonly usesNegatives = false;
  readonly #workspace: Workspace;
  protected readonly table: EmbeddingTable;
  readonly #rows: BatchRows;
  readonly #adjacency: CsrMatrix | null;
  readonly #layers: number;
  readonly #temporaries: readonly Table[];
  readonly #propagation: Propagation;
  readonly #draws: (step: number) => () => number;
  /** For each layer the batch's rows, their gradient, and the share α of each row. */
  readonly #layerRows: readonly Matrix[];
  readonly #layerGradients: readonly Matrix[];
  readonly #shares: readonly F32Buffer[];
  /** 1/(L+1) for each row. */
  readonly #equal: F32Buffer;
  readonly #mixed: Matrix;
  readonly #dMean: Matrix;
  readonly #dMixed: Matrix;
  readonly #nodePairs: PairLoss;
  readonly #mixedPairs: PairLoss;
  readonly #pairMix: PairMix;

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
    options: MixSgclOptions,
  ) {
    super();
    const { layers = 2, optimizer = ADAM, batchSize, temperature, seed } = options;
    checkLayers(layers, 0);
    this.#workspace = workspace;
    this.#layers = layers;
    this.#draws = options.draws ?? ((step) => drawsOf(seed, step));
    this.table = embeddingTable(
      workspace,
      () => propagatedTable(workspace, graph, dim, layers),
      graph,
      initial,
      dim,
      optimizer,
      options,
    );
    this.#adjacency = layers > 0 ? workspace.csr(graph.adjacency) : null;
    this.#temporaries = [0, 1].map(() => workspace.tableLike(this.table.e0));
    const graphs = Array.from({ length: layers }, () => this.#adjacency!);
    this.#propagation = new Propagation(workspace, graphs, this.#temporaries);
    this.#rows = new BatchRows(workspace, graph.numNodes, dim, batchSize, this.#adjacency?.maxDegree ?? 0);
    const slots = this.#rows.z.rows;
    const compact = () => workspace.matrix(slots, dim);
    const each = <T>(make: () => T) => Array.from({ length: layers + 1 }, make);
    this.#layerRows = each(compact);
    // The gradient of layer 0 is what the fused update reads.
    this.#layerGradients = each(compact).with(0, this.#rows.gradient.gradient);
    this.#shares = each(() => workspace.f32(slots));
    this.#equal = workspace.f32(slots);
    this.#equal.view.fill(1 / (layers + 1));
    [this.#mixed, this.#dMean, this.#dMixed] = [compact(), compact(), compact()];
    this.#nodePairs = new PairLoss(workspace, dim, batchSize, temperature);
    this.#mixedPairs = new PairLoss(workspace, dim, batchSize, temperature);
    this.#pairMix = new PairMix(workspace, dim, batchSize);
  }

  beginEpoch(): void {}

  step(batch: Batch): number {
    const rows = this.#rows;
    const { count } = batch;
    const planned = rows.plan(batch, false);
    rows.gradient.decay.view.fill(0, 0, planned.numSlots);
    this.#gatherLayers(planned);
    const draw = this.#draws(this.table.steps);
    this.#drawShares(planned.numSlots, draw);
    this.#mixLayers(planned.numSlots);
    const { users, items, numUsers, numItems } = sidesOf(planned);
    const [z, mixed, dMean, dMixed] = [rows.z, this.#mixed, this.#dMean, this.#dMixed];
    this.#mixedPairs.plan(planned, count);
    const loss2 = this.#mixedPairs.forward(users(mixed), numUsers, items(mixed), numItems, count);
    for (const table of [dMean, dMixed]) table.view.fill(0);
    this.#mixedPairs.backward(users(dMixed), items(dMixed), 1);
    this.#nodePairs.plan(planned, count);
    const loss1 = this.#nodePairs.forward(users(z), numUsers, items(z), numItems, count);
    // The other loss is done with its tables: the pair mix uses them.
    const loss3 = this.#pairMix.addLoss(this.#nodePairs, this.#mixedPairs, count, draw);
    this.#nodePairs.backward(users(dMean), items(dMean), 1);
    this.#backward(planned);
    rows.clear(planned);
    return loss1 + loss2 + loss3;
  }

  /** E^{(l)} of the batch's rows. */
  #gatherLayers({ nodes, numSlots }: PlannedBatch): void {
    let x = this.table.e0;
    gatherRows(this.#workspace, x, nodes, numSlots, this.#layerRows[0]);
    for (let layer = 1; layer <= this.#layers; layer++) {
      if (layer === this.#layers) {
        spmmRows(this.#workspace, this.#adjacency!, x, nodes, numSlots, this.#layerRows[layer]);
        return;
      }
      const next = this.#temporaries[layer % 2];
      spmm(this.#workspace, this.#adjacency!, x, next);
      gatherRows(this.#workspace, next, nodes, numSlots, this.#layerRows[layer]);
      x = next;
    }
  }

  #drawShares(numSlots: number, draw: () => number): void {
    const shares = this.#shares.map(({ view }) => view);
    for (let slot = 0; slot < numSlots; slot++) {
      const drawn = shares.map(draw);
      const sum = drawn.reduce((a, b) => a + b, 0);
      // All zero has probability 2⁻²⁴⁽ᴸ⁺¹⁾ and no mixture; the mean is one.
      shares.forEach((view, layer) => {
        view[slot] = sum > 0 ? drawn[layer] / sum : 1 / shares.length;
      });
    }
  }

  /** The mean and the mixture of the layers. */
  #mixLayers(numSlots: number): void {
    const { z } = this.#rows;
    z.view.fill(0);
    this.#mixed.view.fill(0);
    this.#layerRows.forEach((rows, layer) => {
      addScaledRows(this.#workspace, rows, null, this.#equal, numSlots, z, null);
      addScaledRows(this.#workspace, rows, null, this.#shares[layer], numSlots, this.#mixed, null);
    });
  }

  /** dE⁰ = G₀ + Â (G₁ + Â (G₂ + …)) with G_l = dZ/(L+1) + α_l · dMixed; the last layer updates E⁰ block by block. */
  #backward(planned: PlannedBatch): void {
    const { nodes, numSlots } = planned;
    this.#layerGradients.forEach((rows, layer) => {
      rows.view.fill(0);
      addScaledRows(this.#workspace, this.#dMean, null, this.#equal, numSlots, rows, null);
      addScaledRows(this.#workspace, this.#dMixed, null, this.#shares[layer], numSlots, rows, null);
    });
    let y: Table | null = null;
    for (let layer = this.#layers; layer > 0; layer--) {
      const next: Table = this.#temporaries[layer % 2];
      if (y === null) next.view.fill(0);
      else spmm(this.#workspace, this.#adjacency!, y, next);
      addRows(this.#workspace, this.#layerGradients[layer], nodes, numSlots, next);
      y = next;
    }
    this.table.updateThrough(this.#adjacency, y, this.#rows, planned, { scale: 1 });
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
}

function sidesOf({ numUsers, numPositives }: PlannedBatch) {
  return {
    numUsers,
    numItems: numPositives,
    users: (table: Matrix) => table.slice(0, numUsers),
    items: (table: Matrix) => table.slice(numUsers, numPositives),
  };
}

function drawsOf(seed: number, step: number): () => number {
  const random = new Random(seed, PURPOSE.views, step);
  return () => random.uniform();
}

export const mixsgcl: GraphModelDescriptor<'mixsgcl'> = {
  name: 'mixsgcl',
  kind: 'graph',
  usesNegatives: false,
  options: ['temperature'],
  layers: { default: 2, min: 0 },
  create: (...args) => new MixSgcl(...args),
  bytes: (graph, dim, { layers, batchSize }) => mixSgclBytes(graph, dim, layers, batchSize),
};
