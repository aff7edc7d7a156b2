import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { readCatalogue } from '../../../src/data/readers/readCatalogue.ts';
import {
  type ReadInteractionsOptions,
  readInteractions,
} from '../../../src/data/readers/readInteractions.ts';
import type { Source } from '../../../src/data/readers/source.ts';
import { ITEMS, iso, latin1, lines, ROWS, utf16le } from './publicForms.ts';

const read = (source: Source, name: string, options: Partial<ReadInteractionsOptions> = {}) =>
  readInteractions(source, { name, ...options });

const utf8 = (text: string) => new TextEncoder().encode(text);
const json = (row: object) => JSON.stringify(row);
const std = lines((r) => `${r.user},${r.item},${r.rating},${r.time}`, 'user_id,item_id,rating,timestamp');
const records = ROWS.map(({ user, item, rating, time }) => ({
  user_id: user,
  item_id: item,
  rating,
  timestamp: time,
}));
const column = (name: keyof (typeof records)[0]) => records.map((row) => row[name]);

/** name of the file and its form, content, options; every one holds the 540 rows with ratings and times */
const whole: [what: string, name: string, source: Source, options?: Partial<ReadInteractionsOptions>][] = [
  [
    'MovieLens latest',
    'ratings.csv',
    lines((r) => `${r.user},${r.item},${r.rating}.0,${r.time}`, 'userId,movieId,rating,timestamp'),
  ],
  ['MovieLens 1M', 'ratings.dat', lines((r) => `${r.user}::${r.item}::${r.rating}::${r.time}`)],
  ['MovieLens 100K', 'u.data', lines((r) => `${r.user}\t${r.item}\t${r.rating}\t${r.time}`)],
  [
    'tabs in .txt',
    'ratings.txt',
    lines((r) => `${r.user}\t${r.item}\t${r.rating}\t${r.time}`, 'user_id\titem_id\trating\ttimestamp'),
  ],
  [
    'tabs in .csv',
    'tabbed.csv',
    lines((r) => `${r.user}\t${r.item}\t${r.rating}\t${r.time}`, 'user_id\titem_id\trating\ttimestamp'),
  ],
  ['Epinions, blanks', 'ratings.txt', lines((r) => `${r.user} ${r.item} ${r.rating} ${r.time}`)],
  [
    'CiaoDVD',
    'movie-ratings.txt',
    lines((r) => `${r.user},${r.item},1,${1000 + r.item},${r.rating},${iso(r.time)}`),
  ],
  [
    'Excel in German',
    'excel.csv',
    `\uFEFF${lines((r) => `${r.user};${r.item};${r.rating},0;${r.time}`, 'user_id;item_id;rating;timestamp', '\r\n')}`,
  ],
  [
    'Excel with sep=',
    'sep.csv',
    lines(
      (r) => `${r.user}|${r.item}|${r.rating}|${r.time}`,
      'sep=|\r\nuser_id|item_id|rating|timestamp',
      '\r\n',
    ),
  ],
  ['old Mac line ends', 'mac.csv', std.replaceAll('\n', '\r')],
  [
    'comments above',
    'out.konect',
    `% bip weighted\n% 540 60 40\n${lines((r) => `${r.user} ${r.item} ${r.rating} ${r.time}`)}`,
  ],
  [
    'a commented header',
    'graph.txt',
    `# user_id\titem_id\trating\ttimestamp\n${lines((r) => `${r.user}\t${r.item}\t${r.rating}\t${r.time}`)}`,
  ],
  ['Ctrl-A of Hive', '000000_0', lines((r) => [r.user, r.item, r.rating, r.time].join('\u0001'))],
  [
    'quotes in TSV',
    'quoted.tsv',
    lines((r) => `"${r.user}"\t"${r.item}"\t${r.rating}\t${r.time}`, 'user_id\titem_id\trating\ttimestamp'),
  ],
  [
    'blanks after commas',
    'spaces.csv',
    lines((r) => `${r.user}, ${r.item}, ${r.rating}, ${r.time}`, 'user_id, item_id, rating, timestamp'),
  ],
  [
    'trailing blanks',
    'trail.csv',
    lines(
      (r, n) => `${r.user},${r.item}${n % 3 ? '' : ' '},${r.rating},${r.time}`,
      'user_id,item_id,rating,timestamp',
    ),
  ],
  [
    'a pandas index',
    'indexed.csv',
    lines((r, n) => `${n},${r.user},${r.item},${r.rating},${r.time}`, ',user_id,item_id,rating,timestamp'),
  ],
  ['UTF-16 with a mark', 'utf16.csv', utf16le(`\uFEFF${std}`)],
  ['UTF-16 without one', 'utf16.csv', utf16le(std)],
  [
    'RecBole with commas',
    'a.inter',
    lines(
      (r) => `${r.user},${r.item},${r.rating},${r.time}`,
      'user_id:token,item_id:token,rating:float,timestamp:float',
    ),
  ],
  [
    'RecBole with decimal ids',
    'a.inter',
    lines(
      (r) => `${r.user}.0\t${r.item}\t${r.rating}\t${r.time}.0`,
      'user_id:token\titem_id:token\trating:float\ttimestamp:float',
    ),
  ],
  [
    'ISO dates',
    'iso.csv',
    lines((r) => `${r.user},${r.item},${r.rating},${iso(r.time)}`, 'user_id,item_id,rating,timestamp'),
  ],
  [
    'SQL dates',
    'sql.csv',
    lines(
      (r) => `${r.user},${r.item},${r.rating},${iso(r.time).slice(0, 19).replace('T', ' ')}`,
      'user_id,item_id,rating,date',
    ),
  ],
  [
    'mixed seconds and milliseconds',
    'mixed.csv',
    lines(
      (r, n) => `${r.user},${r.item},${r.rating},${n % 19 ? r.time : 1000 * r.time}`,
      'user_id,item_id,rating,timestamp',
    ),
  ],
  [
    'Amazon 2018',
    'reviews.jsonl',
    lines((r) =>
      json({
        overall: r.rating,
        reviewTime: '01 1, 2015',
        reviewerID: r.user,
        asin: r.item,
        unixReviewTime: r.time,
      }),
    ),
  ],
  [
    'Amazon 2018, ratings only',
    'all.csv',
    lines(
      (r) => `B00${`${r.item}`.padStart(7, '0')},A${`${r.user}`.padStart(13, '0')},${r.rating}.0,${r.time}`,
    ),
  ],
  [
    'Amazon 2023',
    'x.jsonl',
    lines((r) =>
      json({
        rating: r.rating,
        images: [],
        asin: `v${r.item}`,
        parent_asin: r.item,
        user_id: r.user,
        timestamp: 1000 * r.time,
      }),
    ),
  ],
  [
    'Goodreads',
    'g.json.gz',
    gzipSync(
      lines((r) =>
        json({
          user_id: r.user,
          book_id: `${r.item}`,
          is_read: true,
          rating: r.rating,
          date_added: ctime(r.time),
        }),
      ),
    ),
  ],
  [
    'Yelp',
    'review.json',
    lines((r) =>
      json({
        review_id: `r${r.time}`,
        user_id: r.user,
        business_id: r.item,
        stars: r.rating,
        useful: 0,
        date: iso(r.time).slice(0, 19).replace('T', ' '),
      }),
    ),
  ],
  [
    'Python literals',
    'steam.json',
    lines(
      (r) =>
        `{u'username': u'${r.user}', u'product_id': u'${r.item}', u'rating': ${r.rating}, u'timestamp': ${r.time}L, u'text': u"it's", u'early': False}`,
    ),
  ],
  ['a JSON array', 'array.json', json(records)],
  ['a JSON array over lines', 'pretty.json', JSON.stringify(records, null, 2)],
  ['objects over lines', 'jq.json', records.map((row) => JSON.stringify(row, null, 2)).join('\n')],
  [
    'pandas, split',
    'split.json',
    json({
      columns: Object.keys(records[0]),
      index: column('user_id'),
      data: records.map((row) => Object.values(row)),
    }),
  ],
  [
    'pandas, columns',
    'columns.json',
    json(Object.fromEntries(Object.keys(records[0]).map((name) => [name, { ...column(name as 'rating') }]))),
  ],
  ['rows under a name', 'api.json', json({ total: 540, ratings: records })],
  [
    'lists in an array',
    'lists.json',
    json([Object.keys(records[0]), ...records.map((row) => Object.values(row))]),
  ],
  [
    'NaN in JSON',
    'nan.jsonl',
    lines(
      (r) =>
        `{"user_id": ${r.user}, "item_id": ${r.item}, "price": NaN, "rating": ${r.rating}, "timestamp": ${r.time}}`,
    ),
  ],
  [
    'MongoDB',
    'mongo.json',
    lines((r) =>
      json({
        _id: { $oid: `${r.time}` },
        user: { $numberLong: `${r.user}` },
        item: { $oid: `${r.item}` },
        rating: r.rating,
        date: { $date: iso(r.time) },
      }),
    ),
  ],
  ['a zip archive', 'ml.zip', zipSync({ 'ml/README.txt': utf8('read me'), 'ml/ratings.csv': utf8(std) })],
  [
    'Parquet',
    'part-0.parquet',
    new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          { name: 'user_id', data: column('user_id'), type: 'INT32' },
          { name: 'item_id', data: column('item_id').map(String), type: 'STRING' },
          { name: 'rating', data: column('rating'), type: 'DOUBLE' },
          {
            name: 'timestamp',
            data: column('timestamp').map((time) => new Date(1000 * time)),
            type: 'TIMESTAMP',
          },
        ],
      }),
    ),
  ],
];

