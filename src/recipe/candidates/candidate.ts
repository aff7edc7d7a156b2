import type { Split } from '../../data/splits.ts';
import type { JsonValue } from '../../format/json.ts';
import type { Tensor } from '../../format/tensor.ts';
import type { Initialization } from '../../init/tables.ts';
import type { ItemShards } from '../../models/closed/itemShards.ts';
import type { Scorer } from '../../rank/scorer.ts';
import type { Runtime } from '../../runtime/load.ts';
import type { Checkpoint } from '../../train/checkpoint.ts';
import type { FitResult } from '../../train/fit.ts';
import type { FitProgress } from '../../train/options.ts';
import type { TrainOptions } from '../options.ts';
import type { TrainingSize } from '../size.ts';
import type { TrainingData } from '../trainingData.ts';

/**
 * A model that was trained over epochs, with the tables that it began with.
 *
 * @example
 * const epochOf = ({ result }: GraphTraining) => result.bestEpoch;
 */
export interface GraphTraining {
  readonly result: FitResult;
  readonly initialization: Initialization;
}

/**
 * What a finished trial gave: something that ranks, and what validation says about it.
 *
 * @example
 * const nameOf = ({ name, metric }: Candidate) => `${name} ${metric}`;
 */
export interface Candidate {
  /** Of its entry. */
  readonly name: string;
  /** `lightgcn`, `l3ae`, `blend` … */
  readonly model: string;
  /** Validation NDCG@10, by which candidates are compared; null without validation interactions. */
  readonly metric: number | null;
  readonly scorer: Scorer;
  /** How it came about, as the model file keeps it: chosen settings, epochs. */
  readonly report: Readonly<Record<string, JsonValue>>;
  /** How many settings, epochs or weights were compared on the validation interactions. */
  readonly compared: number;
  /** The training over epochs in it; null where there is none. */
  readonly graph: GraphTraining | null;
}

/** What a trial works on and reports to. */
export interface TrialContext {
  readonly data: TrainingData;
  /** For training and validation: where there are very many users, a part of them is validated on. */
  readonly split: Split;
  readonly size: TrainingSize;
  readonly options: TrainOptions;
  readonly runtime: Runtime;
  readonly signal?: AbortSignal;
  /** The weights of a closed form into all items, where jobs for parts of the items computed them. */
  readonly itemShards?: ItemShards;
  /** Candidates of the entries before. */
  readonly finished: readonly Candidate[];
  /** The most units of work that the budget leaves: see `Entry.cost`. */
  readonly units: number;
  readonly onProgress?: (progress: FitProgress) => void;
  /** Receives the share of the work that is done, in [0, 1], of a trial without epochs. */
  readonly onShare?: (share: number) => void;
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void | Promise<void>;
  /** The state of this trial where it was interrupted. */
  readonly resume?: Checkpoint;
}

/** A candidate as a checkpoint keeps it. */
export interface SavedCandidate {
  readonly record: Readonly<Record<string, JsonValue>>;
  readonly tensors: Readonly<Record<string, Tensor>>;
}

/** Work in multiplications, counted from the data's size, so that it is the same on every machine. */
export interface Cost {
  /** Spent once. */
  readonly fixed: number;
  /** Of one unit: an epoch, a setting. */
  readonly unit: number;
  /** Units wanted; fewer are done where the budget leaves fewer. */
  readonly units: number;
}

/** Memory of the process in bytes, beside the data. */
export interface EntryBytes {
  /** While it runs. */
  readonly working: number;
  /** Of what is kept of it for the choice. */
  readonly kept: number;
}

/** One thing to try: what it is called, what it costs, and how it comes about. */
export interface Entry {
  readonly name: string;
  /** Names of entries before it that must have finished. */
  readonly needs?: readonly string[];
  cost(size: TrainingSize, options: TrainOptions): Cost;
  /** Multiplications of ranking all items for one user. */
  ranking(size: TrainingSize, options: TrainOptions): number;
  /** @param threads that compute */
  bytes(size: TrainingSize, options: TrainOptions, threads: number): EntryBytes;
  /** Same data and options: same candidate, also across an interruption. */
  run(context: TrialContext): Promise<Candidate>;
  /** The candidate for a checkpoint, and back. */
  save(candidate: Candidate): SavedCandidate;
  /** @throws {FormatError} when what was saved is not what `save` writes for these data */
  restore(saved: SavedCandidate, context: TrialContext): Promise<Candidate>;
}
