import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cli } from './runCli.ts';
import { csv, smallShop } from './smallShop.ts';

let cli: Cli;
const { interactions, items } = smallShop();
/** Ids with a comma, and a user who has met more than she likes. */
const named = interactions.map(([user, item, rating, time]) => [
  user,
  item === 'i3' ? 'SKU 3, red' : item,
  rating,
  time,
]);
const text = (file: string) => new TextDecoder().decode(cli.read(file));

interface Recommended {
  readonly items: readonly { readonly id: string; readonly score: number }[];
}

beforeAll(async () => {
  cli = await Cli.create();
  cli.write('ratings.csv', csv(['user_id', 'item_id', 'rating', 'timestamp'], named));
  cli.write(
    'products.csv',
    csv(
      ['id', 'title', 'description'],
      items.map(([id, ...rest]) => [id === 'i3' ? 'SKU 3, red' : id, ...rest]),
    ),
  );
  const args = ['--epochs', '2', '--dim', '4', '--min-rating', '4', '--quiet', '--out', 'm.safetensors'];
  const { code, stderr } = cli.run(
    'train',
    '--interactions',
    'ratings.csv',
    '--items',
    'products.csv',
    ...args,
  );
  if (code !== 0) throw new Error(stderr);
});
afterAll(() => cli.remove());

