import type { BaselineSettings } from '../../recipe/baselines.ts';
import type { TrainSettings } from '../../recipe/settings.ts';
import { Interrupted } from '../errors.ts';
import type { Session } from '../session.ts';
import { Stopwatch } from '../timeLeft.ts';
import type { Results, RunRecord } from './results.ts';

/** Where finished runs are kept. */
export interface RunStore {
  readonly results: Results;
  /** The file behind `results`; undefined for none. */
  readonly path: string | undefined;
}

/** A run that was made, and what is told of it. */
export interface MadeRun {
  readonly record: RunRecord;
  readonly told: string;
}

/** The runs of a study one after another: each is found among the results, or made, kept and told. */
export class StudyRuns {
  readonly #total: number;
  readonly #store: RunStore;
  readonly #session: Session;
  readonly #watch = new Stopwatch();
  #done = 0;

  constructor(total: number, store: RunStore, session: Session) {
    this.#total = total;
    this.#store = store;
    this.#session = session;
  }

  /**
   * @param name stands in what is told
   * @param settings everything that decides the result, with the cut-offs `ks` of its metrics
   * @param make is called unless the run is found; `label` has its place in the study and the time left
   */
  async run(
    name: string,
    settings: TrainSettings | BaselineSettings,
    ks: readonly number[],
    make: (label: string) => Promise<MadeRun>,
  ): Promise<RunRecord> {
    const { signal, progress } = this.#session;
    const { results, path } = this.#store;
    signal.throwIfAborted();
    const left = this.#watch.left('runs', this.#done, this.#total, results.found);
    const label = `[${this.#done + 1}/${this.#total}${left && `, ${left}`}] ${name}:`;
    const found = results.find(settings, ks);
    if (found) progress.line(`${label} found in ${path}`);
    const { record, told } = found ? { record: found, told: null } : await make(label).finally(progress.end);
    if (told !== null) {
      await results.add(record, settings, ks);
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
