import { existsSync } from 'node:fs';
import { shown } from '../../../errors.ts';
import { FormatError } from '../../../index.ts';
import { argument, RECORD } from '../../../options/arguments.ts';
import { type DatasetRecord, type ExperimentRun, type SplitRecord, splitKey } from '../jobs.ts';
import { jsonFile } from './jsonFile.ts';
import { bytesIn, DATASET_RECORD, EXPERIMENT_RUN, firstOther, SPLIT_RECORD, TRAINING_RUN } from './kinds.ts';
import { unpackedRun } from './packedRuns.ts';
import type { TrainingRun } from './runRecord.ts';

/** The runs that a file may hold: of `reproduce`, and of `evaluate` and `tune`. */
export interface RunsByKind {
  readonly experiment: ExperimentRun;
  readonly training: TrainingRun;
}

export type KindOfRun = keyof RunsByKind;

/** A run, and of which kind it is. */
type AnyRun =
  | ({ readonly kind: 'experiment' } & ExperimentRun)
  | ({ readonly kind: 'training' } & TrainingRun);

/** What a file of runs holds. */
export interface Contents {
  readonly datasets: readonly DatasetRecord[];
  readonly splits: readonly SplitRecord[];
  readonly runs: readonly AnyRun[];
}

export const FORMAT = 'llminit-study';
export const FORMAT_VERSION = '2';

/** How the versions that are read name their runs; the rest of the two studies is the same. */
const READERS: Readonly<Record<string, (document: Readonly<Record<string, unknown>>) => unknown>> = {
  [`${FORMAT} ${FORMAT_VERSION}`]: ({ runs }) => runs,
  [`${FORMAT} 1`]: ({ runs }) => asKind(runs, (run) => ({ kind: 'experiment', ...run })),
  'llminit-results 1': ({ runs }) =>
    asKind(runs, ({ ks, settings, ...result }) => ({ kind: 'training', job: { settings, ks }, result })),
};

/** Kinds of runs by name. */
const KINDS = { experiment: EXPERIMENT_RUN, training: TRAINING_RUN };

const RUN = argument<AnyRun>('a run', (run) => {
  if (!RECORD.is(run) || typeof run.kind !== 'string' || !Object.hasOwn(KINDS, run.kind)) return false;
  return KINDS[run.kind as KindOfRun].is(run);
});

const REMEDY = 'Name a new file or folder for the runs';

/**
 * The runs in a file, also those of earlier versions; none where it is missing.
 * @throws {FormatError} when it is another file, one of a later version, or holds an entry that no study has
 */
export async function readRuns(path: string): Promise<Contents> {
  const value = await jsonFile(path);
  if (value === undefined && !existsSync(path)) return { datasets: [], splits: [], runs: [] };
  const document = RECORD.is(value) ? value : {};
  const { format, version, datasets = [], splits = [] } = document;
  const name = `${format} ${version}`;
  const packed = Object.hasOwn(READERS, name) ? READERS[name](document) : undefined;
  const runs = Array.isArray(packed) ? packed.map(unpackedRun) : packed;
  if (![datasets, splits, runs].every(Array.isArray)) {
    const later = format === FORMAT && Number(version) > Number(FORMAT_VERSION);
    const received = RECORD.is(value)
      ? `format ${shown(format ?? 'none')}, version ${shown(version)}`
      : 'no JSON object';
    const problem = `expected finished runs (${Object.keys(READERS).join(', ')}), received ${received}`;
    throw new FormatError(path, problem, later ? 'A later llminit wrote it: update this one' : REMEDY);
  }
  const contents = { datasets, splits, runs } as Contents;
  checkParts(contents, path);
  return contents;
}

/** The entries in the form of the newest version; what is none is left to be found. */
function asKind(runs: unknown, form: (run: Readonly<Record<string, unknown>>) => object): unknown {
  return Array.isArray(runs) ? runs.map((run) => (RECORD.is(run) ? form(run) : run)) : runs;
}

/** @throws {FormatError} for an entry that no study has, and for ranks of other users than those of its split */
function checkParts({ datasets, splits, runs }: Contents, path: string): void {
  const found = [
    ['datasets', datasets, DATASET_RECORD],
    ['splits', splits, SPLIT_RECORD],
    ['runs', runs, RUN],
  ] as const;
  for (const [name, part, kind] of found) {
    const at = firstOther(part, kind);
    if (at < 0) continue;
    const problem = `expected ${kind.range} at position ${at} of ${name}, received ${shown(part[at])}`;
    throw new FormatError(path, problem, REMEDY);
  }
  const users = new Map(splits.map((split) => [splitKey(split), split.testUsers]));
  for (const [at, run] of runs.entries()) {
    if (run.kind !== 'experiment') continue;
    const expected = users.get(splitKey(run.job));
    const received = bytesIn(run.result.ranks);
    if (expected === undefined || received === 0 || received === expected) continue;
    const problem = `expected ranks of ${expected} users at position ${at} of runs, received ${received}`;
    throw new FormatError(path, problem, REMEDY);
  }
}
