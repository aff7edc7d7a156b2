import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, describe, expect, it } from 'vitest';
import { FEEDBACK_KINDS, verdictRule } from '../../src/data/feedback.ts';
import type { Interactions } from '../../src/data/interactions.ts';
import { kCore } from '../../src/data/kCore.ts';
import { TEXT_FORMAT_ENTRIES } from '../../src/data/readers/formats.ts';
import { readInteractions } from '../../src/data/readers/readInteractions.ts';
import { duckdbFault } from '../../src/node/duckdb/database.ts';
import { verdictSql } from '../../src/node/duckdb/filters.ts';
import {
  type DuckdbOptions,
  openSource,
  type PrepareOptions,
  prepareWithDuckdb,
  readInteractionsWithDuckdb,
} from '../../src/node.ts';

const folder = mkdtempSync(join(tmpdir(), 'llminit-duckdb-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** All that a set of interactions holds. */
function contents(set: Interactions | null): object | null {
  if (!set) return null;
  const { userIds, itemIds, users, items, ratings, timestamps, weights, feedback } = set;
  return {
    ...{ userIds, itemIds, users, items, ratings, timestamps, weights, feedback },
    ...{ duplicates: set.duplicates, belowRating: set.belowRating },
    ...{ had: contents(set.had), disliked: contents(set.disliked) },
  };
}

async function bothWays(paths: readonly string[], options: DuckdbOptions = {}) {
  const { kCore: k = 0, memoryMb, spillFolder, ...reading } = options;
  const sources = paths.map((name) => ({ name, source: openSource(name) }));
  const own = await readInteractions(sources, reading);
  const kept = k > 0 ? kCore(own.interactions, k) : own.interactions;
  const theirs = await readInteractionsWithDuckdb(paths, { ...options, spillFolder: folder });
  expect(contents(theirs.interactions)).toEqual(contents(kept));
  expect(theirs.reports).toEqual(own.reports);
  const { numUsers, numItems, length, belowRating, duplicates } = own.interactions;
  const before = { users: numUsers, items: numItems, interactions: length, belowRating, duplicates };
  expect(theirs.before).toEqual(before);
  return theirs.interactions;
}

/** Rows with repeated pairs, missing numbers and times, odd ids. */
function rows(count: number, value: (n: number) => string, users = 40, items = 30): string[] {
  let state = 7;
  const next = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return Array.from({ length: count }, (_, n) => {
    const time = next(9) === 0 ? '' : String(1_500_000_000 + next(400) * 3600);
    return `${next(7) === 0 ? ' ' : ''}u${next(users)},i${next(items) * next(3)},${value(n + next(100))},${time}`;
  });
}

const csv = (header: string, lines: readonly string[]) => `${[header, ...lines].join('\n')}\n`;
const stars = (n: number) => (n % 11 === 0 ? '' : String(1 + (n % 5)));

describe('reading with DuckDB', () => {
  const ratings = csv('user_id,item_id,rating,timestamp', rows(900, stars));

  it.each<[string, DuckdbOptions]>([
    ['all ratings', {}],
    ['a threshold', { minRating: 4, onBadLine: 'skip' }],
    ['a threshold and a core', { minRating: 3, kCore: 4, onBadLine: 'skip' }],
    ['a core', { kCore: 5 }],
    ['the first of a pair', { duplicates: 'first' }],
    ['the last of a pair', { duplicates: 'last' }],
    ['the highest of a pair', { duplicates: 'max', minRating: 5, onBadLine: 'skip' }],
    ['the strongest of a pair', { duplicates: 'strongest' }],
    ['the sum of a pair', { duplicates: 'sum', feedback: 'count' }],
    ['no times', { timestampColumn: null }],
    ['no times and the highest', { timestampColumn: null, duplicates: 'max' }],
    ['no ratings', { ratingColumn: null }],
    ['no ratings and the highest', { ratingColumn: null, duplicates: 'max' }],
    ['weights and a core', { feedbackWeights: 'log', kCore: 4, onBadLine: 'skip' }],
  ])('gives what reading in memory gives: %s', async (_, options) => {
    const read = await bothWays([file('ratings.csv', ratings)], options);
    expect(read.length).toBeGreaterThan(50);
  });

  it('adds numbers up in the order of rows and in 32 bits', async () => {
    const lines = rows(2000, (n) => String((n % 17) / 10 + n / 3), 6, 5);
    const path = file('plays.csv', csv('user,item,plays,time', lines));
    const read = await bothWays([path], { feedbackWeights: 'linear' });
    expect(read.feedback?.kind).toBe('count');
    expect(read.duplicates).toBeGreaterThan(1000);
  });

  it.each([
    ['counts', 'hours', (n: number) => String((n % 9) - 1)],
    ['labels', 'label', (n: number) => (n % 5 === 0 ? '' : String(n % 2))],
    ['ratings with 0 for not rated', 'rating', (n: number) => String(n % 6)],
    ['ratings with 99 for none', 'score', (n: number) => String(n % 4 === 0 ? 99 : (n % 6) - 2.5)],
    ['words', 'opinion', (n: number) => ['good', 'bad', 'great'][n % 3]],
  ])('tells what numbers mean: %s', async (_, column, value) => {
    const options = column === 'opinion' ? { ratingColumn: column, liked: ['good', 'great'] } : {};
    const path = file(`${column}.csv`, csv(`user,item,${column},time`, rows(700, value)));
    const read = await bothWays([path], options);
    expect(read.length).toBeGreaterThan(50);
    await bothWays([path], { ...options, kCore: 3 });
  });

  it('tells what events mean', async () => {
    const kinds = ['view', 'buy', 'hide', 'remove_from_cart', 'cart'];
    const path = file(
      'events.csv',
      csv(
        'user,item,event,time',
        rows(900, (n) => kinds[n % 5]),
      ),
    );
    const read = await bothWays([path]);
    expect(read.feedback?.events).toHaveLength(5);
    expect(read.disliked?.length).toBeGreaterThan(0);
    await bothWays([path], { events: ['buy'], kCore: 2 });
  });

  it('reads several files of several forms one after the other', async () => {
    const json = rows(300, stars).map((line) => {
      const [user_id, item_id, rating, timestamp] = line.split(',');
      return JSON.stringify({
        user_id,
        item_id,
        rating: Number(rating) || null,
        timestamp: Number(timestamp),
      });
    });
    const parts = [
      file('a.csv', ratings),
      file('b.jsonl', json.join('\n')),
      file('c.json', `[${json.join(',\n')}]`),
      file('d.txt', ratings.replaceAll(',', ';')),
    ];
    await bothWays(parts, { kCore: 3 });
  });

  it.each(TEXT_FORMAT_ENTRIES.map(({ name, example }) => [name, example] as const))(
    'reads the example of %s',
    async (format, example) => {
      const read = await bothWays([file(`example-${format}`, example)], { format });
      expect(read.length).toBeGreaterThanOrEqual(2);
    },
  );

  it('reads what is packed, encoded and separated in other ways', async () => {
    const packed = join(folder, 'ratings.csv.gz');
    writeFileSync(packed, gzipSync(ratings));
    const latin = join(folder, 'latin.csv');
    writeFileSync(
      latin,
      Buffer.from('user_id;item_id;rating\nZo\xe9;i1;4,5\nAnn;i2;3,0\nZo\xe9;i1;2,5\n', 'latin1'),
    );
    const wide = file('tabs.tsv', ratings.replaceAll(',', '\t').replaceAll('\n', '\r\n'));
    await bothWays([packed], { kCore: 3 });
    await bothWays([latin], { encoding: 'windows-1252' });
    await bothWays([wide, packed], { dateOrder: 'dmy' });
  });

  it('keeps users without items where the format has them', async () => {
    await bothWays([file('train.txt', '3\n0 1 2 3\n1\n2 3 3 5\n')], { format: 'lightgcn' });
  });

  it('scans Parquet of any size where it lies, with dates, lists and bytes as they are', async () => {
    const path = join(folder, "a'b.parquet");
    const table = `SELECT 'u' || (n * 7 % 23) AS user_id, (n * 13 % 17)::BIGINT AS item_id,
      (n % 5 + 1)::DECIMAL(4, 1) AS rating, TIMESTAMP '2020-01-01' + n * INTERVAL 1 HOUR AS timestamp,
      [n, n + 1] AS list, {'a': n} AS object, encode('x' || n) AS bytes FROM range(5000) t(n)`;
    const connection = await (await DuckDBInstance.create()).connect();
    await connection.run(
      `COPY (${table}) TO '${path.replaceAll("'", "''")}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
    );
    const read = await bothWays([path], { minRating: 4, kCore: 2 });
    expect(read.timestamps?.[0]).toBe(1577836800 + 4609 * 3600);
    await bothWays([path], { timestampColumn: null, ratingColumn: null });
  });

  it.each<[string, PrepareOptions]>([
    ['RecBole', { minRating: 4, kCore: 4, onBadLine: 'skip' }],
    ['Parquet', { minRating: 4, kCore: 4, onBadLine: 'skip', output: 'parquet' }],
    ['RecBole of all', {}],
    ['Parquet of sums', { feedback: 'count', output: 'parquet', timestampColumn: null }],
  ])('writes a file that says the same: %s', async (_, options) => {
    const odd = ['"O""Brien, Ann",i1,5,1500000000', '"tab\there",i2,4,1500000001.5', 'Zoë,i1,5,1500000000'];
    const path = file('odd.csv', csv('user_id,item_id,rating,timestamp', [...odd, ...rows(2500, stars)]));
    const out = join(folder, 'prepared');
    const { output, kCore: k = 0, ...reading } = options;
    const prepared = await prepareWithDuckdb([path], out, { ...options, spillFolder: folder });
    expect(readdirSync(out)).toEqual([output === 'parquet' ? 'interactions.parquet' : 'interactions.inter']);
    const own = (await readInteractions([{ name: path, source: openSource(path) }], reading)).interactions;
    const kept = k > 0 ? kCore(own, k) : own;
    const again = (await readInteractions(openSource(prepared.file), prepared.reading)).interactions;
    const same = ({ feedback, duplicates, belowRating, ...rest }: Record<string, unknown>) => rest;
    expect(same(contents(again) as never)).toEqual(same(contents(kept) as never));
    expect(prepared).toMatchObject({ users: kept.numUsers, items: kept.numItems, interactions: kept.length });
    expect(prepared.rows).toBe((kept.had ?? kept).length);
    rmSync(out, { recursive: true });
  });

  it('has the verdicts of reading in memory', async () => {
    const connection = await (await DuckDBInstance.create()).connect();
    const values = [Number.NaN, -2, -1, -0.5, 0, 0.25, 0.5, 1, 3, 3.5, 4, 10];
    for (const kind of FEEDBACK_KINDS)
      for (const hasUnrated of [false, true])
        for (const minRating of [undefined, -1, 0, 0.5, 3.5]) {
          const sql = verdictSql(kind, hasUnrated, minRating);
          const list = values.map((value) => (Number.isNaN(value) ? 'NULL' : value)).join(', ');
          const reader = await connection.runAndReadAll(
            `SELECT ${sql} FROM (SELECT unnest([${list}])::FLOAT AS v)`,
          );
          expect(reader.getRows().flat()).toEqual(values.map(verdictRule(kind, hasUnrated, minRating)));
        }
  });

  it('says of a limit that does not suffice which one it is', () => {
    const fault = duckdbFault(new Error('Out of Memory Error: could not allocate block\n\nhints'), 64);
    expect(fault).toMatchObject({ code: 'ERR_LLMINIT_BUDGET', option: 'memoryMb' });
    expect(fault.message).toContain('expected 64 MB to suffice, received: Out of Memory Error');
  });

  it('refuses what reading in memory refuses, and leaves no file behind', async () => {
    const before = readdirSync(folder);
    const path = file('bad.csv', 'user_id,item_id\na,x\n,y\n');
    const reading = (options: DuckdbOptions) =>
      readInteractionsWithDuckdb([path], { ...options, spillFolder: folder });
    await expect(reading({})).rejects.toThrow('bad.csv:3: the user id is ""');
    await expect(reading({ onBadLine: 'skip', kCore: 9 })).rejects.toThrow(
      'kCore: nothing is left of 1 users',
    );
    await expect(reading({ userColumn: 'who' })).rejects.toThrow('who');
    const damaged = file('bad.parquet', 'PAR1 and nothing of it PAR1');
    await expect(readInteractionsWithDuckdb(damaged)).rejects.toMatchObject({ code: 'ERR_LLMINIT_FORMAT' });
    await expect(readInteractionsWithDuckdb(join(folder, 'none.csv'))).rejects.toThrow('does not exist');
    await expect(reading({ memoryMb: 10 })).rejects.toThrow('expected memoryMb to be an integer ≥ 64');
    const away = readInteractionsWithDuckdb(path, { spillFolder: join(folder, 'away') });
    await expect(away).rejects.toThrow('expected a folder that can be written');
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(reading({ signal })).rejects.toThrow('enough');
    expect(readdirSync(folder)).toEqual([...before, 'bad.csv', 'bad.parquet'].sort());
  });
});
