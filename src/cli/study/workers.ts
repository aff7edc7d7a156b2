import { parentPort, Worker, workerData } from 'node:worker_threads';
import { DataError, LlminitError, load } from '../../index.ts';
import type { ChatPlan } from '../args/studyOptions.ts';
import type { Progress } from '../progress.ts';
import { type Job, type JobResult, type SplitRecord, splitKey } from './jobs.ts';
import type { StudySource } from './namedDatasets.ts';
import { runJob, splitRecord } from './runJob.ts';
import { openStudyData } from './studyData.ts';

/** What a worker is told. */
type Order = { readonly index: number; readonly job: Job; readonly wantsSplit: boolean };

/** What a worker tells. */
type Report =
  | { readonly kind: 'ready' }
  | { readonly kind: 'epoch'; readonly index: number; readonly epoch: number; readonly best: number | null }
  | {
      readonly kind: 'done';
      readonly index: number;
      readonly result: JobResult;
      readonly split: SplitRecord | null;
    }
  | { readonly kind: 'failed'; readonly known: boolean; readonly message: string };

/** How finished runs are received. */
export interface RunJobsOptions {
  readonly workers: number;
  readonly signal: AbortSignal;
  /** How rows that ask a chat model do; undefined where there are none. */
  readonly chat?: ChatPlan;
  /** Whether the split of the job is still to be described. */
  wantsSplit(job: Job): boolean;
  onDone(job: Job, result: JobResult, split: SplitRecord | null): Promise<void>;
  onEpoch(job: Job, epoch: number, best: number | null): void;
}

/**
 * Runs jobs of one dataset on worker threads, each with one computing thread, in order of the list.
 * @throws {LlminitError} of the first job that fails, after all workers have been stopped; `signal.reason` when aborted
 */
export async function runJobs(
  jobs: readonly Job[],
  source: StudySource,
  { workers: count, signal, chat, wantsSplit, onDone, onEpoch }: RunJobsOptions,
): Promise<void> {
  if (jobs.length === 0) return;
  const workers: Worker[] = [];
  let next = 0;
  const described = new Set<string>();
  const order = (): Order | null => {
    const index = next++;
    if (index >= jobs.length) return null;
    const job = jobs[index];
    const split = splitKey(job);
    const wants = hasRanks(job) && !described.has(split) && wantsSplit(job);
    if (wants) described.add(split);
    return { index, job, wantsSplit: wants };
  };
  const serve = (worker: Worker) =>
    new Promise<void>((resolve, reject) => {
      const give = () => {
        const given = order();
        if (given) worker.postMessage(given);
        else resolve();
      };
      const receive = async (report: Report) => {
        if (report.kind === 'failed') throw workerError(report);
        if (report.kind === 'epoch') return onEpoch(jobs[report.index], report.epoch, report.best);
        if (report.kind === 'done') await onDone(jobs[report.index], report.result, report.split);
        give();
      };
      worker.on('message', (report: Report) => receive(report).catch(reject));
      worker.on('error', reject);
      worker.on('exit', (code) => reject(new Error(`a worker ended with code ${code}`)));
    });
  const abort = new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
  );
  try {
    signal.throwIfAborted();
    for (let n = 0; n < Math.min(count, jobs.length); n++)
      workers.push(
        new Worker(new URL('./study-worker.js', import.meta.url), {
          workerData: { llminitStudy: source, alone: count === 1, chat },
        }),
      );
    await Promise.race([Promise.all(workers.map(serve)), abort]);
  } finally {
    for (const worker of workers) worker.removeAllListeners('exit');
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** Whether the results of a job are ranks of one item of every test user of the whole split. */
function hasRanks({ condition }: Job): boolean {
  return condition === undefined || condition === 'shuffled';
}

/** The life of a worker: reads the dataset once, then runs one job after another. */
export async function serveJobs(): Promise<void> {
  const report = (message: Report) => parentPort!.postMessage(message);
  try {
    const runtime = await load();
    const signal = new AbortController().signal;
    const data = await openStudyData(workerData.llminitStudy, { runtime, progress: SILENT, signal });
    parentPort!.on('message', async ({ index, job, wantsSplit }: Order) => {
      try {
        const result = await runJob(job, data, {
          ...{ runtime, processor: workerData.alone ? processorTime : undefined, chat: workerData.chat },
          onProgress: ({ fit }) => {
            if (fit?.kind === 'epoch')
              report({ kind: 'epoch', index, epoch: fit.epoch, best: fit.bestMetric });
          },
        });
        report({ kind: 'done', index, result, split: wantsSplit ? splitRecord(job, data) : null });
      } catch (error) {
        report(failure(error, `${JSON.stringify(job)}: `));
      }
    });
    report({ kind: 'ready' });
  } catch (error) {
    report(failure(error, ''));
  }
}

/** Of this process: of this worker, where it has no others beside it. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

const SILENT: Progress = { line() {}, step() {}, training() {}, end() {} };

function failure(error: unknown, where: string): Report {
  const known = error instanceof LlminitError;
  const text =
    error instanceof Error ? (known ? error.message : (error.stack ?? error.message)) : String(error);
  return { kind: 'failed', known, message: `${where}${text}` };
}

/** A failure of this package reads as one; anything else keeps the stack of the worker. */
function workerError({ known, message }: Extract<Report, { kind: 'failed' }>): Error {
  return known ? new StudyError(message) : new Error(message);
}

/** A failure inside a worker, with its message as it was. */
class StudyError extends DataError {
  constructor(message: string) {
    super('reproduce', message, '');
  }
}
