import type { F64Buffer, I32Buffer, Matrix } from '../runtime/buffers.ts';
import { FILTER_OPERANDS, TILE_WORDS } from '../runtime/constants.ts';
import { evenChunks, scratchPart } from '../runtime/rowJobs.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { type ItemPanels16, rowWords } from './quantize.ts';
import { SCORED_USERS, type TopK, wholeTiles } from './score.ts';

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

/** Words of the buffers of `ItemPanels16` and of `q`; queries a multiple of 8. */
export function filterWords(numItems: number, dim: number, queries: number) {
  const columns = Math.ceil(dim / 16) * 16;
  const panels = Math.ceil(numItems / 16);
  // A panel of sixteen items has 2 · 7 operands of eight half rows, a tile of users 7 of them.
  return {
    panels: panels * 2 * FILTER_OPERANDS * columns,
    slack: panels * 16,
    q: (queries / 8) * FILTER_OPERANDS * columns,
  };
}

/** As `scoreTopK`, with the same result, through the 16-bit filter; users from `numUsers` on are padding. */
export function scoreTopK16(
  ws: Workspace,
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
  ws.run({
    kernel: 'score_topk_i16',
    args,
    beginAt: 1,
    chunks: evenChunks(users.rows, SCORED_USERS),
    scratch: [scratchPart(args.length - 2, rowWords(dim)), scratchPart(args.length - 1, TILE_WORDS)],
    work: users.rows * items.rows * dim,
  });
}
