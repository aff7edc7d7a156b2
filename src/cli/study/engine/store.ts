import { DataError } from '../../../index.ts';
import { resolvedPath } from '../../../node/files.ts';
import { withFileLock, writeAtomic } from '../../../node.ts';
import { VERSION } from '../../version.ts';
import { type DatasetRecord, type SplitRecord, splitKey } from '../jobs.ts';
import { type Contents, FORMAT, FORMAT_VERSION, type KindOfRun, type RunsByKind, readRuns } from './file.ts';
import { keyOf } from './keyOf.ts';
import { packedRun } from './packedRuns.ts';

/**
 * The finished runs of one kind, by what decides them. They are kept in a file, which is written after every run, so that
 * an interrupted study goes on; commands that run at the same time may share it.
 */
export class RunStore<Kind extends KindOfRun> {
  /** Undefined where nothing is kept. */
  readonly path: string | undefined;
  readonly #kind: Kind;
  readonly #datasets = new Map<string, DatasetRecord>();
  readonly #splits = new Map<string, SplitRecord>();
  /** Of all kinds: those of others go back into the file as they were. */
  readonly #runs = new Map<string, Contents['runs'][number]>();
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string | undefined, kind: Kind) {
    this.path = path;
    this.#kind = kind;
  }

  /**
   * Goes on from the file, or starts anew where it is missing.
   * @param path undefined: nothing is kept
   * @throws {FormatError} when it is another file, or one of a later version
   */
  static async open<Kind extends KindOfRun>(path: string | undefined, kind: Kind): Promise<RunStore<Kind>> {
    const store = new RunStore(path, kind);
    if (path !== undefined) store.#take(await readRuns(path));
    return store;
  }

  /** @throws {DataError} when runs of the same name were made on other data */
  addDataset(dataset: DatasetRecord): void {
    const before = this.#datasets.get(dataset.name);
    if (before && before.digest !== dataset.digest) {
      const problem = `expected the data of ${dataset.name} that its runs were made on, received other interactions or vectors`;
      throw new DataError(this.path ?? dataset.name, problem, 'Name another folder for --out');
    }
    this.#datasets.set(dataset.name, dataset);
  }

  hasSplit(of: Parameters<typeof splitKey>[0]): boolean {
    return this.#splits.has(splitKey(of));
  }

  /** Is written with the next run. */
  addSplit(split: SplitRecord): void {
    this.#splits.set(splitKey(split), split);
  }

  /** What came of a job; null where it has not run. */
  find(job: RunsByKind[Kind]['job']): RunsByKind[Kind]['result'] | null {
    return this.#runs.get(this.#key(job))?.result ?? null;
  }

  /** Adds a finished run and writes the file; writes follow one another. */
  add(job: RunsByKind[Kind]['job'], result: RunsByKind[Kind]['result']): Promise<void> {
    this.#runs.set(this.#key(job), { kind: this.#kind, job, result } as Contents['runs'][number]);
    const { path } = this;
    if (path !== undefined) this.#writing = this.#writing.then(() => this.#write(path));
    return this.#writing;
  }

  /** When all runs that were added are in the file. */
  get written(): Promise<void> {
    return this.#writing;
  }

  /** Everything of this kind so far, sorted, so that it does not depend on which run ended first. */
  get study(): { datasets: DatasetRecord[]; splits: SplitRecord[]; runs: RunsByKind[Kind][] } {
    const own = sortedByKey(this.#runs).filter(({ kind }) => kind === this.#kind);
    return {
      datasets: sortedByKey(this.#datasets),
      splits: sortedByKey(this.#splits),
      runs: own.map(({ job, result }) => ({ job, result })) as RunsByKind[Kind][],
    };
  }

  #key(job: object): string {
    return `${this.#kind} ${keyOf(job)}`;
  }

  /** Keeps what is not known yet. */
  #take({ datasets, splits, runs }: Contents): void {
    for (const run of runs) {
      const key = `${run.kind} ${keyOf(run.job)}`;
      if (!this.#runs.has(key)) this.#runs.set(key, run);
    }
    for (const split of splits) if (!this.hasSplit(split)) this.addSplit(split);
    for (const dataset of datasets) {
      const own = this.#datasets.get(dataset.name);
      this.addDataset(dataset);
      if (own) this.addDataset(own);
    }
  }

  /** Other commands may have added runs to the file meanwhile: theirs are taken over before it is written. */
  #write(path: string): Promise<void> {
    return withFileLock(path, async () => {
      this.#take(await readRuns(path));
      // A link goes on leading to the file: others may name it.
      await writeAtomic(await resolvedPath(path), this.#text());
    });
  }

  #text(): Uint8Array {
    const datasets = sortedByKey(this.#datasets);
    const head = JSON.stringify({ format: FORMAT, version: FORMAT_VERSION, llminit: VERSION, datasets });
    const lines = (values: ReadonlyMap<string, object>) =>
      sortedByKey(values)
        .map((value) => JSON.stringify(value))
        .join(',\n');
    const packed = new Map([...this.#runs].map(([key, run]) => [key, packedRun(run)]));
    const text = `${head.slice(0, -1)},\n"splits":[\n${lines(this.#splits)}\n],\n"runs":[\n${lines(packed)}\n]}\n`;
    return new TextEncoder().encode(text);
  }
}

function sortedByKey<T>(map: ReadonlyMap<string, T>): T[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}
