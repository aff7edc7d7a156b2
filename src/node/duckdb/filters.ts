import type { DuplicatePolicy } from '../../data/collapse.ts';
import { type FeedbackKind, NO_RATING } from '../../data/feedback.ts';
import { nothingLeft } from '../../data/kCore.ts';
import type { Collected } from './collector.ts';
import type { Database } from './database.ts';

/** How many pairs there are. */
export interface JudgedCounts {
  /** pairs that were met */
  readonly met: number;
  readonly liked: number;
  readonly low: number;
  /** users and items of what is liked */
  readonly users: number;
  readonly items: number;
  /** whether every pair that is liked has a number, and a time */
  readonly hasRatings: boolean;
  readonly hasTimes: boolean;
}

/** How many pairs are left. */
export interface FilteredCounts extends JudgedCounts {
  /** what the k-core left of what is liked */
  readonly kept: number;
}

/**
 * Thins the table `rows` to one row a pair, and makes `liked` of it, the rows that count as liked. Both keep the order in
 * which the rows were read. The rules are those of `representatives` and `verdictRule`.
 */
export async function likedRows(
  database: Database,
  collected: Collected,
  minRating: number | undefined,
): Promise<JudgedCounts> {
  if (collected.absent > 0) await database.value(`DELETE FROM rows WHERE v = ${NO_RATING}`);
  await collapse(database, collected);
  const { kind, verdict, hasUnrated } = collected;
  const judged = kind && verdict ? verdictSql(kind, hasUnrated, minRating) : "'liked'";
  const count = (what: string, table: string) => database.count(`SELECT count(${what}) FROM ${table}`);
  await database.value(`CREATE TABLE liked AS SELECT * FROM rows WHERE ${judged} = 'liked'`);
  const liked = await count('*', 'liked');
  return {
    met: await count('*', 'rows'),
    liked,
    low: await count('*', `rows WHERE ${judged} = 'low'`),
    users: await count('DISTINCT u', 'liked'),
    items: await count('DISTINCT i', 'liked'),
    hasRatings: (await count('v', 'liked')) === liked,
    hasTimes: (await count('t', 'liked')) === liked,
  };
}

/**
 * Removes users and items with fewer than k rows from `liked`, again and again.
 * @returns how many rows are left
 * @throws {DataError} as `kCore`, if none is
 */
export async function likedCore(
  database: Database,
  { liked, users, items }: JudgedCounts,
  k: number,
): Promise<number> {
  const sides = ['u', 'i'] as const;
  for (const side of sides) await database.value(`CREATE TABLE dropped_${side} (${side} INTEGER)`);
  const left = 'liked ANTI JOIN dropped_u USING (u) ANTI JOIN dropped_i USING (i)';
  for (let dropped = 1; dropped > 0; ) {
    dropped = 0;
    for (const side of sides)
      dropped += await database.count(`INSERT INTO dropped_${side}
        SELECT ${side} FROM ${left} GROUP BY ${side} HAVING count(*) < ${k}`);
  }
  await database.value(`CREATE TABLE core AS SELECT liked.* FROM ${left} ORDER BY n`);
  for (const table of ['liked', 'dropped_u', 'dropped_i']) await database.value(`DROP TABLE ${table}`);
  await database.value('ALTER TABLE core RENAME TO liked');
  const kept = await database.count('SELECT count(*) FROM liked');
  if (kept === 0) throw nothingLeft({ users, items, interactions: liked }, k, k);
  return kept;
}

/** The verdict of `verdictRule` on the number `v` of a row, as SQL. */
export function verdictSql(kind: FeedbackKind, hasUnrated: boolean, minRating: number | undefined): string {
  const least = `CAST('${minRating ?? 0}' AS DOUBLE)`;
  const ofEvent = `WHEN v IS NULL THEN 'unrated' WHEN v >= 0 THEN (CASE WHEN v > 0 AND v >= ${least} THEN 'liked' ELSE 'unrated' END)`;
  const without = minRating === undefined && kind !== 'label' ? 'liked' : 'unrated';
  const unrated = hasUnrated && kind === 'rating' ? 'v IS NULL OR v <= 0' : 'v IS NULL';
  const likes = minRating !== undefined ? `v >= ${least}` : kind === 'rating' ? 'TRUE' : 'v > 0';
  const first = kind === 'event' ? ofEvent : `WHEN ${unrated} THEN '${without}'`;
  return `(CASE ${first} WHEN ${likes} THEN 'liked' ELSE 'low' END)`;
}

/** Which row stands for a pair: the first in this order. */
function orderSql(policy: DuplicatePolicy, hasNumbers: boolean, hasTimes: boolean): string {
  const earliest = hasTimes ? 't NULLS LAST, n' : 'n';
  const latest = hasTimes ? 't DESC NULLS LAST, n DESC' : 'n DESC';
  if (policy === 'first' || policy === 'sum') return earliest;
  if (policy === 'last') return latest;
  if (!hasNumbers) return 'n';
  return policy === 'strongest' ? `coalesce(abs(v), -1) DESC, ${latest}` : 'v DESC NULLS LAST, n';
}

async function collapse(database: Database, { kind, policy }: Collected): Promise<void> {
  await database.value('CREATE TABLE repeated AS SELECT u, i FROM rows GROUP BY u, i HAVING count(*) > 1');
  if ((await database.count('SELECT count(*) FROM repeated')) === 0) return;
  const hasTimes = (await database.count('SELECT count(t) FROM rows')) > 0;
  const order = orderSql(policy, kind !== null, hasTimes);
  await database.value(`CREATE TABLE placed AS
    SELECT n, u, i, v, row_number() OVER (PARTITION BY u, i ORDER BY ${order}) AS place
    FROM rows SEMI JOIN repeated USING (u, i)`);
  // Numbers are added as they were read, in 32 bits, as in memory.
  const adds = policy === 'sum' && kind !== null;
  if (adds)
    await database.value(`CREATE TABLE sums AS
      SELECT min(n) FILTER (WHERE place = 1) AS n,
        list_reduce(list(v ORDER BY n) FILTER (WHERE v IS NOT NULL), lambda a, b: a + b) AS total
      FROM placed GROUP BY u, i`);
  // Made anew: what DELETE and UPDATE remember of many rows stays in memory.
  const value = adds ? 'CASE WHEN sums.n IS NULL THEN rows.v ELSE sums.total END AS v' : 'rows.v';
  await database.value(`CREATE TABLE pairs AS SELECT rows.n, u, i, ${value}, t FROM rows
    ${adds ? 'LEFT JOIN sums ON rows.n = sums.n' : ''}
    ANTI JOIN (SELECT n FROM placed WHERE place > 1) AS others ON rows.n = others.n ORDER BY rows.n`);
  for (const table of ['rows', ...(adds ? ['sums'] : [])]) await database.value(`DROP TABLE ${table}`);
  await database.value('ALTER TABLE pairs RENAME TO rows');
  await database.value('DROP TABLE placed');
}
