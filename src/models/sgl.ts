import type { Graph } from '../data/graph.ts';
import {
  type ContrastiveScratch,
  contrastiveScratch,
  contrastiveScratchBytes,
  unitTableBytes,
} from '../kernels/blocks.ts';
import { infoNce } from '../kernels/infonce.ts';
import { addRows, addScaledRows, squaredNorms } from '../kernels/rows.ts';
import type { CsrMatrix, F32Buffer, I32Buffer, Matrix, Table } from '../runtime/buffers.ts';
import type { CsrRoom } from '../runtime/csrRoom.ts';
import { csrBytes, tableBytes, type Workspace } from '../runtime/workspace.ts';
import { checkLayers } from './batchModel.ts';
import { BatchRows, batchRowsBytes, type PlannedBatch } from './batchRows.ts';
import type { GraphModelDescriptor } from './descriptor.ts';
import { Propagation, propagationTables } from './encoders/propagation.ts';
import { checkViewOptions, drawViews, type View, type ViewOptions } from './encoders/views.ts';
import { bprLoss } from './losses/bpr.ts';
import { REGULARIZATION, type RegularizationOptions, regularize } from './losses/regularization.ts';
import { ADAM, type Batch, type OptimizerOptions } from './model.ts';
import type { EmbeddingTable } from './parameters/embeddingTable.ts';
import { embeddingTable, type TextHold } from './parameters/textHold.ts';
import { TableModel } from './tableModel.ts';
import { countRows, UnitRows } from './unitRows.ts';

export interface SglOptions extends ViewOptions, TextHold {
  /** Propagation layers L ≥ 1. Default 2 (the authors' configuration). */
  readonly layers?: number;
  /** τ */
  readonly temperature: number;
  /** λ */
  readonly sslWeight: number;
  /** Decides the views. */
  readonly seed: number;
  readonly regularization?: RegularizationOptions;
  readonly optimizer?: OptimizerOptions;
  readonly batchSize: number;
  /** The views of an epoch; drawn with `seed` by default. */
  readonly views?: (epoch: number) => readonly [View, View];
}

/** Bytes of workspace that SGL takes: parameters, two moments, temporaries, two gradients, graph, views, unit rows. */
export function sglBytes(
  graph: Graph,
  dim: number,
  {
    layers,
    batchSize,
    augmentation,
  }: { layers: number; batchSize: number } & Pick<ViewOptions, 'augmentation'>,
): number {
  const { numNodes } = graph;
  const side = Math.max(graph.numUsers, graph.numItems);
  const slots = Math.min(3 * batchSize, numNodes);
  const ownGraphs = augmentation === 'RW';
  const tables = (5 + propagationTables(layers, !ownGraphs)) * tableBytes(numNodes, dim);
  const graphs = (1 + 2 * (ownGraphs ? layers : 1)) * csrBytes(numNodes, graph.adjacency.colIdx.length);
  const most = Math.min(batchSize, side);
  const unit = 2 * (unitTableBytes(side, dim) + unitTableBytes(most, dim));
  const vectors = tableBytes(1, side) + 4 * tableBytes(1, most);
  const batch = batchRowsBytes(graph, dim, batchSize) + tableBytes(slots, dim);
  return tables + graphs + batch + unit + vectors + contrastiveScratchBytes(side, dim);
}

/**
 * SGL (Wu et al., SIGIR 2021), as RecBole: loss = Σ_b −log σ(⟨z_u, z_i⟩ − ⟨z_u, z_j⟩) over the whole graph +
 * regularisation + λ · (InfoNCE of the batch's users + InfoNCE of its positive items). InfoNCE is summed over the batch,
 * repeats counted: −log( e^{⟨z'_a, z''_a⟩/τ} / Σ_{all c} e^{⟨z'_a, z''_c⟩/τ} ) with unit rows z' of view 1 and z'' of
 * view 2. Views are drawn anew each epoch. Sums, not means.
 */
