import { ShapeError } from '../errors.ts';
import type { ByteBuffer, F32Buffer, I32Buffer, Matrix } from '../runtime/buffers.ts';
import { evenChunks } from '../runtime/rowJobs.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** Queries in a chunk. */
const CHUNK_QUERIES = 4;

/** Sparse rows of items in a workspace; see `SparseRows`. */
export interface ItemRows {
  readonly rowPtr: I32Buffer;
  readonly indices: I32Buffer;
  readonly weights: F32Buffer;
}

/** Histories one after the other: query q has items[ptr[q]] … items[ptr[q + 1] − 1]. */
export interface Histories {
  readonly ptr: I32Buffer;
  readonly items: I32Buffer;
}

/** Where the top k go: [queries × k] scores and items, [queries] counts. */
export interface TopItems {
  readonly scores: F32Buffer;
  readonly items: I32Buffer;
  readonly counts: I32Buffer;
}

/** scores[q] += factor · Σ of the rows of history q for the first `count` queries; see assembly/itemRows.ts. */
export function addItemRows(
  ws: Workspace,
  { rowPtr, indices, weights }: ItemRows,
  { ptr, items }: Histories,
  count: number,
  factor: number,
  scores: Matrix,
): void {
  const tables = [rowPtr.ptr, indices.ptr, weights.ptr, ptr.ptr, items.ptr, factor];
  ws.run({
    kernel: 'add_item_rows_f32',
    args: [...tables, scores.ptr, scores.stride, 0, 0],
    beginAt: tables.length + 2,
    chunks: evenChunks(count, CHUNK_QUERIES),
    scratch: [],
    work: ptr.view[count] * (indices.length / rowPtr.length),
  });
}

/**
 * The k best of the first `count` rows of a table of scores [≥ count × numItems], those of `excluded` left out.
 * @throws {ShapeError} unless the table's stride is a multiple of 8
 */
export function rankScores(
  ws: Workspace,
  scores: Matrix,
  count: number,
  excluded: I32Buffer | ByteBuffer,
  maskBytes: number,
  k: number,
  top: TopItems,
): void {
  const { ptr, stride, dim } = scores;
  if (stride % 8 !== 0)
    throw new ShapeError('rankScores', `expected a stride of 8n, received ${stride}`, 'Pad the table');
  const output = [k, top.scores.ptr, top.items.ptr, top.counts.ptr];
  ws.run({
    kernel: 'rank_scores_f32',
    args: [ptr, stride, dim, excluded.ptr, maskBytes, ...output, 0, 0],
    beginAt: 9,
    chunks: evenChunks(count, CHUNK_QUERIES),
    scratch: [],
    work: count * dim,
  });
}