/** As C writes it, in another zone. */
function ctime(time: number): string {
  const local = new Date(1000 * time - 7 * 3_600_000).toUTCString();
  const [, day, date, month, year, clock] = /^(\w+), (\d+) (\w+) (\d+) ([\d:]+)/.exec(local)!;
  return `${day} ${month} ${date} ${clock} -0700 ${year}`;
}

describe('files in public forms', () => {
  it.each(whole)('%s (%s): all rows, with ratings and times', async (_what, name, source, options) => {
    const { interactions, report } = await read(source, name, options);
    expect([interactions.numUsers, interactions.numItems, interactions.length]).toEqual([60, 40, 540]);
    expect(report.badLineCount).toBe(0);
    expect([...interactions.ratings!]).toEqual(ROWS.map(({ rating }) => rating));
    expect([...interactions.timestamps!]).toEqual(ROWS.map(({ time }) => time));
    const item = (id: string) => Number(id.replace(/^B00/, ''));
    const pairs = Array.from(interactions.items, (index) => item(interactions.itemIds[index]));
    expect(pairs).toEqual(ROWS.map((row) => row.item));
  });

  it('Netflix Prize: films with their ratings', async () => {
    const films = ITEMS.map(({ id }) => {
      const own = ROWS.filter(({ item }) => item === id).map((r) => `${r.user},${r.rating},2005-09-06\n`);
      return `${id}:\n${own.join('')}`;
    });
    const { interactions } = await read(films.join(''), 'combined_data_1.txt');
    expect([interactions.numUsers, interactions.numItems, interactions.length]).toEqual([60, 40, 540]);
  });

  it('FilmTrust, user item rating: ratings are no items', async () => {
    const { interactions } = await read(
      lines((r) => `${r.user} ${r.item} ${r.rating}`),
      'ratings.txt',
      { minRating: 4 },
    );
    expect([interactions.numItems, interactions.length, interactions.had!.length]).toEqual([40, 420, 540]);
  });

  it('LightGCN: lists of equal and of different lengths', async () => {
    const lists = ITEMS.map(({ id }) =>
      [id, ...ROWS.filter((r) => r.item === id).map((r) => r.user)].join(' '),
    );
    const { interactions } = await read(`${lists.join('\n')}\n`, 'train.txt');
    expect([interactions.numUsers, interactions.numItems, interactions.length]).toEqual([40, 60, 540]);
    const equal = '0 5 2 6 9 0 7\n1 10 11 13 15 16 14\n2 28 22 21 24 26 27\n';
    expect((await read(equal, 'train.txt')).interactions.length).toBe(18);
  });

  it('three numbers a line, each first one once: an error that names the option', async () => {
    await expect(read('0 3 5\n1 4 2\n2 5 1\n', 'x.txt')).rejects.toMatchObject({ option: 'format' });
    expect((await read('0 3 5\n1 4 2\n2 5 1\n', 'x.txt', { format: 'csv' })).interactions.length).toBe(3);
    expect((await read('0 3 5\n1 4 2\n2 5 1\n', 'x.txt', { format: 'lightgcn' })).interactions.length).toBe(
      6,
    );
  });
});

