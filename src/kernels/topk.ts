import type { F32Buffer, I32Buffer } from '../runtime/buffers.ts';
import { evenChunks } from '../runtime/rowJobs.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** Queries in a chunk of sorting. */
const SORTED_QUERIES = 32;

/** Where the top k go: [queries × k] scores and items, [queries] counts. Heaps until `sortTopK`, then lists, best first. */
export interface TopK {
  readonly scores: F32Buffer;
  readonly items: I32Buffer<'item'>;
  readonly counts: I32Buffer;
}

/** Empties the heaps of the first `count` queries; unused places are −Infinity and −1. */
export function clearTopK(ws: Workspace, count: number, k: number, top: TopK): void {
  ws.wasm.clear_topk(0, count, k, top.scores.ptr, top.items.ptr, top.counts.ptr);
}

/** Turns the heaps of the first `count` queries into lists, best first; ties go to the lower item index. */
export function sortTopK(ws: Workspace, count: number, k: number, top: TopK): void {
  ws.run({
    kernel: 'sort_topk',
    args: [0, 0, k, top.scores.ptr, top.items.ptr, top.counts.ptr],
    beginAt: 0,
    chunks: evenChunks(count, SORTED_QUERIES),
    scratch: [],
    work: count * k * 50,
  });
}
