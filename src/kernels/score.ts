import { ShapeError } from '../errors.ts';
import type { F32Buffer, I32Buffer, Matrix } from '../runtime/buffers.ts';
import { TILE_WORDS } from '../runtime/constants.ts';
import { evenChunks, scratchPart } from '../runtime/rowJobs.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** Users scored in a chunk: each panel of items is read from the cache by all of them. */
export const SCORED_USERS = 16;

/** Where the top k go: [users × k] scores and items, [users] counts; `tile` is scratch, [TILE_WORDS] a thread. */
export interface TopK {
  scores: F32Buffer;
  items: I32Buffer<'item'>;
  counts: I32Buffer;
  tile: F32Buffer;
}

/** The k best items of each user row, excluded items left out; see assembly/score.ts. */
export function scoreTopK(
  ws: Workspace,
  users: Matrix,
  panels: F32Buffer,
  numItems: number,
  excluded: I32Buffer,
  maskBytes: number,
  k: number,
  top: TopK,
): void {
  wholeTiles('scoreTopK', users, 4);
  const { ptr, dim, stride, rows } = users;
  const head = [ptr, 0, 0, dim, stride, panels.ptr, numItems, excluded.ptr, maskBytes];
  const args = [...head, k, top.scores.ptr, top.items.ptr, top.counts.ptr, top.tile.ptr];
  ws.run({
    kernel: 'score_topk_f32',
    args,
    beginAt: 1,
    chunks: evenChunks(rows, SCORED_USERS),
    scratch: [scratchPart(args.length - 1, TILE_WORDS)],
    work: rows * numItems * dim,
  });
}

/** @throws {ShapeError} unless the queries fill their tiles */
export function wholeTiles(kernel: string, users: Matrix, rows: number): void {
  if (users.rows % rows === 0) return;
  throw new ShapeError(kernel, `expected ${rows}n rows, received ${users.rows}`, 'Pad with zero rows');
}
