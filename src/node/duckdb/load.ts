import { weightsOf } from '../../data/feedback.ts';
import type { IdTable } from '../../data/idTable.ts';
import { Interactions } from '../../data/interactions.ts';
import { picked } from '../../data/positions.ts';
import { type Numberings, numbering, pairsOf, renumbered } from '../../data/renumber.ts';
import type { Collected } from './collector.ts';
import type { Database } from './database.ts';
import { type FilteredCounts, verdictSql } from './filters.ts';

/** Ids by index. */
export interface IdTables {
  readonly users: IdTable;
  readonly items: IdTable;
}

type Column = Float64Array | Float32Array | Int32Array;

/** The users and items of `liked`, numbered in order of first appearance. */
export async function numberings(
  database: Database,
  { users, items }: IdTables,
  registered: readonly number[],
): Promise<Numberings> {
  return {
    users: numbering(users, await firstAppearances(database, 'u'), null, registered),
    items: numbering(items, await firstAppearances(database, 'i'), null),
  };
}

/** How many of the registered users like nothing. */
export async function idleUsers(database: Database, registered: readonly number[]): Promise<number> {
  if (registered.length === 0) return 0;
  const idle = new Set(registered);
  for (const user of await firstAppearances(database, 'u')) idle.delete(user);
  return idle.size;
}

async function firstAppearances(database: Database, side: 'u' | 'i'): Promise<Int32Array> {
  const count = await database.count(`SELECT count(DISTINCT ${side}) FROM liked`);
  const indices = new Int32Array(count);
  await fill(database, `SELECT ${side} FROM liked GROUP BY ${side} ORDER BY min(n)`, [indices]);
  return indices;
}

/** The interactions that the filters left, in memory; `isDerived` where a k-core thinned them. */
export async function loadInteractions(
  database: Database,
  collected: Collected,
  counts: FilteredCounts,
  tables: IdTables,
  options: { readonly minRating?: number; readonly isDerived: boolean },
  weights: Float32Array | null,
): Promise<Interactions> {
  const numbers = await numberings(database, tables, options.isDerived ? [] : collected.registered);
  const { kept, hasRatings, hasTimes } = counts;
  const [users, items] = [new Int32Array(kept), new Int32Array(kept)];
  const ratings = hasRatings ? new Float32Array(kept) : null;
  const times = hasTimes ? new Float64Array(kept) : null;
  const wanted = ['u', 'i', ...(ratings ? ['v'] : []), ...(times ? ['t'] : [])].join(', ');
  await fill(database, `SELECT ${wanted} FROM liked`, [
    ...[users, items],
    ...(ratings ? [ratings] : []),
    ...(times ? [times] : []),
  ]);
  const hasOthers = counts.liked < counts.met;
  const { kind, hasUnrated } = collected;
  const judged = kind === null ? 'FALSE' : `${verdictSql(kind, hasUnrated, options.minRating)} = 'low'`;
  return new Interactions({
    userTable: numbers.users.table,
    itemTable: numbers.items.table,
    users: renumbered(users, numbers.users),
    items: renumbered(items, numbers.items),
    ratings,
    timestamps: times,
    weights,
    had: hasOthers ? await pairs(database, 'TRUE', counts.met, numbers) : null,
    disliked: hasOthers && counts.low > 0 ? await pairs(database, judged, counts.low, numbers) : null,
    ...(!options.isDerived && {
      duplicates: collected.rows - counts.met,
      belowRating: counts.met - counts.liked,
      feedback: collected.summary,
    }),
  });
}

/**
 * The weights of what is liked, before a k-core takes some of it away, and the numbers of their rows; null where all
 * count alike.
 */
export async function weightsOfLiked(
  database: Database,
  collected: Collected,
  liked: number,
): Promise<{ readonly rows: Float64Array; readonly weights: Float32Array } | null> {
  if (collected.kind === null || collected.weights === 'binary') return null;
  const rows = new Float64Array(liked);
  const values = new Float32Array(liked);
  await fill(database, 'SELECT n, v FROM liked', [rows, values]);
  const weights = weightsOf(values, collected.weights);
  return weights && { rows, weights };
}

/** The weights of the rows that are left. */
export async function leftWeights(
  database: Database,
  all: { readonly rows: Float64Array; readonly weights: Float32Array } | null,
  kept: number,
): Promise<Float32Array | null> {
  if (all === null || all.weights.length === kept) return all?.weights ?? null;
  const rows = new Float64Array(kept);
  await fill(database, 'SELECT n FROM liked', [rows]);
  const positions = new Int32Array(kept);
  for (let n = 0, at = 0; n < kept; n++) {
    while (all.rows[at] !== rows[n]) at++;
    positions[n] = at;
  }
  return picked(all.weights, positions);
}

async function pairs(database: Database, condition: string, count: number, numbers: Numberings) {
  const [users, items] = [new Int32Array(count), new Int32Array(count)];
  await fill(database, `SELECT u, i FROM rows WHERE ${condition}`, [users, items]);
  return pairsOf({ users, items }, numbers);
}

/** Copies the columns of a statement into arrays, NULL as NaN. DuckDB scans a table in the order of its rows. */
async function fill(database: Database, sql: string, columns: readonly Column[]): Promise<void> {
  let at = 0;
  for await (const chunk of database.chunks(sql)) {
    columns.forEach((column, n) => {
      const values = chunk.getColumnValues(n);
      for (let row = 0; row < values.length; row++)
        column[at + row] = values[row] === null ? Number.NaN : (values[row] as number);
    });
    at += chunk.rowCount;
  }
}
