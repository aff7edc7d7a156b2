import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cli } from './runCli.ts';
import { csv, smallShop } from './smallShop.ts';

interface Train {
  readonly data: {
    readonly users: number;
    readonly items: number;
    readonly interactions: number;
    readonly belowRating: number;
    readonly split: { readonly name: string };
    readonly files: readonly { readonly file: string; readonly layout: string; readonly lines: number }[];
    readonly parts: { readonly train: number; readonly valid: number; readonly test: number };
  };
  readonly metrics: { readonly test: object | null };
}

let cli: Cli;
const { interactions, items } = smallShop();
const header = ['user_id', 'item_id', 'rating', 'timestamp'];
const utf8 = (text: string) => new TextEncoder().encode(text);

beforeAll(async () => {
  cli = await Cli.create();
  cli.write('ratings.csv', csv(header, interactions));
  cli.write('part1.csv', csv(header, interactions.slice(0, 100)));
  cli.write('part2.csv', csv(header, interactions.slice(100)));
  cli.write('plain.dat', interactions.map((row) => `${row.join('::')}\n`).join(''));
  cli.write('ratings.csv.gz', gzipSync(csv(header, interactions)));
  cli.write(
    'data.zip',
    zipSync({ 'shop/ratings.csv': utf8(csv(header, interactions)), 'shop/b.csv': utf8('a,b\n') }),
  );
  const rows = items.map(([id, title]) => `${id};${title};Caf\u00e9\n`).join('');
  cli.write(
    'items.txt',
    Uint8Array.from(`id;title;about\n${rows}`, (char) => char.charCodeAt(0)),
  );
});
afterAll(() => cli.remove());

const options = ['--epochs', '1', '--dim', '4', '--init', 'xavier', '--out', 'm.safetensors'];
const train = (...args: string[]) => cli.json<Train>('train', ...args, ...options, '--quiet');

describe('the files that train reads', () => {
  it.each([
    ['several files', ['--interactions', 'part1.csv', 'part2.csv']],
    ['a repeated flag', ['--interactions', 'part1.csv', '--interactions', 'part2.csv']],
    ['a pattern', ['--interactions', 'part*.csv']],
    ['a file without a header', ['--interactions', 'plain.dat']],
    ['a gzip file', ['--interactions', 'ratings.csv.gz']],
    ['a file in an archive', ['--interactions', 'data.zip/shop/ratings.csv']],
    ['the end of a path in an archive', ['--interactions', 'data.zip/ratings.csv']],
  ])('are the same from %s as from one', (_, args) => {
    const one = train('--interactions', 'ratings.csv').data;
    const { files, ...data } = train(...args).data;
    expect({ ...data, files: [] }).toEqual({ ...one, files: [] });
    expect(files.reduce((sum, { lines }) => sum + lines, 0)).toBe(interactions.length);
  });

  it('come from standard input', () => {
    const { code, stdout } = cli.shell(
      `cat ratings.csv | llminit train --interactions - ${options.join(' ')} --json --quiet`,
    );
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as Train).data).toMatchObject({
      users: 40,
      interactions: train('--interactions', 'ratings.csv').data.interactions,
    });
  });

  it('say what they were taken for, in text and as JSON', () => {
    const { stderr } = cli.run('train', '--interactions', 'plain.dat', ...options);
    expect(stderr).toContain(
      'plain.dat: "::"-separated, no header; user column 1, item column 2, feedback column 3 2–5',
    );
    expect(stderr).toContain(
      'ratings of all heights, 2–5, count as liked; a threshold leaves out low ones (--min-rating)',
    );
    expect(train('--interactions', 'plain.dat').data.files[0].layout).toContain('"::"-separated');
  });

  it('that cannot be told apart, found or named are refused with the flag that helps', () => {
    const refused = (...args: string[]) => cli.run('train', ...args, ...options, '--quiet').stderr;
    expect(refused('--interactions', 'gone*.csv')).toMatch(
      /--interactions gone\*\.csv: expected files, received a pattern that none matches/,
    );
    expect(refused('--interactions', 'data.zip')).toMatch(
      /expected an archive with one file, received one with "shop\/ratings\.csv", "shop\/b\.csv".*data\.zip\/shop/,
    );
    expect(refused('--interactions', '-', '-')).toMatch(/expected - once, received it twice/);
    expect(refused('--interactions', 'ratings.csv', '--items', 'items.txt')).toMatch(
      /items\.txt:2: expected UTF-8.*\(--items-encoding\)/,
    );
    expect(refused('--interactions', 'plain.dat', '--user-column', '7')).toMatch(
      /expected a column "7", found 4 columns and no header\. Name the column by its number, 1 to 4/,
    );
  });

  it('may have another encoding and delimiter', () => {
    const args = ['--interactions', 'ratings.csv', '--items', 'items.txt', '--items-encoding', 'latin1'];
    expect(train(...args).data.users).toBe(40);
  });
});

