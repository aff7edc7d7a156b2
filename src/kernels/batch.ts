import type { I32Buffer } from '../runtime/buffers.ts';
import type { Workspace } from '../runtime/workspace.ts';

/**
 * Gives each distinct node of a batch a slot, in order of first appearance; see assembly/batch.ts.
 * @param slots the slot of each node, −1 where it has none yet; [numNodes], updated
 * @param rows the node of each slot, overwritten from slot `used` on
 * @param nodeSlots the slot of each of the batch's nodes; [count], overwritten
 * @param used slots already given
 * @returns the number of slots in use
 */
export function planBatch(
  ws: Workspace,
  nodes: I32Buffer<'node'>,
  count: number,
  slots: I32Buffer<'slot'>,
  rows: I32Buffer<'node'>,
  nodeSlots: I32Buffer<'slot'>,
  used: number,
): number {
  return ws.wasm.plan_batch(nodes.ptr, count, slots.ptr, rows.ptr, nodeSlots.ptr, used);
}

/** Takes the slots of the listed nodes back. */
export function clearSlots(
  ws: Workspace,
  rows: I32Buffer<'node'>,
  count: number,
  slots: I32Buffer<'slot'>,
): void {
  ws.wasm.clear_slots(rows.ptr, count, slots.ptr);
}
