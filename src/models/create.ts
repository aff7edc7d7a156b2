import type { Graph } from '../data/graph.ts';
import type { Workspace } from '../runtime/workspace.ts';
import type { ViewOptions } from './encoders/views.ts';
import { LightGcn, lightGcnBytes } from './lightgcn.ts';
import type { RegularizationOptions } from './losses/regularization.ts';
import { MixSgcl, mixSgclBytes } from './mixsgcl.ts';
import type { Model, OptimizerOptions } from './model.ts';
import { type TextHold, textHoldBytes } from './parameters/textHold.ts';
import { Sgcl, sgclBytes } from './sgcl.ts';
import { Sgl, sglBytes } from './sgl.ts';

/** The models, by name. */
export const MODELS = ['lightgcn', 'bpr-mf', 'sgl', 'sgcl', 'mixsgcl'] as const;

export type ModelName = (typeof MODELS)[number];

/** What any of the models needs to know; each reads its part. */
export interface ModelOptions extends ViewOptions, TextHold {
  readonly model: ModelName;
  readonly layers: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerOptions;
  readonly regularization: RegularizationOptions;
  readonly temperature: number;
  readonly sslWeight: number;
  readonly seed: number;
}

/**
 * A model in a workspace.
 *
 * @param initial E⁽⁰⁾, numNodes × dim, users first
 * @throws {ShapeError} when `initial` does not have numNodes rows
 */
export function createModel(
  workspace: Workspace,
  graph: Graph,
  initial: Float32Array,
  dim: number,
  options: ModelOptions,
): Model {
  switch (options.model) {
    case 'sgl':
      return new Sgl(workspace, graph, initial, dim, options);
    case 'sgcl':
      return new Sgcl(workspace, graph, initial, dim, options);
    case 'mixsgcl':
      return new MixSgcl(workspace, graph, initial, dim, options);
    default:
      return new LightGcn(workspace, graph, initial, dim, options);
  }
}

/** Bytes of workspace that a model takes. */
export function modelBytes(
  graph: Graph,
  dim: number,
  options: Pick<ModelOptions, 'model' | 'layers' | 'batchSize' | 'augmentation' | keyof TextHold>,
): number {
  return textHoldBytes(graph, dim, options) + tableModelBytes(graph, dim, options);
}

function tableModelBytes(
  graph: Graph,
  dim: number,
  options: Pick<ModelOptions, 'model' | 'layers' | 'batchSize' | 'augmentation'>,
): number {
  const { layers, batchSize } = options;
  switch (options.model) {
    case 'sgl':
      return sglBytes(graph, dim, options);
    case 'sgcl':
      return sgclBytes(graph, dim, layers, batchSize);
    case 'mixsgcl':
      return mixSgclBytes(graph, dim, layers, batchSize);
    default:
      return lightGcnBytes(graph, dim, layers, batchSize);
  }
}

/** Whether a model's loss reads sampled negatives. */
export function usesNegatives(model: ModelName): boolean {
  return model !== 'sgcl' && model !== 'mixsgcl';
}