export class Sgl extends TableModel {
  readonly name = 'sgl';
  readonly usesNegatives = true;
  readonly #workspace: Workspace;
  readonly #graph: Graph;
  readonly #options: Required<Omit<SglOptions, 'optimizer' | 'views' | keyof TextHold>>;
  readonly #drawViews: (epoch: number) => readonly [View, View];
  protected readonly table: EmbeddingTable<Matrix>;
  readonly #rows: BatchRows;
  readonly #temporaries: readonly Matrix[];
  readonly #full: Propagation;
  readonly #rooms: readonly [readonly CsrRoom[], readonly CsrRoom[]];
  #views: readonly [Propagation, Propagation] | null = null;
  /** Gradient of one propagation's Z, and the gradient of E⁽⁰⁾. */
  readonly #g: Matrix;
  readonly #total: Matrix;
  /** View-1 rows of the batch; later their gradient. */
  readonly #z1: Matrix;
  readonly #anchors: UnitRows;
  readonly #candidates: UnitRows;
  readonly #positives: I32Buffer;
  readonly #weights: F32Buffer;
  readonly #losses: F32Buffer;
  readonly #scratch: ContrastiveScratch;

  /**
   * @param initial E⁽⁰⁾, numNodes × dim, users first
   * @throws {ShapeError} when `initial` does not have numNodes rows
   * @throws {OptionError} when `layers` is not an integer ≥ 1, or augmentation or dropout are out of range
   */
  constructor(workspace: Workspace, graph: Graph, initial: Float32Array, dim: number, options: SglOptions) {
    super();
    const { layers = 2, regularization = REGULARIZATION, optimizer = ADAM, batchSize } = options;
    checkLayers(layers, 1);
    checkViewOptions(options);
    const { numNodes } = graph;
    this.#workspace = workspace;
    this.#graph = graph;
    this.#options = { ...options, layers, regularization };
    const { interactions } = graph;
    this.#drawViews =
      options.views ?? ((epoch) => drawViews(interactions, options, layers, options.seed, epoch));
    const ownGraphs = options.augmentation === 'RW';
    const matrix = () => workspace.matrix(numNodes, dim);
    this.table = embeddingTable(workspace, matrix, graph, initial, dim, optimizer, options);
    this.#temporaries = Array.from({ length: propagationTables(layers, !ownGraphs) }, matrix);
    const adjacency = workspace.csr(graph.adjacency);
    this.#full = this.#propagation(Array.from({ length: layers }, () => adjacency));
    const room = () => workspace.csrRoom(numNodes, numNodes, adjacency.nnz);
    const rooms = () => Array.from({ length: ownGraphs ? layers : 1 }, room);
    this.#rooms = [rooms(), rooms()];
    this.#g = matrix();
    this.#total = matrix();
    this.#rows = new BatchRows(workspace, numNodes, dim, batchSize, adjacency.maxDegree);
    this.#z1 = workspace.matrix(this.#rows.z.rows, dim);
    const side = Math.max(graph.numUsers, graph.numItems);
    const most = Math.min(batchSize, side);
    this.#anchors = new UnitRows(workspace, most, dim);
    this.#candidates = new UnitRows(workspace, side, dim);
    this.#positives = workspace.i32(most);
    this.#weights = workspace.f32(most);
    this.#losses = workspace.f32(most);
    this.#scratch = contrastiveScratch(workspace, side, dim);
  }

  beginEpoch(epoch: number): void {
    const views = this.#drawViews(epoch);
    const propagation = (n: 0 | 1) => {
      const rooms = this.#rooms[n];
      const filled = rooms.map((room, layer) => room.fill(views[n][layer]));
      return this.#propagation(views[n].map((_, layer) => filled[layer % rooms.length]));
    };
    this.#views = [propagation(0), propagation(1)];
  }

