import type { Graph, GraphSize } from '../../data/graph.ts';
import { OptionError, ShapeError } from '../../errors.ts';
import { unitTable, unitTableBytes } from '../../kernels/blocks.ts';
import { dropoutFactors } from '../../kernels/dropout.ts';
import { gatherRows } from '../../kernels/rows.ts';
import {
  type Activations,
  activationBytes,
  type Capacity,
  openActivations,
} from '../../rank/sequences/activations.ts';
import { encoderBytes, SequenceEncoder } from '../../rank/sequences/encoder.ts';
import { HistoryEncoder, historyBytes } from '../../rank/sequences/historyEncoder.ts';
import { readTables, type SequenceShape, type SequenceWeights } from '../../rank/sequences/weights.ts';
import type { I32Buffer, Matrix } from '../../runtime/buffers.ts';
import { tableBytes, type Workspace } from '../../runtime/workspace.ts';
import type { ModelDescriptor, ModelOptions, ModelSize } from '../descriptor.ts';
import { checkLayers } from '../layers.ts';
import type { Batch, Model } from '../model.ts';
import { DENSE_WORK } from '../work.ts';
import { backwardBytes, SequenceBackward } from './backward.ts';
import { batchCapacity, SequenceBatch, sequenceBatchBytes, usersWithSequences } from './batch.ts';
import { type SequenceLoss, sequenceLoss, sequenceLossBytes } from './losses.ts';
import { SequenceParameters, sequenceParameterBytes } from './parameters.ts';

/** The width between the two layers of a block's network, in dims (RecBole: 256 for 64). */
const INNER = 4;
/** Draws of dropout in a block. */
const PLACES = 3;

/**
 * SASRec (Kang & McAuley, ICDM 2018) in the form of RecBole: a causal transformer reads a user's items, oldest first, and its
 * hidden state behind the last scores the next by inner products with the items' rows, which are also what it reads.
 * Deviations: sequences lie behind one another instead of being padded, all positions are trained on in one pass instead of
 * one prefix a row, and initial weights are uniform with the deviation of RecBole's.
 */
class SasRec implements Model {
  readonly usesNegatives = false;
  readonly parameters: SequenceParameters;
  readonly #workspace: Workspace;
  readonly #graph: Graph;
  readonly #options: ModelOptions;
  readonly #encoder: SequenceEncoder;
  readonly #activations: Activations;
  readonly #batch: SequenceBatch;
  readonly #loss: SequenceLoss;
  readonly #backward: SequenceBackward;
  readonly #histories: HistoryEncoder;
  readonly #dHidden: Matrix;
  readonly #dItems: Matrix;
  readonly #z: Matrix;

