import { DataError, FormatError, ShapeError } from '../errors.ts';
import { firstNonFinite } from '../format/finite.ts';
import { canonicalJson, DAMAGED, type JsonValue, parseJsonObject } from '../format/json.ts';
import {
  decodeSafetensors,
  encodeSafetensors,
  requireTensor,
  type SafetensorsFile,
} from '../format/safetensors.ts';
import { decodeStrings, encodeStrings, findDuplicate } from '../format/stringTable.ts';
import type { Tensor } from '../format/tensor.ts';

/** Everything that serving needs of a trained model; no training data beyond the seen items. */
export interface ModelData {
  readonly userIds: readonly string[];
  readonly itemIds: readonly string[];
  /** One title per item, or null where the catalogue had none. */
  readonly itemTitles: readonly string[] | null;
  readonly dim: number;
  /** [numUsers × dim], or null for a model that serves histories only. */
  readonly userFactors: Float32Array | null;
  /** [numItems × dim] */
  readonly itemFactors: Float32Array;
  /** Training interactions of each item. */
  readonly itemDegrees: Int32Array;
  /** Per user the items not to recommend, ascending; null when they were not kept. */
  readonly seen: { readonly rowPtr: Int32Array; readonly colIdx: Int32Array } | null;
  /** How it was made: model, init, protocol, seed … */
  readonly config: Readonly<Record<string, JsonValue>>;
  readonly metrics: Readonly<Record<string, JsonValue>>;
}

/**
 * The bytes of a model file: safetensors with `format` `llminit-model` and `version` `1` in its metadata, the
 * configuration and metrics there as JSON, and the tensors
 *
 * - `item_factors` F32 [numItems, dim], `item_degrees` I32 [numItems]
 * - `user_factors` F32 [numUsers, dim], left out when null
 * - `seen.row_ptr` I32 [numUsers + 1], `seen.col_idx` I32 [nnz], left out when null
 * - `user_ids`, `item_ids`, `item_titles` as string tables (see `encodeStrings`)
 *
 * The same model gives the same bytes.
 *
 * @throws {ShapeError} sizes that do not fit together
 * @throws {DataError} repeated or empty ids, NaN or infinities in factors, seen items that are out of range
 *   or not ascending
 * @throws {OptionError} configuration or metrics that JSON cannot hold
 */
export function encodeModel(model: ModelData): Uint8Array {
  const mismatch = sizeProblem(model);
  if (mismatch) throw new ShapeError('encodeModel', mismatch, 'Pass the parts of one model');
  const problem = contentProblem(model);
  if (problem) throw new DataError('encodeModel', problem, 'Mend the model before saving it');

  const { userIds, itemIds, itemTitles, dim, userFactors, itemFactors, itemDegrees, seen } = model;
  const tensors: Record<string, Tensor> = {
    item_factors: { dtype: 'F32', shape: [itemIds.length, dim], data: itemFactors },
    item_degrees: { dtype: 'I32', shape: [itemIds.length], data: itemDegrees },
    ...encodeStrings('user_ids', userIds),
    ...encodeStrings('item_ids', itemIds),
  };
  if (itemTitles) Object.assign(tensors, encodeStrings('item_titles', itemTitles));
  if (userFactors) {
    tensors.user_factors = { dtype: 'F32', shape: [userIds.length, dim], data: userFactors };
  }
  if (seen) {
    tensors['seen.row_ptr'] = { dtype: 'I32', shape: [seen.rowPtr.length], data: seen.rowPtr };
    tensors['seen.col_idx'] = { dtype: 'I32', shape: [seen.colIdx.length], data: seen.colIdx };
  }
  return encodeSafetensors(tensors, {
    format: FORMAT,
    version: VERSION,
    config: canonicalJson(model.config, 'encodeModel: config'),
    metrics: canonicalJson(model.metrics, 'encodeModel: metrics'),
  });
}

/**
 * The model in a file that `encodeModel` wrote. Its arrays may share memory with `bytes`: do not write to
 * either.
 *
 * @param name the file's name, for errors
 * @throws {FormatError} a truncated, damaged or edited file, another format or version, contents that
 *   `encodeModel` would refuse
 */
export function decodeModel(bytes: Uint8Array, name: string): ModelData {
  const file = decodeSafetensors(bytes, name);
  checkKind(file);
  const items = requireTensor(file, 'item_factors', 'F32', 2);
  const users = Object.hasOwn(file.tensors, 'user_factors')
    ? requireTensor(file, 'user_factors', 'F32', 2)
    : null;
  const dim = items.shape[1];
  const model: ModelData = {
    userIds: decodeStrings(file, 'user_ids'),
    itemIds: decodeStrings(file, 'item_ids'),
    itemTitles: Object.hasOwn(file.tensors, 'item_titles.offsets')
      ? decodeStrings(file, 'item_titles')
      : null,
    dim,
    userFactors: users?.data ?? null,
    itemFactors: items.data,
    itemDegrees: requireTensor(file, 'item_degrees', 'I32', 1).data,
    seen: Object.hasOwn(file.tensors, 'seen.row_ptr')
      ? {
          rowPtr: requireTensor(file, 'seen.row_ptr', 'I32', 1).data,
          colIdx: requireTensor(file, 'seen.col_idx', 'I32', 1).data,
        }
      : null,
    config: parseJsonObject(file.metadata.config ?? '', `${name}: config`),
    metrics: parseJsonObject(file.metadata.metrics ?? '', `${name}: metrics`),
  };
  const problem =
    users && users.shape[1] !== dim
      ? `expected user_factors of ${dim} columns, received ${users.shape[1]}`
      : (sizeProblem(model) ?? contentProblem(model));
  if (problem) throw new FormatError(name, problem, DAMAGED);
  return model;
}

