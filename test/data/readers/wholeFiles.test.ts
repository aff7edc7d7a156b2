import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, describe, expect, it } from 'vitest';
import { kCore } from '../../../src/data/kCore.ts';
import { readInteractions } from '../../../src/data/readers/readInteractions.ts';
import { leaveOneOut } from '../../../src/data/splits.ts';
import { sharedData } from '../../sharedData.ts';
import { pairsOf } from '../samples.ts';
import { lines } from './publicForms.ts';

const folder = mkdtempSync(join(tmpdir(), 'llminit-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Rows, users, items and the sum of ratings by DuckDB, a reader of another make. */
async function duckDbCounts(from: string, [user, item, rating]: readonly string[]): Promise<number[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const counts = `select count(*), count(distinct ${user}), count(distinct ${item}), sum(${rating}) from ${from}`;
  const [row] = (await connection.runAndReadAll(counts)).getRows();
  connection.closeSync();
  return row.map(Number);
}

async function ourCounts(path: string): Promise<number[]> {
  const { interactions, report } = await readInteractions(readFileSync(path), {
    name: path,
    duplicates: 'first',
  });
  const { ratings, numUsers, numItems } = interactions;
  return [report.lines, numUsers, numItems, ratings!.reduce((sum, rating) => sum + rating, 0)];
}

describe('whole files', () => {
  it.skipIf(!sharedData)('MovieLens-100K as u.data and as .inter gives the same split', async () => {
    const text = readFileSync(join(sharedData!, 'data/ml-100k/ml-100k.inter'), 'utf8');
    const uData = text.slice(text.indexOf('\n') + 1);
    const [inter, data] = await Promise.all([
      readInteractions(text, { name: 'ml-100k.inter', minRating: 4 }),
      readInteractions(uData, { name: 'u.data', minRating: 4 }),
    ]);
    expect(data.report.layout).toMatch(
      /tab-separated, no header.*feedback column 3 1–5, time column 4 in seconds/,
    );
    expect(data.report.lines).toBe(100_000);
    const splits = [inter, data].map(({ interactions }) =>
      leaveOneOut(kCore(interactions, 5), { order: 'time' }),
    );
    for (const part of ['train', 'valid', 'test', 'had'] as const)
      expect(pairsOf(splits[1][part]!)).toEqual(pairsOf(splits[0][part]!));
  });

  it.skipIf(!sharedData)(
    'MovieLens-100K with a threshold keeps every rated film of a user out of recommendations',
    async () => {
      const text = readFileSync(join(sharedData!, 'data/ml-100k/ml-100k.inter'), 'utf8');
      const { interactions } = await readInteractions(text, { name: 'ml-100k.inter', minRating: 4 });
      const split = leaveOneOut(interactions);
      const rated = text
        .split('\n')
        .slice(1, -1)
        .map((line) => line.split('\t'));
      const known = rated.filter(
        ([u, i]) => interactions.userIndex(u) !== undefined && interactions.itemIndex(i) !== undefined,
      );
      expect([rated.length, interactions.length, split.had!.length]).toEqual([100_000, 55_375, known.length]);
      const met = new Set(pairsOf(split.had!));
      expect(known.every(([u, i]) => met.has(`${u} ${i}`))).toBe(true);
      expect(split.disliked!.length).toBe(known.length - interactions.length);
    },
  );

  it.skipIf(!sharedData)('MovieLens-100K counts as DuckDB counts', async () => {
    const path = join(sharedData!, 'data/ml-100k/ml-100k.inter');
    const from = `read_csv('${path}', delim='\t', header=true)`;
    const columns = ['"user_id:token"', '"item_id:token"', '"rating:float"'];
    expect(await ourCounts(path)).toEqual(await duckDbCounts(from, columns));
  });

  it.each([
    [
      'quoted.csv',
      lines((r) => `"${r.user}","SKU ${r.item}, ""red""",${r.rating}`, 'user,item,rating', '\r\n'),
      `header=true, quote='"', escape='"'`,
      ['"user"', 'item', 'rating'],
    ],
    [
      'plain.psv',
      lines((r) => `${r.user}|${r.item}|${r.rating}`),
      `delim='|', header=false`,
      ['column0', 'column1', 'column2'],
    ],
  ])('%s counts as DuckDB counts', async (name, text, options, columns) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    expect(await ourCounts(path)).toEqual(await duckDbCounts(`read_csv('${path}', ${options})`, columns));
  });

  it.each(['uncompressed', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4', 'lz4_raw'])(
    'Parquet in %s counts as DuckDB, which wrote it, counts',
    async (compression) => {
      const csv = join(folder, 'source.csv');
      const path = join(folder, `${compression}.parquet`);
      writeFileSync(
        csv,
        lines((r) => `${r.user},i${r.item},${r.rating}`, 'user,item,rating'),
      );
      const instance = await DuckDBInstance.create(':memory:');
      const connection = await instance.connect();
      await connection.run(
        `copy (from '${csv}') to '${path}' (format parquet, compression '${compression}')`,
      );
      connection.closeSync();
      expect(await ourCounts(path)).toEqual(await duckDbCounts(`'${path}'`, ['"user"', 'item', 'rating']));
    },
  );
});