describe('feedback of public forms', () => {
  it.each([
    [
      'Book-Crossing, 0 is not rated',
      'BX.csv',
      lines(
        (r) => `"${r.user}";"${r.item}";"${r.rating === 5 ? 10 : 0}"`,
        '"User-ID";"ISBN";"Book-Rating"',
        '\r\n',
      ),
      540,
      /120 numbers of 0 or −1 .* count as liked/,
    ],
    [
      'a label of 0',
      'a.inter',
      lines(
        (r) => `${r.user}\t${r.item}\t${r.rating === 5 ? 1 : 0}`,
        'user_id:token\titem_id:token\tlabel:float',
      ),
      420,
      /120 pairs with a label of 0 or less/,
    ],
    [
      'likes and dislikes',
      'likes.csv',
      lines((r) => `${r.user},${r.item},${r.rating === 5 ? 1 : -1}`, 'user,item,rating'),
      420,
      /120 pairs with a label/,
    ],
    [
      'truth values',
      'steam.csv',
      lines(
        (r) => `${r.user},${r.item},${r.rating === 5 ? 'True' : 'False'}`,
        'user_id,app_id,is_recommended',
      ),
      420,
      /120 pairs with a label/,
    ],
    [
      'plays, some 0',
      'lastfm.tsv',
      lines((r) => `${r.user}\t${r.item}\t${r.rating === 5 ? 900 + r.user : 0}`, 'userID\tartistID\tweight'),
      420,
      /120 pairs with a count/,
    ],
  ])('%s', async (_what, name, text, liked, note) => {
    const { interactions, report } = await read(text, name);
    expect(interactions.length).toBe(liked);
    expect(report.notes.map((one) => one.text).join('\n')).toMatch(note);
  });

  it('LastFM-360K, without a header and with names between: plays become weights', async () => {
    const text = lines(
      (r) => `${`${r.user}`.padStart(40, '0')}\tmbid-${r.item}\tThe Artists ${r.item}\t${100 * (1 + r.user)}`,
    );
    const { interactions } = await read(text, 'usersha1-artmbid-artname-plays.tsv', {
      feedbackWeights: 'linear',
    });
    expect(interactions.feedback!.kind).toBe('count');
    const { weights, ratings } = interactions;
    expect(weights![59] / weights![0]).toBeCloseTo(ratings![59] / ratings![0], 5);
    expect(weights!.reduce((sum, weight) => sum + weight, 0) / 540).toBeCloseTo(1, 5);
  });

  it('a correction from 5 to 1 does not stay a 5', async () => {
    const again = ROWS.slice(0, 90).map((r) => `${r.user},${r.item},1,${r.time + 1e8}\n`);
    const { interactions } = await read(std + again.join(''), 'rerate.csv', { minRating: 4 });
    expect([interactions.duplicates, interactions.length]).toEqual([90, 330]);
  });

  it('Online Retail: what was returned is not liked', async () => {
    const text = lines(
      (r, n) => `${n},${r.item},${r.rating === 5 ? 6 : -2},12/${1 + (n % 28)}/2010 8:26,${r.user}`,
      'InvoiceNo,StockCode,Quantity,InvoiceDate,CustomerID',
    );
    const { interactions, report } = await read(text, 'retail.csv');
    expect(interactions.length).toBe(420);
    expect(report.layout).toContain('time "InvoiceDate" in dates');
    expect(interactions.timestamps![0]).toBe(Date.UTC(2010, 11, 1, 8, 26) / 1000);
  });
});

