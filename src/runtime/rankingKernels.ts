import { ShapeError } from '../errors.ts';
import type { F32Buffer, F64Buffer, I32Buffer, Matrix } from './buffers.ts';
import { evenChunks } from './rowJobs.ts';
import { part, RowKernels } from './rowKernels.ts';

/** Users scored in a chunk: each panel of items is read from the cache by all of them. */
const SCORED_USERS = 16;
/** Panels of sixteen items that are packed in a chunk. */
const PACKED_PANELS = 64;

/** Words of a thread's scratch in `TopK`: whole cache lines, so that threads share none. */
export const TILE_WORDS = 272;

/** Where the top k go: [users × k] scores and items, [users] counts; `tile` is scratch, [TILE_WORDS] a thread. */
export interface TopK {
  scores: F32Buffer;
  items: I32Buffer;
  counts: I32Buffer;
  tile: F32Buffer;
}

/** Items in 16 bits for `scoreTopK16`, in buffers as long as `filterWords` says; see assembly/quantize.ts and prefilter.ts. */
export interface ItemPanels16 {
  readonly panels: I32Buffer;
  readonly slack: I32Buffer;
  /** The item of each place in the panels. */
  readonly order: I32Buffer;
  /** Scale of the items, exact in f32. */
  readonly scale: number;
}

/** Users in 16 bits, and what `scoreTopK16` keeps of each. */
export interface QueryScratch16 {
  readonly q: I32Buffer;
  /** Two for each user. */
  readonly terms: F64Buffer;
  /** `stateWords(k)` for each user. */
  readonly state: I32Buffer;
  /** Rows before they are packed, `rowWords(dim)` a thread. */
  readonly unpacked: I32Buffer;
}

/** The most candidates of a user that wait to be pruned; a multiple of 8. */
const MOST_ROOM = 256;

/** Candidates that are pruned together: with fewer it happens more often, with more the limit rises later. */
function roomFor(k: number): number {
  return Math.min(MOST_ROOM, Math.ceil((2 * k + 24) / 8) * 8);
}

/** Words that `scoreTopK16` keeps of each user. */
export function stateWords(k: number): number {
  return 2 + 2 * roomFor(k);
}

/** Words of sixteen rows in 16 bits, in whole cache lines. */
export function rowWords(dim: number): number {
  return 8 * Math.ceil(dim / 16) * 16;
}

/** Words of the buffers of `ItemPanels16` and of `q`; queries a multiple of 8. */
export function filterWords(numItems: number, dim: number, queries: number) {
  const columns = Math.ceil(dim / 16) * 16;
  const panels = Math.ceil(numItems / 16);
  return { panels: panels * 14 * columns, slack: panels * 16, q: (queries / 8) * 7 * columns };
}

/** The kernels that rank items. */
export class RankingKernels extends RowKernels {
  /** The k best items of each user row, excluded items left out; see assembly/score.ts. */
  scoreTopK(
    users: Matrix,
    panels: F32Buffer,
    numItems: number,
    excluded: I32Buffer,
    maskBytes: number,
    k: number,
    top: TopK,
  ): void {
    wholeTiles('scoreTopK', users, 4);
    const output = [k, top.scores.ptr, top.items.ptr, top.counts.ptr, top.tile.ptr];
    this.run({
      kernel: 'score_topk_f32',
      args: [
        users.ptr,
        0,
        0,
        users.dim,
        users.stride,
        panels.ptr,
        numItems,
        excluded.ptr,
        maskBytes,
        ...output,
      ],
      beginAt: 1,
      chunks: evenChunks(users.rows, SCORED_USERS),
      scratch: [part(13, TILE_WORDS)],
      work: users.rows * numItems * users.dim,
    });
  }

  /** Fills `out` with the items in 16 bits; `unpacked`: rowWords(dim) a thread. */
  packPanels16(items: Matrix, out: ItemPanels16, unpacked: I32Buffer): void {
    const { panels, slack, order, scale } = out;
    const { ptr, rows, dim, stride } = items;
    const args = [ptr, order.ptr, rows, dim, stride, scale, panels.ptr, slack.ptr, unpacked.ptr];
    this.run({
      kernel: 'pack_panels_i16',
      args: [...args, 0, 0],
      beginAt: args.length,
      chunks: evenChunks(Math.ceil(rows / 16), PACKED_PANELS),
      scratch: [part(args.length - 1, rowWords(dim))],
      work: rows * dim,
    });
  }

  /** As `scoreTopK`, with the same result, through the 16-bit filter; users from `numUsers` on are padding. */
  scoreTopK16(
    users: Matrix,
    numUsers: number,
    items: Matrix,
    packed: ItemPanels16,
    excluded: I32Buffer,
    maskBytes: number,
    k: number,
    top: TopK,
    { q, terms, state, unpacked }: QueryScratch16,
  ): void {
    wholeTiles('scoreTopK16', users, 8);
    const { dim, stride } = users;
    const { panels, slack, order, scale } = packed;
    const queries = [users.ptr, 0, 0, numUsers, dim, stride];
    const filter = [items.ptr, items.rows, scale, panels.ptr, slack.ptr, order.ptr];
    const output = [k, top.scores.ptr, top.items.ptr, top.counts.ptr];
    const scratch = [q.ptr, terms.ptr, state.ptr, roomFor(k), unpacked.ptr, top.tile.ptr];
    const args = [...queries, ...filter, excluded.ptr, maskBytes, ...output, ...scratch];
    this.run({
      kernel: 'score_topk_i16',
      args,
      beginAt: 1,
      chunks: evenChunks(users.rows, SCORED_USERS),
      scratch: [part(args.length - 2, rowWords(dim)), part(args.length - 1, TILE_WORDS)],
      work: users.rows * items.rows * dim,
    });
  }
}

function wholeTiles(kernel: string, users: Matrix, rows: number): void {
  if (users.rows % rows === 0) return;
  throw new ShapeError(kernel, `expected ${rows}n rows, received ${users.rows}`, 'Pad with zero rows');
}
