import { Worker } from 'node:worker_threads';
import type { TrainProgress } from '../../../index.ts';
import type { Runner } from './runner.ts';
import type { RunnerName } from './runners.ts';
import { type ThreadError, thrown } from './threadError.ts';

/** What a worker is told first. */
export interface WorkerSetup {
  readonly runner: RunnerName;
  readonly source: unknown;
  readonly maxProcessBytes: number | undefined;
}

/** What it is told next, once for each task. */
export interface Order {
  readonly index: number;
  readonly task: unknown;
}

/** What a worker tells. */
export type Report<Result> =
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress'; readonly index: number; readonly event: TrainProgress }
  | { readonly kind: 'done'; readonly index: number; readonly result: Result }
  /** `index`: null where no task was under way. */
  | { readonly kind: 'failed'; readonly index: number | null; readonly error: ThreadError };

/** Who hears of the tasks, each by its place in the list. */
export interface TaskListener<Result> {
  onStart(index: number): void;
  onProgress(index: number, event: TrainProgress): void;
  onFailed(index: number): void;
  /** The next task waits for it. */
  onDone(index: number, result: Result): Promise<void>;
}

/** Runs tasks in this thread, one after another. @throws as the runner; `signal.reason` when aborted */
export async function runHere<Task, Result>(
  tasks: readonly Task[],
  runner: Runner<Task, Result>,
  labelOf: (index: number) => string,
  listener: TaskListener<Result>,
  signal: AbortSignal,
): Promise<void> {
  for (const [index, task] of tasks.entries()) {
    signal.throwIfAborted();
    listener.onStart(index);
    const onProgress = (event: TrainProgress) => listener.onProgress(index, event);
    const running = runner(task, { label: labelOf(index), signal, onProgress });
    const result = await running.catch((error) => {
      if (!signal.aborted) listener.onFailed(index);
      throw error;
    });
    await listener.onDone(index, result);
  }
}

/**
 * Runs tasks on `count` worker threads, each with one computing thread, in the order of the list.
 * @throws {LlminitError} of the first task that fails, after all workers have been stopped; `signal.reason` when aborted
 */
export async function runOnWorkers<Result>(
  tasks: readonly unknown[],
  setup: WorkerSetup,
  count: number,
  listener: TaskListener<Result>,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const orders = tasks.map((task, index): Order => ({ index, task })).values();
  const workers = Array.from({ length: count }, () => {
    const url = new URL('./study-worker.js', import.meta.url);
    return new Worker(url, { workerData: { llminitStudy: setup } });
  });
  const aborted = new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
  );
  try {
    await Promise.race([Promise.all(workers.map((worker) => serve(worker, orders, listener))), aborted]);
  } finally {
    for (const worker of workers) worker.removeAllListeners('exit');
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** Gives a worker one task after another, until there are no more. */
function serve<Result>(
  worker: Worker,
  orders: Iterator<Order>,
  listener: TaskListener<Result>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const give = () => {
      const { done, value } = orders.next();
      if (done) return resolve();
      listener.onStart(value.index);
      worker.postMessage(value);
    };
    const receive = async (report: Report<Result>) => {
      if (report.kind === 'failed') {
        if (report.index !== null) listener.onFailed(report.index);
        throw thrown(report.error);
      }
      if (report.kind === 'progress') return listener.onProgress(report.index, report.event);
      if (report.kind === 'done') await listener.onDone(report.index, report.result);
      give();
    };
    worker.on('message', (report: Report<Result>) => receive(report).catch(reject));
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`a worker ended with code ${code}`)));
  });
}
