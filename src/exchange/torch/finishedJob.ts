import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { assertCsr, type Csr } from '../../data/csr.ts';
import { IdTable } from '../../data/idTable.ts';
import { Interactions } from '../../data/interactions.ts';
import type { Split } from '../../data/splits.ts';
import { DataError, FormatError, shown } from '../../errors.ts';
import { DAMAGED, type JsonValue, parseJsonObject } from '../../format/json.ts';
import { decodeSafetensors, requireTensor, type SafetensorsFile } from '../../format/safetensors.ts';
import { decodeStrings } from '../../format/stringTable.ts';
import type { ModelData } from '../../serve/modelFile/data.ts';
import { decodeModel } from '../../serve/modelFile/decode.ts';
import { checkSameIds } from '../sameIds.ts';

/** A job that `train.py` has ended. */
export interface FinishedJob {
  /** The model that `start.safetensors` began, with the trained rows. */
  readonly model: ModelData;
  /** What it was trained on, and what was held out. */
  readonly split: Split;
  /** What `train.py` says of its training: epochs, best epoch and metric, processes. */
  readonly made: Readonly<Record<string, JsonValue>>;
}

/** Bytes of the files of a job, and the folder they come from, for messages. */
export interface FinishedFiles {
  readonly folder: string;
  readonly job: Uint8Array;
  readonly start: Uint8Array;
  readonly graph: Uint8Array;
  readonly factors: Uint8Array;
}

/**
 * The model of a job whose factors have come back.
 *
 * @throws {FormatError} for files that are damaged, or no part of a job
 * @throws {DataError} for factors of other users or items than the job's, in number, order or content, with three
 *   examples; for those of another job over the same ids; for NaN or Inf
 */
export function finishedJob({ folder, job, start, graph, factors }: FinishedFiles): FinishedJob {
  const name = (file: string) => `${folder}/${file}`;
  checkDigests(name, job, { 'start.safetensors': start, 'graph.safetensors': graph });
  const began = decodeModel(start, name('start.safetensors'));
  const file = decodeSafetensors(factors, name('factors.safetensors'));
  if (file.metadata.format !== 'llminit-factors' || file.metadata.version !== '1' || !file.checked) {
    const { format, version } = file.metadata;
    const found = `${format ?? 'none'} version ${version ?? 'none'} ${file.checked ? 'with' : 'without'} a checksum`;
    const problem = `expected format llminit-factors version 1 with a checksum, received ${found}`;
    throw new FormatError(file.name, problem, 'Bring the file that train.py wrote');
  }
  checkSameIds(file.name, 'user', began.userIds, decodeStrings(file, 'user_ids'));
  checkSameIds(file.name, 'item', began.itemIds, decodeStrings(file, 'item_ids'));
  const digest = bytesToHex(sha256(job));
  if (file.metadata.job !== digest) {
    const problem = `expected factors of the job ${digest}, received those of ${shown(file.metadata.job)}`;
    throw new DataError(file.name, problem, 'They were trained with other options, data or initial rows');
  }
  const made = parseJsonObject(file.metadata.training ?? '{}', `${file.name}: training`);
  const model = {
    ...began,
    userFactors: factorsOf(file, 'user_factors', began.userIds.length, began.dim),
    itemFactors: factorsOf(file, 'item_factors', began.itemIds.length, began.dim),
  };
  return { model, split: splitOf(decodeSafetensors(graph, name('graph.safetensors')), model), made };
}

function checkDigests(
  name: (file: string) => string,
  job: Uint8Array,
  files: Readonly<Record<string, Uint8Array>>,
): void {
  const { format, version, files: listed } = parseJsonObject(new TextDecoder().decode(job), name('job.json'));
  if (format !== 'llminit-handover' || version !== 1) {
    const problem = `expected format llminit-handover version 1, received ${shown(format)} version ${shown(version)}`;
    throw new FormatError(name('job.json'), problem, 'Name the folder that llminit handover wrote');
  }
  for (const [file, bytes] of Object.entries(files)) {
    const expected = (listed as Record<string, JsonValue>)?.[file];
    const received = bytesToHex(sha256(bytes));
    if (expected === received) continue;
    const problem = `expected SHA-256 ${shown(expected)}, as job.json says, received ${received}`;
    throw new FormatError(name(file), problem, 'The files belong to two jobs, or one is damaged');
  }
}

function factorsOf(file: SafetensorsFile, tensor: string, rows: number, dim: number): Float32Array {
  const { shape, data } = requireTensor(file, tensor, 'F32', 2);
  if (shape[0] !== rows || shape[1] !== dim) {
    const problem = `expected ${tensor} of ${rows} × ${dim}, received ${shape.join(' × ')}`;
    throw new FormatError(file.name, problem, DAMAGED);
  }
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return data;
  const problem = `expected finite ${tensor}, received ${data[at]} in row ${Math.floor(at / dim)}`;
  throw new DataError(file.name, problem, 'Training diverged: lower the learning rate');
}

/** Training, validation and test interactions over the ids of the model. */
function splitOf(file: SafetensorsFile, { userIds, itemIds }: ModelData): Split {
  const tables = { userTable: IdTable.of(userIds), itemTable: IdTable.of(itemIds) };
  const part = (prefix: string, offset: number) => {
    const rowPtr = requireTensor(file, `${prefix}row_ptr`, 'I32', 1).data.slice(0, userIds.length + 1);
    const all = requireTensor(file, `${prefix}col_idx`, 'I32', 1).data;
    const colIdx = all.subarray(0, rowPtr[userIds.length]).map((column) => column - offset);
    const csr: Csr = { rows: userIds.length, cols: itemIds.length, rowPtr, colIdx, values: null };
    assertCsr(file.name, csr);
    const users = new Int32Array(colIdx.length);
    for (let user = 0; user < csr.rows; user++) users.fill(user, rowPtr[user], rowPtr[user + 1]);
    return new Interactions({ ...tables, users, items: colIdx });
  };
  return { train: part('', userIds.length), valid: part('valid.', 0), test: part('test.', 0) };
}
