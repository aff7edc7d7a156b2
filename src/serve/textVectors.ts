import type { LexicalModel } from '../embed/lexical/model.ts';
import { lexicalTensors } from '../embed/lexical/modelTensors.ts';
import { DataError, ShapeError } from '../errors.ts';
import { checkArgument, FLOAT32, having, NUMBER, TEXT, TEXTS } from '../options/arguments.ts';
import type { LexicalData, TextVectors } from './modelFile/data.ts';

/**
 * Vectors by id, as `Embeddings` has them.
 *
 * @example
 * const byId: VectorsById = { ids: ['i1'], width: 2, vectors: Float32Array.of(1, 0) };
 * const vectors = textVectors('mine', byId, ['i1']);
 */
export interface VectorsById {
  readonly ids: readonly string[];
  readonly width: number;
  /** [ids × width] */
  readonly vectors: Float32Array;
  /** What makes the vectors of new texts, kept in 8 bits. Default none. */
  readonly lexical?: LexicalModel | null;
}

const VECTORS = having<VectorsById>('{ ids, width, vectors }', {
  ...{ ids: TEXTS, width: NUMBER, vectors: FLOAT32 },
});

/**
 * The text vectors that a model file keeps, by which new items are placed: those of its items at length 1, in 8 bits, a byte
 * a number.
 * @param encoder names the embedder, which has to make the vectors of new texts, too
 * @throws {OptionError} for arguments of another kind
 * @throws {ShapeError} when the vectors are not whole rows
 * @throws {DataError} for vectors that are not finite, or when no item has one
 * @example
 * const vectors = textVectors('lexical', embeddings, itemIds);
 * vectors.width === embeddings.width; // → true
 */
export function textVectors(encoder: string, byId: VectorsById, itemIds: readonly string[]): TextVectors {
  checkArgument(TEXT, encoder, 'encoder', 'textVectors');
  checkArgument(VECTORS, byId, 'vectors', 'textVectors');
  checkArgument(TEXTS, itemIds, 'itemIds', 'textVectors');
  const { ids, width, vectors, lexical } = byId;
  if (!(width >= 1) || vectors.length !== ids.length * width) {
    const problem = `expected ${ids.length} vectors of ${width} numbers, received ${vectors.length} numbers`;
    throw new ShapeError('textVectors', problem, 'Pass whole rows');
  }
  const rows = new Map(ids.map((id, row) => [id, row]));
  const codes = new Int8Array(itemIds.length * width);
  const scales = new Float32Array(itemIds.length);
  for (const [item, id] of itemIds.entries()) {
    const row = rows.get(id);
    if (row === undefined) continue;
    scales[item] = encodeUnit(
      vectors.subarray(row * width, (row + 1) * width),
      codes.subarray(item * width, (item + 1) * width),
      id,
    );
  }
  const items = { codes, scales };
  if (scales.some((scale) => scale > 0))
    return { encoder, width, items, ...(lexical && { lexical: lexicalData(lexical) }) };
  throw new DataError(
    'textVectors',
    'expected vectors of items of the model, received those of others',
    'Pass vectors by the ids of its items',
  );
}

function lexicalData(model: LexicalModel): LexicalData {
  const { tensors, metadata } = lexicalTensors(model, 'int8');
  return { options: metadata.lexical, tensors };
}

/** Code of a row divided by its length; returns the scale, 0 for zeros. */
function encodeUnit(row: Float32Array, code: Int8Array, id: string): number {
  let squares = 0;
  let most = 0;
  for (const value of row) {
    squares += value * value;
    most = Math.max(most, Math.abs(value));
  }
  if (!Number.isFinite(squares))
    throw new DataError(
      'textVectors',
      `expected finite numbers in the vector of ${id}, received others`,
      'Embed its text again',
    );
  if (most === 0) return 0;
  for (const [c, value] of row.entries()) code[c] = Math.round((value / most) * 127);
  return Math.fround(most / 127 / Math.sqrt(squares));
}