describe('ids of public forms', () => {
  it('é composed and decomposed is one item', async () => {
    const text = lines(
      (r, n) => `${r.user},${n % 2 ? 'caf\u00e9' : 'cafe\u0301'}${r.item}`,
      'user_id,item_id',
    );
    const { interactions, report } = await read(text, 'nfd.csv');
    expect(interactions.numItems).toBe(40);
    expect(report.notes[0].text).toBe(
      '270 item ids were written with decomposed accents, and are read composed (NFC)',
    );
  });

  it('missing values and numbers without their last digits are bad lines, counted by reason', async () => {
    const spoilt = ['NULL', 'NaN', '\\N', 'None', '9.14E+18', '#N/A', ''];
    const text = lines((r, n) => `${n < 7 ? spoilt[n] : r.user},${r.item}`, 'user_id,item_id');
    await expect(read(text, 'null.csv')).rejects.toThrow(
      /null\.csv:2: the user id is "NULL", which stands for a missing value/,
    );
    const { report } = await read(text, 'null.csv', { onBadLine: 'skip' });
    expect(report.dropped.map(({ reason, count }) => [reason, count])).toEqual([
      ['no user id', 6],
      ['user id that lost digits', 1],
    ]);
    expect(report.dropped[0].examples).toHaveLength(3);
    const own = await read('user,item\nNA,x\nNULL,y\n', 'a.csv', {
      missingValues: ['NULL'],
      onBadLine: 'skip',
    });
    expect(own.interactions.userIds).toEqual(['NA']);
  });

  it('a user column that changes its name makes bad lines, not other users', async () => {
    const text = lines((r, n) =>
      json(n < 400 ? { user: `n${r.user}`, item_id: r.item } : { user_id: r.user, item_id: r.item }),
    );
    const { interactions, report } = await read(text, 'late.jsonl', { onBadLine: 'skip' });
    expect([interactions.numUsers, report.badLineCount]).toEqual([60, 140]);
    expect(report.badLines[0].reason).toMatch(/the row has "user_id"/);
  });

  it('quotes, commas, leading zeros, emoji and long ids are kept', async () => {
    const ids = ['"SKU 3, red"', '007', '🎸', '-5', 'x'.repeat(5000)];
    const { interactions } = await read(`user,item\n${ids.map((id) => `a,${id}\n`).join('')}`, 'odd.csv');
    expect(interactions.itemIds).toEqual(['SKU 3, red', '007', '🎸', '-5', 'x'.repeat(5000)]);
  });

  it('a header in the middle is a bad line', async () => {
    const { interactions, report } = await read(std + std, 'twice.csv', { onBadLine: 'skip' });
    expect([interactions.length, report.dropped[0].reason]).toEqual([540, 'the header again']);
  });
});

