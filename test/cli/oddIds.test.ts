import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readInteractions } from '../../src/data/readers/readInteractions.ts';
import { readNpy } from '../../src/format/npy.ts';
import { Cli } from './runCli.ts';

/** Ids as nobody wants them and somebody has them. */
const USERS = [
  '007',
  '7',
  'a,b',
  'say "hi"',
  'two\nlines',
  'Zoë',
  '李雷',
  '🎸',
  "d'or",
  '-5',
  '1e5',
  'tab\there',
];
const ITEMS = [...USERS.map((id) => `i ${id}`), '0042', '42', '3;4', 'a|b', 'x'.repeat(300), 'select *'];

const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
const rows = USERS.flatMap((user, u) =>
  Array.from({ length: 5 }, (_, n) => ({
    user,
    item: ITEMS[(5 * u + n * (1 + 6 * (u % 2))) % ITEMS.length],
    time: 1e9 + 86_400 * (u + 30 * n),
  })),
);

let cli: Cli;
beforeAll(async () => {
  cli = await Cli.create();
  const lines = rows.map(({ user, item, time }) => `${quoted(user)},${quoted(item)},${time}\n`);
  writeFileSync(join(cli.folder, 'odd.csv'), `user_id,item_id,timestamp\n${lines.join('')}`);
  const items = ITEMS.map((id, n) => `${quoted(id)},${quoted(`The "title", of\n${n % 4} and ${n % 3}`)}\n`);
  writeFileSync(join(cli.folder, 'items.csv'), `item_id,title\n${items.join('')}`);
  for (const [out, model] of Object.entries({ rows: 'ease', factors: 'bpr-mf', scores: 'popularity' })) {
    const { code, stderr } = cli.shell(
      `llminit train --interactions odd.csv --items items.csv --model ${model} --split none ${model === 'bpr-mf' ? '--dim 4 --epochs 2 --init xavier' : ''} --out ${out}.safetensors`,
    );
    expect(code, stderr).toBe(0);
  }
});
afterAll(() => cli.remove());

const path = (name: string) => join(cli.folder, name);
async function duck(sql: string): Promise<unknown[][]> {
  const connection = await (await DuckDBInstance.create()).connect();
  return (await connection.runAndReadAll(sql)).getRows() as unknown[][];
}
const had = new Map(
  USERS.map((user) => [user, new Set(rows.filter((row) => row.user === user).map(({ item }) => item))]),
);
/** Users with the items that they do not have. */
const wanted = new Set(
  USERS.flatMap((user) =>
    ITEMS.filter((item) => !had.get(user)!.has(item)).map((item) => JSON.stringify([user, item])),
  ),
);

describe('recommend --all with odd ids', () => {
  it.each(['csv', 'tsv', 'jsonl', 'parquet'])(
    'writes %s that reads back, here and in DuckDB',
    async (ending) => {
      const { code, stderr } = cli.shell(
        `llminit recommend rows.safetensors --all -k 100 --out top.${ending}`,
      );
      expect(code, stderr).toBe(0);
      expect(stderr).toContain('12 users have fewer than 100 items left');
      const { interactions } = await readInteractions(createReadStream(path(`top.${ending}`)), {
        ...{ name: `top.${ending}`, ratingColumn: null, timestampColumn: null },
      });
      const { users, items, userIds, itemIds } = interactions;
      expect(new Set(Array.from(users, (u, n) => JSON.stringify([userIds[u], itemIds[items[n]]])))).toEqual(
        wanted,
      );
      const table = {
        csv: `read_csv('${path('top.csv')}', all_varchar = true)`,
        tsv: `read_csv('${path('top.tsv')}', all_varchar = true, delim = '\t')`,
        jsonl: `read_json('${path('top.jsonl')}')`,
        parquet: `read_parquet('${path('top.parquet')}')`,
      }[ending];
      const found = await duck(`select "user", item from ${table}`);
      expect(new Set(found.map((pair) => JSON.stringify(pair)))).toEqual(wanted);
    },
  );

  it('takes lists of ids from files, where a line is an id', () => {
    const plain = (ids: readonly string[]) => ids.filter((id) => !id.includes('\n'));
    writeFileSync(path('users.txt'), plain(USERS).join('\n'));
    writeFileSync(path('only.txt'), plain(ITEMS).join('\n'));
    const { code, stderr, stdout } = cli.shell(
      'llminit recommend rows.safetensors --users @users.txt --only @only.txt -k 100 --out part.jsonl --json',
    );
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout).users).toBe(USERS.length - 1);
    const lines = readFileSync(path('part.jsonl'), 'utf8').trim().split('\n');
    const found = lines.map((line) => JSON.parse(line) as { user: string; item: string });
    const expected = [...wanted].filter((pair) => !pair.includes('\\n'));
    expect(new Set(found.map(({ user, item }) => JSON.stringify([user, item])))).toEqual(new Set(expected));
  });
});

