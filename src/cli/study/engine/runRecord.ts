import type { BaselineSettings } from '../../../recipe/baselines.ts';
import type { TrainSettings } from '../../../recipe/settings.ts';
import type { RerankRecord } from '../rerankRuns.ts';

/** What a training of `evaluate` or `tune` reached. */
export interface RunRecord {
  readonly protocol: string;
  readonly init: string;
  readonly seed: number;
  readonly bestEpoch: number;
  readonly epochs: number;
  /** Validation NDCG@10 of the best epoch. */
  readonly valid: number | null;
  /** Test metrics; none where nothing was tested. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly itemsWithoutVector: number;
  /** What a chat model made of it; absent where none was asked. */
  readonly rerank?: RerankRecord;
}

/** Everything that decides the result of a training, and the cut-offs of its metrics. */
export interface TrainingJob {
  readonly settings: TrainSettings | BaselineSettings;
  readonly ks: readonly number[];
}

/** A finished training of `evaluate` or `tune`. */
export interface TrainingRun {
  readonly job: TrainingJob;
  readonly result: RunRecord;
}