  constructor(
    workspace: Workspace,
    graph: Graph,
    initial: Float32Array,
    shape: SequenceShape,
    options: ModelOptions,
  ) {
    const { numUsers, numItems, numNodes } = graph;
    const { batchSize, seed, sequenceLoss: loss } = options;
    const { dim, heads, maxLength } = shape;
    const capacity = capacityFor(graph, shape, batchSize);
    this.#workspace = workspace;
    this.#graph = graph;
    this.#options = options;
    this.#encoder = new SequenceEncoder(workspace, shape);
    const steps = Math.ceil(usersWithSequences(graph).length / batchSize);
    const rows = initial.subarray(numUsers * dim);
    this.parameters = new SequenceParameters(workspace, this.#encoder, numItems, rows, options, steps);
    this.#activations = openActivations(workspace, shape, capacity, useOf(options));
    this.#batch = new SequenceBatch(workspace, graph, batchSize, capacity, heads, maxLength);
    this.#loss = sequenceLoss(loss, workspace, graph, dim, capacity.rows, seed);
    this.#backward = new SequenceBackward(workspace, this.#encoder, capacity);
    this.#histories = new HistoryEncoder(workspace, this.#encoder, this.#activations, batchSize);
    this.#dHidden = unitTable(workspace, capacity.rows, dim);
    this.#dItems = unitTable(workspace, numItems, dim);
    this.#z = workspace.matrix(numNodes, dim);
  }

  beginEpoch(): void {}

  step({ users, count }: Batch): number {
    const { parameters } = this;
    const { sequences, weights } = this.#batch.fill(users.view, count);
    const update = parameters.steps + 1;
    this.#drop(sequences.rows, weights, update);
    const hidden = this.#encoder.forward(parameters.scored, sequences, this.#activations);
    this.#dItems.view.fill(0);
    const given = [hidden, sequences.rows, parameters.scored, this.#batch, update] as const;
    const loss = this.#loss.compute(...given, this.#dHidden, this.#dItems);
    const dItems = this.#dItems.slice(0, this.#graph.numItems);
    this.#backward.run(this.#dHidden, sequences, this.#activations, dItems);
    parameters.update(dItems, this.#backward.gradients);
    return loss;
  }

  propagate(): Matrix {
    const { numUsers, numItems, sequences } = this.#graph;
    const { scored } = this.parameters;
    const { rowPtr, items } = sequences;
    const z = this.#z;
    const histories = Array.from({ length: numUsers }, (_, user) =>
      items.subarray(rowPtr[user], rowPtr[user + 1]),
    );
    this.#histories.encode(scored, histories, (user, row) => z.view.set(row, user * z.stride));
    for (let item = 0; item < numItems; item++)
      z.view.set(scored.row(item).view, (numUsers + item) * z.stride);
    return z;
  }

  finalRows(nodes: I32Buffer<'node'>, count: number, out: Matrix): void {
    gatherRows(this.#workspace, this.propagate(), nodes, count, out);
  }

  sequence(): SequenceWeights {
    const { shape, tables } = this.#encoder;
    return { ...shape, tables: readTables(shape, tables) };
  }

  /** Draws what an update drops. */
  #drop(rows: number, weights: number, update: number): void {
    const { factors, input } = this.#activations;
    if (!factors) return;
    const { hiddenDropout: share, seed } = this.#options;
    const hidden = rows * input.stride;
    const draw = (place: number) => ({ share, seed, place, update });
    dropoutFactors(this.#workspace, factors.input, hidden, draw(0));
    for (const [n, { attention, out, outer }] of factors.blocks.entries()) {
      const place = 1 + PLACES * n;
      dropoutFactors(this.#workspace, attention, weights, draw(place));
      dropoutFactors(this.#workspace, out, hidden, draw(place + 1));
      dropoutFactors(this.#workspace, outer, hidden, draw(place + 2));
    }
  }
}

function useOf({ hiddenDropout }: Pick<ModelOptions, 'hiddenDropout'>) {
  return hiddenDropout > 0 ? 'training with dropout' : 'training';
}

function capacityFor(graph: GraphSize, { heads, maxLength }: SequenceShape, batchSize: number): Capacity {
  return batchCapacity(graph, batchSize, heads, maxLength);
}

/** @throws {OptionError} unless heads divide dim */
function shapeOf(dim: number, { layers, heads, maxLength }: ModelSize): SequenceShape {
  const own = heads ?? (dim % 2 === 0 ? 2 : 1);
  if (dim % own !== 0) {
    const problem = `expected heads to divide dim, which is ${dim}, received ${own}`;
    throw new OptionError('fit', problem, 'Change dim or heads', 'heads');
  }
  return { dim, heads: own, blocks: layers, maxLength, inner: INNER * dim };
}

const LAYERS = { default: 2, min: 1 };

/** SASRec: see above. */
export const sasrec: ModelDescriptor<'sasrec'> = {
  name: 'sasrec',
  kind: 'sequence',
  usesNegatives: () => false,
  options: ['heads', 'maxLength', 'hiddenDropout', 'sequenceLoss'],
  layers: LAYERS,
  create(workspace, graph, initial, dim, options) {
    checkLayers('sasrec', LAYERS, options.layers, 'model');
    if (initial.length !== graph.numNodes * dim) {
      const problem = `expected ${graph.numNodes} × ${dim} initial values, received ${initial.length}`;
      throw new ShapeError('model', problem, 'Initialise users and items of the same graph');
    }
    return new SasRec(workspace, graph, initial, shapeOf(dim, options), options);
  },
  work({ userDegrees, numItems }, dim, size) {
    const { blocks, maxLength, inner } = shapeOf(dim, size);
    const places = userDegrees.reduce((sum, degree) => sum + Math.min(maxLength, degree), 0);
    // Forward, and the gradients of rows and of weights.
    const block = dim * (4 * dim + 2 * inner + maxLength);
    const scores = size.sequenceLoss === 'bce' ? 0 : numItems * dim;
    return 3 * DENSE_WORK * places * (blocks * block + scores);
  },
  bytes(graph, dim, size) {
    const shape = shapeOf(dim, size);
    const { batchSize } = size;
    const capacity = capacityFor(graph, shape, batchSize);
    return (
      encoderBytes(shape) +
      sequenceParameterBytes(shape, graph.numItems, size) +
      activationBytes(shape, capacity, useOf(size)) +
      sequenceBatchBytes(batchSize, capacity) +
      sequenceLossBytes(size.sequenceLoss, graph, dim, capacity.rows) +
      backwardBytes(shape, capacity) +
      historyBytes(shape, capacity, batchSize) +
      unitTableBytes(capacity.rows, dim) +
      unitTableBytes(graph.numItems, dim) +
      tableBytes(graph.numNodes, dim)
    );
  },
};
