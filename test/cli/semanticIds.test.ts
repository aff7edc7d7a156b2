import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cli } from './runCli.ts';
import { csv, smallShop } from './smallShop.ts';

const { items } = smallShop();
let cli: Cli;
beforeAll(async () => {
  cli = await Cli.create();
  cli.write('products.csv', csv(['item_id', 'title', 'description'], items));
  const twins = items.map(([id, title, text], n) =>
    n === 23 ? [id, items[22][1], items[22][2]] : [id, title, text],
  );
  cli.write('twins.csv', csv(['item_id', 'title', 'description'], twins));
});
afterAll(() => cli.remove());

interface Report {
  readonly items: number;
  readonly withVector: number;
  readonly levels: { size: number; used: number; entropy: number; left: number }[];
  readonly collisions: { items: number; largest: number };
  readonly width: number;
}

const read = (name: string) => readFileSync(join(cli.folder, name), 'utf8');

describe('llminit semantic-ids', () => {
  it('writes a row of codes for each item, the same bytes again, and reports their use by level', () => {
    const args = ['semantic-ids', '--items', 'products.csv', '--levels', '2', '--size', '4'];
    const report = cli.json<Report>(...args, '--out', 'codes.csv');
    expect(report).toMatchObject({ items: 24, withVector: 24 });
    expect(report.levels).toHaveLength(2);
    for (const { size, used, entropy } of report.levels) {
      expect([size, used]).toEqual([4, 4]);
      expect(entropy).toBeGreaterThan(0);
    }
    expect(report.levels[1].left).toBeLessThan(report.levels[0].left);
    const rows = read('codes.csv')
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    expect(rows[0]).toEqual(['item_id', 'code_1', 'code_2', 'place']);
    expect(rows.slice(1).map(([id]) => id)).toEqual(items.map(([id]) => id));
    expect(new Set(rows.slice(1).map((row) => row.slice(1).join())).size).toBe(24);
    const shared = new Map<string, number>();
    for (const [, one, two] of rows.slice(1))
      shared.set(`${one} ${two}`, (shared.get(`${one} ${two}`) ?? 0) + 1);
    const sizes = [...shared.values()].filter((count) => count > 1);
    expect(report.collisions.items).toBe(sizes.reduce((sum, count) => sum + count, 0));
    expect(report.collisions.largest).toBe(Math.max(...shared.values()));
    const { stdout } = cli.run(...args, '--out', 'again.csv');
    expect(read('again.csv')).toBe(read('codes.csv'));
    expect(stdout).toMatch(/4 of 4/);
    expect(stdout).toMatch(/share all codes with another/);
    cli.json(...args, '--seed', '7', '--out', 'other.csv');
    expect(read('other.csv')).not.toBe(read('codes.csv'));
  });

  it('tells items of one text apart by the last column, as JSON lines too', () => {
    const args = ['semantic-ids', '--items', 'twins.csv', '--size', '256', '--out', 'codes.jsonl'];
    const { collisions } = cli.json<Report>(...args);
    // Of this shop's texts several have the same words.
    expect(collisions).toEqual({ items: 14, largest: 2 });
    const rows = read('codes.jsonl')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const [one, other] = rows.slice(22);
    expect(one).toMatchObject({ item_id: 'i22', place: 0 });
    expect(other).toEqual({ ...one, item_id: 'i23', place: 1 });
  });

  it('refuses what it cannot do before it reads anything', () => {
    const refused: [string[], RegExp][] = [
      [['--out', 'c.csv'], /expected --items/],
      [['--items', 'products.csv', '--out', 'c.txt'], /ends in \.csv, \.tsv, \.jsonl, \.parquet/],
      [['--items', 'products.csv', '--out', 'products.csv'], /which is --items too/],
      [['--items', 'products.csv', '--size', '1', '--out', 'c.csv'], /--size/],
      [['--items', 'products.csv', '--levels', '0', '--out', 'c.csv'], /--levels/],
      [['--items', 'products.csv'], /--out/],
    ];
    for (const [args, message] of refused) {
      const { code, stderr } = cli.run('semantic-ids', ...args);
      expect(stderr).toMatch(message);
      expect([1, 2]).toContain(code);
    }
  });
});
