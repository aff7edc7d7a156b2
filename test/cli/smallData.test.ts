import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cli } from './runCli.ts';

type Row = readonly [user: string, item: string, rating?: number];

const TITLES = Array.from(
  { length: 24 },
  (_, n) =>
    `Book ${n} about ${['cats', 'dogs', 'ships', 'stars'][n % 4]} and ${['love', 'war', 'tea'][n % 3]}`,
);
const range = (length: number) => Array.from({ length }, (_, n) => n);
const books = range(60).map((n): Row => [`u${n % 10}`, `b${(7 * n + Math.floor(n / 10)) % 24}`, 1 + (n % 5)]);

const DATA: Record<string, readonly Row[]> = {
  '24 books and 10 users': books,
  '3 items': range(16).map((n): Row => [`u${n >> 1}`, `b${((n >> 1) + n) % 3}`, 4]),
  'one user': range(8).map((n): Row => ['u0', `b${n}`, 1 + (n % 5)]),
  'everybody has everything': range(72).map((n): Row => [`u${n % 6}`, `b${Math.floor(n / 6)}`, 5]),
  'one row a user': range(30).map((n): Row => [`u${n}`, `b${n % 24}`, 5]),
  'one row': [['u0', 'b0', 5]],
  'one item': [
    ['u0', 'b0', 5],
    ['u1', 'b0', 4],
  ],
};

let cli: Cli;
const write = (name: string, text: string) => writeFileSync(join(cli.folder, name), text);
const csvOf = (rows: readonly Row[]) =>
  `user,item,rating\n${rows.map((row) => `${row.join(',')}\n`).join('')}`;
beforeAll(async () => {
  cli = await Cli.create();
  write('books.csv', `id,title\n${TITLES.map((title, n) => `b${n},${title}\n`).join('')}`);
  write('alike.csv', `id,title\n${TITLES.map((_, n) => `b${n},A book\n`).join('')}`);
});
afterAll(() => cli.remove());

describe.each(Object.keys(DATA))('%s', (name) => {
  it('train by the defaults and by what check proposes, recommend and are exported', () => {
    write('r.csv', csvOf(DATA[name]));
    const { code, stderr } = cli.shell(
      'llminit train --interactions r.csv --items books.csv --out m.safetensors',
    );
    expect(code, stderr).toBe(0);
    const { code: ranks, stderr: left } = cli.shell('llminit recommend m.safetensors --all --out top.csv');
    expect(ranks, left).toBe(0);
    expect(cli.shell('llminit export m.safetensors --to csv --out f').code).toBe(0);
    const { stdout } = cli.shell('llminit check r.csv');
    const command = stdout.trimEnd().split('\n').at(-1)!;
    expect(command.startsWith('llminit train')).toBe(true);
    const suggested = cli.shell(command);
    expect(suggested.code, `${command}: ${suggested.stderr}`).toBe(0);
  });
});

describe('texts that are all the same', () => {
  it('are no texts', () => {
    write('r.csv', csvOf(books));
    const { code, stderr } = cli.shell(
      'llminit train --interactions r.csv --items alike.csv --out m.safetensors',
    );
    expect(code, stderr).toBe(0);
  });
});