describe('columns that nobody asked for', () => {
  it('do not stop a run', async () => {
    const text = lines(
      (r, n) => `${r.user},${r.item},${n % 20 ? 3 : 'fine'},${n === 7 ? 'soon' : r.time}`,
      'user_id,item_id,rating,timestamp',
    );
    const { interactions, report } = await read(text, 'words.csv');
    expect(interactions.length).toBe(540);
    expect(report.unread.map(({ reason, count }) => [reason, count])).toEqual([
      ['unreadable rating', 27],
      ['unreadable timestamp', 1],
    ]);
  });

  it('are bad lines where they are needed, with a skip that works', async () => {
    const text = lines(
      (r, n) => `${r.user},${r.item},${n === 3 || n === 9 ? '' : r.time}`,
      'user_id,item_id,timestamp',
    );
    await expect(read(text, 'ts.csv', { needsTimestamp: true })).rejects.toThrow(
      /ts\.csv:5: there is no timestamp/,
    );
    const { interactions } = await read(text, 'ts.csv', { needsTimestamp: true, onBadLine: 'skip' });
    expect([interactions.length, interactions.timestamps!.length]).toEqual([538, 538]);
  });
});

describe('catalogues in public forms', () => {
  const titles = (text: string) =>
    ITEMS.map(({ id, title }) => text.replace('ID', `${id}`).replace('TITLE', title)).join('');
  const cp1252 = { encoding: 'windows-1252' };
  it.each<[string, string, Source, object]>([
    ['an id named id', 'items.csv', `id,title\n${titles('ID,TITLE\n')}`, {}],
    ['MovieLens 1M', 'movies.dat', latin1(titles('ID::TITLE::garden|Caf\u00e9\n')), cp1252],
    ['MovieLens 100K', 'u.item', titles('ID|TITLE|01-Jan-1995||http://us.imdb.com/x|0|1|0\n'), {}],
    [
      'Book-Crossing',
      'BX-Books.csv',
      latin1(
        `"ISBN";"Book-Title";"Image-URL-S"\r\n${titles('"ID";"TITLE";"http://images.example.com/a.jpg"\r\n')}`,
      ),
      cp1252,
    ],
    [
      'Amazon 2018 metadata',
      'meta.jsonl',
      ITEMS.map(
        ({ id, title }) => `${json({ asin: `${id}`, title, price: '$1', also_buy: [], rank: null })}\n`,
      ).join(''),
      {},
    ],
    ['quoted titles with commas', 'movies.csv', `movieId,title\n${titles('ID,"TITLE"\n')}`, {}],
  ])('%s', async (_what, name, source, options) => {
    const { catalogue } = await readCatalogue(source, { name, ...options });
    expect(catalogue.ids).toEqual(ITEMS.map(({ id }) => `${id}`));
    expect(catalogue.titles).toEqual(ITEMS.map(({ title }) => title));
    for (const [n, text] of catalogue.texts.entries()) expect(text.startsWith(ITEMS[n].title)).toBe(true);
    expect(catalogue.texts[0]).not.toMatch(/http|1995/);
  });

  it('backslashes before quotes, as MySQL writes them', async () => {
    const { catalogue } = await readCatalogue('"ISBN";"Book-Title"\n"1";"A \\"b\\" c"\n"2";"d \\"e\\""\n', {
      name: 'b.csv',
    });
    expect(catalogue.titles).toEqual(['A "b" c', 'd "e"']);
  });

  it('a stray quote loses its line, and an item with two texts the second', async () => {
    const text = `item_id,title\n1,a\n2,"b\n3,c\n4,"d"\n1,other\n5,5" disc\n`;
    const { catalogue, report } = await readCatalogue(text, { name: 'c.csv', onBadLine: 'skip' });
    expect(catalogue.ids).toEqual(['1', '3', '4', '5']);
    expect(report.dropped.map(({ reason, count }) => [reason, count])).toEqual([
      ['broken quotes', 1],
      ['an item again with another text', 1],
    ]);
  });

  it.each(['latin-1', 'latin_1', 'ISO-8859-1', 'cp1252', 'ANSI'])(
    'knows the encoding %s',
    async (encoding) => {
      const { catalogue } = await readCatalogue(latin1('id,title\n1,Caf\u00e9\n'), {
        name: 'l.csv',
        encoding,
      });
      expect(catalogue.texts).toEqual(['Caf\u00e9']);
    },
  );

  it('reads UTF-16, UTF-8 with a mark and Shift JIS by the names that Python gives them', async () => {
    const texts: [encoding: string, bytes: Uint8Array][] = [
      ['utf_16_le', Uint8Array.from(Buffer.from('id,title\n1,Caf\u00e9\n', 'utf16le'))],
      ['utf-8-sig', utf8('\ufeffid,title\n1,Caf\u00e9\n')],
      ['cp932', Uint8Array.from([...utf8('id,title\n1,'), 0x83, 0x65, 0x0a])],
    ];
    const read = texts.map(([encoding, bytes]) => readCatalogue(bytes, { name: 'l.csv', encoding }));
    const found = (await Promise.all(read)).map(({ catalogue }) => catalogue.texts[0]);
    expect(found).toEqual(['Caf\u00e9', 'Caf\u00e9', '\u30c6']);
  });

  it('bytes that are no UTF-8 name the option, the byte and what it would be', async () => {
    const error = await readCatalogue(latin1('id,title\n1,Caf\u00e9 au lait\n'), { name: 'l.csv' }).catch(
      (e: unknown) => e,
    );
    expect(error).toMatchObject({
      option: 'encoding',
      message: expect.stringMatching(/l\.csv:2: .*the byte e9; in windows-1252 .*Café au lait/),
    });
  });
});

