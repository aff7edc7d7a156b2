import { FormatError, OptionError, shown } from '../errors.ts';
import { crc32 } from './crc32.ts';
import { joinedBytes } from './joinedBytes.ts';
import { DAMAGED } from './json.ts';
import { readHeader, type TensorEntry } from './safetensorsHeader.ts';
import { ARRAYS, checkTensor, type Dtype, type Tensor } from './tensor.ts';

/*
 * byte 0          8                                   8 + length
 *      ┌──────────┬───────────────────────────────────┬──────────────────────────────┐
 *      │ length   │ JSON: __metadata__, then per      │ tensors without gaps, widest │
 *      │ u64      │ tensor dtype, shape, data_offsets;│ elements first, so that each │
 *      │          │ spaces up to a multiple of 8      │ is aligned to its own element│
 *      └──────────┴───────────────────────────────────┴──────────────────────────────┘
 * Gaps are forbidden by the format, so alignment comes from the order, as in Hugging Face's writer.
 */

/**
 * A decoded file. `checked` says whether it carried a checksum, which then was right.
 *
 * @example
 * const file: SafetensorsFile = { name: 'words.safetensors', tensors: {}, metadata: {}, checked: false };
 * lexicalFromTensors(file); // → null
 */
export interface SafetensorsFile {
  readonly name: string;
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly checked: boolean;
}

/**
 * The bytes of a safetensors file. The same tensors and metadata give the same bytes, whatever the order of
 * their keys.
 *
 * `__metadata__.checksum` comes first in the header and is `crc32:` with eight hexadecimal digits: the CRC-32
 * of the whole file with those digits read as `00000000`. So any damaged byte shows, the header's included.
 *
 * Source: https://github.com/huggingface/safetensors, section "Format".
 *
 * @throws {OptionError} a tensor called `__metadata__`, a metadata entry called `checksum`, data of another
 *   array type than its dtype's
 * @throws {ShapeError} a shape whose product is not the length of the data
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  return joinedBytes(safetensorsPieces(tensors, metadata));
}

/**
 * As `encodeSafetensors`, in pieces that follow one another: the header, and the tensors' own memory, of which no copy is made.
 * @throws as `encodeSafetensors`
 */
