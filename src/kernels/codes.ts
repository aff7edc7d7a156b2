import { type ByteBuffer, type F32Buffer, HalfMatrix, type Matrix } from '../runtime/buffers.ts';
import { SCAN_STATE_BYTES, SCAN_TERMS } from '../runtime/constants.ts';
import { evenChunks } from '../runtime/rowJobs.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** Rows and queries in a chunk of encoding. */
const ENCODED_ROWS = 1024;
const ENCODED_QUERIES = 32;
/** Kernels read so many bytes behind the codes of the last row, and f32 behind its scale and error. */
const BEHIND_CODES = 16;
const BEHIND_SCALES = 4;

/** Rows in 8 bits; see assembly/codes.ts. */
export interface RowCodes {
  /** [rows × dim] i8 */
  readonly codes: ByteBuffer;
  /** [rows]: a row is about scale · code. */
  readonly scales: F32Buffer;
  /** [rows]: ‖row − scale · code‖₂, or a little more. */
  readonly errors: F32Buffer;
}

/** Queries in 16 bits, and what a scan keeps of each; for a multiple of four queries. */
export interface QueryCodes {
  readonly q: ByteBuffer;
  readonly terms: F32Buffer;
  readonly states: ByteBuffer;
}

/** Room for the codes of `rows` rows. */
export function rowCodes(ws: Workspace, rows: number, dim: number): RowCodes {
  return {
    codes: ws.bytes(rows * dim + BEHIND_CODES),
    scales: ws.f32(rows + BEHIND_SCALES),
    errors: ws.f32(rows + BEHIND_SCALES),
  };
}

/** Room for `count` queries, a multiple of four. */
export function queryCodes(ws: Workspace, count: number, dim: number): QueryCodes {
  return {
    q: ws.bytes(count * columnsOf(dim) * 2),
    terms: ws.f32((count / 4) * SCAN_TERMS),
    states: ws.bytes(count * SCAN_STATE_BYTES),
  };
}

/** Fills `out` with the rows of a table. */
export function encodeRows(ws: Workspace, table: Matrix | HalfMatrix, out: RowCodes): void {
  const { ptr, rows, dim, stride } = table;
  ws.run({
    kernel: table instanceof HalfMatrix ? 'encode_rows_f16' : 'encode_rows_f32',
    args: [ptr, 0, 0, dim, stride, out.codes.ptr, out.scales.ptr, out.errors.ptr],
    beginAt: 1,
    chunks: evenChunks(rows, ENCODED_ROWS),
    scratch: [],
    work: rows * dim,
  });
}

/** Fills `out` with the first `count` queries. */
export function encodeQueries(ws: Workspace, queries: Matrix, count: number, out: QueryCodes): void {
  const { ptr, dim, stride } = queries;
  ws.run({
    kernel: 'encode_queries_i16',
    args: [ptr, 0, 0, dim, stride, out.q.ptr, out.terms.ptr],
    beginAt: 1,
    chunks: evenChunks(count, ENCODED_QUERIES),
    scratch: [],
    work: count * dim * 4,
  });
}

/** out[n] ← 1 / ‖row n‖₂, 0 where the row is 0: of a table, or of rows that codes stand for. */
export function inverseNorms(
  ws: Workspace,
  table: Matrix | HalfMatrix | { readonly codes: RowCodes; readonly rows: number; readonly dim: number },
  out: F32Buffer,
): void {
  if ('codes' in table) {
    const { codes, scales } = table.codes;
    ws.wasm.inverse_norms_i8(codes.ptr, scales.ptr, table.dim, table.rows, out.ptr);
    return;
  }
  const { ptr, stride, dim, rows } = table;
  const norms = table instanceof HalfMatrix ? ws.wasm.inverse_norms_f16 : ws.wasm.inverse_norms_f32;
  norms(ptr, stride, dim, rows, out.ptr);
}

function columnsOf(dim: number): number {
  return Math.ceil(dim / 16) * 16;
}
