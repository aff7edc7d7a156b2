import { DataError, OptionError, ShapeError, shown } from '../../errors.ts';
import { float32ToHalf } from '../../format/half.ts';
import { encodeSafetensors, safetensorsPieces } from '../../format/safetensors.ts';
import { encodeStrings } from '../../format/stringTable.ts';
import type { Tensor } from '../../format/tensor.ts';
import { contentProblem, idProblem } from './contents.ts';
import type { AttributeColumn, Codes, ModelData, TextVectors } from './data.ts';
import { factorTensors } from './factors.ts';
import { headerMetadata } from './header.ts';
import { inversePart, inverseTensors } from './inverse.ts';
import { itemMapPart, itemMapTensors } from './itemMap.ts';
import { itemTensors } from './items.ts';
import type { AttributePart, CodesPart, FactorsPart, ModelParts, TextPart } from './parts.ts';
import { packRows, rowTensors } from './rows.ts';
import { sequencePart, sequenceTensors } from './sequence.ts';
import { sizeProblem } from './sizes.ts';
import { HOST_CHECKS, hostTensor, Strings, type TensorRef } from './source.ts';
import { textTensors } from './text.ts';
import { userTensors } from './users.ts';

/**
 * The bytes of a model file: safetensors with `format` `llminit-model` in its metadata, the configuration and metrics
 * there as JSON, and the tensors of the parts that the model has, see `items.ts`, `users.ts`, `factors.ts`, `rows.ts`,
 * `inverse.ts`, `sequence.ts`, `text.ts` and `itemMap.ts`. `version` is `1` where all parts are those of version 0.1.0, else `2`. The same model gives the same bytes.
 *
 * @throws {ShapeError} sizes that do not fit together
 * @throws {DataError} repeated or empty ids, NaN or infinities in factors, seen items that are out of range
 *   or not ascending
 * @throws {OptionError} configuration or metrics that JSON cannot hold
 * @example
 * const bytes = encodeModel(model);
 * const recommender = await Recommender.open(bytes);
 */
export function encodeModel(model: ModelData): Uint8Array {
  return encodeSafetensors(...contentOf(model));
}

/**
 * As `encodeModel`, in pieces that follow one another. They share memory with the model: a file of hundreds of megabytes takes next
 * to nothing beside it.
 * @throws as `encodeModel`
 */
export function modelPieces(model: ModelData): Uint8Array[] {
  return safetensorsPieces(...contentOf(model));
}

/** The tensors and the metadata of a model file. @throws as `encodeModel` */
function contentOf(model: ModelData): [tensors: Record<string, Tensor>, metadata: Record<string, string>] {
  if (!Array.isArray(model?.itemIds)) {
    const problem = `expected a model, received ${shown(model)}`;
    throw new OptionError('encodeModel', problem, 'Pass what modelFrom gives');
  }
  const parts = partsOf(model);
  const mismatch = sizeProblem(parts);
  if (mismatch) throw new ShapeError('encodeModel', mismatch, 'Pass the parts of one model');
  const problem =
    idProblem(model.userIds, 'user') ??
    idProblem(model.itemIds, 'item') ??
    contentProblem(parts, HOST_CHECKS);
  if (problem) throw new DataError('encodeModel', problem, 'Mend the model before saving it');
  const items = itemTensors(parts.items);
  const text = parts.text && textTensors(parts.text);
  const inverse = parts.inverse && inverseTensors(parts.inverse);
  const itemMap = parts.itemMap && itemMapTensors(parts.itemMap);
  const sequence = parts.sequence && sequenceTensors(parts.sequence);
  const metadata = { ...items.metadata, ...text?.metadata, ...inverse?.metadata, ...sequence?.metadata };
  const tensors: Record<string, Tensor> = {
    ...items.tensors,
    ...userTensors(parts.users),
    ...(parts.factors && factorTensors(parts.factors)),
    ...(parts.rows && rowTensors(parts.rows)),
    ...(parts.itemScores && { item_scores: parts.itemScores }),
    ...text?.tensors,
    ...inverse?.tensors,
    ...sequence?.tensors,
    ...itemMap,
  };
  const isPlain =
    Object.keys(metadata).length === 0 && parts.blend === null && Object.keys(tensors).every(isOfVersion1);
  const plain = isPlain && tensors.item_factors?.dtype === 'F32' && tensors.user_factors?.dtype !== 'F16';
  return [tensors, { ...headerMetadata(parts, plain), ...metadata }];
}

