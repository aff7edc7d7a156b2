import type { I32Buffer, Matrix, Table } from '../runtime/buffers.ts';
import type { AdapterWeights } from './parameters/adapterTable.ts';

/** A batch of training interactions as graph nodes: users 0 … numUsers−1, items from numUsers on. */
export interface Batch {
  readonly users: I32Buffer<'node'>;
  readonly positives: I32Buffer<'node'>;
  /** Not filled for a model that does not use them. */
  readonly negatives: I32Buffer<'node'>;
  /** Interactions in this batch; the buffers may be longer. */
  readonly count: number;
}

/** The update rule. Defaults: Adam as PyTorch's, rate 1e-3 (the authors' configuration). */
export type OptimizerOptions =
  | {
      readonly name: 'adam';
      readonly learningRate: number;
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
    }
  | { readonly name: 'sgd'; readonly learningRate: number };

/** Adam with PyTorch's defaults. */
export const ADAM: OptimizerOptions = {
  name: 'adam',
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
};

/** The trained numbers of a model, by name, as dense copies: what a checkpoint holds. */
export type ModelState = Record<string, { rows: number; dim: number; values: Float32Array }>;

/**
 * What training asks of a model. A model owns its tables in a workspace; rows are nodes, users first.
 * All models share one layer-0 table E⁽⁰⁾ and one final table Z.
 */
export interface Model {
  readonly name: string;
  /** Whether `step` reads the batch's negatives. */
  readonly usesNegatives: boolean;
  /** Prepares epoch `epoch` (from 1), e.g. draws new views of the graph. */
  beginEpoch(epoch: number): void;
  /** One forward pass, backward pass and update. @returns the loss, averaged as the model defines it */
  step(batch: Batch): number;
  /** Final table Z of all nodes, valid until the next call of a method. */
  propagate(): Matrix;
  /** A table that is as large as Z and free from `propagate` until the next call of a method; null where there is none. */
  spare(): Table | null;
  /** The map that makes the items' rows; null where they are a table. */
  adapter(): AdapterWeights | null;
  /** Final rows Z of some nodes under the weights of now: out[n] ← Z[nodes[n]]. */
  finalRows(nodes: I32Buffer<'node'>, count: number, out: Matrix): void;
  /** Copies of everything that `step` reads and writes. */
  state(): ModelState;
  /** Overwrites what `state` copies; the number of steps done restores the bias correction. */
  restore(state: ModelState, steps: number): void;
  /** A copy of all that is trained, for keeping the best weights; E⁽⁰⁾, numNodes × dim, comes first. */
  parameters(): Float32Array;
  /** Overwrites what `parameters` copies. */
  setParameters(values: Float32Array): void;
}