describe('export with odd ids', () => {
  it.each(['csv', 'parquet'])('writes factors, pairs and scores as %s that DuckDB reads', async (to) => {
    const table = (name: string) =>
      to === 'csv'
        ? `read_csv('${path(name)}.csv', all_varchar = true)`
        : `read_parquet('${path(name)}.parquet')`;
    const expected: [model: string, name: string, column: string, ids: readonly string[]][] = [
      ['factors', 'items', 'id', ITEMS],
      ['factors', 'users', 'id', USERS],
      ['rows', 'pairs', 'item', ITEMS],
      ['rows', 'pairs', '"to"', ITEMS],
      ['scores', 'scores', 'id', ITEMS],
    ];
    for (const [model, name, column, ids] of expected) {
      const { code, stderr } = cli.shell(`llminit export ${model}.safetensors --to ${to} --out ${model}`);
      expect(code, stderr).toBe(0);
      const found = await duck(`select distinct ${column} from ${table(`${model}.${name}`)}`);
      expect(found.map(([id]) => id).sort()).toEqual([...ids].sort());
    }
  });

  it('refuses a list of ids of several lines beside npy, and writes numbers whose rows are its lines', () => {
    const { code, stderr } = cli.shell('llminit export factors.safetensors --to npy --out n');
    expect([code, stderr]).toEqual([1, expect.stringContaining('ids of one line')]);
    const text = readFileSync(path('odd.csv'), 'utf8').replaceAll('two\nlines', 'one line');
    writeFileSync(path('lines.csv'), text);
    for (const model of ['ease', 'popularity']) {
      cli.shell(`llminit train --interactions lines.csv --model ${model} --split none --out l.safetensors`);
      expect(cli.shell('llminit export l.safetensors --to npy --out n').code).toBe(0);
    }
    const ids = readFileSync(path('n.items.ids.txt'), 'utf8').trimEnd().split('\n');
    expect(new Set(ids)).toEqual(new Set(ITEMS.map((id) => id.replace('two\nlines', 'one line'))));
    const scores = readNpy(new Uint8Array(readFileSync(path('n.scores.npy'))), 'n.scores.npy');
    expect(scores.shape).toEqual([ids.length, 1]);
    const pairs = readNpy(new Uint8Array(readFileSync(path('n.pairs.npy'))), 'n.pairs.npy');
    expect(pairs.shape[1]).toBe(3);
  });
});

describe('evaluate and splits with odd ids', () => {
  it('writes the metrics of every user under the same ids', async () => {
    const command =
      'llminit evaluate --interactions odd.csv --init xavier --dim 4 --epochs 2 --seeds 1 --split time';
    const { code, stderr } = cli.shell(`${command} --split-at 2001-12-01,2002-01-01 --per-user users.csv`);
    expect(code, stderr).toBe(0);
    const found = await duck(`select * from read_csv('${path('users.csv')}', all_varchar = true)`);
    const users = new Set(found.flat().filter((cell) => USERS.includes(cell as string)));
    expect(users.size).toBeGreaterThan(0);
  });
});
