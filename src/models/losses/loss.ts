import type { Graph, GraphSize } from '../../data/graph.ts';
import type { OtherNodes, PlannedBatch } from '../batchRows.ts';
import type { ModelOptions, ModelSize } from '../descriptor.ts';
import type { Encoder, EncoderParts } from '../encoders/encoder.ts';

/** What a model minimises. */
export interface Loss {
  /** Nodes beside those of the batch whose final rows it reads: the last slots of each batch are theirs. */
  readonly others?: OtherNodes;
  /** Before the first batch: fills what `create` laid out; default: there is nothing to fill. */
  start?(graph: Graph): void;
  /**
   * The loss of a batch, from `rows.z`. Adds `encoder.gradientScale` · dLoss/dZ to `rows.gradient.gradient`, which is zero
   * before, and overwrites `rows.gradient.decay` with the factor of E⁽⁰⁾ in the gradient of its own rows.
   */
  compute(planned: PlannedBatch, count: number): number;
}

/** What a loss is made of. */
export interface LossParts<E extends Encoder = Encoder> extends EncoderParts {
  readonly encoder: E;
}

/** A loss over the encoders of one kind. */
export interface LossDescriptor<E extends Encoder = Encoder> {
  /** Whether it reads sampled negatives. */
  usesNegatives(options: Pick<ModelOptions, 'loss'>): boolean;
  /** Lays the loss out, in a workspace that may only count. */
  create(parts: LossParts<E>): Loss;
  /** Multiplications of one update beside those of the encoder; default: too few to count. */
  work?(graph: GraphSize, dim: number, size: ModelSize): number;
  /** The most slots of a batch, where it is not one for each of its users, positives and negatives. */
  slots?(graph: GraphSize, size: ModelSize): number;
}
