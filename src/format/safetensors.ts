import { FormatError, OptionError, shown } from '../errors.ts';
import { crc32 } from './crc32.ts';
import { DAMAGED, type JsonValue, parseJsonObject } from './json.ts';
import { ARRAYS, checkTensor, type Dtype, isSize, type Tensor } from './tensor.ts';

/*
 * byte 0          8                                   8 + length
 *      ┌──────────┬───────────────────────────────────┬──────────────────────────────┐
 *      │ length   │ JSON: __metadata__, then per      │ tensors without gaps, widest │
 *      │ u64      │ tensor dtype, shape, data_offsets;│ elements first, so that each │
 *      │          │ spaces up to a multiple of 8      │ is aligned to its own element│
 *      └──────────┴───────────────────────────────────┴──────────────────────────────┘
 * Gaps are forbidden by the format, so alignment comes from the order, as in Hugging Face's writer.
 */

/** A decoded file. `checked` says whether it carried a checksum, which then was right. */
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
  const header = new TextEncoder().encode(headerJson(ordered, metadata));
  const dataStart = 8 + Math.ceil(header.length / 8) * 8;
  const dataBytes = ordered.reduce((sum, [, { data }]) => sum + data.byteLength, 0);

  const bytes = new Uint8Array(dataStart + dataBytes).fill(0x20, 8, dataStart);
  new DataView(bytes.buffer).setUint32(0, dataStart - 8, true);
  bytes.set(header, 8);
  let at = dataStart;
  for (const [, { data }] of ordered) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  bytes.set(new TextEncoder().encode(checksumOf(bytes)), CHECKSUM_AT);
  return bytes;
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
  const { header, dataStart } = readHeader(bytes, name);
  const { __metadata__: rawMetadata = {}, ...entries } = header;
  const metadata = readMetadata(rawMetadata, name);
  const checked = metadata.checksum !== undefined;
  if (checked && metadata.checksum !== `crc32:${checksumOf(bytes)}`) {
    throw new FormatError(
      name,
      `expected checksum ${metadata.checksum}, received a file with crc32:${checksumOf(bytes)}`,
      DAMAGED,
    );
  }
  const parsed = Object.entries(entries).map(([tensorName, entry]) => readEntry(tensorName, entry, name));
  checkCoverage(parsed, bytes.length - dataStart, name);
  const tensors = Object.fromEntries(
    parsed.map((entry) => [entry.tensorName, readTensor(bytes, dataStart, entry)]),
  );
  return { name, tensors, metadata, checked };
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

const CHECKSUM_OPENING = '{"__metadata__":{"checksum":"crc32:';
const CHECKSUM_AT = 8 + CHECKSUM_OPENING.length;
const CHECKSUM_DIGITS = 8;

/** Eight hexadecimal digits: the CRC-32 of a file with the digits at the checksum's place read as zeros. */
function checksumOf(bytes: Uint8Array): string {
  let crc = crc32(bytes.subarray(0, CHECKSUM_AT));
  crc = crc32(new Uint8Array(CHECKSUM_DIGITS).fill(0x30), crc);
  crc = crc32(bytes.subarray(CHECKSUM_AT + CHECKSUM_DIGITS), crc);
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

type Header = Record<string, JsonValue>;

function readHeader(bytes: Uint8Array, name: string): { header: Header; dataStart: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length < 8 ? 0 : Number(view.getBigUint64(0, true));
  if (length < 2 || length > bytes.length - 8 || bytes[8] !== 0x7b) {
    throw new FormatError(
      name,
      `expected a safetensors file, received ${bytes.length} bytes that announce a header of ${length}`,
      'The file is truncated or of another format',
    );
  }
  const dataStart = 8 + length;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, dataStart));
  } catch {
    throw new FormatError(name, 'expected a header in UTF-8, received other bytes', DAMAGED);
  }
  return { header: parseJsonObject(text, `${name}: header`), dataStart };
}

function readMetadata(value: JsonValue, name: string): Record<string, string> {
  const isTable = value !== null && typeof value === 'object' && !Array.isArray(value);
  if (!isTable || Object.values(value).some((entry) => typeof entry !== 'string')) {
    throw new FormatError(
      name,
      `expected __metadata__ of strings, received ${shown(JSON.stringify(value))}`,
      DAMAGED,
    );
  }
  return value as Record<string, string>;
}

interface Entry {
  tensorName: string;
  dtype: Dtype;
  shape: number[];
  begin: number;
  end: number;
}

function readEntry(tensorName: string, value: JsonValue, name: string): Entry {
  const { dtype, shape, data_offsets } = (value ?? {}) as Record<string, JsonValue>;
  const offsets = isSizes(data_offsets) && data_offsets.length === 2 ? data_offsets : null;
  if (typeof dtype !== 'string' || !Object.hasOwn(ARRAYS, dtype) || !isSizes(shape) || !offsets) {
    throw new FormatError(
      name,
      `expected tensor ${tensorName} with a dtype of ${Object.keys(ARRAYS).join(', ')}, a shape and two data_offsets, received ${shown(JSON.stringify(value))}`,
      'Save it with one of these types',
    );
  }
  const [begin, end] = offsets;
  const size = shape.reduce((product, extent) => product * extent, ARRAYS[dtype as Dtype].BYTES_PER_ELEMENT);
  if (end - begin !== size) {
    throw new FormatError(
      name,
      `expected tensor ${tensorName} of ${dtype} [${shape.join(', ')}] to take ${size} bytes, received data_offsets ${begin} to ${end}`,
      DAMAGED,
    );
  }
  return { tensorName, dtype: dtype as Dtype, shape, begin, end };
}

function isSizes(value: JsonValue | undefined): value is number[] {
  return Array.isArray(value) && value.every(isSize);
}

/** The format allows neither gaps nor overlaps: each tensor begins where another ends, the last at the end. */
function checkCoverage(entries: readonly Entry[], dataBytes: number, name: string): void {
  let covered = 0;
  for (const { tensorName, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered) {
      throw new FormatError(
        name,
        `expected tensor ${tensorName} to begin at byte ${covered} of the data, received ${begin}`,
        DAMAGED,
      );
    }
    covered = end;
  }
  if (covered !== dataBytes) {
    throw new FormatError(
      name,
      `expected ${covered} bytes of tensor data, received ${dataBytes}`,
      covered > dataBytes ? 'The file is truncated; copy or create it again' : DAMAGED,
    );
  }
}

function readTensor(bytes: Uint8Array, dataStart: number, { dtype, shape, begin, end }: Entry): Tensor {
  const type = ARRAYS[dtype];
  const start = bytes.byteOffset + dataStart + begin;
  const count = (end - begin) / type.BYTES_PER_ELEMENT;
  if (start % type.BYTES_PER_ELEMENT === 0)
    return { dtype, shape, data: new type(bytes.buffer, start, count) };
  // Not `slice`, which makes no copy of a Node Buffer.
  const copy = new Uint8Array(bytes.subarray(dataStart + begin, dataStart + end));
  return { dtype, shape, data: new type(copy.buffer, 0, count) };
}
