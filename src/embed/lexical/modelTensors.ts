import { assertCsr } from '../../data/csr.ts';
import { FormatError, isLlminitError, shown } from '../../errors.ts';
import { firstNonFinite } from '../../format/finite.ts';
import { DAMAGED, parseJsonObject } from '../../format/json.ts';
import { requireTensor, type SafetensorsFile } from '../../format/safetensors.ts';
import { decodeStrings, encodeStrings, findDuplicate } from '../../format/stringTable.ts';
import type { Tensor } from '../../format/tensor.ts';
import { checkArgument, having } from '../../options/arguments.ts';
import { oneOf } from '../../options/builders.ts';
import { LEXICAL_MODEL, type LexicalModel } from './model.ts';
import { SEGMENTATIONS, SUBWORDS, type TermOptions } from './terms.ts';

/**
 * How the projection is stored: as it is, or in 8 bits with a scale per column (new vectors at a cosine of 0.999).
 *
 * @example
 * const precision: ProjectionPrecision = 'int8';
 * const { tensors } = lexicalTensors(embeddings.lexical!, precision);
 */
export type ProjectionPrecision = 'f32' | 'int8';

const PRECISION = oneOf(['f32', 'int8'], { about: 'how the projection is stored' });
const OBJECT = having<object>('an object', {});
const FILE = having<SafetensorsFile>('a file { name, tensors, metadata }', {
  tensors: OBJECT,
  metadata: OBJECT,
});

/**
 * A lexical model as part of a safetensors file:
 *
 * - `lexical.vocabulary` as a string table, `lexical.weights` F32 [terms]
 * - `lexical.row_ptr` I32 [texts + 1], `lexical.columns` U16 or I32 [nnz], `lexical.counts` U8 or I32 [nnz]
 * - `lexical.projection` F32 or I8 [texts, width], with I8 `lexical.scales` F32 [width]
 * - `lexical.singular_values` F64 [width]
 * - in the metadata, `lexical`: the options and the segmenter as JSON
 *
 * Shares its arrays with the model where it can: do not write to them.
 *
 * @example
 * const { tensors, metadata } = lexicalTensors(embeddings.lexical!, 'int8');
 * console.log(Object.keys(tensors), metadata);
 */
export function lexicalTensors(
  model: LexicalModel,
  precision: ProjectionPrecision = 'f32',
): { tensors: Record<string, Tensor>; metadata: Record<string, string> } {
  checkArgument(LEXICAL_MODEL, model, 'model', 'lexicalTensors');
  PRECISION.check(precision, 'precision', 'lexicalTensors');
  const { vocabulary, weights, counts, singularValues, width, options, segmenter } = model;
  const { rowPtr, colIdx, values } = counts;
  const isSmall = values.every((count) => count <= 255);
  const tensors: Record<string, Tensor> = {
    ...encodeStrings('lexical.vocabulary', vocabulary),
    'lexical.weights': { dtype: 'F32', shape: [weights.length], data: weights },
    'lexical.row_ptr': { dtype: 'I32', shape: [rowPtr.length], data: rowPtr },
    'lexical.columns':
      vocabulary.length <= 2 ** 16
        ? { dtype: 'U16', shape: [colIdx.length], data: new Uint16Array(colIdx) }
        : { dtype: 'I32', shape: [colIdx.length], data: colIdx },
    'lexical.counts': isSmall
      ? { dtype: 'U8', shape: [values.length], data: new Uint8Array(values) }
      : { dtype: 'I32', shape: [values.length], data: new Int32Array(values) },
    'lexical.singular_values': { dtype: 'F64', shape: [width], data: singularValues },
    ...projectionTensors(model, precision),
  };
  return { tensors, metadata: { lexical: JSON.stringify({ ...options, segmenter }) } };
}

/**
 * The lexical model in a file; null for a file without one. Shares its arrays with the file where it can: do not write to them.
 * @throws {FormatError} when parts of it are missing, or do not fit together
 * @example
 * const { tensors, metadata } = lexicalTensors(embeddings.lexical!);
 * const again = lexicalFromTensors({ name: 'words.safetensors', tensors, metadata, checked: false });
 * again?.width === embeddings.width; // → true
 */
