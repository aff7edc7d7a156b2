import { DataError, FormatError, ShapeError } from '../errors.ts';
import { bfloat16ToFloat32, halfToFloat32 } from '../format/half.ts';
import { DAMAGED } from '../format/json.ts';
import { readNpy } from '../format/npy.ts';
import { decodeSafetensors, encodeSafetensors, type SafetensorsFile } from '../format/safetensors.ts';
import { decodeStrings, encodeStrings, findDuplicate } from '../format/stringTable.ts';
import type { Tensor } from '../format/tensor.ts';
import { BYTES, checkArgument, having, NUMBER, TEXT } from '../options/arguments.ts';
import { checkOptionNames } from '../options/resolve.ts';
import { checkIsEmbeddings, Embeddings } from './embeddings.ts';
import { lexicalFromTensors, lexicalTensors } from './lexical/modelTensors.ts';
import type { ShardMark } from './shards.ts';

/**
 * The names of the two files, for errors and for `source`.
 *
 * @example
 * const names: EmbeddingFileNames = { vectors: 'items.npy', ids: 'items.txt' };
 */
export interface EmbeddingFileNames {
  readonly vectors: string;
  readonly ids: string;
}

/**
 * The embeddings in a `.npy` array [numIds × width] of float16, float32 or float64 (rounded to float32) and a
 * text file with one id a line, in the order of the rows. A byte order mark, CRLF and a last line end in the
 * ids are accepted; nothing else is trimmed.
 *
 * @throws {FormatError} as `readNpy`
 * @throws {ShapeError} another number of dimensions than two, another number of rows than of ids
 * @throws {DataError} an empty or repeated id, NaN or Inf in vectors
 * @example
 * async function read(vectors: Response, ids: Response) {
 *   const bytes = new Uint8Array(await vectors.arrayBuffer());
 *   return embeddingsFromNpy(bytes, await ids.text(), { vectors: 'items.npy', ids: 'items.txt' });
 * }
 */
export function embeddingsFromNpy(
  npyBytes: Uint8Array,
  idsText: string,
  names: EmbeddingFileNames,
): Embeddings {
  const where = 'embeddingsFromNpy';
  checkArgument(BYTES, npyBytes, 'npyBytes', where);
  checkArgument(TEXT, idsText, 'idsText', where);
  checkArgument(NAMES, names, 'names', where);
  const { shape, data } = readNpy(npyBytes, names.vectors);
  return fromRows(shape, toFloat32(data), parseIds(idsText, names.ids), names);
}

/**
 * Where to look in a safetensors file that is not ours.
 *
 * @example
 * const options: SafetensorsEmbeddingOptions = { tensor: 'weight', ids: { text: 'a\nb\n', name: 'items.txt' } };
 */
export interface SafetensorsEmbeddingOptions {
  /** The tensor with the vectors. Default: `vectors`, else the file's only matrix of floats. */
  readonly tensor?: string;
  /** The ids, one a line, for a file that holds none. */
  readonly ids?: { readonly text: string; readonly name: string };
}

/**
 * The embeddings in a safetensors file: one that `embeddingsToSafetensors` wrote, or any with a matrix of
 * F16, BF16, F32 or F64, whose ids are then passed beside it. Vectors of F32 may share memory with `bytes`: do not write to
 * either.
 *
 * @throws {FormatError} as `decodeSafetensors`; no such tensor; several matrices and none named; no ids
 * @throws {ShapeError} another number of rows than of ids
 * @throws {DataError} an empty or repeated id, NaN or Inf in vectors
 * @example
 * const again = embeddingsFromSafetensors(embeddingsToSafetensors(embeddings), 'vectors.safetensors');
 * again.width === embeddings.width; // → true
 */
export function embeddingsFromSafetensors(
  bytes: Uint8Array,
  name: string,
  options: SafetensorsEmbeddingOptions = {},
): Embeddings {
  const names = { tensor: true, ids: true } as const;
  checkOptionNames<SafetensorsEmbeddingOptions>(names, options, 'embeddingsFromSafetensors');
  const file = decodeSafetensors(bytes, name);
  const ours = file.metadata.format === FORMAT;
  if (ours && (file.metadata.version !== VERSION || !file.checked)) {
    throw new FormatError(
      name,
      `expected ${FORMAT} version ${VERSION} with a checksum, received version ${file.metadata.version ?? 'none'} ${file.checked ? 'with' : 'without'} one`,
      file.checked ? 'Use the version of llminit that wrote it' : DAMAGED,
    );
  }
  const { shape, data } = findMatrix(file, options.tensor);
  const { ids } = options;
  if (!ids && !Object.hasOwn(file.tensors, 'ids.offsets')) {
    throw new FormatError(name, 'expected ids in the file or beside it, received none', 'Pass a file of ids');
  }
  const list = ids ? parseIds(ids.text, ids.name) : decodeStrings(file, 'ids');
  const embeddings = fromRows(shape, data, list, { vectors: name, ids: ids?.name ?? `${name}: ids` });
  if (!ours) return embeddings;
  return new Embeddings({
    ...embeddings,
    source: file.metadata.source ?? name,
    lexical: lexicalFromTensors(file),
  });
}