const FORMAT = 'llminit-model';
const VERSION = '1';

function checkKind({ name, metadata, checked }: SafetensorsFile): void {
  if (metadata.format !== FORMAT) {
    throw new FormatError(
      name,
      `expected a model file (format ${FORMAT}), received format ${metadata.format ?? 'none'}`,
      'Pass a model file of llminit',
    );
  }
  if (metadata.version !== VERSION) {
    throw new FormatError(
      name,
      `expected model file version ${VERSION}, received ${metadata.version ?? 'none'}`,
      'Use the version of llminit that wrote it, or train again',
    );
  }
  if (!checked) throw new FormatError(name, 'expected a checksum in the metadata, received none', DAMAGED);
}

/** What does not fit together, as "expected …, received …"; null when all sizes do. */
function sizeProblem(model: ModelData): string | null {
  const { userIds, itemIds, itemTitles, dim, userFactors, itemFactors, itemDegrees, seen } = model;
  if (!Number.isSafeInteger(dim) || dim < 1) return `expected a dim of at least 1, received ${dim}`;
  if (itemIds.length === 0) return 'expected at least one item, received none';
  const sizes: [what: string, expected: number, received: number | undefined][] = [
    ['values in item_factors', itemIds.length * dim, itemFactors.length],
    ['values in user_factors', userIds.length * dim, userFactors?.length],
    ['values in item_degrees', itemIds.length, itemDegrees.length],
    ['item titles', itemIds.length, itemTitles?.length],
    ['values in seen.row_ptr', userIds.length + 1, seen?.rowPtr.length],
    ['values in seen.col_idx', seen?.rowPtr.at(-1) ?? 0, seen?.colIdx.length],
  ];
  for (const [what, expected, received] of sizes) {
    if (received !== undefined && received !== expected) {
      return `expected ${expected} ${what} for ${userIds.length} users, ${itemIds.length} items and dim ${dim}, received ${received}`;
    }
  }
  return null;
}

/** What cannot be used, as "expected …, received …"; null when all can. Sizes are known to fit. */
function contentProblem(model: ModelData): string | null {
  const { userIds, itemIds, dim, userFactors, itemFactors, itemDegrees, seen } = model;
  return (
    idProblem(userIds, 'user') ??
    idProblem(itemIds, 'item') ??
    factorProblem(itemFactors, dim, 'item_factors') ??
    (userFactors && factorProblem(userFactors, dim, 'user_factors')) ??
    degreeProblem(itemDegrees) ??
    (seen && seenProblem(seen, itemIds.length))
  );
}

function idProblem(ids: readonly string[], kind: string): string | null {
  const empty = ids.indexOf('');
  if (empty >= 0) return `expected a non-empty ${kind} id, received an empty one at position ${empty}`;
  const pair = findDuplicate(ids);
  return (
    pair && `expected unique ${kind} ids, received ${ids[pair[0]]} at positions ${pair[0]} and ${pair[1]}`
  );
}

function factorProblem(factors: Float32Array, dim: number, name: string): string | null {
  const at = firstNonFinite(factors);
  if (at < 0) return null;
  return `expected finite values in ${name}, received ${factors[at]} in row ${Math.floor(at / dim)}, column ${at % dim}`;
}

function degreeProblem(degrees: Int32Array): string | null {
  const at = degrees.findIndex((degree) => degree < 0);
  return at < 0 ? null : `expected item_degrees of at least 0, received ${degrees[at]} for item ${at}`;
}

function seenProblem(seen: NonNullable<ModelData['seen']>, numItems: number): string | null {
  const { rowPtr, colIdx } = seen;
  if (rowPtr[0] !== 0) return `expected seen.row_ptr to start at 0, received ${rowPtr[0]}`;
  for (let user = 0; user + 1 < rowPtr.length; user++) {
    if (rowPtr[user + 1] < rowPtr[user]) {
      return `expected seen.row_ptr to ascend, received ${rowPtr[user]} then ${rowPtr[user + 1]} at user ${user}`;
    }
    let previous = -1;
    // A row end past the data reads undefined, which the range check below refuses.
    for (let at = rowPtr[user]; at < rowPtr[user + 1]; at++) {
      const item = colIdx[at];
      if (!(item > previous && item < numItems)) {
        return `expected the seen items of user ${user} to ascend within 0 to ${numItems - 1}, received ${item} after ${previous}`;
      }
      previous = item;
    }
  }
  return null;
}
