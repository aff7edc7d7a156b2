import { transpose } from '../data/csr.ts';
import { gatherColumns } from '../kernels/select.ts';
import type { Matrix } from '../runtime/buffers.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { checkDim, columnVariance, varianceRoom } from './columns.ts';
import type { ItemRows, StrategyContext } from './strategy.ts';

/** `checkDim` of strategies that keep columns. @throws {OptionError} when the vectors have fewer */
export function checkColumns(dim: number, width: number): void {
  checkDim('initialize', dim, width);
}

/**
 * Rows that are columns of the vectors as they stand, with the share of variance that the columns have.
 * @param popularFraction of the items whose variances `choose` looks at
 * @param choose the columns, ascending, of `dim`, or of all if the vectors have fewer and the context allows
 */
export function selectedColumns(
  { vectors, present, width, dim, exact, runtime }: StrategyContext,
  choose: (workspace: Workspace, x: Matrix, dim: number) => Int32Array,
  popularFraction = 1,
): ItemRows {
  const count = exact ? dim : Math.min(dim, width);
  checkColumns(count, width);
  const layout = (workspace: Workspace) => {
    const x = workspace.matrix(present.length, width);
    workspace.foresee(() => varianceRoom(workspace, x, popularFraction));
    workspace.foresee(() => keptRoom(workspace, x, count));
    return x;
  };
  return runtime.use('initialize', layout, (x, workspace) => {
    x.write(vectors);
    const mark = workspace.mark();
    const columns = choose(workspace, x, count);
    workspace.release(mark);
    const { table, list } = keptRoom(workspace, x, columns.length);
    list.view.set(columns);
    gatherColumns(workspace, x, list, table);
    const variance = columnVariance(workspace, x);
    const all = variance.reduce((sum, value) => sum + value, 0);
    // Drawn with replacement, a column may stand twice and keeps its variance once.
    const kept = [...new Set(columns)].reduce((sum, column) => sum + variance[column], 0);
    return { rows: table.read(), dim: columns.length, columns, varianceKept: all > 0 ? kept / all : 1 };
  });
}

/** Room for some columns and their list, and for the variances of all. */
function keptRoom(workspace: Workspace, x: Matrix, columns: number) {
  const room = { table: workspace.matrix(x.rows, columns), list: workspace.i32(columns) };
  workspace.foresee(() => varianceRoom(workspace, x));
  return room;
}

/** Training interactions of each item that has a vector. */
export function popularityOf({ interactions, present }: StrategyContext): number[] {
  const { rowPtr } = transpose(interactions);
  return present.map((item) => rowPtr[item + 1] - rowPtr[item]);
}