describe('feedback on the command line', () => {
  const log = `user,item,event,rating\n${books.map(([user, item], n) => `${user},${item},${n % 3 ? 'view' : 'buy'},${n % 2 ? 'good' : 'bad'}\n`).join('')}`;
  const counts = (flags: string) => {
    write('log.csv', log);
    const { stdout, stderr, code } = cli.shell(`llminit check log.csv --json ${flags}`);
    expect(code, stderr).toBe(0);
    const { data, suggestion } = JSON.parse(stdout);
    return { liked: data.interactions, not: data.belowRating, kind: data.feedback?.kind, suggestion };
  };

  it('reads no column where it says none', () => {
    const none = counts('--rating-column none --event-column none --timestamp-column none');
    expect(none).toMatchObject({ liked: 60, not: 0, kind: undefined });
    expect(none.suggestion).toContain('--rating-column none --timestamp-column none --event-column none');
  });

  it('takes kinds of events, their weights and liked values', () => {
    expect(counts('--rating-column none --events buy')).toMatchObject({ liked: 20, not: 40, kind: 'event' });
    const weighed = counts('--rating-column none --event-weights buy=4,view=0.5');
    expect(weighed.suggestion).toMatch(/--event-weights (buy=4,view=0.5|view=0.5,buy=4)/);
    expect(counts('--event-column none --liked good')).toMatchObject({ liked: 30, not: 30, kind: 'label' });
  });

  it('is checked where it takes an option to be read', () => {
    write('words.csv', 'user,item,rating\na,x,superb\na,y,awful\nb,x,meh\n');
    const { stdout, stderr } = cli.shell('llminit check words.csv --liked superb');
    expect(stdout, stderr).toMatch(/1 users, 1 items, 1 interactions[\s\S]*--liked superb/);
    expect(cli.shell('llminit check words.csv').stderr).toMatch(/"superb" \(1\).*--rating-column none/);
  });

  it('refuses weights that are none, and a kind that stands twice', () => {
    for (const list of ['buy', 'buy=x', 'buy=1,buy=2', '=3']) {
      const { code, stderr } = cli.shell(`llminit check log.csv --event-weights ${list}`);
      expect([code, stderr]).toEqual([2, expect.stringContaining('--event-weights')]);
    }
  });
});

describe('data that leave nothing', () => {
  it.each([
    [
      'only dislikes',
      csvOf(books.map(([user, item]): Row => [user, item, 0])),
      '',
      /none of 60 pairs is liked/,
    ],
    [
      'a threshold above all ratings',
      csvOf(books),
      '--min-rating 6',
      /all 60 ratings are below minRating 6.*--min-rating/,
    ],
    [
      'a core of users with one row each',
      csvOf(DATA['one row a user']),
      '--k-core 5',
      /nothing is left of 30 users.*Lower k/,
    ],
  ])('%s are refused with what to do', (_, text, flags, message) => {
    write('none.csv', text);
    for (const command of ['train', 'evaluate']) {
      const out = command === 'train' ? '--out m.safetensors' : '';
      const { code, stderr } = cli.shell(`llminit ${command} --interactions none.csv ${flags} ${out}`);
      expect([code, message.test(stderr)], stderr).toEqual([1, true]);
    }
  });

  it('say that nothing is left to recommend', () => {
    write('r.csv', csvOf(DATA['everybody has everything']));
    cli.shell('llminit train --interactions r.csv --model ease --out m.safetensors');
    expect(cli.shell('llminit recommend m.safetensors --user u0').stderr).toMatch(
      /0 of 10 items: no more are left/,
    );
    const { stderr, stdout } = cli.shell('llminit recommend m.safetensors --all --out top.csv');
    expect(stderr).toMatch(/6 users have fewer than 10 items left/);
    expect(stdout).toMatch(/0 recommendations of 6 users/);
  });
});

describe('a split that leaves nothing to test on', () => {
  const alone = 'user,item,timestamp\na,x,1\nb,y,2\nc,x,3\nd,y,4\n';
  it.each<[string, RegExp]>([
    [
      'evaluate --interactions alone.csv',
      /each of the \d+ users has one interaction.*--user-column.*llminit train\n/,
    ],
    ['evaluate --interactions alone.csv --split none', /the split has none\. Leave --split none out/],
    [
      'train --interactions alone.csv --split time --split-at 1970-01-02 --out m',
      /No user has interactions before and after its dates: pass others \(--split-at\), or --split ratio\. To train on everything pass --split none\n/,
    ],
  ])('%s says what to do before anything trains', (command, message) => {
    write('alone.csv', alone);
    const { code, stderr } = cli.run(...command.split(' '));
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('epoch 1');
  });

  it('a split by time counts what is left out, of users who have nothing that trains', () => {
    write('late.csv', `user,item,timestamp\na,x,1\na,y,99999999\nb,y,99999999\nb,x,2\nnew,x,99999999\n`);
    const command =
      'train --interactions late.csv --split time --split-at 1971-01-01 --model popularity --out m';
    expect(cli.run(...command.split(' ')).stderr).toContain('2 test; users without');
    expect(cli.run(...command.split(' ')).stderr).toContain(
      'left out, of users who have nothing that trains: 1\n',
    );
  });
});
