import { FormatError, ShapeError } from '../errors.ts';
import { halfToFloat32 } from './half.ts';

/*
 * byte 0        6        8            10 or 12
 *      ┌────────┬────────┬────────────┬──────────────────────────┬──────────┐
 *      │\x93NUMPY│ version│ length u16 │ Python dict, spaces, \n  │ values   │
 *      │        │ u8, u8 │ (u32 ≥ 2.0)│ descr fortran_order shape│ row-major│
 *      └────────┴────────┴────────────┴──────────────────────────┴──────────┘
 */

/** An array read from a `.npy` file, in row-major order. */
export interface NpyArray {
  readonly shape: number[];
  /** The element type in the file; `f2` arrives as float32, exactly. */
  readonly dtype: 'f2' | 'f4' | 'f8';
  readonly data: Float32Array | Float64Array;
}

/**
 * The array in a NumPy `.npy` file (format versions 1 to 3) of float16, float32 or float64, in either byte
 * order; a two-dimensional Fortran-ordered array is put into row-major order. The data is a copy.
 *
 * Source: NumPy Enhancement Proposal 1 and `numpy.lib.format`.
 *
 * @param name the file's name, for errors
 * @throws {FormatError} not a `.npy` file, truncated, trailing bytes, another element type, a
 *   Fortran-ordered array of more than two dimensions
 */
export function readNpy(bytes: Uint8Array, name: string): NpyArray {
  const { header, dataStart } = readHeader(bytes, name);
  const { bigEndian, dtype, fortran, shape } = parseHeader(header, name);
  const count = shape.reduce((product, extent) => product * extent, 1);
  const width = Number(dtype[1]);
  const expected = count * width;
  const received = bytes.length - dataStart;
  if (received !== expected) {
    throw new FormatError(
      name,
      `expected ${expected} bytes of data for shape (${shape.join(', ')}) of ${dtype}, received ${received}`,
      received < expected ? 'The file is truncated; copy or save it again' : 'Save one array per file',
    );
  }
  // A copy aligns the data and keeps swapping off the caller's bytes; `slice` of a Node Buffer makes none.
  const raw = new Uint8Array(bytes.subarray(dataStart));
  if (bigEndian) swapBytes(raw, width);
  const data = toFloats(raw, dtype);
  if (!fortran || shape.length < 2 || count === 0) return { shape, dtype, data };
  if (shape.length === 2) return { shape, dtype, data: transposed(data, shape[0], shape[1]) };
  throw new FormatError(
    name,
    `expected row-major data, received Fortran order with ${shape.length} dimensions`,
    'Save numpy.ascontiguousarray(array)',
  );
}

/**
 * The bytes of a `.npy` file (version 1.0, little-endian float32, row-major) that holds `data`.
 *
 * @throws {ShapeError} when the product of `shape` is not the length of `data`
 */
export function writeNpy(data: Float32Array, shape: readonly number[]): Uint8Array {
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (shape.some((extent) => !Number.isSafeInteger(extent) || extent < 0) || count !== data.length) {
    throw new ShapeError(
      'writeNpy',
      `expected ${count} values for shape (${shape.join(', ')}), received ${data.length}`,
      'Pass the shape of the data',
    );
  }
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const dict = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`;
  // NumPy pads so that the data starts at a multiple of 64 bytes; the newline ends the header.
  const header = `${dict.padEnd(Math.ceil((dict.length + 11) / 64) * 64 - 11)}\n`;
  const bytes = new Uint8Array(10 + header.length + data.byteLength);
  bytes.set([...MAGIC, 1, 0, header.length & 0xff, header.length >> 8]);
  bytes.set(new TextEncoder().encode(header), 10);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + header.length);
  return bytes;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

function readHeader(bytes: Uint8Array, name: string): { header: string; dataStart: number } {
  if (bytes.length < 10 || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw new FormatError(
      name,
      `expected a NumPy file that starts with \\x93NUMPY, received ${bytes.length} bytes of something else`,
      'Save the array with numpy.save',
    );
  }
  const major = bytes[6];
  if (major < 1 || major > 3) {
    throw new FormatError(
      name,
      `expected .npy version 1 to 3, received ${major}`,
      'Save it with a current NumPy',
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerStart = major === 1 ? 10 : 12;
  const length =
    bytes.length < headerStart ? 0 : major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const dataStart = headerStart + length;
  if (length === 0 || dataStart > bytes.length) {
    throw new FormatError(
      name,
      `expected a header of ${length} bytes, received a file of ${bytes.length}`,
      'The file is truncated; copy or save it again',
    );
  }
  return { header: new TextDecoder().decode(bytes.subarray(headerStart, dataStart)), dataStart };
}

interface Header {
  bigEndian: boolean;
  dtype: NpyArray['dtype'];
  fortran: boolean;
  shape: number[];
}

function parseHeader(header: string, name: string): Header {
  const descr = /['"]descr['"]\s*:\s*['"]([^'"]*)['"]/.exec(header)?.[1];
  const fortran = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(header)?.[1];
  const tuple = /['"]shape['"]\s*:\s*\(([\d\s,]*)\)/.exec(header)?.[1];
  if (fortran === undefined || tuple === undefined) {
    throw new FormatError(
      name,
      `expected a header with descr, fortran_order and shape, received ${header.trim().slice(0, 80)}`,
      'Save the array with numpy.save',
    );
  }
  const [, order, dtype] = /^([<>])(f[248])$/.exec(descr ?? '') ?? [];
  if (dtype === undefined) {
    throw new FormatError(
      name,
      `expected elements of float16, float32 or float64, received ${descr ?? 'a structured type'}`,
      "Save array.astype('float32')",
    );
  }
  const shape = tuple
    .split(',')
    .filter((extent) => extent.trim() !== '')
    .map(Number);
  if (!shape.every(Number.isSafeInteger)) {
    throw new FormatError(
      name,
      `expected a shape of whole numbers below 2^53, received (${tuple.trim().slice(0, 80)})`,
      'The header is damaged; save the array with numpy.save',
    );
  }
  return { bigEndian: order === '>', dtype: dtype as NpyArray['dtype'], fortran: fortran === 'True', shape };
}

function swapBytes(raw: Uint8Array, width: number): void {
  for (let at = 0; at < raw.length; at += width) raw.subarray(at, at + width).reverse();
}

function toFloats(raw: Uint8Array, dtype: NpyArray['dtype']): Float32Array | Float64Array {
  if (dtype === 'f2') return halfToFloat32(new Uint16Array(raw.buffer));
  return dtype === 'f4' ? new Float32Array(raw.buffer) : new Float64Array(raw.buffer);
}

function transposed<T extends Float32Array | Float64Array>(columns: T, rows: number, width: number): T {
  const data = columns.slice() as T;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++) data[row * width + column] = columns[column * rows + row];
  }
  return data;
}
