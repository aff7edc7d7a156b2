import { DataError } from '../errors.ts';
import { normalizeRows } from '../kernels/rows.ts';
import { centerColumns, columnMoments, type MomentsRoom } from '../kernels/select.ts';
import type { Matrix } from '../runtime/buffers.ts';
import type { Workspace } from '../runtime/workspace.ts';

/**
 * x with its column means taken off and its rows of norm 1 again; overwrites x.
 * @throws {DataError} when all rows are the same
 */
export function centered(workspace: Workspace, x: Matrix, room: MomentsRoom): Matrix {
  columnMoments(workspace, x, x.rows, room);
  centerColumns(workspace, x, room.mean);
  normalizeRows(workspace, x);
  if (x.view.some((value) => value !== 0)) return x;
  throw new DataError(
    'initialize',
    `expected vectors that differ, received the same one for all ${x.rows} items`,
    'Pass texts or vectors that differ, or use xavier',
  );
}
