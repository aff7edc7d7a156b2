import { type ByteBuffer, F32Buffer, type I32Buffer } from '../runtime/buffers.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** Bytes of the tables of `crc32Of`. */
export const CHECKSUM_TABLE_BYTES = 16 * 256 * 4;

/** What `crc32Of` looks up, in new memory or in that of earlier tables. */
export function checksumTables(
  ws: Workspace,
  tables: I32Buffer = ws.i32(CHECKSUM_TABLE_BYTES / 4),
): I32Buffer {
  ws.wasm.crc32_tables(tables.ptr);
  return tables;
}

/** The CRC-32 of `length` bytes from `first` on, after those that gave `previous` (0 at the start); see `crc32`. */
export function crc32Of(
  ws: Workspace,
  bytes: ByteBuffer,
  first: number,
  length: number,
  previous: number,
  tables: I32Buffer,
): number {
  return ws.wasm.crc32(bytes.ptr + first, length, previous, tables.ptr) >>> 0;
}

/** The position of the first NaN or infinity among f32, or among `halves` f16 in bytes; −1 where there is none. */
export function firstNonFinite(ws: Workspace, values: F32Buffer | ByteBuffer, halves = 0): number {
  if (values instanceof F32Buffer) return ws.wasm.first_non_finite(values.ptr, values.length, 0x7f800000, 0);
  const bits = new Uint16Array(ws.buffer, values.ptr, halves);
  const word = ws.wasm.first_non_finite(values.ptr, halves >> 1, 0x7c007c00, 1);
  const from = word < 0 ? halves & ~1 : 2 * word;
  for (let n = from; n < halves; n++) if ((bits[n] & 0x7c00) === 0x7c00) return n;
  return -1;
}

/** The position of the first number that is less than the one before it, or negative; −1 where there is none. */
export function firstDescent(ws: Workspace, numbers: I32Buffer): number {
  return ws.wasm.first_descent(numbers.ptr, numbers.length);
}

/** The first row whose columns do not ascend within 0 … cols − 1; −1 where all do. rowPtr ascends from 0. */
export function firstBadRow(ws: Workspace, rowPtr: I32Buffer, colIdx: I32Buffer, cols: number): number {
  return ws.wasm.first_bad_row(rowPtr.ptr, rowPtr.length - 1, colIdx.ptr, cols);
}
