import type { GraphSize } from '../../data/graph.ts';
import { OptionError, ShapeError } from '../../errors.ts';
import { unitTable } from '../../kernels/blocks.ts';
import { dropoutFactors } from '../../kernels/dropout.ts';
import { type Activations, openActivations } from '../../rank/sequences/activations.ts';
import { SequenceEncoder } from '../../rank/sequences/encoder.ts';
import { HistoryEncoder } from '../../rank/sequences/historyEncoder.ts';
import { readTables, type SequenceShape, type SequenceWeights } from '../../rank/sequences/weights.ts';
import type { Matrix } from '../../runtime/buffers.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import type { ModelOptions, ModelSize } from '../descriptor.ts';
import type { Batch } from '../model.ts';
import { DENSE_WORK } from '../work.ts';
import { SequenceBackward } from './backward.ts';
import { batchCapacity, countWithSequences, SequenceBatch, type SequenceData } from './batch.ts';
import { type SequenceLoss, sequenceLoss } from './losses.ts';
import { SequenceParameters } from './parameters.ts';

/** The width between the two layers of a block's network, in dims (RecBole: 256 for 64). */
const INNER = 4;
/** Draws of dropout in a block. */
const PLACES = 3;

/** A causal transformer that learns what comes next in sequences of items, or of codes of items: all of an update. */
export class SequenceTraining {
  readonly parameters: SequenceParameters;
  readonly encoder: SequenceEncoder;
  /** Encodes whole histories in the room of a batch. */
  readonly histories: HistoryEncoder;
  readonly #workspace: Workspace;
  readonly #numItems: number;
  readonly #options: ModelOptions;
  readonly #activations: Activations;
  readonly #batch: SequenceBatch;
  readonly #loss: SequenceLoss;
  readonly #backward: SequenceBackward;
  readonly #dHidden: Matrix;
  readonly #dItems: Matrix;

  constructor(
    workspace: Workspace,
    size: Pick<GraphSize, 'userDegrees' | 'numItems'>,
    shape: SequenceShape,
    options: ModelOptions,
  ) {
    const { numItems } = size;
    const { batchSize, seed, sequenceLoss: loss } = options;
    const { dim, heads, maxLength } = shape;
    const capacity = batchCapacity(size, batchSize, heads, maxLength);
    this.#workspace = workspace;
    this.#numItems = numItems;
    this.#options = options;
    this.encoder = new SequenceEncoder(workspace, shape);
    const steps = Math.ceil(countWithSequences(size) / batchSize);
    this.parameters = new SequenceParameters(workspace, this.encoder, numItems, options, steps);
    this.#activations = openActivations(workspace, shape, capacity, useOf(options));
    this.#batch = new SequenceBatch(workspace, batchSize, capacity, heads, maxLength);
    this.#loss = sequenceLoss(loss, workspace, numItems, dim, capacity.rows, seed);
    this.#backward = new SequenceBackward(workspace, this.encoder, capacity);
    this.histories = new HistoryEncoder(workspace, this.encoder, this.#activations, batchSize);
    this.#dHidden = unitTable(workspace, capacity.rows, dim);
    this.#dItems = unitTable(workspace, numItems, dim);
  }

  /** Fills what was laid out. @param initial rows of what sequences are made of, data.numItems × dim */
  start(data: SequenceData, initial: Float32Array): void {
    this.parameters.start(initial);
    this.#batch.start(data);
    this.#backward.start();
  }

  /** One forward pass, backward pass and update. @returns the loss, a mean over what is predicted */
  step({ users, count }: Batch): number {
    const { parameters } = this;
    const { sequences, weights } = this.#batch.fill(users.view, count);
    const update = parameters.steps + 1;
    this.#drop(sequences.rows, weights, update);
    const hidden = this.encoder.forward(parameters.scored, sequences, this.#activations);
    this.#dItems.view.fill(0);
    const given = [hidden, sequences.rows, parameters.scored, this.#batch, update] as const;
    const loss = this.#loss.compute(...given, this.#dHidden, this.#dItems);
    const dItems = this.#dItems.slice(0, this.#numItems);
    this.#backward.run(this.#dHidden, sequences, this.#activations, dItems);
    parameters.update(dItems, this.#backward.gradients);
    return loss;
  }

  weights(): SequenceWeights {
    const { shape, tables } = this.encoder;
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

/** The shape of a transformer over sequences of so many rows. @throws {OptionError} unless heads divide dim */
export function shapeOf(
  dim: number,
  { layers, heads }: Pick<ModelSize, 'layers' | 'heads'>,
  maxLength: number,
): SequenceShape {
  const own = heads ?? (dim % 2 === 0 ? 2 : 1);
  if (dim % own !== 0) {
    const problem = `expected heads to divide dim, which is ${dim}, received ${own}`;
    throw new OptionError('fit', problem, 'Change dim or heads', 'heads');
  }
  return { dim, heads: own, blocks: layers, maxLength, inner: INNER * dim };
}

/** @throws {ShapeError} unless there is a row for each node */
export function checkInitialRows(
  { numNodes }: Pick<GraphSize, 'numNodes'>,
  initial: Float32Array,
  dim: number,
): void {
  if (initial.length === numNodes * dim) return;
  const problem = `expected ${numNodes} × ${dim} initial values, received ${initial.length}`;
  throw new ShapeError('model', problem, 'Initialise users and items of the same graph');
}

/** Multiplications of an epoch. @param scored rows that each place is scored against */
export function trainingWork(
  { userDegrees }: Pick<GraphSize, 'userDegrees'>,
  { dim, blocks, maxLength, inner }: SequenceShape,
  scored: number,
): number {
  const places = userDegrees.reduce((sum, degree) => sum + Math.min(maxLength, degree), 0);
  // Forward, and the gradients of rows and of weights.
  return 3 * DENSE_WORK * places * (rowWork({ dim, blocks, maxLength, inner }) + scored * dim);
}

/** Multiplications of a row through all blocks. */
export function rowWork({ dim, blocks, maxLength, inner }: Omit<SequenceShape, 'heads'>): number {
  return blocks * dim * (4 * dim + 2 * inner + maxLength);
}
