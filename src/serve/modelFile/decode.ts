import { FormatError } from '../../errors.ts';
import { halfToFloat32 } from '../../format/half.ts';
import { DAMAGED } from '../../format/json.ts';
import { decodeSafetensors } from '../../format/safetensors.ts';
import { contentProblem, idProblem } from './contents.ts';
import type { AttributeColumn, Codes, FactorCodes, ModelData, TextVectors } from './data.ts';
import { readFactors } from './factors.ts';
import { checkKind, readMetadata } from './header.ts';
import { inverseOf, readInverse } from './inverse.ts';
import { itemMapOf, readItemMap } from './itemMap.ts';
import { readItems } from './items.ts';
import type { AttributePart, CodesPart, FactorsPart, ModelParts, TextPart } from './parts.ts';
import { readRows, rowStarts } from './rows.ts';
import { readSequence, sequenceOf } from './sequence.ts';
import { sizeProblem } from './sizes.ts';
import { hostSource, type ModelSource, type TensorRef } from './source.ts';
import { copiedTensors, readText } from './text.ts';
import { readUsers } from './users.ts';

/**
 * The model in a file that `encodeModel` wrote, on the host. Its arrays may share memory with `bytes`: do not write to
 * either.
 *
 * @param name the file's name, for errors
 * @throws {FormatError} a truncated, damaged or edited file, another format or version, contents that
 *   `encodeModel` would refuse
 * @example
 * const model = decodeModel(modelBytes, 'shop.safetensors');
 * model.itemIds.length; // → 40
 */
export function decodeModel(bytes: Uint8Array, name: string): ModelData {
  const parts = readModel(hostSource(decodeSafetensors(bytes, name)));
  const model = dataOf(parts);
  const problem = idProblem(model.userIds, 'user') ?? idProblem(model.itemIds, 'item');
  if (problem) throw new FormatError(name, problem, DAMAGED);
  return model;
}

/**
 * The parts of a model file, checked but for the uniqueness of ids and the text of strings.
 * @throws {FormatError} for another format or version, and contents that `encodeModel` would refuse
 */
export function readModel(source: ModelSource): ModelParts {
  checkKind(source);
  const parts: ModelParts = {
    items: readItems(source),
    users: readUsers(source),
    factors: readFactors(source),
    rows: readRows(source),
    inverse: readInverse(source),
    itemScores: source.has('item_scores') ? source.tensor('item_scores', 'F32', 1) : null,
    text: readText(source),
    sequence: readSequence(source),
    itemMap: readItemMap(source),
    ...readMetadata(source),
  };
  const problem = sizeProblem(parts) ?? contentProblem(parts, source.checks);
  if (problem) throw new FormatError(source.name, problem, DAMAGED);
  return parts;
}

/** The parts as arrays and strings of the host. */
export function dataOf(parts: ModelParts): ModelData {
  const { items, users, factors, rows, itemScores, blend, text } = parts;
  const numItems = items.ids.count;
  const columns = Object.entries(items.attributes).map(([name, column]) => [name, columnOf(column)]);
  return {
    userIds: users.ids.all(),
    itemIds: items.ids.all(),
    itemTitles: items.titles?.all() ?? null,
    ...factorsOf(factors),
    itemDegrees: items.degrees.data,
    seen: users.had && { rowPtr: users.had.rowPtr.data, colIdx: users.had.colIdx.data },
    config: parts.config,
    metrics: parts.metrics,
    ...(users.liked && { liked: users.liked.data }),
    ...(items.hidden && { hidden: items.hidden.data }),
    ...(items.cold && { cold: items.cold.data }),
    ...(columns.length > 0 && { attributes: Object.fromEntries(columns) }),
    ...(rows && {
      rows: {
        numItems,
        rowPtr: rowStarts(rows, numItems),
        indices: new Int32Array(rows.indices.data),
        weights: rows.weights.data,
      },
    }),
    ...(parts.inverse && { inverse: inverseOf(parts.inverse, numItems) }),
    ...(itemScores && { itemScores: itemScores.data }),
    ...(blend && { blend }),
    ...(parts.sequence && { sequence: sequenceOf(parts.sequence) }),
    ...(users.order && { seenOrder: users.order.data }),
    ...(text && { text: textOf(text) }),
    ...(parts.itemMap && { itemMap: itemMapOf(parts.itemMap) }),
  };
}

function textOf({ encoder, width, lexical, ...codes }: TextPart): TextVectors {
  const kept = lexical && { options: lexical.options, tensors: copiedTensors(lexical) };
  return { encoder, width, items: codesOf(codes), ...(kept && { lexical: kept }) };
}

function factorsOf(
  factors: FactorsPart | null,
): Pick<ModelData, 'dim' | 'userFactors' | 'itemFactors' | 'precision' | 'codes'> {
  if (!factors) return { dim: 0, userFactors: null, itemFactors: new Float32Array(0) };
  const { dim, items, itemCodes, users, userCodes } = factors;
  const codes: FactorCodes | null = itemCodes && {
    items: { ...codesOf(itemCodes), errors: itemCodes.errors?.data ?? null },
    users: userCodes && codesOf(userCodes),
  };
  const precision = items === null ? 'int8' : items.dtype === 'F16' ? 'f16' : 'f32';
  return {
    dim,
    itemFactors: items ? floatsOf(items) : decodedRows(codesOf(itemCodes!), dim),
    userFactors: users ? floatsOf(users) : userCodes && decodedRows(codesOf(userCodes), dim),
    ...(precision !== 'f32' && { precision }),
    ...(codes && { codes }),
  };
}

function floatsOf(table: TensorRef<'F32'> | TensorRef<'F16'>): Float32Array {
  return table.dtype === 'F16' ? halfToFloat32(table.data) : table.data;
}

function codesOf({ codes, scales }: CodesPart): Codes {
  return { codes: codes.data, scales: scales.data };
}

/** scale · code of rows. By a loop: `from` of a typed array lists all of its numbers on the heap first, a gigabyte of 40 million. */
export function decodedRows({ codes, scales }: Codes, dim: number): Float32Array {
  const values = new Float32Array(codes.length);
  for (let row = 0; row < scales.length; row++) {
    const scale = scales[row];
    for (let at = row * dim; at < (row + 1) * dim; at++) values[at] = codes[at] * scale;
  }
  return values;
}

/** A column on the host. */
export function columnOf(column: AttributePart): AttributeColumn {
  if (column.type === 'number') return { type: 'number', values: column.values.data };
  if (column.type === 'boolean') return { type: 'boolean', values: column.values.data };
  const dictionary = column.dictionary.all();
  if (column.type === 'text') return { type: 'text', dictionary, codes: column.codes.data };
  return { type: 'tags', dictionary, codes: column.codes.data, rowPtr: column.rowPtr.data };
}
