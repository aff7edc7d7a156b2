import type { Csr } from '../../data/csr.ts';
import { fillGramTable, type GramTable, type InteractionMatrices } from '../../kernels/itemSystems.ts';
import type { Turns } from '../../runtime/turns.ts';
import type { Workspace } from '../../runtime/workspace.ts';

/** Items whose XᵀX is summed once for all systems, the most frequent ones: 64 MB. */
export const TABLE_ITEMS = 4096;
/** Rows of it between two turns of the event loop. */
const TABLE_ROWS = 64;

/**
 * XᵀX of the most frequent items, of interactions without weights. The sources of an item are mostly frequent ones: to list
 * their users anew for every target takes time with the square of the data, once it takes time with the data.
 * @param most items of the table; null is returned for none
 */
export async function gramTable(
  workspace: Workspace,
  matrices: InteractionMatrices,
  byUser: Csr,
  byItem: Csr,
  turns: Turns,
  most = TABLE_ITEMS,
  room = gramTableRoom(workspace, byItem.rows, most),
): Promise<GramTable | null> {
  const { rows: numItems, rowPtr } = byItem;
  const size = Math.min(most, numItems);
  if (size === 0) return null;
  const frequency = (item: number) => rowPtr[item + 1] - rowPtr[item];
  const frequent = Int32Array.from({ length: numItems }, (_, item) => item)
    .sort((a, b) => frequency(b) - frequency(a) || a - b)
    .subarray(0, size);
  const { listed, places, reach, values } = room;
  listed.view.set(frequent);
  for (let place = 0; place < size; place++) places.view[frequent[place]] = place + 1;
  reach.view.set(reachOf(byItem, byUser));
  const table = { places, values, size, reach };
  for (let row = 0; row < size; row += TABLE_ROWS) {
    await turns.offer();
    fillGramTable(workspace, matrices, listed, table, row, Math.min(row + TABLE_ROWS, size));
  }
  return table;
}

/** What `gramTable` fills, in a workspace that may only count. */
export function gramTableRoom(workspace: Workspace, numItems: number, most = TABLE_ITEMS) {
  const size = Math.min(most, numItems);
  return {
    listed: workspace.i32(size),
    places: workspace.i32(numItems),
    reach: workspace.f32(numItems),
    values: workspace.f32(size * size),
  };
}

/** For each item the interactions of its users. */
function reachOf(byItem: Csr, byUser: Csr): Float32Array {
  return Float32Array.from({ length: byItem.rows }, (_, item) => {
    let sum = 0;
    for (let n = byItem.rowPtr[item]; n < byItem.rowPtr[item + 1]; n++) {
      const user = byItem.colIdx[n];
      sum += byUser.rowPtr[user + 1] - byUser.rowPtr[user];
    }
    return sum;
  });
}
