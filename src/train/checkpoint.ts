import { FormatError } from '../errors.ts';
import { canonicalJson, type JsonValue, parseJsonObject } from '../format/json.ts';
import { decodeSafetensors, encodeSafetensors, safetensorsPieces } from '../format/safetensors.ts';
import type { Tensor } from '../format/tensor.ts';
import type { ModelState } from '../models/parameters/parameters.ts';
import { ARRAY, checkArgument, having, NUMBER, RECORD } from '../options/arguments.ts';
import { checkedState, checkParts, damaged } from './checkpointState.ts';

/**
 * One finished epoch.
 *
 * @example
 * const { history } = await fit(split, await initialize(split.train, null, { dim: 8 }), { epochs: 2 });
 * const losses = history.map(({ loss }: EpochRecord) => loss);
 * losses.length; // → 2
 */
export interface EpochRecord {
  readonly epoch: number;
  /** Mean loss of the epoch's batches. */
  readonly loss: number;
  /** The validation metric, null when this epoch was not evaluated. */
  readonly metric: number | null;
}

/**
 * Everything a run needs to go on and give the same bytes as one that was never interrupted.
 *
 * @example
 * const saved: Checkpoint[] = [];
 * const options = { model: 'lightgcn', dim: 8, epochs: 2, checkpointEvery: 1 } as const;
 * await train({ split }, { ...options, onCheckpoint: (checkpoint) => void saved.push(checkpoint) });
 * const trained = await train({ split }, { ...options, resume: saved[0] });
 */
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
  /** What a job of several trainings keeps beside the one under way; nothing where `fit` stands alone. */
  readonly job?: JobState;
}

/**
 * State that `fit` neither reads nor writes: any JSON and tensors.
 *
 * @example
 * const state: JobState = { record: { tried: 2 }, tensors: {} };
 */
export interface JobState {
  readonly record: Readonly<Record<string, JsonValue>>;
  readonly tensors: Readonly<Record<string, Tensor>>;
}

const CHECKPOINT = having<Checkpoint>('a checkpoint of fit or train', {
  ...{ fingerprint: RECORD, history: ARRAY, model: RECORD },
  ...{ epoch: NUMBER, batch: NUMBER, steps: NUMBER, lossSum: NUMBER },
});

const FORMAT = 'llminit-checkpoint';
const VERSION = '2';

/**
 * The checkpoint as a safetensors file: the model's tables, the best parameters, and the counters in the metadata.
 *
 * @throws {OptionError} for what is no checkpoint
 * @throws {FormatError} where a part of it is not as `fit` or `train` writes it
 * @example
 * const saved: Uint8Array[] = [];
 * await train({ split }, {
 *   ...{ model: 'lightgcn', dim: 8, epochs: 2, checkpointEvery: 1 },
 *   onCheckpoint: (checkpoint) => void saved.push(encodeCheckpoint(checkpoint)),
 * });
 * saved.length > 0; // → true
 */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  return encodeSafetensors(...contentOf(checkpoint));
}

/** As `encodeCheckpoint`, in pieces that follow one another and share memory with the checkpoint. @throws as `encodeCheckpoint` */
export function checkpointPieces(checkpoint: Checkpoint): Uint8Array[] {
  return safetensorsPieces(...contentOf(checkpoint));
}

function contentOf(
  checkpoint: Checkpoint,
): [tensors: Record<string, Tensor>, metadata: Record<string, string>] {
  checkArgument(CHECKPOINT, checkpoint, 'checkpoint', 'encodeCheckpoint');
  checkParts(checkpoint, 'encodeCheckpoint');
  const { model, best, fingerprint, history, job, ...counters } = checkpoint;
  const tensors: Record<string, Tensor> = {};
  for (const [name, { rows, dim, values }] of Object.entries(model)) {
    tensors[`model.${name}`] = { dtype: 'F32', shape: [rows, dim], data: values };
  }
  if (best)
    tensors['best.parameters'] = { dtype: 'F32', shape: [best.parameters.length], data: best.parameters };
  for (const [name, tensor] of Object.entries(job?.tensors ?? {})) tensors[`job.${name}`] = tensor;
  const state = { ...counters, best: best && { epoch: best.epoch, metric: best.metric }, history };
  const metadata = {
    format: FORMAT,
    version: VERSION,
    fingerprint: canonicalJson(fingerprint, 'checkpoint fingerprint'),
    state: JSON.stringify(state),
    ...(job && { job: canonicalJson(job.record, 'checkpoint job') }),
  };
  return [tensors, metadata];
}

/**
 * The checkpoint in the bytes of `encodeCheckpoint`; `name` stands in errors. Its tables may share memory with `bytes`: do
 * not write to either.
 * @throws {FormatError} when the bytes are not an intact checkpoint of this version
 * @example
 * const saved: Uint8Array[] = [];
 * const options = { model: 'lightgcn', dim: 8, epochs: 2, checkpointEvery: 1 } as const;
 * await train({ split }, { ...options, onCheckpoint: (checkpoint) => void saved.push(encodeCheckpoint(checkpoint)) });
 * const resume = decodeCheckpoint(saved[0], 'job.checkpoint');
 * const trained = await train({ split }, { ...options, resume });
 */
export function decodeCheckpoint(bytes: Uint8Array, name: string): Checkpoint {
  const { tensors, metadata, checked } = decodeSafetensors(bytes, name);
  if (metadata.format !== FORMAT || metadata.version !== VERSION || !checked) {
    throw new FormatError(
      name,
      `expected a ${FORMAT} of version ${VERSION}, received ${metadata.format ?? 'another file'} ${metadata.version ?? ''}`,
      metadata.format === FORMAT
        ? 'Go on with the version of llminit that wrote it, or start anew without it'
        : 'Pass a checkpoint that fit or train wrote',
    );
  }
  const state = checkedState(parseJsonObject(metadata.state ?? '', `${name}: state`), name);
  const fingerprint = parseJsonObject(metadata.fingerprint ?? '', `${name}: fingerprint`);
  const model: ModelState = {};
  for (const [key, { dtype, shape, data }] of Object.entries(tensors)) {
    if (!key.startsWith('model.')) continue;
    if (dtype !== 'F32' || shape.length !== 2)
      damaged(name, `${key} of F32 in two dimensions`, { dtype, shape });
    model[key.slice('model.'.length)] = { rows: shape[0], dim: shape[1], values: data as Float32Array };
  }
  const parameters = tensors['best.parameters'];
  const wanted = state.best !== null;
  if (wanted !== (parameters !== undefined) || (wanted && parameters.dtype !== 'F32')) {
    damaged(name, 'best.parameters of F32 beside a best epoch, and only then', parameters?.dtype ?? 'none');
  }
  const best = state.best && { ...state.best, parameters: parameters.data as Float32Array };
  const checkpoint = { ...state, fingerprint, model, best };
  return metadata.job === undefined ? checkpoint : { ...checkpoint, job: jobOf(tensors, metadata.job, name) };
}

function jobOf(tensors: Readonly<Record<string, Tensor>>, record: string, name: string): JobState {
  const own = Object.entries(tensors).filter(([key]) => key.startsWith('job.'));
  return {
    record: parseJsonObject(record, `${name}: job`),
    tensors: Object.fromEntries(own.map(([key, tensor]) => [key.slice('job.'.length), tensor])),
  };
}
