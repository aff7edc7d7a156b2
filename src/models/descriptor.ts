import type { GraphSize } from '../data/graph.ts';
import type { ItemCodes } from '../data/itemCodes.ts';
import type { Workspace } from '../runtime/workspace.ts';
import type { ViewOptions } from './encoders/views.ts';
import type { LossOptions } from './losses/registry.ts';
import type { RegularizationOptions } from './losses/regularization.ts';
import type { Model } from './model.ts';
import type { OptimizerOptions } from './parameters/optimizer.ts';
import type { TextHold } from './parameters/parameters.ts';
import type { SequenceLossName } from './sequences/losses.ts';

/** What models of sequences are told. */
export interface SequenceModelOptions {
  /** Heads of attention, a divisor of dim; undefined: 2, or 1 where dim is odd. */
  readonly heads?: number;
  /** Items of a history that are read. */
  readonly maxLength: number;
  /** Share of hidden values and of weights of attention that an update drops. */
  readonly hiddenDropout: number;
  readonly sequenceLoss: SequenceLossName;
  /** Prefixes of codes that are followed at a time. */
  readonly beams: number;
}

/** Everything that a model may be told; each reads what its descriptor names in `options`, and what all read. */
export interface ModelOptions extends ViewOptions, TextHold, SequenceModelOptions {
  /** What items are to a model of codes. */
  readonly codes?: ItemCodes;
  readonly layers: number;
  /** The most interactions a batch will have; users, for a model of sequences. */
  readonly batchSize: number;
  readonly optimizer: OptimizerOptions;
  readonly loss: LossOptions;
  readonly regularization: RegularizationOptions;
  /** τ of the contrastive losses. */
  readonly temperature: number;
  /** λ, the weight of SGL's contrastive loss. */
  readonly sslWeight: number;
  readonly seed: number;
}

/** What the work of a model depends on. */
export type ModelSize = Pick<
  ModelOptions,
  'layers' | 'batchSize' | 'augmentation' | 'loss' | 'codes' | keyof TextHold | keyof SequenceModelOptions
>;

/** Options of `fit` that some models read and others do not. */
export type ModelOptionName =
  | 'loss'
  | 'negatives'
  | 'regularization'
  | 'temperature'
  | 'sslWeight'
  | 'augmentation'
  | 'dropout'
  | 'codes'
  | keyof SequenceModelOptions;

/** Propagation layers: the default, the fewest, and the most where there is a limit. */
export interface LayerRange {
  readonly default: number;
  readonly min: number;
  readonly max?: number;
}

/** A model that `fit` trains over epochs: what it is called, what it reads, and how it is made. */
export interface ModelDescriptor<Name extends string = string> {
  readonly name: Name;
  /** Other names by which it is known, e.g. in the code of a paper. */
  readonly synonyms?: readonly string[];
  /** What it learns from: pairs of the graph, or users' items in order. */
  readonly kind: 'graph' | 'sequence';
  /** Whether its loss reads sampled negatives. */
  usesNegatives(options: Pick<ModelOptions, 'loss'>): boolean;
  /** The options it reads beside those that every model reads. */
  readonly options: readonly ModelOptionName[];
  readonly layers: LayerRange;
  /** What `hiddenDropout` is by default, of a model that reads it. */
  readonly hiddenDropout?: number;
  /**
   * Lays the model out in a workspace, which may only count; `start` fills it.
   * @throws {OptionError} on an option that it reads and that is out of range
   */
  create(workspace: Workspace, graph: GraphSize, dim: number, options: ModelOptions): Model;
  /** Multiplications of one epoch. */
  work(graph: GraphSize, dim: number, size: ModelSize): number;
  /** Multiplications of ranking all items for one user; default: those of a table of rows. */
  ranking?(graph: GraphSize, dim: number, size: ModelSize): number;
}
