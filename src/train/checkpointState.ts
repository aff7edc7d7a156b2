import { FormatError, shown } from '../errors.ts';
import { DAMAGED, type JsonValue } from '../format/json.ts';
import type { Checkpoint, EpochRecord } from './checkpoint.ts';

/**
 * Makes sure that a checkpoint in memory is what `fit` or `train` gave, part by part: what is handed to `resume` may come from anywhere.
 *
 * @param name stands in errors
 * @throws {FormatError} naming the part that is missing or not as it is written
 */
export function checkParts(checkpoint: Checkpoint, name: string): void {
  const { model, best, job, fingerprint, ...counters } = checkpoint;
  checkedState(counters.history === undefined ? {} : ({ ...counters, best } as unknown as Parts), name);
  record(fingerprint as JsonValue, 'fingerprint', name);
  for (const [key, table] of Object.entries(record(model as unknown as JsonValue, 'model', name))) {
    const { rows, dim, values } = record(table, `model.${key}`, name) as unknown as Record<string, unknown>;
    if (!isF32(values) || values.length !== Number(rows) * Number(dim))
      damaged(name, `model.${key} of rows × dim numbers in a Float32Array`, shown(table));
  }
  if (best !== null && !isF32(best.parameters))
    damaged(name, 'best.parameters in a Float32Array', shown(best.parameters));
  if (job === undefined) return;
  const { record: kept, tensors } = record(job as unknown as JsonValue, 'job', name);
  record(kept, 'job.record', name);
  for (const [key, tensor] of Object.entries(record(tensors, 'job.tensors', name))) {
    const { shape, data } = record(tensor, `job.tensors.${key}`, name) as unknown as Record<string, unknown>;
    if (!Array.isArray(shape) || !ArrayBuffer.isView(data))
      damaged(name, `job.tensors.${key} with a shape and data`, shown(tensor));
  }
}

type Parts = Record<string, JsonValue>;

function isF32(value: unknown): value is Float32Array {
  return Object.prototype.toString.call(value) === '[object Float32Array]';
}

/** The counters of a checkpoint. */
export interface State extends Omit<Checkpoint, 'model' | 'fingerprint' | 'best' | 'job'> {
  readonly best: { readonly epoch: number; readonly metric: number } | null;
}

/** The counters of a checkpoint, each of the type and range in which `encodeCheckpoint` writes it. */
export function checkedState(state: Record<string, JsonValue>, name: string): State {
  const { epoch, batch, steps, lossSum, history, best } = state;
  const count = (value: JsonValue | undefined, what: string, least: number): number => {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
    return damaged(name, `${what} to be an integer ≥ ${least}`, value);
  };
  const epochs = checkedHistory(history, name);
  const now = count(epoch, 'epoch', 1);
  if (epochs.length !== now - 1) damaged(name, `a history of ${now - 1} epochs`, `${epochs.length}`);
  let kept: State['best'] = null;
  if (best !== null) {
    const { epoch: at, metric } = record(best, 'best', name);
    kept = { epoch: count(at, 'best.epoch', 1), metric: finite(metric, 'best.metric', name) };
  }
  checkBest(kept, epochs, name);
  return {
    epoch: now,
    batch: count(batch, 'batch', 0),
    steps: count(steps, 'steps', 0),
    lossSum: finite(lossSum, 'lossSum', name),
    history: epochs,
    best: kept,
  };
}

/** @throws {FormatError} unless it is the list of epochs 1, 2, … with their losses and metrics */
export function checkedHistory(history: JsonValue | undefined, name: string): EpochRecord[] {
  if (!Array.isArray(history)) return damaged(name, 'history to be a list', history);
  return history.map((entry, n) => {
    const { epoch, loss, metric } = record(entry, `history[${n}]`, name);
    if (epoch !== n + 1) damaged(name, `history[${n}] to be epoch ${n + 1}`, epoch);
    return {
      epoch: n + 1,
      loss: finite(loss, `history[${n}].loss`, name),
      metric: metric === null ? null : share(metric, `history[${n}].metric`, name),
    };
  });
}

/** The first epoch of the highest metric; null where none has one. */
export function bestOf(history: readonly EpochRecord[]): EpochRecord | null {
  let best: EpochRecord | null = null;
  for (const record of history)
    if (record.metric !== null && (best === null || record.metric > best.metric!)) best = record;
  return best;
}

function checkBest(best: State['best'], history: readonly EpochRecord[], name: string): void {
  const first = bestOf(history);
  if (best?.epoch === first?.epoch && best?.metric === first?.metric) return;
  const expected = first ? `epoch ${first.epoch} with ${first.metric} to be the best` : 'no best epoch';
  damaged(name, expected, best as unknown);
}

/** A metric, which validation gives. */
function share(value: JsonValue | undefined, what: string, name: string): number {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  return damaged(name, `${what} to be a number from 0 to 1`, value);
}

function finite(value: JsonValue | undefined, what: string, name: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  return damaged(name, `${what} to be a number`, value);
}

function record(
  value: JsonValue | undefined,
  what: string,
  name: string,
): Readonly<Record<string, JsonValue>> {
  if (value !== null && typeof value === 'object' && !Array.isArray(value))
    return value as Record<string, JsonValue>;
  return damaged(name, `${what} to be an object`, value);
}

export function damaged(name: string, expected: string, received: unknown): never {
  const found = typeof received === 'object' ? JSON.stringify(received) : received;
  throw new FormatError(name, `expected ${expected}, received ${shown(found)}`, DAMAGED);
}
