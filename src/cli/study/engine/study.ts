import type { TrainProgress } from '../../../index.ts';
import { Interrupted } from '../../errors.ts';
import { trainingProgress } from '../../progress.ts';
import type { Session } from '../../session.ts';
import { Stopwatch } from '../../timeLeft.ts';
import type { KindOfRun, RunsByKind } from './file.ts';
import { keyOf } from './keyOf.ts';
import { runHere, runOnWorkers, type TaskListener } from './pool.ts';
import type { Runner } from './runner.ts';
import type { RunnerName } from './runners.ts';
import type { RunStore } from './store.ts';

/** A run of a study before it has run. */
export interface PlannedRun<Kind extends KindOfRun, Task> {
  /** As progress names it. */
  readonly name: string;
  /** Everything that decides its result. */
  readonly job: RunsByKind[Kind]['job'];
  /** What its runner is told. */
  readonly task: Task;
}

/** How the runs of a study are done. */
export interface Means<Task, Result> {
  /** Runs at a time: 1 runs in this thread, more on worker threads. */
  readonly workers: number;
  readonly here: Runner<Task, Result>;
  /** The runner of a worker thread, and what it reads. */
  readonly away: { readonly runner: RunnerName; source(): unknown };
  /** What is told of a result. @param seconds by the clock */
  told(result: Result, seconds: number): string;
}

/**
 * The results of planned runs, in their order: those in the store are taken from it, the others are run, and each is in
 * the store before the next begins. Which are run at a time does not change what comes of them.
 *
 * @throws {Interrupted} on Ctrl-C, saying how to go on
 * @throws as the runner
 */
export async function runStudy<Kind extends KindOfRun, Task>(
  runs: readonly PlannedRun<Kind, Task>[],
  store: RunStore<Kind>,
  means: Means<Task, RunsByKind[Kind]['result']>,
  session: Session,
): Promise<RunsByKind[Kind]['result'][]> {
  const { progress, signal, maxProcessBytes } = session;
  const missing = distinct(runs).filter(({ job }) => !store.find(job));
  const found = runs.length - missing.length;
  if (found > 0 && store.path !== undefined)
    progress.line(`${runs.length} runs, ${found} of them found in ${store.path}`);
  const workers = Math.min(means.workers, missing.length);
  const told = new ToldRuns(missing, runs.length, workers, store, means, session);
  const tasks = missing.map(({ task }) => task);
  try {
    if (workers > 1) {
      const setup = { runner: means.away.runner, source: means.away.source(), maxProcessBytes };
      await runOnWorkers(tasks, setup, workers, told, signal);
    } else await runHere(tasks, means.here, (index) => told.labelOf(index), told, signal);
  } catch (error) {
    if (!(error instanceof Interrupted) || store.path === undefined) throw error;
    await store.written;
    const done = runs.filter(({ job }) => store.find(job)).length;
    const state = `${done} of ${runs.length} runs are in ${store.path}; go on with the same command`;
    throw new Interrupted(error.signal, state);
  } finally {
    progress.end();
  }
  return runs.map(({ job }) => store.find(job)!);
}

/** Keeps what has run, and tells of it. */
class ToldRuns<Kind extends KindOfRun, Task> implements TaskListener<RunsByKind[Kind]['result']> {
  readonly #runs: readonly PlannedRun<Kind, Task>[];
  readonly #total: number;
  readonly #workers: number;
  readonly #store: RunStore<Kind>;
  readonly #means: Means<Task, RunsByKind[Kind]['result']>;
  readonly #session: Session;
  readonly #watch = new Stopwatch();
  /** When each run began, and what its progress is told under. */
  readonly #begun = new Map<number, { readonly at: number; readonly label: string }>();
  /** Runs that are in the store. */
  #done: number;

  constructor(
    runs: readonly PlannedRun<Kind, Task>[],
    total: number,
    workers: number,
    store: RunStore<Kind>,
    means: Means<Task, RunsByKind[Kind]['result']>,
    session: Session,
  ) {
    this.#runs = runs;
    this.#total = total;
    this.#workers = workers;
    this.#store = store;
    this.#means = means;
    this.#session = session;
    this.#done = total - runs.length;
    this.#left();
  }

  labelOf(index: number): string {
    return this.#begun.get(index)!.label;
  }

  onStart(index: number): void {
    const label = `[${this.#done + 1}/${this.#total}${this.#left()}] ${this.#runs[index].name}:`;
    this.#begun.set(index, { at: performance.now(), label });
  }

  onProgress(index: number, event: TrainProgress): void {
    const { progress } = this.#session;
    if (this.#workers <= 1) {
      trainingProgress(progress, this.labelOf(index))(event);
      return;
    }
    const { epoch = 0, epochs = 0, bestMetric = null } = event.fit ?? {};
    const label = `run ${this.#done + 1}/${this.#total}, best ${bestMetric?.toFixed(4) ?? '–'}, epoch`;
    progress.step(label, epoch, epochs);
  }

  onFailed(index: number): void {
    const { progress } = this.#session;
    progress.end();
    progress.line(`${this.labelOf(index)} failed`);
  }

  async onDone(index: number, result: RunsByKind[Kind]['result']): Promise<void> {
    const { progress } = this.#session;
    const { name, job } = this.#runs[index];
    await this.#store.add(job, result);
    this.#done++;
    const seconds = (performance.now() - this.#begun.get(index)!.at) / 1000;
    progress.end();
    const told = this.#means.told(result, seconds);
    progress.line(`[${this.#done}/${this.#total}${this.#left()}] ${name}: ${told}`);
  }

  #left(): string {
    const left = this.#watch.left('runs', this.#done, this.#total);
    return left && `, ${left}`;
  }
}

/** Each run once. */
function distinct<Kind extends KindOfRun, Task>(
  runs: readonly PlannedRun<Kind, Task>[],
): PlannedRun<Kind, Task>[] {
  return [...new Map(runs.map((run) => [keyOf(run.job), run])).values()];
}