/**
 * The bytes of a safetensors file with tensor `vectors` F32 [numIds, width], the ids as a string table `ids`
 * (see `encodeStrings`), and `format` `llminit-embeddings`, `version` `1`, `source` in the metadata; with
 * lexical vectors their model (see `lexicalTensors`), so that new texts get their vectors later; of a part of a
 * catalogue, its mark (see `markShard`).
 *
 * @example
 * const bytes = embeddingsToSafetensors(embeddings);
 * bytes instanceof Uint8Array; // → true
 */
export function embeddingsToSafetensors(embeddings: Embeddings, shard?: ShardMark): Uint8Array {
  checkIsEmbeddings(embeddings, 'embeddingsToSafetensors');
  if (shard !== undefined) checkArgument(MARK, shard, 'shard', 'embeddingsToSafetensors');
  const { ids, width, vectors, source, lexical } = embeddings;
  const model = lexical && lexicalTensors(lexical);
  return encodeSafetensors(
    {
      vectors: { dtype: 'F32', shape: [ids.length, width], data: vectors },
      ...encodeStrings('ids', ids),
      ...model?.tensors,
    },
    {
      format: FORMAT,
      version: VERSION,
      source,
      ...model?.metadata,
      ...(shard && { shard: JSON.stringify(shard) }),
    },
  );
}

const NAMES = having<EmbeddingFileNames>('{ vectors, ids }', { vectors: TEXT, ids: TEXT });
const MARK = having<ShardMark>('{ number, of, digest }', { number: NUMBER, of: NUMBER, digest: TEXT });
const FORMAT = 'llminit-embeddings';
const VERSION = '1';
const FLOATS = ['F16', 'BF16', 'F32', 'F64'];

function fromRows(
  shape: readonly number[],
  vectors: Float32Array,
  ids: readonly string[],
  names: EmbeddingFileNames,
): Embeddings {
  if (shape.length !== 2) {
    throw new ShapeError(
      names.vectors,
      `expected a matrix of ids × width, received shape (${shape.join(', ')})`,
      'Save one row per id',
    );
  }
  if (shape[0] !== ids.length) {
    throw new ShapeError(
      names.vectors,
      `expected ${ids.length} rows, one per id of ${names.ids}, received ${shape[0]}`,
      'Pass the ids file that was written with these vectors',
    );
  }
  return new Embeddings({ ids, width: shape[1], vectors, source: names.vectors });
}

function parseIds(text: string, name: string): string[] {
  const ids = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (ids.at(-1) === '') ids.pop();
  const blank = ids.findIndex((id) => id.trim() === '');
  if (blank >= 0) {
    throw new DataError(
      `${name}:${blank + 1}`,
      'expected an id, received a blank line',
      'Put one id on every line',
    );
  }
  const pair = findDuplicate(ids);
  if (pair) {
    throw new DataError(
      `${name}:${pair[1] + 1}`,
      `expected unique ids, received ${ids[pair[0]]}, which stands on line ${pair[0] + 1} already`,
      'Keep one line and one row per id',
    );
  }
  return ids;
}

interface Matrix {
  shape: readonly number[];
  data: Float32Array;
}

function findMatrix(file: SafetensorsFile, wanted: string | undefined): Matrix {
  const names = Object.keys(file.tensors);
  const matrices = names.filter(
    (name) => file.tensors[name].shape.length === 2 && FLOATS.includes(file.tensors[name].dtype),
  );
  const name = wanted ?? (names.includes('vectors') || matrices.length !== 1 ? 'vectors' : matrices[0]);
  const tensor = names.includes(name) ? file.tensors[name] : undefined;
  const data = tensor && floats(tensor);
  if (!data) {
    throw new FormatError(
      file.name,
      `expected a tensor ${name} of F16, BF16, F32 or F64, received ${tensor?.dtype ?? 'none'}`,
      `Name one of the matrices in the file: ${matrices.join(', ') || 'it holds none'}`,
    );
  }
  return { shape: tensor.shape, data };
}

function floats(tensor: Tensor): Float32Array | null {
  const { dtype, data } = tensor;
  if (dtype === 'F32' || dtype === 'F64') return toFloat32(data as Float32Array | Float64Array);
  if (dtype === 'F16') return halfToFloat32(data as Uint16Array);
  return dtype === 'BF16' ? bfloat16ToFloat32(data as Uint16Array) : null;
}

function toFloat32(data: Float32Array | Float64Array): Float32Array {
  return data instanceof Float32Array ? data : new Float32Array(data);
}
