import { DataError, FormatError, shown } from '../errors.ts';
import { canonicalJson, DAMAGED, type JsonValue } from '../format/json.ts';
import type { Tensor } from '../format/tensor.ts';
import type { Checkpoint, JobState } from '../train/checkpoint.ts';
import { checkParts } from '../train/checkpointState.ts';
import type { Candidate, Entry, SavedCandidate } from './candidates/candidate.ts';
import type { TrainSettings } from './settings.ts';

/** A checkpoint of a job before the training under way has done anything. */
const UNTOUCHED: Omit<Checkpoint, 'fingerprint'> = {
  ...{ epoch: 1, batch: 0, steps: 0, lossSum: 0, history: [], best: null, model: {} },
};

/** What came of an entry: a candidate, or why there is none. */
export type Outcome =
  | { readonly entry: Entry; readonly candidate: Candidate; readonly skipped: null }
  | { readonly entry: Entry; readonly candidate: null; readonly skipped: string };

/** The outcome of an entry as a checkpoint keeps it. */
export interface SavedOutcome extends SavedCandidate {
  /** Why there is no candidate; null where there is one. */
  readonly skipped: string | null;
}

/** A job that was interrupted: what its finished trials gave, and the state of the one under way. */
export interface InterruptedJob {
  readonly finished: readonly SavedOutcome[];
  /** null where the next trial has not begun. */
  readonly current: Checkpoint | null;
}

/** The checkpoint of a whole job in the middle of a trial, or, without `current`, before the next one. */
export function jobCheckpoint(
  settings: TrainSettings,
  finished: readonly Outcome[],
  current: Checkpoint | null,
): Checkpoint {
  const { fingerprint = {}, ...state } = current ?? (UNTOUCHED as Checkpoint);
  return {
    ...state,
    fingerprint: { ...fingerprint, trial: finished.length, run: jobSettings(settings) },
    job: jobState(finished),
  };
}

/**
 * What a checkpoint holds of a job.
 * @throws {DataError} when it belongs to a job with other settings, or its finished trials ran for other epochs
 * @throws {FormatError} when it does not hold what `jobCheckpoint` writes
 */
export function interruptedJob(checkpoint: Checkpoint, settings: TrainSettings): InterruptedJob {
  checkParts(checkpoint, 'resume');
  const { trial, run, ...fingerprint } = checkpoint.fingerprint;
  checkSettings(run, settings);
  const finished = savedOutcomes(checkpoint.job);
  if (trial !== finished.length) damaged(`${shown(trial)} finished trials`, finished.length);
  const { job: _, ...state } = checkpoint;
  return { finished, current: checkpoint.steps === 0 ? null : { ...state, fingerprint } };
}

/** What must be equal to go on; a job may go on for more epochs. */
function jobSettings({ model, init, tables, fit, ...settings }: TrainSettings): Record<string, JsonValue> {
  const { epochs: _, ...own } = { ...fit };
  return { init, ...tables, ...own, model, ...settings };
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

function jobState(outcomes: readonly Outcome[]): JobState {
  const tensors: Record<string, Tensor> = {};
  const finished = outcomes.map(({ entry, candidate, skipped }, n) => {
    if (!candidate) return { skipped };
    const saved = entry.save(candidate);
    for (const [name, tensor] of Object.entries(saved.tensors)) tensors[`${n}.${name}`] = tensor;
    return { skipped, ...saved.record };
  });
  return { record: { finished }, tensors };
}

function savedOutcomes(job: JobState | undefined): SavedOutcome[] {
  const finished = job?.record.finished;
  if (!Array.isArray(finished)) return damaged('a list of finished trials', finished);
  return finished.map((saved, n) => {
    if (saved === null || typeof saved !== 'object' || Array.isArray(saved))
      return damaged('a record of each finished trial', saved);
    const { skipped = null, ...record } = saved as Record<string, JsonValue>;
    if (skipped !== null && typeof skipped !== 'string') return damaged('why a trial was skipped', skipped);
    checkCounts(record);
    const own = Object.entries(job!.tensors).filter(([name]) => name.startsWith(`${n}.`));
    const tensors = Object.fromEntries(own.map(([name, tensor]) => [name.slice(`${n}.`.length), tensor]));
    return { skipped, record, tensors };
  });
}

/** What every trial has, where it has it. */
function checkCounts({ metric = null, compared = 1 }: Record<string, JsonValue>): void {
  const isShare = typeof metric === 'number' && metric >= 0 && metric <= 1;
  if (metric !== null && !isShare) damaged('a metric from 0 to 1 of each finished trial', metric);
  if (!(Number.isSafeInteger(compared) && Number(compared) > 0))
    damaged('how many settings each finished trial compared', compared);
}

function damaged(expected: string, received: unknown): never {
  throw new FormatError(
    'resume',
    `expected ${expected} in the checkpoint, received ${shown(received)}`,
    DAMAGED,
  );
}