describe('files that are no tables', () => {
  it.each<[string, Uint8Array, RegExp]>([
    ['an Excel workbook', zipSync({ 'xl/workbook.xml': utf8('<x/>') }), /an Excel workbook/],
    ['a PDF', utf8('%PDF-1.7\n%'), /a PDF \(it begins with "%PDF"\)/],
    ['an HTML page', utf8('\n<!DOCTYPE html><html>'), /an HTML page/],
    [
      'a Git LFS pointer',
      utf8('version https://git-lfs.github.com/spec/v1\noid sha256:0\n'),
      /Git LFS pointer.*git lfs pull/,
    ],
    ['an SQLite database', utf8('SQLite format 3\0\0\0'), /an SQLite database/],
    ['bzip2', Uint8Array.of(0x42, 0x5a, 0x68, 0x39, 0, 1), /bzip2 \(it begins with "BZh"\)/],
    ['a pickle', Uint8Array.of(0x80, 4, 0x95, 0), /a Python pickle \(it begins with 80 04\)/],
    ['cut-off gzip', gzipSync(std).subarray(0, 400), /expected whole gzip data/],
    ['damaged Parquet', utf8('PAR1\0\0\0\0nothing'), /expected a Parquet file/],
  ])('%s is named', async (_what, bytes, message) => {
    await expect(read(bytes, 'data.csv')).rejects.toThrow(message);
  });

  it('a JSON id that is an object is shown by what it has', async () => {
    await expect(read('{"user":{"age":5},"item":"a"}\n', 'a.jsonl')).rejects.toThrow(
      /the user id is an object with age/,
    );
  });
});

