import {
  type ByteBuffer,
  type F32Buffer,
  HalfMatrix,
  type I32Buffer,
  type Matrix,
} from '../runtime/buffers.ts';
import { evenChunks } from '../runtime/rowJobs.ts';
import type { Workspace } from '../runtime/workspace.ts';
import type { QueryCodes, RowCodes } from './codes.ts';
import type { TopK } from './topk.ts';

/** Queries scanned in a chunk, a multiple of four: a block of codes is read from the cache by all of them. */
const SCANNED_QUERIES = 32;

/** The items that a table's rows are, and what is left out of each ranking. */
export interface ScanOptions {
  /** The item of the table's first row. Default 0. */
  readonly first?: number;
  /** [rows] ≥ 0, which scores are multiplied by. Default: all 1. */
  readonly factors?: F32Buffer | null;
  /** Bitmaps, bit i = item i, readable one byte behind the last one's end. */
  readonly excluded: I32Buffer | ByteBuffer;
  /** Bytes from one query's bitmap to the next. */
  readonly maskBytes: number;
}

/**
 * Offers every row of a table to the heap of query `n`, scored exactly; see assembly/scan.ts.
 * @param scores scratch of four
 */
export function scanRows(
  ws: Workspace,
  queries: Matrix,
  n: number,
  table: Matrix | HalfMatrix,
  { first = 0, factors, excluded, maskBytes }: ScanOptions,
  k: number,
  top: TopK,
  scores: F32Buffer,
): void {
  const scan = table instanceof HalfMatrix ? ws.wasm.scan_rows_f16 : ws.wasm.scan_rows_f32;
  scan(
    queries.ptr + n * queries.stride * 4,
    table.dim,
    table.ptr,
    table.stride,
    table.rows,
    first,
    factors?.ptr ?? 0,
    excluded.ptr + n * maskBytes,
    k,
    top.scores.ptr + n * k * 4,
    top.items.ptr + n * k * 4,
    top.counts.ptr + n * 4,
    scores.ptr,
  );
}

/**
 * Offers every row to the heaps of the first `count` queries, as `scanRows` does, found through the rows' codes; see
 * assembly/scanCodes.ts.
 * @param table the rows, or their number: scores are then those of the codes
 * @param codes of the rows; where there are factors, scales and errors are multiplied by them already
 */
export function scanCodes(
  ws: Workspace,
  queries: Matrix,
  count: number,
  { q, terms, states }: QueryCodes,
  table: Matrix | HalfMatrix | number,
  codes: RowCodes,
  { first = 0, factors, excluded, maskBytes }: ScanOptions,
  k: number,
  top: TopK,
): void {
  const exact = typeof table === 'number' ? null : table;
  const rows = exact ? exact.rows : (table as number);
  ws.run({
    kernel: 'scan_codes',
    args: [
      queries.ptr,
      0,
      0,
      count,
      queries.dim,
      queries.stride,
      q.ptr,
      terms.ptr,
      exact ? exact.ptr : 0,
      exact ? exact.stride : 0,
      exact instanceof HalfMatrix ? 1 : 0,
      codes.codes.ptr,
      codes.scales.ptr,
      codes.errors.ptr,
      rows,
      first,
      factors ? factors.ptr : 0,
      excluded.ptr,
      maskBytes,
      k,
      top.scores.ptr,
      top.items.ptr,
      top.counts.ptr,
      states.ptr,
    ],
    beginAt: 1,
    chunks: evenChunks(count, SCANNED_QUERIES),
    scratch: [],
    work: count * rows * queries.dim,
  });
}

/**
 * out[n] ← ⟨query, row list[n]⟩ in the order of `scanRows`, for the first `count` rows of a list or, without one, of the
 * table; added to what is there where `add`.
 * @param query the first row of a table
 */
export function scoreListed(
  ws: Workspace,
  query: Matrix,
  table: Matrix | HalfMatrix,
  list: I32Buffer | null,
  count: number,
  out: F32Buffer,
  add = false,
): void {
  const score = table instanceof HalfMatrix ? ws.wasm.score_listed_f16 : ws.wasm.score_listed_f32;
  score(query.ptr, table.dim, table.ptr, table.stride, list?.ptr ?? 0, count, Number(add), out.ptr);
}

/**
 * out[n] ← the score of row list[n] by its code alone, as `scanCodes` without a table gives it, for the first `count`
 * rows of a list or, without one, of all; added to what is there where `add`.
 * @param query its first query
 */
export function scoreCodes(
  ws: Workspace,
  { q, terms }: QueryCodes,
  dim: number,
  { codes, scales }: RowCodes,
  list: I32Buffer | null,
  count: number,
  out: F32Buffer,
  add = false,
): void {
  const rows = [dim, codes.ptr, scales.ptr, list?.ptr ?? 0, count, Number(add), out.ptr] as const;
  ws.wasm.score_codes_i8(q.ptr, terms.ptr, ...rows);
}