describe('recommend', () => {
  it('gives nobody what they have met, whatever they rated it', () => {
    cli.run('recommend', 'm.safetensors', '--all', '--out', 'all.csv', '-k', '24', '--quiet');
    const rows = text('all.csv').trim().split('\n').slice(1);
    const met = new Set(named.map(([user, item]) => `${user} ${item}`));
    expect(rows.length).toBeGreaterThan(300);
    for (const row of rows) {
      const [, user, item] = /^(u\d+),\d+,("[^"]*"|[^,]*),/.exec(row)!;
      expect(met.has(`${user} ${item.replaceAll('"', '')}`)).toBe(false);
    }
  });

  it.each(['jsonl', 'tsv', 'csv', 'parquet'])(
    'writes all users to .%s, as it answers one',
    async (ending) => {
      const { users, rows } = cli.json<{ users: number; rows: number }>(
        'recommend',
        'm.safetensors',
        '--all',
        '--out',
        `top.${ending}`,
        '-k',
        '3',
      );
      expect([users, rows]).toEqual([40, 120]);
      const one = cli
        .json<Recommended>('recommend', 'm.safetensors', '--user', 'u7', '-k', '3')
        .items.map(({ id }) => id);
      const found =
        ending === 'parquet'
          ? await parquetReadObjects({ file: new Uint8Array(cli.read('top.parquet')).buffer })
          : null;
      if (found) {
        expect(found.filter(({ user }) => user === 'u7').map(({ item }) => item)).toEqual(one);
        expect(found[0]).toMatchObject({
          user: expect.any(String),
          rank: 1,
          score: expect.any(Number),
          title: expect.any(String),
        });
      } else {
        const lines = text(`top.${ending}`)
          .split('\n')
          .filter((line) => /^(\{"user":)?"?u7\b/.test(line));
        expect(lines.length).toBe(3);
        for (const [n, line] of lines.entries()) expect(line).toContain(one[n]);
      }
    },
  );

  it('takes ids with commas, JSON lists, files and repeated flags, and counts a repeat once', () => {
    cli.write('ids.txt', 'SKU 3, red\ni6\n');
    const ask = (...args: string[]) => cli.json<Recommended>('recommend', 'm.safetensors', ...args).items;
    const two = ask('--history', '["SKU 3, red","i6"]');
    expect(ask('--history', '@ids.txt')).toEqual(two);
    expect(ask('--history', 'SKU 3, red', '--history', 'i6')).toEqual(two);
    expect(ask('--history', 'i6,i6')).toEqual(ask('--history', 'i6'));
    expect(ask('--history', 'i6', '--only', '@ids.txt').map(({ id }) => id)).toEqual(['SKU 3, red']);
  });

  it('passes over ids that the model does not know, and says so', () => {
    const { code, stdout, stderr } = cli.run(
      'recommend',
      'm.safetensors',
      '--history',
      'i6,new',
      '--exclude',
      'gone',
      '--json',
    );
    expect([code, stderr]).toEqual([
      0,
      '--exclude: 1 not in the model, passed over (gone)\n--history: 1 not in the model, passed over (new)\n',
    ]);
    expect((JSON.parse(stdout) as Recommended).items.length).toBe(10);
    expect(cli.run('recommend', 'm.safetensors', '--all').stderr).toMatch(
      /expected --out beside --all, received none/,
    );
    expect(cli.run('recommend', 'm.safetensors', '--all', '--out', 'x.xlsx').stderr).toMatch(
      /ends in \.csv, \.tsv, \.jsonl, \.parquet/,
    );
  });
});

describe('export', () => {
  it.each(['npy', 'csv', 'parquet'])('writes factors with their ids as %s', (to) => {
    const { files, tables } = cli.json<{ files: string[]; tables: { rows: number }[] }>(
      'export',
      'm.safetensors',
      '--to',
      to,
      '--out',
      'f',
    );
    expect(tables.slice(0, 2).map(({ rows }) => rows)).toEqual([24, 40]);
    for (const file of files) expect(cli.has(file)).toBe(true);
    if (to === 'npy') {
      expect(text('f.items.ids.txt').split('\n')).toHaveLength(25);
      expect(cli.read('f.users.npy').length).toBeGreaterThanOrEqual(4 * 4 * 40);
    }
    if (to === 'csv') expect(text('f.items.csv').split('\n', 2)[0]).toBe('id,f0,f1,f2,f3');
  });
});

describe('check', () => {
  it('says what the files are, and proposes a command that runs', () => {
    const { stdout, code } = cli.run('check', 'products.csv', 'ratings.csv');
    expect(code).toBe(0);
    expect(stdout).toContain(
      'ratings.csv: comma-separated, header; user "user_id", item "item_id", feedback "rating" 2–5',
    );
    expect(stdout).toContain('products.csv: comma-separated, header; id "id", title "title"');
    const command = stdout.trim().split('\n').at(-1)!;
    expect(command).toBe(
      'llminit train --interactions ratings.csv --items products.csv --min-rating 4 --order time --out model.safetensors',
    );
    expect(cli.shell(`${command} --epochs 1 --dim 4 --quiet`).code).toBe(0);
  });

  it.each([
    ['no column for users', 'a,b\n1,x\n2,y\n3,z\n'],
    ['a matrix', `user,${['a', 'b', 'c', 'd', 'e'].join(',')}\n${'u,1,2,3,4,5\n'.repeat(5)}`],
    ['SQL', 'INSERT INTO r VALUES (1, 2);\n'],
  ])('refuses a file with %s as train does', (_what, text) => {
    cli.write('odd.csv', text);
    const check = cli.run('check', 'odd.csv');
    const train = cli.run('train', '--interactions', 'odd.csv', '--out', 'm.safetensors');
    expect([check.code, check.stderr]).toEqual([train.code, train.stderr]);
    expect(check.code).not.toBe(0);
  });

  it('says of a catalogue alone what it is', () => {
    const { code, stderr } = cli.run('check', 'products.csv');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /products\.csv: expected interactions, received a catalogue alone: .*id "id", title "title".*llminit check ratings\.csv products\.csv/,
    );
  });

  it('proposes no threshold that every rating is below', () => {
    cli.write('shares.csv', 'user,item,rating\na,x,0.2\na,y,0.1\nb,x,0.3\nb,y,0.3\n');
    expect(cli.run('check', 'shares.csv').stdout).not.toContain('--min-rating 1');
  });

  it('warns of bad lines and of a catalogue with other ids', () => {
    cli.write('spoilt.csv', 'user,item\na,x\nNULL,y\nb,x\n');
    cli.write('other.csv', 'id,title\n901,Tent\n');
    const { warnings, suggestion, catalogue } = cli.json<{
      warnings: string[];
      suggestion: string;
      catalogue: { lines: number };
    }>('check', 'spoilt.csv', 'other.csv');
    expect(warnings.join('\n')).toMatch(
      /1 lines cannot be used[\s\S]*no item has a text: the interactions name items such as x, the catalogue 901/,
    );
    expect(suggestion).toContain('--on-bad-line skip');
    expect(catalogue.lines).toBe(1);
  });
});