export function safetensorsPieces(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array[] {
  for (const [name, tensor] of Object.entries(tensors)) checkTensor(name, tensor);
  if (Object.hasOwn(metadata, 'checksum') || Object.hasOwn(tensors, '__metadata__')) {
    throw new OptionError(
      'encodeSafetensors',
      'expected no metadata entry called checksum and no tensor called __metadata__, received one',
      'Choose another name; the format keeps these for itself',
    );
  }
  const ordered = Object.entries(tensors).sort(
    ([a, { dtype: dtypeA }], [b, { dtype: dtypeB }]) =>
      ARRAYS[dtypeB].BYTES_PER_ELEMENT - ARRAYS[dtypeA].BYTES_PER_ELEMENT || (a < b ? -1 : 1),
  );
  const json = new TextEncoder().encode(headerJson(ordered, metadata));
  const dataStart = 8 + Math.ceil(json.length / 8) * 8;
  const header = new Uint8Array(dataStart).fill(0x20, 8);
  new DataView(header.buffer).setUint32(0, dataStart - 8, true);
  header.set(json, 8);
  const data = ordered.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const pieces = [header, ...data];
  header.set(new TextEncoder().encode(checksumOf(pieces)), CHECKSUM_AT);
  return pieces;
}

/**
 * The tensors and metadata of a safetensors file, ours or anyone's. Tensors may share memory with `bytes`:
 * do not write to either.
 *
 * @param name the file's name, for errors
 * @throws {FormatError} a truncated or damaged file, a wrong checksum, offsets that overlap, leave gaps or do
 *   not fit the shape, an element type that is not in `DtypeArrays`
 */
export function decodeSafetensors(bytes: Uint8Array, name: string): SafetensorsFile {
  if (Object.prototype.toString.call(bytes) !== '[object Uint8Array]') {
    const problem = `expected the bytes of a file, received ${shown(bytes)}`;
    throw new OptionError(typeof name === 'string' ? name : 'safetensors', problem, 'Pass a Uint8Array');
  }
  if (typeof name !== 'string') {
    const problem = `expected name to be a text, received ${shown(name)}`;
    throw new OptionError('safetensors', problem, 'Pass the name of the file: it stands in errors');
  }
  const { metadata, entries, dataStart } = readHeader(bytes, name, bytes.length);
  const checked = metadata.checksum !== undefined;
  if (checked) checkSum(metadata.checksum, checksumOf([bytes]), name);
  const tensors = Object.fromEntries(
    entries.map((entry) => [entry.name, readTensor(bytes, dataStart, entry)]),
  );
  return { name, tensors, metadata, checked };
}

/** @throws {FormatError} unless the checksum in the metadata is that of the file, as `crc32:` takes it */
export function checkSum(expected: string, received: string, name: string): void {
  if (expected === `crc32:${received}`) return;
  const problem = `expected checksum ${expected}, received a file with crc32:${received}`;
  throw new FormatError(name, problem, DAMAGED);
}

/**
 * One tensor of a decoded file, of the type and number of dimensions the caller needs.
 *
 * @throws {FormatError} when it is missing or of another type or number of dimensions
 */
export function requireTensor<D extends Dtype>(
  file: SafetensorsFile,
  tensorName: string,
  dtype: D,
  dimensions: number,
): Tensor<D> {
  const tensor = Object.hasOwn(file.tensors, tensorName) ? file.tensors[tensorName] : undefined;
  if (tensor?.dtype !== dtype || tensor.shape.length !== dimensions) {
    const received = tensor ? `${tensor.dtype} of shape [${tensor.shape.join(', ')}]` : 'none';
    throw new FormatError(
      file.name,
      `expected tensor ${tensorName} of ${dtype} with ${dimensions} dimension(s), received ${received}`,
      `The file holds: ${Object.keys(file.tensors).join(', ') || 'no tensors'}`,
    );
  }
  return tensor as Tensor<D>;
}

/** What a header with a checksum begins with, and where its digits stand in the file. */
const CHECKSUM_OPENING = '{"__metadata__":{"checksum":"crc32:';
export const CHECKSUM_AT = 8 + CHECKSUM_OPENING.length;
export const CHECKSUM_DIGITS = 8;

/** Eight hexadecimal digits: the CRC-32 of a file, its first piece the header, with the digits at the checksum's place read as zeros. */
function checksumOf([first, ...others]: readonly Uint8Array[]): string {
  let crc = crc32(first.subarray(0, CHECKSUM_AT));
  crc = crc32(new Uint8Array(CHECKSUM_DIGITS).fill(0x30), crc);
  crc = crc32(first.subarray(CHECKSUM_AT + CHECKSUM_DIGITS), crc);
  for (const piece of others) crc = crc32(piece, crc);
  return crc.toString(16).padStart(CHECKSUM_DIGITS, '0');
}

/** Written by hand, since an object would move keys that look like integers to the front. */
function headerJson(
  ordered: readonly [string, Tensor][],
  metadata: Readonly<Record<string, string>>,
): string {
  const entries = Object.keys(metadata)
    .sort()
    .map((key) => `,${JSON.stringify(key)}:${JSON.stringify(metadata[key])}`);
  let json = `${CHECKSUM_OPENING}${'0'.repeat(CHECKSUM_DIGITS)}"${entries.join('')}}`;
  let at = 0;
  for (const [name, { dtype, shape, data }] of ordered) {
    const offsets = [at, at + data.byteLength];
    json += `,${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: offsets })}`;
    at += data.byteLength;
  }
  return `${json}}`;
}

function readTensor(bytes: Uint8Array, dataStart: number, { dtype, shape, begin, end }: TensorEntry): Tensor {
  const type = ARRAYS[dtype];
  const start = bytes.byteOffset + dataStart + begin;
  const count = (end - begin) / type.BYTES_PER_ELEMENT;
  if (start % type.BYTES_PER_ELEMENT === 0)
    return { dtype, shape, data: new type(bytes.buffer, start, count) };
  // Not `slice`, which makes no copy of a Node Buffer.
  const copy = new Uint8Array(bytes.subarray(dataStart + begin, dataStart + end));
  return { dtype, shape, data: new type(copy.buffer, 0, count) };
}
