import type { GraphSize } from '../../data/graph.ts';
import type { Descriptors, Resolved } from '../../options/descriptor.ts';
import type { ModelSize } from '../descriptor.ts';
import type { Loss, LossParts } from './loss.ts';

/** Whether a model adds its pairs' losses up or averages them. */
export interface RankingLossSetting {
  readonly reduction: 'mean' | 'sum';
}

/**
 * A loss that teaches to rank a user's items above others, and that models read from final rows alone: LightGCN, BPR-MF and
 * SGL take any of them.
 */
export interface RankingLossDescriptor<Name extends string = string, O extends Descriptors = Descriptors> {
  readonly name: Name;
  /** Its options beside the name. */
  readonly options: O;
  /** Whether it reads sampled negatives. */
  usesNegatives(options: Resolved<O>): boolean;
  /** Whether the option `negatives` says how they are drawn; else they are drawn uniformly. */
  readonly choosesNegatives: boolean;
  /** Lays the loss out, in a workspace that may only count. */
  create(parts: LossParts, setting: RankingLossSetting, options: Resolved<O>): Loss;
  /** Multiplications of one update beside those of the encoder; default: too few to count. */
  work?(graph: GraphSize, dim: number, size: ModelSize, options: Resolved<O>): number;
  /** The most slots of a batch, where it reads final rows of other nodes. */
  slots?(graph: GraphSize, batchSize: number, options: Resolved<O>): number;
}

/** A descriptor with the types of its options. */
export function describeRankingLoss<const Name extends string, O extends Descriptors>(
  descriptor: RankingLossDescriptor<Name, O>,
): RankingLossDescriptor<Name, O> {
  return descriptor;
}
