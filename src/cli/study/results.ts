import { existsSync } from 'node:fs';
import { shown } from '../../errors.ts';
import { FormatError } from '../../index.ts';
import { withFileLock, writeAtomic } from '../../node.ts';
import { RECORD } from '../../options/arguments.ts';
import type { BaselineSettings } from '../../recipe/baselines.ts';
import type { TrainSettings } from '../../recipe/settings.ts';
import { jsonFile } from './jsonFile.ts';
import { firstOther, STORED_RUN } from './kinds.ts';
import type { RerankRecord } from './rerankRuns.ts';

/** One finished run of a study. */
export interface RunRecord {
  readonly protocol: string;
  readonly init: string;
  readonly seed: number;
  readonly bestEpoch: number;
  readonly epochs: number;
  /** Validation NDCG@10 of the best epoch. */
  readonly valid: number | null;
  /** Test metrics. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly itemsWithoutVector: number;
  /** What a chat model made of it; absent where none was asked. */
  readonly rerank?: RerankRecord;
}

interface StoredRun extends RunRecord {
  readonly ks: readonly number[];
  readonly settings: TrainSettings | BaselineSettings;
}

/** Finished runs in a JSON file, found again by their settings, so that an interrupted study goes on. */
export interface Results {
  /** How many runs were asked for and found. */
  readonly found: number;
  find(settings: TrainSettings | BaselineSettings, ks: readonly number[]): RunRecord | null;
  /** Appends a run and writes the file. */
  add(record: RunRecord, settings: TrainSettings | BaselineSettings, ks: readonly number[]): Promise<void>;
}

/** @throws {FormatError} when the file is there and is not one of ours */
export async function openResults(path: string | undefined): Promise<Results> {
  const runs = path === undefined ? [] : await readRuns(path);
  const key = (settings: TrainSettings | BaselineSettings, ks: readonly number[]) =>
    JSON.stringify([sorted(settings), ks]);
  const known = new Map<string, RunRecord>(
    runs.map(({ ks, settings, ...record }) => [key(settings, ks), record]),
  );
  let found = 0;
  return {
    get found() {
      return found;
    },
    find(settings, ks) {
      const run = known.get(key(settings, ks)) ?? null;
      if (run) found++;
      return run;
    },
    async add(record, settings, ks) {
      known.set(key(settings, ks), record);
      if (path === undefined) return;
      await withFileLock(path, async () => {
        // Another command may have added runs meanwhile.
        const runs = await readRuns(path);
        for (const { ks: cutoffs, settings: other, ...found } of runs) {
          const name = key(other, cutoffs);
          if (!known.has(name)) known.set(name, found);
        }
        const had = runs.some((run) => key(run.settings, run.ks) === key(settings, ks));
        if (!had) runs.push({ ...record, ks, settings });
        const document = { format: FORMAT, version: VERSION, runs };
        await writeAtomic(path, new TextEncoder().encode(`${JSON.stringify(document, null, 1)}\n`));
      });
    },
  };
}

const FORMAT = 'llminit-results';
const VERSION = '1';

async function readRuns(path: string): Promise<StoredRun[]> {
  const value = await jsonFile(path);
  if (value === undefined && !existsSync(path)) return [];
  const document = RECORD.is(value) ? value : null;
  if (document?.format === FORMAT && document.version === VERSION && Array.isArray(document.runs)) {
    const damaged = firstOther(document.runs, STORED_RUN);
    if (damaged < 0) return document.runs;
    const problem = `expected runs with settings, cut-offs and metrics, received another entry at position ${damaged}`;
    throw new FormatError(path, problem, 'Name a new file for --results');
  }
  const received = document
    ? `format ${shown(document.format ?? 'none')}, version ${shown(document.version)}`
    : 'no JSON object';
  const problem = `expected a results file (${FORMAT} ${VERSION}), received ${received}`;
  throw new FormatError(path, problem, 'Name a new file for --results');
}

/** The same settings in one order of keys, whatever order the file has. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, entry]) => [key, sorted(entry)]),
  );
}
