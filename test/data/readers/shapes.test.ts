import { describe, expect, it } from 'vitest';
import {
  type ReadInteractionsOptions,
  readInteractions,
} from '../../../src/data/readers/readInteractions.ts';
import { ITEMS, lines, ROWS } from './publicForms.ts';

const read = (text: string, options: Partial<ReadInteractionsOptions> = {}) =>
  readInteractions(text, { name: 'file', ...options });

const USERS = Array.from({ length: 60 }, (_, user) => user);
const rowsOf = (user: number) => ROWS.filter((row) => row.user === user);
const ratingOf = (user: number, item: number) => rowsOf(user).find((row) => row.item === item)?.rating;
const itemsOf = (user: number) => rowsOf(user).map(({ item }) => item);
const perUser = (line: (user: number) => string) => USERS.map((user) => `${line(user)}\n`).join('');
const matrix = (cell: (rating: number | undefined) => string) => (user: number) =>
  ITEMS.map(({ id }) => cell(ratingOf(user, id))).join(',');
const header = ITEMS.map(({ id }) => `film ${id}`).join(',');
const json = (value: unknown) => JSON.stringify(value);
const byUser = (value: (user: number) => unknown) =>
  json(Object.fromEntries(USERS.map((user) => [`u${user}`, value(user)])));

/** All of them hold the 540 interactions of `ROWS`. */
const SHAPES: [what: string, text: string, options?: Partial<ReadInteractionsOptions>][] = [
  [
    'a user and items between blanks, behind a comma',
    perUser((user) => `${user},${itemsOf(user).join(' ')}`),
  ],
  ['the same under a header', `user_id,items\n${perUser((user) => `${user},${itemsOf(user).join(' ')}`)}`],
  [
    'lists as pandas writes them',
    `user,item\n${perUser((user) => `${user},"[${itemsOf(user).join(', ')}]"`)}`,
  ],
  ['sets of Python', `user,item\n${perUser((user) => `${user},"{${itemsOf(user).join(', ')}}"`)}`],
  ['arrows between ids', lines((r) => `${r.user} -> ${r.item}`)],
  [
    'a map under a name',
    json({ users: Object.fromEntries(USERS.map((user) => [`u${user}`, itemsOf(user)])) }),
  ],
  [
    'a grid of reStructuredText',
    `+---+---+\n| user | item |\n+===+===+\n${lines((r) => `| ${r.user} | ${r.item} |\n+---+---+`)}`,
  ],
  ['lists as numpy prints them', `user,item\n${perUser((user) => `${user},[${itemsOf(user).join(' ')}]`)}`],
  [
    'a cell of words between bars',
    `user;products\n${perUser(
      (user) =>
        `u${user};${itemsOf(user)
          .map((n) => `p${n}`)
          .join('|')}`,
    )}`,
  ],
  [
    'words between blanks, with the separator named',
    perUser(
      (user) =>
        `user${user},${itemsOf(user)
          .map((n) => `item${n}`)
          .join(' ')}`,
    ),
    { itemSeparator: ' ' },
  ],
  [
    'items with numbers, as libSVM has them',
    perUser(
      (user) =>
        `${user} ${rowsOf(user)
          .map((r) => `${r.item}:${r.rating}`)
          .join(' ')}`,
    ),
  ],
  [
    'Matrix Market',
    `%%MatrixMarket matrix coordinate integer general\n% made\n60 40 540\n${lines((r) => `${r.user + 1} ${r.item + 1} ${r.rating}`)}`,
  ],
  [
    'Markdown',
    lines((r) => `| ${r.user} | ${r.item} | ${r.rating} |`, '| user | item | rating |\n| --- | :-: | ---: |'),
  ],
  [
    'psql',
    `${lines((r) => `  ${r.user} | ${r.item}`, ' user_id | item_id \n---------+---------')}(540 rows)\n`,
  ],
  [
    'mysql',
    `${lines((r) => `|  ${r.user} | ${r.item} |`, '+----+----+\n| user | item |\n+----+----+')}+----+----+\n540 rows in set (0.00 sec)\n`,
  ],
  [
    'a trailing comma under a header without one',
    lines((r) => `${r.user},${r.item},${r.rating},`, 'user,item,rating'),
  ],
  ['names of rows, as R writes them', lines((r, n) => `"${n + 1}" ${r.user} ${r.item}`, '"user" "item"')],
  [
    'objects inside of objects',
    lines((r) => json({ user: { id: r.user, name: 'x' }, product: { sku: `s${r.item}` } })),
  ],
  [
    'deeper ones',
    lines((r) =>
      json({ type: 'view', context: { traits: { userId: r.user } }, properties: { product_id: r.item } }),
    ),
  ],
  [
    'rows deep in a document',
    json({ data: { events: ROWS.map((r) => ({ customer: { id: r.user }, item: { id: r.item } })) } }),
  ],
  ['a line a user with a list of ids', perUser((user) => json({ user, items: itemsOf(user) }))],
  [
    'a line a user with a list of objects',
    perUser((user) =>
      json({
        user_id: user,
        items_count: 9,
        items: rowsOf(user).map((r) => ({ item_id: r.item, plays: r.rating })),
      }),
    ),
  ],
  [
    'Python literals with lists of dicts',
    perUser(
      (user) =>
        `{'user_id': 'u${user}', 'items': [${itemsOf(user)
          .map((n) => `{'item_id': '${n}', 'hours': 1}`)
          .join(', ')}]}`,
    ),
  ],
  ['a map to lists', byUser(itemsOf)],
  [
    'a map to numbers',
    byUser((user) => Object.fromEntries(rowsOf(user).map((r) => [`i${r.item}`, r.rating]))),
  ],
  [
    'a map to lists of objects',
    byUser((user) => rowsOf(user).map((r) => ({ item: r.item, rating: r.rating }))),
  ],
  [
    "pandas' index orientation",
    json(Object.fromEntries(ROWS.map((r, n) => [n, { user_id: r.user, item_id: r.item }]))),
  ],
  [
    'a matrix under names',
    `user,${header}\n${perUser((user) => `u${user},${matrix((rating) => `${rating ?? ''}`)(user)}`)}`,
    { format: 'wide' },
  ],
  [
    'a matrix of 0 and 1 without users',
    `${header}\n${perUser(matrix((rating) => (rating ? '1' : '0')))}`,
    { format: 'wide' },
  ],
  [
    'a matrix of truth values',
    `,${header}\n${perUser((user) => `${user},${matrix((rating) => (rating ? 'True' : 'False'))(user)}`)}`,
    { format: 'wide' },
  ],
  [
    'Jester',
    perUser((user) => `9,${matrix((rating) => (rating ? (rating * 2.13 - 9).toFixed(2) : '99'))(user)}`),
    { format: 'wide' },
  ],
  [
    'baskets',
    perUser((user) =>
      itemsOf(user)
        .map((n) => `item ${n}`)
        .join(','),
    ),
    { format: 'baskets' },
  ],
];

