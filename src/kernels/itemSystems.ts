import type { F32Buffer, I32Buffer, Matrix } from '../runtime/buffers.ts';
import type { CsrMatrix } from '../runtime/csrMatrix.ts';
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

/** G = XᵀX of some items, the most frequent ones, of an X without values: what a system of theirs need not sum again. */
export interface GramTable {
  /** [items] one more than an item's place in the table, 0 for those that have none */
  readonly places: I32Buffer;
  /** [size × size] */
  readonly values: F32Buffer;
  readonly size: number;
  /** [items] the interactions of each item's users */
  readonly reach: F32Buffer;
}

/**
 * Fills rows begin … end − 1 of a table of zeros.
 * @param listed [size] the items by their place
 */
export function fillGramTable(
  ws: Workspace,
  { byUser, byItem }: InteractionMatrices,
  listed: I32Buffer,
  { places, values, size }: GramTable,
  begin: number,
  end: number,
): void {
  const x = [byItem.rowPtr.ptr, byItem.colIdx.ptr, byUser.rowPtr.ptr, byUser.colIdx.ptr];
  const args = [...x, listed.ptr + 4 * begin, places.ptr, values.ptr + 4 * begin * size, size];
  ws.run({
    kernel: 'gram_table_f32',
    args: [...args, 0, 0],
    beginAt: args.length,
    chunks: evenChunks(end - begin, CHUNK_TARGETS),
    scratch: [],
    work: (end - begin) * size,
  });
}

/** Words of scratch of `solveItems` a thread; `entries`: the most interactions that `most` items have. */
export function solveWords(users: number, entries: number, most: number, items = 0): number {
  const stride = whole(most);
  return wholeLines(whole(users) + whole(3 * entries) + whole(items) + (stride + 6) * stride);
}

/**
 * Replaces the weights of the first `count` targets by the solutions of their systems (G_SS + diag(ridge_S)) b = weights.
 * @param ridge [items]
 * @param table spares summing G anew; null: none
 * @param scratch zeros, `solveWords` a thread, with the items where there is a table
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
  table: GramTable | null = null,
): void {
  const head = [...csr(byItem, weighted), ridge.ptr, sources.ptr, counts.ptr, weights.ptr];
  const { places, values, size = 0, reach } = { ...table };
  const gram = [places?.ptr ?? 0, values?.ptr ?? 0, size, reach?.ptr ?? 0, byItem.rows];
  const of = [byUser.rowPtr.ptr, byUser.colIdx.ptr, ...gram];
  const args = [...head, most, byUser.rows, entries, steps, ...of, scratch.ptr];
  ws.run({
    kernel: 'solve_items_f32',
    args: [...args, 0, 0],
    beginAt: args.length,
    chunks: evenChunks(count, CHUNK_TARGETS),
    scratch: [scratchPart(args.length - 1, solveWords(byUser.rows, entries, most, table ? byItem.rows : 0))],
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