describe('the splits of train', () => {
  it('none trains on everything and tests nothing', () => {
    const { data, metrics } = train('--interactions', 'ratings.csv', '--split', 'none');
    expect(data.parts).toMatchObject({ train: data.interactions, valid: 0, test: 0 });
    expect(metrics.test).toBeNull();
    const shared = train('--interactions', 'ratings.csv', '--split', 'none', '--valid-share', '0.1').data;
    expect(shared.parts.valid).toBe(Math.floor(shared.interactions / 10));
  });

  it('none repeats the best epoch of an earlier run', () => {
    const plain = ['--interactions', 'ratings.csv', '--dim', '4', '--init', 'xavier', '--quiet'];
    const first = cli.json<{ metrics: { bestEpoch: number } }>(
      'train',
      ...plain,
      '--epochs',
      '6',
      '--out',
      'first.safetensors',
    );
    const more = ['--split', 'none', '--epochs-of', 'first.safetensors', '--out', 'whole.safetensors'];
    const whole = cli.json<{ history: object[] }>('train', ...plain, ...more);
    expect(whole.history).toHaveLength(first.metrics.bestEpoch);
    expect(cli.run('train', ...plain, ...more, '--epochs', '3').stderr).toMatch(
      /--epochs-of: expected no --epochs/,
    );
  });

  it('none repeats the choice of an earlier run, with nothing to choose by', () => {
    const plain = ['--interactions', 'ratings.csv', '--dim', '4', '--quiet'];
    type Report = { config: { model: string; contest?: object; repeat?: object }; history: object[] };
    const first = cli.json<Report>('train', ...plain, '--epochs', '6', '--out', 'chosen.safetensors');
    const more = ['--split', 'none', '--epochs-of', 'chosen.safetensors', '--out', 'final.safetensors'];
    const final = cli.json<Report>('train', ...plain, ...more);
    expect(final.config.model).toBe(first.config.model);
    expect([first.config.contest === undefined, final.config.contest === undefined]).toEqual([false, true]);
    expect(cli.run('train', ...plain, ...more, '--budget', '5').stderr).toMatch(
      /expected no .*budget beside/,
    );
    const again = ['--split', 'none', '--epochs-of', 'final.safetensors', '--out', 'again.safetensors'];
    expect(cli.json<Report>('train', ...plain, ...again).config.repeat).toEqual(final.config.repeat);
    expect(cli.read('again.safetensors')).toEqual(cli.read('final.safetensors'));
  });

  it('time cuts at dates', () => {
    const timed = interactions.map(([user, item, rating], n) => [
      user,
      item,
      rating,
      `${1000 + (n % 6) * 100}`,
    ]);
    cli.write('timed.csv', csv(header, timed));
    const args = [
      '--interactions',
      'timed.csv',
      '--split',
      'time',
      '--split-at',
      '1300,1970-01-01T00:23:20Z',
    ];
    const { data } = train(...args);
    expect(data.split).toEqual({ name: 'time', at: [1300, 1400] });
    expect(data.parts.train + data.parts.valid + data.parts.test).toBe(data.interactions);
    expect(data.parts.test).toBeGreaterThan(data.parts.valid);
  });

  it('refuse options that they do not read', () => {
    const { stderr, code } = cli.run(
      'train',
      '--interactions',
      'ratings.csv',
      '--split-at',
      '2014',
      ...options,
    );
    expect(stderr).toMatch(/--split-at: expected --split time beside it, received leave-one-out/);
    expect(code).toBe(2);
  });
});

describe('evaluate', () => {
  it('measures beyond accuracy, leaves out what was met, and writes the metrics of every user', () => {
    const args = ['--interactions', 'ratings.csv', '--min-rating', '4', '--seeds', '1', '--init', 'xavier'];
    const more = [
      '--beyond',
      '--seen',
      'had',
      '--per-user',
      'users.csv',
      '--epochs',
      '1',
      '--dim',
      '4',
      '--quiet',
    ];
    const { runs } = cli.json<{ runs: { metrics: Record<string, number> }[] }>('evaluate', ...args, ...more);
    for (const name of ['coverage@10', 'novelty@10', 'diversity@10'])
      expect(runs[0].metrics[name]).toBeGreaterThan(0);
    const [names, ...rows] = new TextDecoder().decode(cli.read('users.csv')).trim().split('\n');
    expect(names).toMatch(/^protocol,init,seed,user,recall@10,/);
    const at = names.split(',').indexOf('ndcg@10');
    const mean = rows.reduce((sum, row) => sum + Number(row.split(',')[at]), 0) / rows.length;
    expect(mean).toBeCloseTo(runs[0].metrics['ndcg@10'], 10);
    expect(cli.run('evaluate', ...args, ...more, '--ks', '20').stdout).toMatch(
      / R@20 │ +N@20 │ +coverage@20 │ +novelty@20 │ +diversity@20 │/,
    );
    expect(cli.run('evaluate', ...args, ...more, '--results', 'r.json').stderr).toMatch(
      /--seen: expected no --results/,
    );
  });
});