describe('shapes of interactions', () => {
  it.each(SHAPES)('%s', async (_what, text, options) => {
    const { interactions, report } = await read(text, options);
    expect([interactions.numUsers, interactions.numItems, interactions.length]).toEqual([60, 40, 540]);
    expect(report.badLineCount).toBe(0);
  });

  it.each([
    [
      'a matrix under names',
      `user,${header}\n${perUser((user) => `u${user},${matrix((r) => `${r ?? ''}`)(user)}`)}`,
      /a matrix of 41 columns.*wide/,
    ],
    ['a matrix alone', perUser(matrix((r) => `${r ?? 0}`)), /a matrix of 40 columns.*wide/],
    [
      'baskets of words',
      perUser((user) =>
        itemsOf(user)
          .slice(0, 2 + (user % 6))
          .map((n) => `item ${n}`)
          .join(','),
      ),
      /lines of 2 to 7 fields.*baskets/,
    ],
    [
      'baskets of numbers',
      perUser((user) =>
        itemsOf(user)
          .slice(0, 2 + (user % 6))
          .join(' '),
      ),
      /first field comes again.*baskets/,
    ],
    ['ids that may be lists', lines((r) => `${r.user},A${r.item} B${r.item % 4}`), /several items in a cell/],
    [
      'more fields than names',
      lines((r) => `${r.user},${r.item},${r.rating}`, 'user,item'),
      /the header names 2 columns, but the rows have 3 fields/,
    ],
    ['a symmetric matrix', '%%MatrixMarket matrix coordinate real symmetric\n2 2 1\n1 2 3\n', /general/],
  ])('%s: refused with the shape and the way on', async (_what, text, message) => {
    await expect(read(text, { onBadLine: 'skip' })).rejects.toThrow(message);
  });

  it.each([
    ['SQL statements', `INSERT INTO \`r\` VALUES\n${lines((r) => `(${r.user},${r.item}),`)}`],
    ['SQL statements', `-- phpMyAdmin SQL Dump\nCREATE TABLE r (u int);\n`],
    ['SQL statements', `COPY public.r (u, i) FROM stdin;\n${lines((r) => `${r.user}\t${r.item}`)}\\.\n`],
    ['XML', `<ratings>\n${lines((r) => `<r user="${r.user}" item="${r.item}"/>`)}</ratings>\n`],
    ['HTML', `<table>\n${lines((r) => `<tr><td>${r.user}</td><td>${r.item}</td></tr>`)}`],
    [
      'log lines of a web server',
      lines((r) => `10.0.0.${r.user} - - [10/Oct/2000:13:55:36 -0700] "GET /i/${r.item} HTTP/1.0" 200 5`),
    ],
    ['log lines', lines((r) => `2024-01-12 10:15:00,123 INFO [main] user ${r.user} item ${r.item}`)],
    ['lines of name=value pairs', lines((r) => `time=${r.time} user=${r.user} item=${r.item}`)],
    ['YAML', lines((r) => `- user: ${r.user}\n  item: ${r.item}`)],
    ['an ARFF file', `@relation r\n@attribute user numeric\n@data\n${lines((r) => `${r.user},${r.item}`)}`],
    ['a graph in GML', `graph [\n${lines((r) => `  edge [ source ${r.user} target ${r.item} ]`)}]\n`],
  ])('%s are called by their name', async (what, text) => {
    await expect(read(text)).rejects.toThrow(`received ${what}`);
  });
});