  step(batch: Batch): number {
    if (!this.#views) this.beginEpoch(1);
    const rows = this.#rows;
    const { e0 } = this.table;
    const [view1, view2] = this.#views!;
    const { scale } = this.#full;
    const planned = rows.plan(batch, true);
    this.#full.rows(e0, planned.nodes, planned.numSlots, rows.z);
    const bpr = bprLoss(this.#workspace, rows, planned, batch.count, scale, 0);
    squaredNorms(this.#workspace, e0, planned.nodes, planned.numSlots, rows.squaredNorms);
    const decay = regularize(rows, planned, batch.count, this.#options.regularization);
    view1.rows(e0, planned.nodes, planned.numUsers + planned.numPositives, this.#z1);
    const contrast = this.#contrast(planned, batch.count, view2.all(e0));
    this.#total.view.set(this.#g.view);
    view2.addBackward(this.#g, this.#total);
    this.#pushBack(view1, planned, planned.numUsers + planned.numPositives, this.#z1);
    this.#pushBack(this.#full, planned, planned.numSlots, rows.gradient.gradient);
    const { nodes, numSlots } = planned;
    addScaledRows(this.#workspace, e0, nodes, rows.gradient.decay, numSlots, this.#total, nodes);
    rows.clear(planned);
    this.table.update(this.#total);
    return bpr + decay + contrast;
  }

  /** λ · both InfoNCE losses; leaves λ/(L+1) · dLoss/dZ'' in #g and λ/(L+1) · dLoss/dZ' in #z1. */
  #contrast(planned: PlannedBatch, count: number, z2: Matrix): number {
    const { numUsers: allUsers, numItems } = this.#graph;
    const { numUsers, numPositives, users, positives } = planned;
    this.#g.view.fill(0);
    const byUsers = this.#side(planned, users, count, 0, numUsers, z2, 0, allUsers);
    const byItems = this.#side(planned, positives, count, numUsers, numPositives, z2, allUsers, numItems);
    return this.#options.sslWeight * (byUsers + byItems);
  }

  /** Slots first … first + size − 1 against nodes from … from + all − 1. */
  #side(
    planned: PlannedBatch,
    slots: I32Buffer<'slot'>,
    count: number,
    first: number,
    size: number,
    z2: Matrix,
    from: number,
    all: number,
  ): number {
    const { temperature, sslWeight } = this.#options;
    const z1 = this.#z1.slice(first, size);
    const nodes = planned.nodes.view;
    const own = this.#positives.view;
    for (let slot = 0; slot < size; slot++) own[slot] = nodes[first + slot] - from;
    countRows(slots, count, first, size, this.#weights);
    const [anchors, candidates] = [this.#anchors, this.#candidates];
    anchors.normalize(z1, size);
    candidates.normalize(z2.slice(from, all), all);
    candidates.gradient.view.fill(0);
    infoNce(
      this.#workspace,
      anchors.unit,
      size,
      candidates.unit,
      all,
      this.#positives,
      this.#weights,
      temperature,
      this.#scratch,
      this.#losses,
      anchors.gradient,
      candidates.gradient,
    );
    const scale = sslWeight * this.#full.scale;
    z1.view.fill(0);
    anchors.backward(z1, scale);
    candidates.backward(this.#g.slice(from, all), scale);
    let loss = 0;
    for (const value of this.#losses.view.subarray(0, size)) loss += value;
    return loss;
  }

  /** Adds the gradient of E⁽⁰⁾ from the gradient of some rows of Z to #total. */
  #pushBack(propagation: Propagation, { nodes }: PlannedBatch, count: number, dz: Matrix): void {
    this.#g.view.fill(0);
    addRows(this.#workspace, dz, nodes, count, this.#g);
    addRows(this.#workspace, dz, nodes, count, this.#total);
    propagation.addBackward(this.#g, this.#total);
  }

  #propagation(graphs: readonly CsrMatrix[]): Propagation {
    return new Propagation(this.#workspace, graphs, this.#temporaries);
  }

  finalRows(nodes: I32Buffer<'node'>, count: number, out: Matrix): void {
    this.#full.rows(this.table.e0, nodes, count, out);
  }

  propagate(): Matrix {
    return this.#full.all(this.table.e0);
  }

  spare(): Table | null {
    return this.#full.spare;
  }
}

export const sgl: GraphModelDescriptor<'sgl'> = {
  name: 'sgl',
  kind: 'graph',
  usesNegatives: true,
  options: ['negatives', 'regularization', 'temperature', 'sslWeight', 'augmentation', 'dropout'],
  layers: { default: 2, min: 1 },
  create: (...args) => new Sgl(...args),
  bytes: sglBytes,
};
