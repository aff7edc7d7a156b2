import { rankScores } from '../../kernels/itemRows.ts';
import type { Matrix } from '../../runtime/buffers.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import type { Ranked } from './factorTable.ts';

/** A table for one score an item, zeros; `rankTable` ranks it. */
export function scoreTable(workspace: Workspace, numItems: number): Matrix {
  return workspace.matrix(1, numItems, Math.ceil(numItems / 8) * 8);
}

/** The k best items of a table of scores that are not excluded; copies. */
export function rankTable(workspace: Workspace, scores: Matrix, excluded: Uint8Array, k: number): Ranked {
  const places = Math.min(k, scores.dim);
  const bits = workspace.bytes(excluded.length + 1);
  bits.view.set(excluded);
  const top = {
    scores: workspace.f32(places),
    items: workspace.i32(places),
    counts: workspace.i32(1),
  };
  rankScores(workspace, scores, 1, bits, excluded.length, places, top);
  const found = top.counts.view[0];
  return { items: top.items.view.slice(0, found), scores: top.scores.view.slice(0, found) };
}

/** The k best items by scores of the host. */
export function rankValues(
  workspace: Workspace,
  values: ArrayLike<number>,
  excluded: Uint8Array,
  k: number,
): Ranked {
  const mark = workspace.mark();
  try {
    const scores = scoreTable(workspace, values.length);
    scores.row(0).view.set(values);
    return rankTable(workspace, scores, excluded, k);
  } finally {
    workspace.release(mark);
  }
}