const VERSION_1 =
  /^(item_factors|item_degrees|user_factors|seen\.(row_ptr|col_idx)|(user_ids|item_ids|item_titles)\.(bytes|offsets))$/;

function isOfVersion1(tensor: string): boolean {
  return VERSION_1.test(tensor);
}

/** A model on the host as the parts of a file. */
export function partsOf(model: ModelData): ModelParts {
  const { userIds, itemIds, itemTitles, seen, liked, attributes, rows, itemScores, blend, text } = model;
  const columns = Object.entries(attributes ?? {}).map(([name, column]) => [name, columnPart(name, column)]);
  return {
    items: {
      ids: stringsOf('item_ids', itemIds),
      titles: itemTitles && stringsOf('item_titles', itemTitles),
      degrees: hostTensor('I32', model.itemDegrees),
      hidden: bitsOf(model.hidden),
      cold: bitsOf(model.cold),
      attributes: Object.fromEntries(columns),
    },
    users: {
      ids: stringsOf('user_ids', userIds),
      had: seen && { rowPtr: hostTensor('I32', seen.rowPtr), colIdx: hostTensor('I32', seen.colIdx) },
      liked: liked ? hostTensor('U8', liked) : null,
      order: model.seenOrder ? hostTensor('I32', model.seenOrder) : null,
    },
    factors: model.dim === 0 && model.itemFactors.length === 0 && !model.codes ? null : factorsPart(model),
    rows: rows ? packRows(rows) : null,
    inverse: model.inverse ? inversePart(model.inverse) : null,
    itemScores: itemScores ? hostTensor('F32', itemScores) : null,
    blend: blend ?? null,
    text: text ? textPart(text) : null,
    sequence: model.sequence ? sequencePart(model.sequence) : null,
    itemMap: model.itemMap ? itemMapPart(model.itemMap, model.dim) : null,
    config: model.config,
    metrics: model.metrics,
  };
}

function factorsPart({
  dim,
  itemFactors,
  userFactors,
  userIds,
  itemIds,
  precision = 'f32',
  codes,
}: ModelData): FactorsPart {
  const table = (values: Float32Array, rows: number) =>
    precision === 'f16'
      ? hostTensor('F16', float32ToHalf(values), [rows, dim])
      : hostTensor('F32', values, [rows, dim]);
  const errors = codes?.items.errors;
  return {
    dim,
    items: precision === 'int8' ? null : table(itemFactors, itemIds.length),
    users: userFactors && !codes?.users ? table(userFactors, userIds.length) : null,
    itemCodes: codes
      ? { ...codesPart(codes.items, dim), errors: errors ? hostTensor('F32', errors) : null }
      : null,
    userCodes: codes?.users ? codesPart(codes.users, dim) : null,
  };
}

function codesPart({ codes, scales }: Codes, dim: number): CodesPart {
  return { codes: hostTensor('I8', codes, [codes.length / dim, dim]), scales: hostTensor('F32', scales) };
}

function textPart({ items, encoder, width, lexical = null }: TextVectors): TextPart {
  return { ...codesPart(items, width), encoder, width, lexical };
}

function columnPart(name: string, column: AttributeColumn): AttributePart {
  if (column.type === 'number') return { type: 'number', values: hostTensor('F64', column.values) };
  if (column.type === 'boolean') return { type: 'boolean', values: hostTensor('U8', column.values) };
  const dictionary = stringsOf(name, column.dictionary);
  const codes = hostTensor('I32', column.codes);
  if (column.type === 'text') return { type: 'text', dictionary, codes };
  return { type: 'tags', dictionary, codes, rowPtr: hostTensor('I32', column.rowPtr) };
}

/** A bit an item; null where none is set. */
function bitsOf(bits: Uint8Array | null | undefined): TensorRef<'U8'> | null {
  return bits?.some((byte) => byte !== 0) ? hostTensor('U8', bits) : null;
}

function stringsOf(table: string, strings: readonly string[]): Strings {
  const tensors = encodeStrings(table, strings);
  const bytes = hostTensor('U8', tensors[`${table}.bytes`].data as Uint8Array);
  return new Strings(table, bytes, hostTensor('I32', tensors[`${table}.offsets`].data as Int32Array));
}