export function lexicalFromTensors(file: SafetensorsFile): LexicalModel | null {
  checkArgument(FILE, file, 'file', 'lexicalFromTensors');
  const { lexical } = file.metadata;
  if (lexical === undefined) return null;
  const { segmenter, ...options } = parseJsonObject(lexical, file.name);
  const vocabulary = decodeStrings(file, 'lexical.vocabulary');
  const weights = requireTensor(file, 'lexical.weights', 'F32', 1).data;
  const rowPtr = requireTensor(file, 'lexical.row_ptr', 'I32', 1).data;
  const colIdx = new Int32Array(either(file, 'lexical.columns', 'U16'));
  const values = new Float32Array(either(file, 'lexical.counts', 'U8'));
  const singularValues = requireTensor(file, 'lexical.singular_values', 'F64', 1).data;
  const counts = { rows: rowPtr.length - 1, cols: vocabulary.length, rowPtr, colIdx, values };
  const model: LexicalModel = {
    options: options as Required<TermOptions>,
    segmenter: typeof segmenter === 'string' ? segmenter : null,
    projection: readProjection(file, counts.rows, singularValues.length),
    ...{ vocabulary, weights, counts, singularValues, width: singularValues.length },
  };
  const problem = problemOf(model, file.name);
  if (problem) throw new FormatError(file.name, `expected a lexical model, received ${problem}`, DAMAGED);
  return model;
}

function projectionTensors(
  { projection, counts, width }: LexicalModel,
  precision: ProjectionPrecision,
): Record<string, Tensor> {
  const shape = [counts.rows, width];
  if (precision === 'f32') return { 'lexical.projection': { dtype: 'F32', shape, data: projection } };
  // By column, since the columns are of the length of an inverse singular value.
  const scales = new Float32Array(width);
  for (const [at, value] of projection.entries())
    scales[at % width] = Math.max(scales[at % width], Math.abs(value) / 127);
  const data = Int8Array.from(projection, (value, at) => Math.round(value / (scales[at % width] || 1)));
  return {
    'lexical.projection': { dtype: 'I8', shape, data },
    'lexical.scales': { dtype: 'F32', shape: [width], data: scales },
  };
}

function readProjection(file: SafetensorsFile, rows: number, width: number): Float32Array {
  const isSmall = file.tensors['lexical.projection']?.dtype === 'I8';
  const { shape, data } = requireTensor(file, 'lexical.projection', isSmall ? 'I8' : 'F32', 2);
  const scales = isSmall ? requireTensor(file, 'lexical.scales', 'F32', 1).data : null;
  if (shape[0] !== rows || shape[1] !== width || (scales && scales.length !== width)) {
    const problem = `expected lexical.projection of shape [${rows}, ${width}], received [${shape.join(', ')}]`;
    throw new FormatError(file.name, problem, DAMAGED);
  }
  return scales ? Float32Array.from(data, (value, at) => value * scales[at % width]) : (data as Float32Array);
}

function either(
  file: SafetensorsFile,
  name: string,
  narrow: 'U8' | 'U16',
): Int32Array | Uint8Array | Uint16Array {
  const dtype = file.tensors[name]?.dtype === narrow ? narrow : 'I32';
  return requireTensor(file, name, dtype, 1).data;
}

function problemOf(model: LexicalModel, name: string): string | null {
  const { vocabulary, weights, counts, projection, singularValues, options } = model;
  const { subwords, segmentation } = options;
  if (!SUBWORDS.includes(subwords)) return `subwords ${shown(subwords)}`;
  if (!SEGMENTATIONS.includes(segmentation)) return `segmentation ${shown(segmentation)}`;
  try {
    assertCsr(name, counts);
  } catch (error) {
    if (isLlminitError(error)) return error.message;
    throw error;
  }
  if (weights.length !== vocabulary.length) return `${weights.length} weights for ${vocabulary.length} terms`;
  if (findDuplicate(vocabulary)) return 'a term twice';
  if (counts.values.some((count) => !(count >= 1))) return 'a count below 1';
  if (weights.some((weight) => !(weight > 0 && weight < Number.POSITIVE_INFINITY)))
    return 'a weight that is not > 0';
  if (firstNonFinite(projection) !== -1) return 'a projection that is not finite';
  if (singularValues.some((value) => !(value > 0 && value < Number.POSITIVE_INFINITY)))
    return 'a singular value that is not > 0';
  return null;
}
