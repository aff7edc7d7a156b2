import type { NodeTables } from '../data/nodeTables.ts';
import { DataError, ShapeError, shown } from '../errors.ts';
import { firstNonFinite } from '../format/finite.ts';
import { isFloat32Array } from '../options/kinds.ts';
import type { Workspace } from '../runtime/workspace.ts';
import type { ResolvedInit } from './options.ts';
import { poolingRoom, poolUsers } from './pooling.ts';
import type { AdapterStart, ItemRows, StrategyContext } from './strategy.ts';
import { xavierRows } from './xavierRows.ts';

/**
 * E⁽⁰⁾ with what is worth knowing about it.
 *
 * @example
 * const tables: Initialization = await initialize(split.train, embeddings, { strategy: 'variance', dim: 4 });
 * tables.strategy; // → 'variance'
 */
export interface Initialization extends NodeTables {
  /** The default width, where the vectors allow fewer columns than that; null where `dim` is as wanted. */
  readonly reducedFrom: number | null;
  /** Its name; `variance` also where it was called `var`. */
  readonly strategy: string;
  /** The columns kept, ascending; null where no columns are selected. */
  readonly columns: Int32Array | null;
  /**
   * Share of the embeddings' variance that the table keeps, before `whiten` evens it out; of the centred rows where the
   * strategy centres them. null for `xavier` and `projection`, which keeps no subspace.
   */
  readonly varianceKept: number | null;
  /** Items without an embedding, or with one of zeros, whose rows are xavier rows. */
  readonly itemsWithoutEmbedding: readonly number[];
  /** Users without a training item, whose rows are the mean of all item rows; 0 for `xavier`. */
  readonly usersWithoutItems: number;
  /** Columns, from the first, that `fit` leaves as they are: of `frozen`. */
  readonly frozenColumns?: number;
  /** What makes the items' rows a trained map of their vectors in `fit`: of `adapter`. */
  readonly adapter?: AdapterStart;
}

/**
 * The last steps: scales the rows, adds Xavier rows for the items without, and pools the users.
 * @param ownUsers user rows of the strategy's own, instead of pooled ones
 * @param scale mean norm of the rows; undefined for the strategy's own
 */
export function finishTables(
  { strategy, seed, pooling }: ResolvedInit,
  context: StrategyContext,
  made: ItemRows,
  ownUsers: Float32Array | undefined,
  scale = strategy.scale,
): Initialization {
  const { present, dim: wanted, runtime, interactions } = context;
  const { dim, columns = null, varianceKept = null, frozenColumns, adapter } = made;
  const numItems = interactions.cols;
  const items = xavierRows(runtime, numItems, dim, seed, 'items');
  const itemsWithoutEmbedding = new Set(Array.from({ length: numItems }, (_, item) => item));
  const rows = scaledRows(made.rows, dim, scale);
  for (const [n, item] of present.entries()) {
    items.set(rows.subarray(n * dim, (n + 1) * dim), item * dim);
    itemsWithoutEmbedding.delete(item);
  }
  const users = ownUsers
    ? { users: scaledRows(ownUsers, dim, scale), usersWithoutItems: 0 }
    : pooledUsers(context, items, dim, pooling);
  return {
    ...users,
    ...{
      items,
      dim,
      reducedFrom: dim < wanted ? wanted : null,
      strategy: strategy.name,
      columns,
      varianceKept,
    },
    itemsWithoutEmbedding: [...itemsWithoutEmbedding],
    ...(frozenColumns !== undefined && { frozenColumns }),
    ...(adapter && { adapter: ofAllItems(adapter, present, numItems) }),
  };
}

/** Dense rows, multiplied by one factor so that their mean L2 norm is `scale`; as they are without `scale`. */
function scaledRows(values: Float32Array, dim: number, scale: number | undefined): Float32Array {
  if (scale === undefined) return values;
  const rows = values.length / dim;
  let norms = 0;
  for (let r = 0; r < rows; r++) {
    let squares = 0;
    for (let c = r * dim; c < (r + 1) * dim; c++) squares += values[c] * values[c];
    norms += Math.sqrt(squares);
  }
  const factor = norms > 0 ? (scale * rows) / norms : 1;
  return values.map((value) => value * factor);
}

function pooledUsers(
  { runtime, interactions }: StrategyContext,
  items: Float32Array,
  dim: number,
  pooling: ResolvedInit['pooling'],
): Pick<Initialization, 'users' | 'usersWithoutItems'> {
  const layout = (workspace: Workspace) => {
    const table = workspace.matrix(interactions.cols, dim);
    const users = workspace.matrix(interactions.rows, dim);
    return { table, users, room: poolingRoom(workspace, interactions, table) };
  };
  return runtime.use('initialize', layout, ({ table, users, room }, workspace) => {
    table.write(items);
    const usersWithoutItems = poolUsers(workspace, interactions, table, users, pooling, room);
    return { users: users.read(), usersWithoutItems };
  });
}

/** Features of all items, zeros where an item has none. */
function ofAllItems(adapter: AdapterStart, present: readonly number[], numItems: number): AdapterStart {
  const { features, width } = adapter;
  const all = new Float32Array(numItems * width);
  for (const [n, item] of present.entries())
    all.set(features.subarray(n * width, (n + 1) * width), item * width);
  return { ...adapter, features: all };
}

/**
 * Holds what a strategy made against what was asked of it.
 * @throws {ShapeError} unless there is a row for every item in `present`, of the width asked for
 * @throws {DataError} on NaN or Inf
 */
export function checkRows(made: ItemRows, { present, dim, exact }: StrategyContext, name: string): void {
  const { rows, dim: found } = { ...(made as Partial<ItemRows> | undefined) };
  const fits = Number.isSafeInteger(found) && found! >= 1 && (exact ? found === dim : found! <= dim);
  if (!fits || !isFloat32Array(rows) || rows.length !== present.length * found!) {
    const wanted = `${present.length} rows of ${exact ? '' : 'at most '}${dim} columns`;
    const problem = `expected ${wanted} from the strategy, received ${shown(rows)} with dim ${shown(found)}`;
    throw new ShapeError(
      name,
      problem,
      'Return { rows, dim }, rows a Float32Array of present.length × dim values',
    );
  }
  const at = firstNonFinite(rows);
  if (at < 0) return;
  const problem = `expected finite rows from the strategy, received ${rows[at]} in row ${Math.floor(at / found!)}`;
  throw new DataError(name, problem, 'Mend the strategy, or the vectors');
}
