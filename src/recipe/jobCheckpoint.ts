import { DataError, FormatError, shown } from '../errors.ts';
import { canonicalJson, DAMAGED, type JsonValue } from '../format/json.ts';
import type { Tensor } from '../format/tensor.ts';
import type { Checkpoint, JobState } from '../train/checkpoint.ts';
import type { Candidate, Entry, SavedCandidate } from './candidates/candidate.ts';
import type { TrainSettings } from './options.ts';

/** A checkpoint of a job before the training under way has done anything. */
const UNTOUCHED: Omit<Checkpoint, 'fingerprint'> = {
  ...{ epoch: 1, batch: 0, steps: 0, lossSum: 0, history: [], best: null, model: {} },
};

/** A job that was interrupted: what its finished trials gave, and the state of the one under way. */
export interface InterruptedJob {
  readonly finished: readonly SavedCandidate[];
  /** null where the next trial has not begun. */
  readonly current: Checkpoint | null;
}

/** The checkpoint of a whole job in the middle of a trial, or, without `current`, before the next one. */
export function jobCheckpoint(
  settings: TrainSettings,
  finished: readonly { readonly entry: Entry; readonly candidate: Candidate }[],
  current: Checkpoint | null,
): Checkpoint {
  const { fingerprint = {}, ...state } = current ?? (UNTOUCHED as Checkpoint);
  return {
    ...state,
    fingerprint: { ...fingerprint, trial: finished.length, run: jobSettings(settings) },
    job: jobState(finished.map(({ entry, candidate }) => entry.save(candidate))),
  };
}

/**
 * What a checkpoint holds of a job.
 * @throws {DataError} when it belongs to a job with other settings, or its finished trials ran for other epochs
 * @throws {FormatError} when it does not hold what `jobCheckpoint` writes
 */
export function interruptedJob(checkpoint: Checkpoint, settings: TrainSettings): InterruptedJob {
  const { trial, run, ...fingerprint } = checkpoint.fingerprint;
  checkSettings(run, settings);
  const finished = savedCandidates(checkpoint.job);
  if (trial !== finished.length) damaged(`${shown(trial)} finished trials`, finished.length);
  const { job: _, ...state } = checkpoint;
  return { finished, current: checkpoint.steps === 0 ? null : { ...state, fingerprint } };
}

/** What must be equal to go on; a job may go on for more epochs. */
function jobSettings({ fit, ...settings }: TrainSettings): Record<string, JsonValue> {
  const { epochs: _, ...own } = fit;
  return { ...settings, ...own };
}

function checkSettings(run: JsonValue | undefined, settings: TrainSettings): void {
  const before = run !== null && typeof run === 'object' && !Array.isArray(run) ? run : {};
  for (const [key, value] of Object.entries(jobSettings(settings))) {
    const [now, found] = [value, (before as Record<string, JsonValue>)[key] ?? null].map((setting) =>
      canonicalJson(setting, key),
    );
    if (now === found) continue;
    const text = (json: string) => json.replace(/^"(.*)"$/, '$1');
    const what = key === 'inputs' ? 'other data or vectors' : `${key} ${text(found)}`;
    const problem = `expected a checkpoint of this run (${key} ${text(now)}), received one with ${what}`;
    throw new DataError('resume', problem, 'Resume with the same files and options, or leave --resume out');
  }
}

function jobState(saved: readonly SavedCandidate[]): JobState {
  const tensors: Record<string, Tensor> = {};
  for (const [n, candidate] of saved.entries())
    for (const [name, tensor] of Object.entries(candidate.tensors)) tensors[`${n}.${name}`] = tensor;
  return { record: { finished: saved.map(({ record }) => record) }, tensors };
}

function savedCandidates(job: JobState | undefined): SavedCandidate[] {
  const finished = job?.record.finished;
  if (!Array.isArray(finished)) return damaged('a list of finished trials', finished);
  return finished.map((record, n) => {
    if (record === null || typeof record !== 'object' || Array.isArray(record))
      return damaged('a record of each finished trial', record);
    const own = Object.entries(job!.tensors).filter(([name]) => name.startsWith(`${n}.`));
    return {
      record: record as SavedCandidate['record'],
      tensors: Object.fromEntries(own.map(([name, tensor]) => [name.slice(`${n}.`.length), tensor])),
    };
  });
}

function damaged(expected: string, received: unknown): never {
  throw new FormatError(
    'resume',
    `expected ${expected} in the checkpoint, received ${shown(received)}`,
    DAMAGED,
  );
}