describe('files without a header, by what their columns hold', () => {
  it.each([
    [
      'Gowalla check-ins',
      '0\t2010-10-19T23:55:27Z\t30.23\t-97.79\t22847\n0\t2010-10-18T22:17:43Z\t30.26\t-97.74\t420315\n1\t2010-10-17T23:42:03Z\t30.25\t-97.76\t22847\n',
      'user column 1, item column 5, time column 2 in dates',
    ],
    [
      'LastFM-1K',
      'u1\t2009-05-04T23:08:57Z\ta1\tDeep Dish\t\tImagine\nu1\t2009-05-04T13:54:10Z\ta2\t坂本龍一\t\tComposition\n',
      'user column 1, item column 3, time column 2 in dates',
    ],
    [
      'Steam-200k',
      '1,"The Elder Scrolls",play,273.0,0\n1,"Fallout 4",play,87.0,0\n2,"Fallout 4",play,1.0,0\n',
      'user column 1, item column 2, events column 3, feedback column 4 1–273',
    ],
    [
      'Amazon 2014 with ISBNs',
      'A2CX7LUOHB2NDG,0439893577,4.0,1370476800\nA2NWSAGRHCP8N5,1439893577,1.0,1367193600\n',
      'user column 1, item column 2, feedback column 3 1–4, time column 4 in seconds',
    ],
    [
      'a shop in German',
      'Kundennummer;Artikelnummer;Menge;Datum\n10;A-1;2;31.12.2019 10:00\n11;A-2;1;01.01.2020 08:30\n',
      'user "Kundennummer", item "Artikelnummer", feedback "Menge" 1–2, time "Datum" in dates',
    ],
  ])('%s', async (_what, text, columns) => {
    const { report } = await read(text, 'x');
    expect(report.layout.split('; ')[1]).toBe(columns);
  });

  it('a dump of SQL statements is named', async () => {
    await expect(read('INSERT INTO ratings VALUES (1,2,3);\n', 'x.sql')).rejects.toThrow(/SQL statements/);
  });
});
