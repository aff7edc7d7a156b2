import type { JsonValue } from '../../format/json.ts';
import type { Tensor } from '../../format/tensor.ts';
import type { Initialization } from '../../init/tables.ts';
import type { Runtime } from '../../runtime/load.ts';
import type { Checkpoint } from '../../train/checkpoint.ts';
import type { FitResult } from '../../train/fit.ts';
import type { FitProgress } from '../../train/options.ts';
import type { TrainOptions, TrainSettings } from '../options.ts';
import type { TrainingData } from '../trainingData.ts';

/** A finished trial: a trained model and what validation says about it. */
export interface Candidate {
  /** Of its entry. */
  readonly name: string;
  /** Validation NDCG@10, by which candidates are compared; null without validation interactions. */
  readonly metric: number | null;
  /** Mean norm of the initial item rows, where entries differ by it. */
  readonly scale: number | null;
  readonly result: FitResult;
  /** The tables that training began with. */
  readonly initialization: Initialization;
}

/** What a trial works on and reports to. */
export interface TrialContext {
  readonly data: TrainingData;
  readonly settings: TrainSettings;
  readonly options: TrainOptions;
  readonly runtime: Runtime;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: FitProgress) => void;
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void | Promise<void>;
  /** The state of this trial where it was interrupted. */
  readonly resume?: Checkpoint;
}

/** A candidate as a checkpoint keeps it. */
export interface SavedCandidate {
  readonly record: Readonly<Record<string, JsonValue>>;
  readonly tensors: Readonly<Record<string, Tensor>>;
}

/** One thing to try: what it is called, what it needs, and how it comes about. */
export interface Entry {
  readonly name: string;
  /** Whether it reads text vectors. */
  readonly needsVectors: boolean;
  /** The tables that it begins with, computed once for all who ask. */
  tables(context: Pick<TrialContext, 'data' | 'options' | 'runtime'>): Promise<Initialization>;
  /** Same data and settings: same candidate, also across an interruption. */
  run(context: TrialContext): Promise<Candidate>;
  /** The candidate for a checkpoint, and back. */
  save(candidate: Candidate): SavedCandidate;
  /** @throws {FormatError} when what was saved is not what `save` writes for these data */
  restore(saved: SavedCandidate, context: TrialContext): Promise<Candidate>;
}
