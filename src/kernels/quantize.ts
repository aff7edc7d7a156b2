import type { I32Buffer, Matrix } from '../runtime/buffers.ts';
import { evenChunks, scratchPart } from '../runtime/rowJobs.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** Panels of sixteen items that are packed in a chunk. */
const PACKED_PANELS = 64;

/** Items in 16 bits for `scoreTopK16`, in buffers as long as `filterWords` says; see assembly/quantize.ts and prefilter.ts. */
export interface ItemPanels16 {
  readonly panels: I32Buffer;
  readonly slack: I32Buffer;
  /** The item of each place in the panels. */
  readonly order: I32Buffer<'item'>;
  /** Scale of the items, exact in f32. */
  readonly scale: number;
}

/** Words of sixteen rows in 16 bits, in whole cache lines. */
export function rowWords(dim: number): number {
  return 8 * Math.ceil(dim / 16) * 16;
}

/** Fills `out` with the items in 16 bits; `unpacked`: rowWords(dim) a thread. */
export function packPanels16(ws: Workspace, items: Matrix, out: ItemPanels16, unpacked: I32Buffer): void {
  const { panels, slack, order, scale } = out;
  const { ptr, rows, dim, stride } = items;
  const args = [ptr, order.ptr, rows, dim, stride, scale, panels.ptr, slack.ptr, unpacked.ptr];
  ws.run({
    kernel: 'pack_panels_i16',
    args: [...args, 0, 0],
    beginAt: args.length,
    chunks: evenChunks(Math.ceil(rows / 16), PACKED_PANELS),
    scratch: [scratchPart(args.length - 1, rowWords(dim))],
    work: rows * dim,
  });
}
