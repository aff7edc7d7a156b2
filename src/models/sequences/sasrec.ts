import type { Graph, GraphSize } from '../../data/graph.ts';
import { gatherRows } from '../../kernels/rows.ts';
import type { SequenceShape, SequenceWeights } from '../../rank/sequences/weights.ts';
import type { I32Buffer, Matrix } from '../../runtime/buffers.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import type { ModelDescriptor, ModelOptions } from '../descriptor.ts';
import { checkLayers } from '../layers.ts';
import type { Batch, Model } from '../model.ts';
import type { SequenceParameters } from './parameters.ts';
import { checkInitialRows, SequenceTraining, shapeOf, trainingWork } from './training.ts';

/**
 * SASRec (Kang & McAuley, ICDM 2018) in the form of RecBole: a causal transformer reads a user's items, oldest first, and its
 * hidden state behind the last scores the next by inner products with the items' rows, which are also what it reads.
 * Deviations: sequences lie behind one another instead of being padded, all positions are trained on in one pass instead of
 * one prefix a row, and initial weights are uniform with the deviation of RecBole's.
 */
class SasRec implements Model {
  readonly usesNegatives = false;
  readonly #workspace: Workspace;
  #graph: Graph | null = null;
  readonly #training: SequenceTraining;
  readonly #z: Matrix;

  constructor(workspace: Workspace, graph: GraphSize, shape: SequenceShape, options: ModelOptions) {
    this.#workspace = workspace;
    this.#training = new SequenceTraining(workspace, graph, shape, options);
    this.#z = workspace.matrix(graph.numNodes, shape.dim);
  }

  get parameters(): SequenceParameters {
    return this.#training.parameters;
  }

  start(graph: Graph, initial: Float32Array): void {
    const { dim } = this.#training.encoder.shape;
    checkInitialRows(graph, initial, dim);
    this.#graph = graph;
    this.#training.start(graph, initial.subarray(graph.numUsers * dim));
  }

  beginEpoch(): void {}

  step(batch: Batch): number {
    return this.#training.step(batch);
  }

  propagate(): Matrix {
    const { numUsers, numItems, sequences } = this.#graph!;
    const { scored } = this.parameters;
    const { rowPtr, items } = sequences;
    const z = this.#z;
    const histories = Array.from({ length: numUsers }, (_, user) =>
      items.subarray(rowPtr[user], rowPtr[user + 1]),
    );
    this.#training.histories.encode(scored, histories, (user, row) => z.view.set(row, user * z.stride));
    for (let item = 0; item < numItems; item++)
      z.view.set(scored.row(item).view, (numUsers + item) * z.stride);
    return z;
  }

  finalRows(nodes: I32Buffer<'node'>, count: number, out: Matrix): void {
    gatherRows(this.#workspace, this.propagate(), nodes, count, out);
  }

  sequence(): SequenceWeights {
    return this.#training.weights();
  }
}

const LAYERS = { default: 2, min: 1 };

/** SASRec: see above. */
export const sasrec: ModelDescriptor<'sasrec'> = {
  name: 'sasrec',
  kind: 'sequence',
  usesNegatives: () => false,
  options: ['heads', 'maxLength', 'hiddenDropout', 'sequenceLoss'],
  layers: LAYERS,
  hiddenDropout: 0.5,
  create(workspace, graph, dim, options) {
    checkLayers('sasrec', LAYERS, options.layers, 'model');
    return new SasRec(workspace, graph, shapeOf(dim, options, options.maxLength), options);
  },
  work(graph, dim, size) {
    const scored = size.sequenceLoss === 'bce' ? 0 : graph.numItems;
    return trainingWork(graph, shapeOf(dim, size, size.maxLength), scored);
  },
};
