import type { Graph } from '../../data/graph.ts';
import { addRows, addScaledRows } from '../../kernels/rows.ts';
import type { I32Buffer, Matrix } from '../../runtime/buffers.ts';
import type { CsrMatrix } from '../../runtime/csrMatrix.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import type { BatchRows, PlannedBatch } from '../batchRows.ts';
import type { ModelOptions } from '../descriptor.ts';
import type { Parameters } from '../parameters/parameters.ts';
import type { Encoder, EncoderDescriptor, EncoderParts } from './encoder.ts';
import { Propagation, propagationTables, propagationWork } from './propagation.ts';
import { checkViewOptions, drawViews, type View } from './views.ts';

/** The two views of an epoch. */
export type DrawViews = (graph: Graph, options: ModelOptions, epoch: number) => readonly [View, View];

/**
 * LightGCN's propagation over the training graph and, for a contrastive loss, over two views of it (SGL). The views are
 * drawn anew each epoch. Gradients of all three add up in a table, by which E⁽⁰⁾ is updated then.
 */
export class ViewEncoder implements Encoder {
  /** View-1 rows of the batch's slots, users and positives; a loss overwrites them with their gradient. */
  readonly z1: Matrix;
  /** Where a loss leaves its gradient with respect to view-2 rows of all nodes. */
  readonly dZ2: Matrix;
  readonly #workspace: Workspace;
  readonly #parameters: Parameters;
  readonly #rows: BatchRows;
  readonly #options: ModelOptions;
  readonly #draw: DrawViews;
  readonly #temporaries: readonly Matrix[];
  readonly #full: Propagation;
  /** Of each view: one graph a layer, or one that all layers share. */
  readonly #graphs: readonly [readonly CsrMatrix[], readonly CsrMatrix[]];
  readonly #views: readonly [Propagation, Propagation];
  #graph: Graph | null = null;
  #hasViews = false;
  /** The gradient of E⁽⁰⁾. */
  readonly #total: Matrix;

  /** @throws {OptionError} when augmentation or dropout are out of range */
  constructor(parts: EncoderParts, draw: DrawViews) {
    const { workspace, graph, dim, options, parameters, rows, adjacency } = parts;
    const { layers } = options;
    checkViewOptions(options);
    this.#workspace = workspace;
    this.#parameters = parameters;
    this.#rows = rows;
    this.#options = options;
    this.#draw = draw;
    const ownGraphs = options.augmentation === 'RW';
    const matrix = () => workspace.matrix(graph.numNodes, dim);
    this.#temporaries = Array.from({ length: propagationTables(layers, !ownGraphs) }, matrix);
    const propagation = (graphs: readonly CsrMatrix[]) => {
      const ofLayers = Array.from({ length: layers }, (_, layer) => graphs[layer % graphs.length]);
      return new Propagation(workspace, ofLayers, this.#temporaries);
    };
    this.#full = propagation([adjacency!]);
    const room = () => workspace.csrRoom(graph.numNodes, graph.numNodes, adjacency!.capacity);
    const rooms = () => Array.from({ length: ownGraphs ? layers : 1 }, room);
    this.#graphs = [rooms(), rooms()];
    this.#views = [propagation(this.#graphs[0]), propagation(this.#graphs[1])];
    this.dZ2 = matrix();
    this.#total = matrix();
    this.z1 = workspace.matrix(rows.z.rows, dim);
  }

  /** 1/(L+1): gradients are pushed back without that factor. */
  get gradientScale(): number {
    return this.#full.scale;
  }

  start(graph: Graph): void {
    this.#graph = graph;
  }

  beginEpoch(epoch: number): void {
    const views = this.#draw(this.#graph!, this.#options, epoch);
    this.#graphs.forEach((graphs, n) => {
      graphs.forEach((graph, layer) => void graph.fill(views[n][layer]));
    });
    this.#hasViews = true;
  }

  forward({ nodes, numSlots }: PlannedBatch): void {
    if (!this.#hasViews) this.beginEpoch(1);
    this.finalRows(nodes, numSlots, this.#rows.z);
  }

  /** `z1` ← view-1 rows of the batch's users and positives. @returns view-2 rows of all nodes, valid until `backward` */
  forwardViews(planned: PlannedBatch): Matrix {
    const [view1, view2] = this.#views;
    const { e0 } = this.#parameters;
    view1.rows(e0, planned.nodes, anchorsOf(planned), this.z1);
    return view2.all(e0);
  }

  backward(planned: PlannedBatch): void {
    const [view1, view2] = this.#views;
    const { gradient, decay } = this.#rows.gradient;
    const { nodes, numSlots } = planned;
    this.#total.view.set(this.dZ2.view);
    view2.addBackward(this.dZ2, this.#total);
    this.#pushBack(view1, planned, anchorsOf(planned), this.z1);
    this.#pushBack(this.#full, planned, numSlots, gradient);
    addScaledRows(this.#workspace, this.#parameters.e0, nodes, decay, numSlots, this.#total, nodes);
    this.#parameters.update(this.#total);
  }

  propagate(): Matrix {
    return this.#full.all(this.#parameters.e0);
  }

  finalRows(nodes: I32Buffer<'node'>, count: number, out: Matrix): void {
    this.#full.rows(this.#parameters.e0, nodes, count, out);
  }

  /** Adds the gradient of E⁽⁰⁾ from the gradient of some rows of Z to #total. */
  #pushBack(propagation: Propagation, { nodes }: PlannedBatch, count: number, dz: Matrix): void {
    const [workspace, g] = [this.#workspace, this.dZ2];
    g.view.fill(0);
    addRows(workspace, dz, nodes, count, g);
    addRows(workspace, dz, nodes, count, this.#total);
    propagation.addBackward(g, this.#total);
  }
}

/** Propagation over the training graph and over two views of it. */
export function views(draw: DrawViews): EncoderDescriptor<ViewEncoder> {
  return {
    // Row-major, since the rows of users and those of items are taken apart.
    table: (workspace, { numNodes }, dim) => workspace.matrix(numNodes, dim),
    create: (parts) => new ViewEncoder(parts, draw),
    work: (graph, dim, { layers }) => 3 * propagationWork(graph, dim, layers),
  };
}

/** Views drawn by the options and the seed. */
export const VIEWS = views((graph, options, epoch) =>
  drawViews(graph.interactions, options, options.layers, options.seed, epoch),
);

function anchorsOf({ numUsers, numPositives }: PlannedBatch): number {
  return numUsers + numPositives;
}
