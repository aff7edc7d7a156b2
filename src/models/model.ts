import type { Graph } from '../data/graph.ts';
import type { Adder } from '../rank/scorer.ts';
import type { SequenceWeights } from '../rank/sequences/weights.ts';
import type { I32Buffer, Matrix } from '../runtime/buffers.ts';
import type { TrainedState } from './parameters/parameters.ts';

/**
 * A batch of training interactions as graph nodes: users 0 … numUsers−1, items from numUsers on. For a model of sequences a
 * batch of users, whose other columns are not filled.
 */
export interface Batch {
  readonly users: I32Buffer<'node'>;
  readonly positives: I32Buffer<'node'>;
  /** Not filled for a model that does not use them. */
  readonly negatives: I32Buffer<'node'>;
  /** Interactions, or users, in this batch; the buffers may be longer. */
  readonly count: number;
}

/** What training asks of a model. A model owns its tables in a workspace; rows are nodes, users first. */
export interface Model {
  /** Whether `step` reads the batch's negatives. */
  readonly usesNegatives: boolean;
  /** All that is trained. */
  readonly parameters: TrainedState;
  /**
   * Fills what `create` laid out, before anything else is asked of the model.
   * @param initial E⁽⁰⁾, numNodes × dim, users first
   * @throws {ShapeError} when `initial` does not have numNodes rows
   */
  start(graph: Graph, initial: Float32Array): void;
  /** Prepares epoch `epoch` (from 1), e.g. draws new views of the graph. */
  beginEpoch(epoch: number): void;
  /** One forward pass, backward pass and update. @returns the loss, averaged as the model defines it */
  step(batch: Batch): number;
  /** Final table Z of all nodes, valid until the next call of a method. */
  propagate(): Matrix;
  /** What turns an ordered history into a row; null for a model whose users have rows of their own. */
  sequence?(): SequenceWeights;
  /** Scores under the weights of now, of a model whose scores are no inner products of rows of Z. */
  scores?(): Adder;
  /** Final rows Z of some nodes under the weights of now: out[n] ← Z[nodes[n]]. */
  finalRows(nodes: I32Buffer<'node'>, count: number, out: Matrix): void;
}
