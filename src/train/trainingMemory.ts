import type { GraphSize } from '../data/graph.ts';
import type { Model } from '../models/model.ts';
import { describeModel } from '../models/registry.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { type Batches, EpochBatches } from './epochBatches.ts';
import type { ResolvedOptions } from './fitOptions.ts';
import { SequenceBatches } from './sequenceBatches.ts';
import { type ValidationRanker, validationRanker } from './validation.ts';

/** All that a training computes in. */
export interface TrainingMemory {
  readonly model: Model;
  readonly batches: Batches;
  /** null where nothing is held out for validation. */
  readonly ranker: ValidationRanker | null;
}

/** Lays a training out in a workspace, which may only count: nothing of the data is known but their size. */
export function layOutTraining(
  workspace: Workspace,
  graph: GraphSize,
  dim: number,
  options: ResolvedOptions,
  validates: boolean,
): TrainingMemory {
  const descriptor = describeModel(options.model);
  const model = descriptor.create(workspace, graph, dim, options);
  const batches =
    descriptor.kind === 'sequence'
      ? new SequenceBatches(workspace, graph, options)
      : new EpochBatches(workspace, graph, options, model, dim);
  const ranker = validates ? validationRanker(workspace, model, graph.numItems, dim) : null;
  return { model, batches, ranker };
}
