import { Interrupted } from '../errors.ts';
import type { Session } from '../session.ts';
import { Stopwatch } from '../timeLeft.ts';
import type { RunRecord, TrainingJob } from './engine/runRecord.ts';
import type { RunStore } from './engine/store.ts';

/** A run that was made, and what is told of it. */
export interface MadeRun {
  readonly record: RunRecord;
  readonly told: string;
}

/** The runs of a study one after another: each is found among the results, or made, kept and told. */
export class StudyRuns {
  readonly #total: number;
  readonly #store: RunStore<'training'>;
  readonly #session: Session;
  readonly #watch = new Stopwatch();
  #done = 0;
  #found = 0;

  constructor(total: number, store: RunStore<'training'>, session: Session) {
    this.#total = total;
    this.#store = store;
    this.#session = session;
  }

  /**
   * @param name stands in what is told
   * @param make is called unless the run is found; `label` has its place in the study and the time left
   */
  async run(name: string, job: TrainingJob, make: (label: string) => Promise<MadeRun>): Promise<RunRecord> {
    const { signal, progress } = this.#session;
    signal.throwIfAborted();
    const left = this.#watch.left('runs', this.#done, this.#total, this.#found);
    const label = `[${this.#done + 1}/${this.#total}${left && `, ${left}`}] ${name}:`;
    const found = this.#store.find(job);
    if (found) {
      this.#found++;
      progress.line(`${label} found in ${this.#store.path}`);
    }
    const { record, told } = found ? { record: found, told: null } : await make(label).finally(progress.end);
    if (told !== null) {
      await this.#store.add(job, record);
      progress.line(`${label} ${told}`);
    }
    this.#done++;
    return record;
  }

  /** What to throw for an error of a run: an interruption says how to go on, where runs are kept. */
  stopped(error: unknown): unknown {
    const { path } = this.#store;
    if (!(error instanceof Interrupted) || path === undefined) return error;
    const state = `${this.#done} of ${this.#total} runs are in ${path}; go on with the same command`;
    return new Interrupted(error.signal, state);
  }
}