describe('impressions of MIND', () => {
  const text =
    '1\tU7\t11/11/2019 9:05:58 AM\tN1 N2\tN3-1 N4-0\n' +
    '2\tU7\t11/12/2019 6:11:30 PM\tN1 N2 N3\tN1-0 N5-0\n' +
    '3\tU8\t11/13/2019 6:11:30 AM\t\tN4-1 N1-0\n';

  it('count what was read before and clicked as liked, and what was shown as met', async () => {
    const { interactions } = await read(text);
    const pairs = (users: Int32Array, items: Int32Array) =>
      [...users].map((user, n) => `${interactions.userIds[user]} ${interactions.itemIds[items[n]]}`);
    expect(pairs(interactions.users, interactions.items)).toEqual(['U7 N1', 'U7 N2', 'U7 N3', 'U8 N4']);
    expect(interactions.belowRating).toBe(3);
    expect([...interactions.timestamps!].map((time) => new Date(1000 * time).toISOString())).toEqual([
      '2019-11-11T09:05:58.000Z',
      '2019-11-11T09:05:58.000Z',
      '2019-11-11T09:05:58.000Z',
      '2019-11-13T06:11:30.000Z',
    ]);
  });

  it('without labels are what was read before', async () => {
    const { interactions } = await read(text.replaceAll(/-[01]\b/g, ''));
    expect(interactions.length).toBe(3);
  });
});

it('a control character in an id makes a bad line, in fast and in slow lines', async () => {
  const { interactions, report } = await read(
    lines((r) => `${r.user},${r.item}${r.user === 7 ? '\0' : ''}`, 'user,item'),
    { onBadLine: 'skip' },
  );
  expect(interactions.numItems).toBe(40);
  expect(report.dropped).toMatchObject([{ reason: 'item id with a control character', count: 9 }]);
  await expect(read('{"user":"a\\u0000","item":"x"}\n')).rejects.toThrow('U+0000');
});

it('a song called Time in the first row makes it no header', async () => {
  const song = (n: number) => (n === 0 ? 'Time' : `Song ${n}`);
  const { interactions } = await read(
    lines((r, n) => `user_${r.user}\t2009-05-04T23:08:57Z\tid-${r.item}\tThe Band\t\t${song(n)}`),
  );
  expect(interactions.length).toBe(540);
});

it('a commented header of other columns is no row of interactions', async () => {
  const profiles = `#id\tgender\tage\tcountry\n${perUser((user) => `user_${user}\tf\t${user}\tJapan`)}`;
  await expect(read(profiles)).rejects.toThrow(
    'expected a column for the user, found the columns "id", "gender"',
  );
});
