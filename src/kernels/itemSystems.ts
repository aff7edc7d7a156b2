import type { CsrMatrix, F32Buffer, I32Buffer, Matrix } from '../runtime/buffers.ts';
import { evenChunks, scratchPart } from '../runtime/rowJobs.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** Targets in a chunk: some take many times as long as others. */
const CHUNK_TARGETS = 8;

/** X, users × items, by user and by item. */
export interface InteractionMatrices {
  readonly byUser: CsrMatrix;
  readonly byItem: CsrMatrix;
  /** Whether values count; else every entry is 1. */
  readonly weighted: boolean;
}

/** What may predict each of a block of targets, and by how much: [targets × most], the first `counts` of each row in use. */
export interface ItemSources {
  readonly most: number;
  readonly sources: I32Buffer;
  readonly weights: F32Buffer;
  /** [targets] */
  readonly counts: I32Buffer;
}

/** How sources are found. */
export interface PickOptions {
  /** C_ij with a row for each target of the block; null without text. */
  readonly text: Matrix | null;
  readonly textFactor: number;
  /** [items], what scores are multiplied by. */
  readonly scales: F32Buffer;
}

/** Words of scratch of `pickSources` a thread. */
export function pickWords(numItems: number): number {
  return wholeLines(2 * numItems);
}

/**
 * Fills `out` for targets first … first + count − 1 with their best sources, weights G_ij + textFactor · C_ij;
 * see assembly/itemSystems.ts.
 * @param scratch zeros, `pickWords` a thread
 */
export function pickSources(
  ws: Workspace,
  { byUser, byItem, weighted }: InteractionMatrices,
  first: number,
  count: number,
  { text, textFactor, scales }: PickOptions,
  out: ItemSources,
  scratch: I32Buffer,
): void {
  const items = byItem.rows;
  const head = [...csr(byItem, weighted), ...csr(byUser, weighted), items, first];
  const score = [text?.ptr ?? 0, text?.stride ?? 0, textFactor, scales.ptr];
  const args = [...head, ...score, out.most, out.sources.ptr, out.weights.ptr, out.counts.ptr, scratch.ptr];
  ws.run({
    kernel: 'pick_sources_f32',
    args: [...args, 0, 0],
    beginAt: args.length,
    chunks: evenChunks(count, CHUNK_TARGETS),
    scratch: [scratchPart(args.length - 1, pickWords(items))],
    work: count * items,
  });
}

/** Words of scratch of `solveItems` a thread; `entries`: the most interactions that `most` items have. */
export function solveWords(users: number, entries: number, most: number): number {
  const stride = whole(most);
  return wholeLines(whole(users) + whole(3 * entries) + (stride + 6) * stride);
}

/**
 * Replaces the weights of the first `count` targets by the solutions of their systems (G_SS + diag(ridge_S)) b = weights.
 * @param ridge [items]
 * @param scratch zeros, `solveWords` a thread
 */
export function solveItems(
  ws: Workspace,
  { byUser, byItem, weighted }: InteractionMatrices,
  ridge: F32Buffer,
  { most, sources, weights, counts }: ItemSources,
  count: number,
  steps: number,
  scratch: I32Buffer,
  entries: number,
): void {
  const head = [...csr(byItem, weighted), ridge.ptr, sources.ptr, counts.ptr, weights.ptr];
  const args = [...head, most, byUser.rows, entries, steps, scratch.ptr];
  ws.run({
    kernel: 'solve_items_f32',
    args: [...args, 0, 0],
    beginAt: args.length,
    chunks: evenChunks(count, CHUNK_TARGETS),
    scratch: [scratchPart(args.length - 1, solveWords(byUser.rows, entries, most))],
    work: count * most * most * steps,
  });
}

function csr({ rowPtr, colIdx, values }: CsrMatrix, weighted: boolean): number[] {
  return [rowPtr.ptr, colIdx.ptr, weighted ? values.ptr : 0];
}

function whole(words: number): number {
  return Math.ceil(words / 4) * 4;
}

/** Whole cache lines, so that threads share none. */
function wholeLines(words: number): number {
  return Math.ceil(words / 16) * 16;
}
