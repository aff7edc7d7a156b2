import { existsSync } from 'node:fs';
import { shown } from '../../errors.ts';
import { DataError, FormatError } from '../../index.ts';
import { withFileLock, writeAtomic } from '../../node.ts';
import { RECORD } from '../../options/arguments.ts';
import { VERSION } from '../version.ts';
import {
  type DatasetRecord,
  type Job,
  type JobResult,
  jobKey,
  type SplitRecord,
  type StudyFile,
  type StudyRun,
  splitKey,
} from './jobs.ts';
import { jsonFile } from './jsonFile.ts';
import { bytesIn, DATASET_RECORD, firstOther, SPLIT_RECORD, STUDY_RUN } from './kinds.ts';

/** A study under way: what is done already, kept in a file after every run. */
export class StudyStore {
  readonly #path: string;
  readonly #datasets: Map<string, DatasetRecord>;
  readonly #splits: Map<string, SplitRecord>;
  readonly #runs: Map<string, StudyRun>;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, file: Pick<StudyFile, 'datasets' | 'splits' | 'runs'>) {
    this.#path = path;
    this.#datasets = new Map(file.datasets.map((dataset) => [dataset.name, dataset]));
    this.#splits = new Map(file.splits.map((split) => [splitKey(split), split]));
    this.#runs = new Map(file.runs.map((run) => [jobKey(run.job), run]));
  }

  /** Goes on from the file, or starts anew where it is missing. @throws {FormatError} when it is another file */
  static async open(path: string): Promise<StudyStore> {
    return new StudyStore(path, (await readStudy(path)) ?? { datasets: [], splits: [], runs: [] });
  }

  /** @throws {DataError} when runs of the same name were made on other data */
  addDataset(dataset: DatasetRecord): void {
    const before = this.#datasets.get(dataset.name);
    if (before && before.digest !== dataset.digest) {
      const problem = `expected the data of ${dataset.name} that its runs were made on, received other interactions or vectors`;
      throw new DataError(this.#path, problem, 'Name another folder for --out');
    }
    this.#datasets.set(dataset.name, dataset);
  }

  has(job: Job): boolean {
    return this.#runs.has(jobKey(job));
  }

  hasSplit(job: Job): boolean {
    return this.#splits.has(splitKey(job));
  }

  /** Adds a finished run and writes the file; writes follow one another. */
  add(job: Job, result: JobResult, split: SplitRecord | null): Promise<void> {
    this.#runs.set(jobKey(job), { job, result });
    if (split) this.#splits.set(splitKey(split), split);
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  /** Everything so far, sorted, so that the file does not depend on which worker was faster. */
  get study(): StudyFile {
    const sorted = <T>(map: ReadonlyMap<string, T>) =>
      [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
    return {
      format: 'llminit-study',
      version: '1',
      llminit: VERSION,
      datasets: sorted(this.#datasets),
      splits: sorted(this.#splits),
      runs: sorted(this.#runs),
    };
  }

  /** Other commands may add runs to the same file: theirs are taken over before it is written. */
  #write(): Promise<void> {
    return withFileLock(this.#path, async () => {
      const now = await readStudy(this.#path);
      for (const run of now?.runs ?? []) {
        if (!this.has(run.job)) this.#runs.set(jobKey(run.job), run);
      }
      for (const split of now?.splits ?? []) {
        if (!this.#splits.has(splitKey(split))) this.#splits.set(splitKey(split), split);
      }
      for (const dataset of now?.datasets ?? []) {
        const own = this.#datasets.get(dataset.name);
        this.addDataset(dataset);
        if (own) this.addDataset(own);
      }
      await writeAtomic(this.#path, this.#text());
    });
  }

  #text(): Uint8Array {
    const { runs, splits, ...head } = this.study;
    const lines = (values: readonly object[]) => values.map((value) => JSON.stringify(value)).join(',\n');
    const text = `${JSON.stringify(head).slice(0, -1)},\n"splits":[\n${lines(splits)}\n],\n"runs":[\n${lines(runs)}\n]}\n`;
    return new TextEncoder().encode(text);
  }
}

/** The study in a file; null where there is none. @throws {FormatError} when it is another file */
export async function readStudy(path: string): Promise<StudyFile | null> {
  const value = await jsonFile(path);
  if (value === undefined && !existsSync(path)) return null;
  const study = RECORD.is(value) ? (value as Partial<StudyFile>) : null;
  const whole = [study?.datasets, study?.splits, study?.runs].every(Array.isArray);
  const { format, version } = { ...study };
  if (format !== 'llminit-study' || version !== '1' || !whole) {
    const received = study
      ? `format ${shown(format ?? 'none')}, version ${shown(version)}`
      : 'no JSON object';
    throw new FormatError(path, `expected a study (llminit-study 1), received ${received}`, REMEDY);
  }
  checkParts(study as StudyFile, path);
  return study as StudyFile;
}

const REMEDY = 'Name another folder for --out';

/** @throws {FormatError} for an entry that no study has, and for ranks of other users than those of its split */
function checkParts({ datasets, splits, runs }: StudyFile, path: string): void {
  const parts = { datasets, splits, runs };
  const kinds = { datasets: DATASET_RECORD, splits: SPLIT_RECORD, runs: STUDY_RUN };
  for (const name of ['datasets', 'splits', 'runs'] as const) {
    const at = firstOther(parts[name], kinds[name]);
    if (at < 0) continue;
    const problem = `expected ${kinds[name].range} at position ${at} of ${name}, received ${shown(parts[name][at])}`;
    throw new FormatError(path, problem, REMEDY);
  }
  const users = new Map(splits.map((split) => [splitKey(split), split.testUsers]));
  for (const [at, { job, result }] of runs.entries()) {
    const expected = users.get(splitKey(job));
    const received = bytesIn(result.ranks);
    if (expected === undefined || received === 0 || received === expected) continue;
    const problem = `expected ranks of ${expected} users at position ${at} of runs, received ${received}`;
    throw new FormatError(path, problem, REMEDY);
  }
}
