import { describe, expect, it } from 'vitest';
import { readCatalogue } from '../../../src/data/readers/readCatalogue.ts';
import { readInteractions } from '../../../src/data/readers/readInteractions.ts';
import { ITEMS, iso, lines, ROWS } from './publicForms.ts';

const json = (value: unknown) => JSON.stringify(value);
const rowsOf = (user: number) => ROWS.filter((row) => row.user === user);
const perUser = (line: (user: number) => string) =>
  Array.from({ length: 60 }, (_, user) => `${line(user)}\n`).join('');

/** All of them hold the 540 interactions of `ROWS`, in columns of these names. */
const SETS: [what: string, text: string, columns: string][] = [
  [
    'KuaiRand',
    lines((r) => `${r.user},${r.item},20110313,${r.time}000,1`, 'user_id,video_id,date,time_ms,is_click'),
    'user "user_id", item "video_id", feedback "is_click" 1, time "time_ms" in milliseconds',
  ],
  [
    'Steam, flattened',
    lines(
      (r) => `${r.item},english,${r.time},7656${r.user}`,
      'app_id,language,timestamp_created,author.steamid',
    ),
    'user "author.steamid", item "app_id", time "timestamp_created" in seconds',
  ],
  [
    'globo.com',
    lines(
      (r, n) => `${r.user},${n},${r.item},${r.time}000`,
      'user_id,session_id,click_article_id,click_timestamp',
    ),
    'user "user_id", item "click_article_id", time "click_timestamp" in milliseconds',
  ],
  [
    'Instacart',
    lines(
      (r, n) => `${r.user},${r.item},${1 + (n % 9)},${n % 2}`,
      'order_id,product_id,add_to_cart_order,reordered',
    ),
    'user "order_id", item "product_id"',
  ],
  [
    'DIGINETICA',
    lines(
      (r) => `${r.user};NA;${r.item};${iso(r.time).slice(0, 10)}`,
      'session_id;user_id;item_id;eventdate',
    ),
    'user "session_id", item "item_id", time "eventdate" in dates',
  ],
  [
    'OTTO',
    perUser((user) =>
      json({ session: user, events: rowsOf(user).map((r) => ({ aid: r.item, ts: 1000 * r.time })) }),
    ),
    'user "session", item "aid", time "ts" in milliseconds',
  ],
  [
    'GA4',
    lines((r) =>
      json({
        event_timestamp: `${r.time}000000`,
        user_pseudo_id: `1.${r.user}`,
        items: [{ item_id: r.item }],
      }),
    ),
    'user "user_pseudo_id", item "item_id", time "event_timestamp" in microseconds',
  ],
  [
    'Million Playlists',
    json({
      info: {},
      playlists: Array.from({ length: 60 }, (_, user) => ({
        pid: user,
        tracks: rowsOf(user).map((r) => ({ pos: 1, track_uri: `spotify:track:${r.item}` })),
      })),
    }),
    'user "pid", item "track_uri"',
  ],
  [
    'LibraryThing',
    lines(
      (r) =>
        `{'unixtime': ${r.time}, 'work': '${r.item}', 'user': 'u${r.user}', 'stars': ${r.rating}.0, 'time': 'Nov 5, 2011'}`,
    ),
    'user "user", item "work", feedback "stars" 1–5, time "unixtime" in seconds',
  ],
  [
    'SNAP',
    ROWS.map(
      (r) =>
        `product/productId: B00${r.item}\nreview/userId: A${r.user}\nreview/score: ${r.rating}.0\nreview/time: ${r.time}\nreview/text: so: so\n`,
    ).join('\n'),
    'user "review/userId", item "product/productId", feedback "review/score" 1–5, time "review/time" in seconds',
  ],
  [
    'hetrec',
    lines((r) => `${r.user}\t${r.item}\t7\t1\t4\t2009`, 'userID\tartistID\ttagID\tday\tmonth\tyear'),
    'user "userID", item "artistID", time "year", "month", "day" in dates',
  ],
  [
    'MyAnimeList',
    lines((r) => `u${r.user},${r.item},${r.rating},${r.time}`, 'username,anime_id,my_score,my_last_updated'),
    'user "username", item "anime_id", feedback "my_score" 1–5, time "my_last_updated" in seconds',
  ],
  [
    'CiteULike',
    perUser(
      (user) =>
        `9 ${rowsOf(user)
          .map((r) => r.item)
          .join(' ')}`,
    ),
    'user "basket", item "item"',
  ],
  [
    'a report with a title',
    `Report of sales,,\nMade on 2024-01-01,,\n\n${lines((r) => `${r.user},${r.item},${r.rating}`, 'user,item,rating')}`,
    'user "user", item "item", feedback "rating" 1–5',
  ],
];

describe('public data sets', () => {
  it.each(SETS)('%s: all rows in the right columns', async (_what, text, columns) => {
    const { interactions, report } = await readInteractions(text);
    expect([interactions.numUsers, interactions.numItems, interactions.length]).toEqual([60, 40, 540]);
    expect(report.layout.slice(report.layout.indexOf('user "'))).toBe(columns);
  });

  it.each([
    [
      'pairs of NCF',
      perUser((user) => `(${user},${user % 40})\t1\t2\t3`),
      /pairs in brackets such as \(0,0\)/,
    ],
    [
      'people of MovieLens 1M',
      perUser((user) => `${user}::F::25::7::48067`),
      /each of the 60 values of column 1 comes once/,
    ],
    [
      'numbers of rows',
      lines((r, n) => `${n},${r.user},${r.item}`),
      /each of the 540 values of column 1 comes once/,
    ],
    [
      'facts about users beside clicks',
      perUser((user) => json({ userId: user, id: 'n1', profile: [{ item: '0', weight: 1 }] })),
      /a column for the item, found the columns "userId", "id", "profile"/,
    ],
    [
      'reviews as assignments',
      lines((r) => `reviews['${r.item}']['u${r.user}'] = {'stars': 4.0}`),
      /assignments of Python/,
    ],
  ])('%s are refused', async (_what, text, message) => {
    await expect(readInteractions(text)).rejects.toThrow(message);
  });

  it('with a row a user and no header are read where the columns are named', async () => {
    const text = perUser((user) => `${user},${user % 40},5`);
    const { interactions } = await readInteractions(text, { userColumn: 1, itemColumn: 2 });
    expect(interactions.length).toBe(60);
  });

  it('have the ids of items in the column that tells rows apart', async () => {
    const rows = (line: (id: number) => string) => ITEMS.map(({ id }) => `${line(id)}\n`).join('');
    const articles = `product_code,article_id,prod_name\n${rows((id) => `010877${id % 5},01087750${id},Top ${id}`)}`;
    expect((await readCatalogue(articles)).catalogue.ids[7]).toBe('010877507');
    const books = `isbn,book_id,title\n${rows((id) => `${id % 9 ? `043902${id}` : ''},${id + 100},Book ${id}`)}`;
    expect((await readCatalogue(books)).catalogue.ids[7]).toBe('107');
  });
});
