import { DataError, FormatError } from '../errors.ts';
import { canonicalJson, type JsonValue, parseJsonObject } from '../format/json.ts';
import { decodeSafetensors, encodeSafetensors } from '../format/safetensors.ts';
import type { Tensor } from '../format/tensor.ts';
import type { ModelState } from '../models/model.ts';

/** One finished epoch. */
export interface EpochRecord {
  readonly epoch: number;
  /** Mean loss of the epoch's batches. */
  readonly loss: number;
  /** The validation metric, null when this epoch was not evaluated. */
  readonly metric: number | null;
}

/** Everything a run needs to go on and give the same bytes as one that was never interrupted. */
export interface Checkpoint {
  /** What must not differ between the run that wrote it and the run that resumes. */
  readonly fingerprint: Readonly<Record<string, JsonValue>>;
  /** The epoch under way, from 1, and its next batch, from 0. */
  readonly epoch: number;
  readonly batch: number;
  /** Updates done. */
  readonly steps: number;
  /** Sum of the losses of the epoch's batches so far. */
  readonly lossSum: number;
  readonly history: readonly EpochRecord[];
  readonly best: {
    readonly epoch: number;
    readonly metric: number;
    readonly parameters: Float32Array;
  } | null;
  readonly model: ModelState;
}

const FORMAT = 'llminit-checkpoint';
const VERSION = '1';

/** The checkpoint as a safetensors file: the model's tables, the best parameters, and the counters in the metadata. */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const { model, best, fingerprint, history, ...counters } = checkpoint;
  const tensors: Record<string, Tensor> = {};
  for (const [name, { rows, dim, values }] of Object.entries(model)) {
    tensors[`model.${name}`] = { dtype: 'F32', shape: [rows, dim], data: values };
  }
  if (best)
    tensors['best.parameters'] = { dtype: 'F32', shape: [best.parameters.length], data: best.parameters };
  const state = { ...counters, best: best && { epoch: best.epoch, metric: best.metric }, history };
  return encodeSafetensors(tensors, {
    format: FORMAT,
    version: VERSION,
    fingerprint: canonicalJson(fingerprint, 'checkpoint fingerprint'),
    state: JSON.stringify(state),
  });
}

/** @throws {FormatError} when the bytes are not an intact checkpoint of this version */
export function decodeCheckpoint(bytes: Uint8Array, name: string): Checkpoint {
  const { tensors, metadata, checked } = decodeSafetensors(bytes, name);
  if (metadata.format !== FORMAT || metadata.version !== VERSION || !checked) {
    throw new FormatError(
      name,
      `expected a ${FORMAT} of version ${VERSION}, received ${metadata.format ?? 'another file'} ${metadata.version ?? ''}`,
      'Pass the file that --checkpoint wrote',
    );
  }
  const state = parseJsonObject(metadata.state ?? '', name) as unknown as Omit<
    Checkpoint,
    'model' | 'fingerprint'
  >;
  const fingerprint = parseJsonObject(metadata.fingerprint ?? '', name);
  const model: ModelState = {};
  for (const [key, { shape, data }] of Object.entries(tensors)) {
    if (!key.startsWith('model.')) continue;
    model[key.slice('model.'.length)] = { rows: shape[0], dim: shape[1], values: data as Float32Array };
  }
  const parameters = tensors['best.parameters']?.data as Float32Array | undefined;
  const best = state.best && parameters ? { ...state.best, parameters } : null;
  return { ...state, fingerprint, model, best };
}

/** @throws {DataError} naming the first setting that differs between a checkpoint and the run that wants it */
export function checkFingerprint(found: Checkpoint['fingerprint'], wanted: Checkpoint['fingerprint']): void {
  for (const key of new Set([...Object.keys(wanted), ...Object.keys(found)])) {
    const before = canonicalJson(found[key] ?? null, key);
    const now = canonicalJson(wanted[key] ?? null, key);
    if (before === now) continue;
    throw new DataError(
      'resume',
      `the checkpoint was written with ${key} = ${before}, this run has ${now}`,
      'Resume with the same data and options, or start anew without the checkpoint',
    );
  }
}
