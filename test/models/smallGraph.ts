import { Graph } from '../../src/data/graph.ts';
import type { ModelDescriptor, ModelOptions } from '../../src/models/descriptor.ts';
import { REGULARIZATION } from '../../src/models/losses/regularization.ts';
import type { Batch, Model } from '../../src/models/model.ts';
import { ADAM } from '../../src/models/parameters/optimizer.ts';
import { describeModel, type ModelName } from '../../src/models/registry.ts';
import type { Runtime } from '../../src/runtime/load.ts';
import type { Workspace } from '../../src/runtime/workspace.ts';
import { adamState, adamStep, type LossAndGradient, type Matrix } from '../reference.ts';

export type Edges = readonly (readonly [user: number, item: number])[];

export interface Nodes {
  users: ArrayLike<number>;
  positives: ArrayLike<number>;
  negatives: ArrayLike<number>;
}

/** Plain gradient descent by the gradient itself: what a step takes from the parameters is the gradient. */
export const SGD = { name: 'sgd', learningRate: 1 } as const;

export function graphOf(users: number, items: number, pairs: Edges): Graph {
  const sorted = [...pairs].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const rowPtr = new Int32Array(users + 1);
  for (const [user] of sorted) rowPtr[user + 1]++;
  for (let user = 0; user < users; user++) rowPtr[user + 1] += rowPtr[user];
  return new Graph({
    rows: users,
    cols: items,
    rowPtr,
    colIdx: Int32Array.from(sorted, ([, item]) => item),
    values: null,
  });
}

/** What a model may be told; `fit` has the same defaults. */
export const DEFAULTS: ModelOptions = {
  ...{ layers: 2, batchSize: 256, optimizer: ADAM, loss: { name: 'bpr' }, regularization: REGULARIZATION },
  ...{ temperature: 0.2, sslWeight: 0.05, augmentation: 'ED', dropout: 0.1, seed: 1 },
  ...{ maxLength: 50, hiddenDropout: 0, sequenceLoss: 'cross-entropy', beams: 20 },
};

/** A model in a workspace, ready to be trained. @param initial E⁽⁰⁾, numNodes × dim, users first */
export function createModel(
  workspace: Workspace,
  graph: Graph,
  initial: Float32Array,
  dim: number,
  options: ModelOptions & { readonly model: ModelName },
): Model {
  const model = describeModel(options.model).create(workspace, graph, dim, options);
  model.start(graph, initial);
  return model;
}

/** A model over `table` in a workspace of its own, and a batch. */
export function openModel(
  runtime: Runtime,
  { create, layers }: ModelDescriptor,
  graph: Graph,
  table: Matrix,
  nodes: Nodes,
  options: Partial<ModelOptions> = {},
): { model: Model; batch: Batch } {
  const workspace = runtime.open();
  const model = create(workspace, graph, table.cols, {
    ...{ ...DEFAULTS, layers: layers.default, batchSize: nodes.users.length + 3 },
    ...options,
  });
  model.start(graph, Float32Array.from(table.data));
  return { model, batch: batchOf(workspace, nodes) };
}

export function batchOf(workspace: Workspace, { users, positives, negatives }: Nodes): Batch {
  return {
    users: workspace.i32From(users),
    positives: workspace.i32From(positives),
    negatives: workspace.i32From(negatives),
    count: users.length,
  };
}

/** The gradient of the rows of a model in its first step, which must be by `SGD`. */
export function gradientOf(model: Model, before: ArrayLike<number>): number[] {
  return Array.from(model.parameters.values().subarray(0, before.length), (value, n) => before[n] - value);
}

/** Losses and parameters of `steps` Adam steps by a loss of the reference. */
export function trainReference(e0: Matrix, steps: number, loss: (m: Matrix) => LossAndGradient) {
  const table = { ...e0, data: Float64Array.from(e0.data) };
  const state = adamState(table.data.length);
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const { loss: value, gradient } = loss(table);
    losses.push(value);
    adamStep(table.data, gradient.data, state, { lr: 1e-3 });
  }
  return { losses, parameters: table.data };
}
