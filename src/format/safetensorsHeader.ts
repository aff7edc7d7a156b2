import { FormatError, shown } from '../errors.ts';
import { DAMAGED, type JsonValue, parseJsonObject } from './json.ts';
import { ARRAYS, type Dtype, isSize } from './tensor.ts';

/** Where a tensor stands among the data. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Bytes from the start of the data. */
  readonly begin: number;
  readonly end: number;
}

/** What the header of a safetensors file says. */
export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>;
  readonly entries: readonly TensorEntry[];
  /** Where the data begins in the file, and how long the file is. */
  readonly dataStart: number;
  readonly fileBytes: number;
}

/** The longest header that is believed, as the format's own library has it. */
const MOST_HEADER_BYTES = 100_000_000;

/** Bytes before the header's text. */
export const LENGTH_BYTES = 8;

/** How what is often found in the place of a model begins. */
const OTHERS: readonly [start: readonly number[], what: string, remedy: string][] = [
  [[0x1f, 0x8b], 'a gzip file', 'Decompress it first'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'a zstd file', 'Decompress it first'],
  [[0x50, 0x4b, 0x03, 0x04], 'a zip file', 'Unpack it first'],
  [[0x93, 0x4e, 0x55, 0x4d], 'a NumPy file', 'Pass a safetensors file'],
  [[0x50, 0x41, 0x52, 0x31], 'a Parquet file', 'Pass a safetensors file'],
  [
    [0x76, 0x65, 0x72, 0x73, 0x69, 0x6f, 0x6e, 0x20],
    'a pointer of Git LFS',
    'Fetch the file itself: git lfs pull',
  ],
];

/**
 * The length of the header's text in a file that begins with `head`.
 * @param head the first bytes, at least nine where the file has as many
 * @param fileBytes length of the file, where it is known
 * @throws {FormatError} for bytes that are no safetensors file, saying what they seem to be
 */
export function headerLength(head: Uint8Array, name: string, fileBytes?: number): number {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const length = head.length < LENGTH_BYTES ? 0 : Number(view.getBigUint64(0, true));
  const whole = length <= Math.min(MOST_HEADER_BYTES, (fileBytes ?? Infinity) - LENGTH_BYTES);
  if (length >= 2 && whole && head[LENGTH_BYTES] === 0x7b) return length;
  const [what, remedy] = whatItIs(head);
  const size = fileBytes === undefined ? '' : ` of ${fileBytes} bytes`;
  const received = what
    ? `received ${what}${size}`
    : `received ${fileBytes ?? head.length} bytes that announce a header of ${length}`;
  throw new FormatError(name, `expected a safetensors file, ${received}`, remedy);
}

function whatItIs(head: Uint8Array): [what: string | null, remedy: string] {
  const known = OTHERS.find(([start]) => start.every((byte, n) => head[n] === byte));
  if (known) return [known[1], known[2]];
  const text = new TextDecoder()
    .decode(head.subarray(0, 64))
    .replace(/^\uFEFF/, '')
    .trimStart()
    .toLowerCase();
  if (/^<(!doctype|html|head|body|\?xml|!--)/.test(text))
    return [
      text.startsWith('<?xml') ? 'XML' : 'HTML',
      'It may be an error page: look at the address and the status of the answer',
    ];
  if (/^[{[]/.test(text))
    return ['JSON', 'It may be an error message: look at the address and the status of the answer'];
  return [null, 'The file is truncated or of another format'];
}

/**
 * The header of a file.
 * @param bytes the file, or its beginning up to the end of the header
 * @param fileBytes length of the file. Default: as the header says
 * @throws {FormatError} for another file, a header that is no JSON, tensors of an unknown type, that overlap, leave gaps
 *   or do not fit their shape, and a file that is not as long as its tensors ask for
 */
export function readHeader(bytes: Uint8Array, name: string, fileBytes?: number): SafetensorsHeader {
  const dataStart = LENGTH_BYTES + headerLength(bytes, name, fileBytes);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(LENGTH_BYTES, dataStart));
  } catch {
    throw new FormatError(name, 'expected a header in UTF-8, received other bytes', DAMAGED);
  }
  const { __metadata__ = {}, ...rest } = parseJsonObject(text, `${name}: header`);
  const metadata = readMetadata(__metadata__, name);
  const entries = Object.entries(rest).map(([tensor, entry]) => readEntry(tensor, entry, name));
  const dataBytes = entries.reduce((most, { end }) => Math.max(most, end), 0);
  const expected = fileBytes ?? dataStart + dataBytes;
  checkCoverage(entries, expected - dataStart, name);
  return { metadata, entries, dataStart, fileBytes: expected };
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

function readEntry(tensor: string, value: JsonValue, name: string): TensorEntry {
  const { dtype, shape, data_offsets } = (value ?? {}) as Record<string, JsonValue>;
  const offsets = isSizes(data_offsets) && data_offsets.length === 2 ? data_offsets : null;
  if (typeof dtype !== 'string' || !Object.hasOwn(ARRAYS, dtype) || !isSizes(shape) || !offsets) {
    throw new FormatError(
      name,
      `expected tensor ${tensor} with a dtype of ${Object.keys(ARRAYS).join(', ')}, a shape and two data_offsets, received ${shown(JSON.stringify(value))}`,
      'Save it with one of these types',
    );
  }
  const [begin, end] = offsets;
  const size = shape.reduce((product, extent) => product * extent, ARRAYS[dtype as Dtype].BYTES_PER_ELEMENT);
  if (end - begin !== size) {
    throw new FormatError(
      name,
      `expected tensor ${tensor} of ${dtype} [${shape.join(', ')}] to take ${size} bytes, received data_offsets ${begin} to ${end}`,
      DAMAGED,
    );
  }
  return { name: tensor, dtype: dtype as Dtype, shape, begin, end };
}

function isSizes(value: JsonValue | undefined): value is number[] {
  return Array.isArray(value) && value.every(isSize);
}

/** The format allows neither gaps nor overlaps: each tensor begins where another ends, the last at the end. */
function checkCoverage(entries: readonly TensorEntry[], dataBytes: number, file: string): void {
  let covered = 0;
  for (const { name, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered) {
      throw new FormatError(
        file,
        `expected tensor ${name} to begin at byte ${covered} of the data, received ${begin}`,
        DAMAGED,
      );
    }
    covered = end;
  }
  if (covered !== dataBytes) {
    throw new FormatError(
      file,
      `expected ${covered} bytes of tensor data, received ${dataBytes}`,
      covered > dataBytes ? 'The file is truncated; copy or create it again' : DAMAGED,
    );
  }
}
