import type { Runtime, TrainProgress } from '../../../index.ts';

/** What runners compute with. */
export interface Machine {
  readonly runtime: Runtime;
  /** The most memory that the process is expected to take; undefined for no limit. */
  readonly maxProcessBytes?: number;
}

/** What a run is given besides its task. */
export interface RunHooks {
  /** What its progress is told under. */
  readonly label: string;
  readonly signal: AbortSignal;
  onProgress(event: TrainProgress): void;
}

/** Does one task after another on data that it holds. */
export type Runner<Task, Result> = (task: Task, hooks: RunHooks) => Promise<Result>;

/** Makes a runner. @param source what it reads; survives `postMessage` where it is to run in a worker */
export type OpenRunner<Source, Task, Result> = (
  source: Source,
  machine: Machine,
) => Promise<Runner<Task, Result>>;
