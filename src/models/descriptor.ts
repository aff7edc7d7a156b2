import type { Graph } from '../data/graph.ts';
import type { Workspace } from '../runtime/workspace.ts';
import type { ViewOptions } from './encoders/views.ts';
import type { RegularizationOptions } from './losses/regularization.ts';
import type { Model, OptimizerOptions } from './model.ts';
import type { TextHold } from './parameters/textHold.ts';

/** Everything that a graph model may be told; each reads what its descriptor names in `options`, and what all read. */
export interface ModelOptions extends ViewOptions, TextHold {
  readonly layers: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerOptions;
  readonly regularization: RegularizationOptions;
  readonly temperature: number;
  readonly sslWeight: number;
  readonly seed: number;
}

/** What the size of a model depends on. */
export type ModelSize = Pick<ModelOptions, 'layers' | 'batchSize' | 'augmentation' | keyof TextHold>;

/** Options of `fit` that some models read and others do not. */
export type ModelOptionName =
  | 'negatives'
  | 'regularization'
  | 'temperature'
  | 'sslWeight'
  | 'augmentation'
  | 'dropout';

/** A model that `fit` trains over epochs: what it is called, what it reads, and how it is made. */
export interface GraphModelDescriptor<Name extends string = string> {
  readonly name: Name;
  readonly kind: 'graph';
  /** Whether its loss reads sampled negatives. */
  readonly usesNegatives: boolean;
  /** The options it reads beside those that every graph model reads. */
  readonly options: readonly ModelOptionName[];
  /** Propagation layers: the default, the fewest, and the most where there is a limit. */
  readonly layers: { readonly default: number; readonly min: number; readonly max?: number };
  /**
   * @param initial E⁽⁰⁾, numNodes × dim, users first
   * @throws {ShapeError} when `initial` does not have numNodes rows
   * @throws {OptionError} on an option that it reads and that is out of range
   */
  create(
    workspace: Workspace,
    graph: Graph,
    initial: Float32Array,
    dim: number,
    options: ModelOptions,
  ): Model;
  /** Bytes of workspace that `create` takes, without what an adapter adds. */
  bytes(graph: Graph, dim: number, size: ModelSize): number;
}
