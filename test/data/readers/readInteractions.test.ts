import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectFormat, type Format } from '../../../src/data/readers/formats.ts';
import {
  type ReadInteractionsOptions,
  readInteractions,
} from '../../../src/data/readers/readInteractions.ts';
import type { Source } from '../../../src/data/readers/source.ts';
import { DataError, FormatError, OptionError } from '../../../src/errors.ts';
import { sharedData } from '../../sharedData.ts';
import { pairsOf } from '../samples.ts';

const read = (source: Source, name: string, options: Partial<ReadInteractionsOptions> = {}) =>
  readInteractions(source, { name, ...options });

const SAMPLES = {
  csv: 'rating,user_id,item_id,timestamp\r\n5,"ü,1",i1,10\r\n\r\n4,u2,"i\r\n""2""",20\r\n1,u2,日本,30',
  tsv: 'user\titem\trating\ttime\nü,1\ti1\t5\t10\nu2\ti"2\t4\t20\nu2\t日本\t1\t30\n',
  jsonl:
    '{"userId":"ü","itemId":7,"rating":5,"timestamp":1}\r\n\n{"userId":8,"itemId":"日本","rating":"4","timestamp":2}',
  recbole: 'user_id:token\titem_id:token\trating:float\ttimestamp:float\nü\ti1\t5\t10\n"u2\t日本\t4\t20\n',
  lightgcn: '0 1 2 3 \n1\n\n2 日本 1\r\n0 4',
  python: "{u'user': u'\\xfc', 'item': 'x', 'rating': 5.0}\n{'user': 'b', 'item': '日本', 'rating': None}\n",
  json: '[{"user":"ü","item":7,"rating":5,"tags":["]",{"a":"\\"}"}]},\n {"user":8,\n"item":"日本","rating":NaN}]',
  netflix: '1:\n7,3,2005-09-06\n8,5,2005-05-13\n2:\n7,4,2005-10-19\n',
} satisfies Partial<Record<Format, string>>;

describe('readInteractions', () => {
  it('reads csv with quotes, in any column order', async () => {
    const { interactions, report } = await read(SAMPLES.csv, 'a.csv');
    expect(pairsOf(interactions)).toEqual(['ü,1 i1', 'u2 i\n"2"', 'u2 日本']);
    expect([...interactions.ratings!]).toEqual([5, 4, 1]);
    expect([...interactions.timestamps!]).toEqual([10, 20, 30]);
    expect(report).toMatchObject({ lines: 3, badLineCount: 0, badLines: [], dropped: [] });
  });

  it('needs no name and no options', async () => {
    const bytes = new TextEncoder().encode(SAMPLES.csv);
    expect((await readInteractions(bytes)).report.name).toBe('interactions');
    const { interactions } = await readInteractions(bytes, { feedbackWeights: 'log' });
    expect(interactions.weights).toHaveLength(3);
    await expect(readInteractions('x,y\n1,2\n')).rejects.toThrow(
      /^interactions: expected a column for the user/,
    );
  });

  it('reads tsv and RecBole files without giving quotes a meaning', async () => {
    expect(pairsOf((await read(SAMPLES.tsv, 'a.tsv')).interactions)).toEqual(['ü,1 i1', 'u2 i"2', 'u2 日本']);
    expect(pairsOf((await read(SAMPLES.recbole, 'a.inter')).interactions)).toEqual(['ü i1', '"u2 日本']);
  });

  it('reads JSON lines, where a number id becomes its digits', async () => {
    const { interactions } = await read(SAMPLES.jsonl, 'a.jsonl');
    expect(pairsOf(interactions)).toEqual(['ü 7', '8 日本']);
    expect([...interactions.ratings!]).toEqual([5, 4]);
  });

  it('has no ratings if a JSON line leaves the rating out, and finds a column that comes late', async () => {
    const lines = '{"user":"a","item":"x"}\n{"user":"b","item":"x","rating":3,"time":null}';
    const { interactions } = await read(lines, 'a.ndjson');
    expect(interactions.ratings).toBeNull();
    expect(interactions.timestamps).toBeNull();
    const { report } = await read(lines, 'a.ndjson', { minRating: 1, onBadLine: 'skip' });
    expect(report.badLines.map((bad) => bad.line)).toEqual([1]);
  });

  it('reads the LightGCN format, in which a user without items is registered', async () => {
    const { interactions, report } = await read(SAMPLES.lightgcn, 'train.txt');
    expect(pairsOf(interactions)).toEqual(['0 1', '0 2', '0 3', '2 日本', '2 1', '0 4']);
    expect(interactions.userIds).toEqual(['0', '1', '2']);
    expect(report.lines).toBe(4);
  });

  it.each(Object.keys(SAMPLES) as (keyof typeof SAMPLES)[])(
    'reads %s the same however the bytes are cut',
    async (format) => {
      const bytes = new TextEncoder().encode(`\uFEFF${SAMPLES[format]}`);
      const whole = await read(SAMPLES[format], 'x', { format });
      await fc.assert(
        fc.asyncProperty(fc.uniqueArray(fc.nat(bytes.length)), fc.boolean(), async (cuts, reuse) => {
          const result = await read(cutAt(bytes, cuts, reuse), 'x', { format });
          expect(result).toEqual(whole);
          expect(pairsOf(result.interactions)).toEqual(pairsOf(whole.interactions));
        }),
      );
      const characters = await read(cutText(SAMPLES[format]), 'x', { format });
      expect(characters).toEqual(whole);
    },
  );

  it('takes the columns that are named, and none for null', async () => {
    const csv = 'User_ID,who,what,stars,rating\n1,a,x,2,bad\n2,b,y,5,\n';
    const options = { userColumn: 'who', itemColumn: 'what', minRating: 3 };
    const { interactions } = await read(csv, 'a.csv', { ...options, ratingColumn: 'stars' });
    expect(pairsOf(interactions)).toEqual(['b y']);
    expect(interactions.belowRating).toBe(1);
    const unrated = await read(csv, 'a.csv', { userColumn: 'who', itemColumn: 'what', ratingColumn: null });
    expect(unrated.interactions.ratings).toBeNull();
  });

  it('lists the columns found when one is missing', async () => {
    const csv = 'who,item_id\na,x\n';
    await expect(read(csv, 'a.csv')).rejects.toThrow(
      /a.csv: expected a column for the user, found.*"who", "item_id"/,
    );
    const named = { userColumn: 'who', timestampColumn: 'when' };
    await expect(read(csv, 'a.csv', named)).rejects.toThrow(/expected a column "when".*timestampColumn/);
    await expect(read(csv, 'a.csv', { userColumn: 'Who' })).rejects.toThrow(DataError);
    await expect(read(csv, 'a.csv', { userColumn: 'who', minRating: 4 })).rejects.toThrow(
      /a column for the rating/,
    );
    await expect(read('user,item,item\na,x,y\n', 'a.csv')).rejects.toThrow(/"item" twice/);
  });

  it('takes blank ratings and times for none, unless a threshold needs the rating', async () => {
    const csv = 'user,item,rating,time\na,x,4,1\na,y,,\n';
    const { interactions } = await read(csv, 'a.csv');
    expect(interactions).toMatchObject({ length: 2, ratings: null, timestamps: null });
    await expect(read(csv, 'a.csv', { minRating: 3 })).rejects.toThrow(/a\.csv:3: there is no rating/);
  });

  it.each([
    ['a.csv', 'user,item,rating\na,x,4\na,"multi\nline",5\nb,y,good\n', /a\.csv:5: the rating is "good"/],
    ['a.csv', 'user,item,rating\na,x,NaN\n', /a\.csv:2: there is no rating/],
    ['a.tsv', 'user\titem\trating\na\tx\tInfinity\n', /a\.tsv:2: the rating is "Infinity"/],
    ['a.tsv', 'user\titem\ttime\na\tx\t2020-13-01\n', /a\.tsv:2: the timestamp is "2020-13-01"/],
    ['a.tsv', 'user\titem\ttime\na\tx\t1\nb\tx\t\n', /a\.tsv:3: there is no timestamp/],
    ['a.csv', 'user,item\na,x\nb\n', /a\.csv:3: expected 2 fields as in the header, received 1/],
    ['a.csv', 'user,item\na,x,y\n', /a\.csv:2: expected 2 fields.*received 3/],
    ['a.csv', 'user,item\n,x\n', /a\.csv:2: the user id is ""/],
    ['a.csv', 'user,item\na,"12" pipe "round"x\n', /a\.csv:2: the quotes do not follow/],
    ['a.jsonl', '{"user":"a","item":"x"}\n[1]\n', /a\.jsonl:2: expected a JSON object/],
    ['a.jsonl', '{"user":"a","item":"x"}\n{"user":', /a\.jsonl:2: expected a JSON object/],
    ['a.jsonl', '{"user":12345678901234567890,"item":"x"}', /a\.jsonl:1: the user id is 1234567890123456/],
    ['a.jsonl', '{"user":"a","item":"x"}\n{"user":"a"}', /a\.jsonl:2: the item id is undefined/],
    ['a.inter', 'user_id:token\titem_id:token\n\n\na\t \n', /a\.inter:4: the item id is " "/],
  ])('names the line of bad data in %s: %j', async (name, text, message) => {
    const options = {
      minRating: text.includes('rating') ? 1 : undefined,
      needsTimestamp: /\btime\b/.test(text.split('\n', 1)[0]) && !/rating/.test(text),
    };
    await expect(read(text, name, options)).rejects.toThrow(message);
    await expect(read(text, name, options)).rejects.toThrow(DataError);
  });

  it('counts bad lines under "skip" and keeps the first twenty', async () => {
    const good = Array.from({ length: 30 }, (_, n) => `u${n},x,4\nu${n},y,four`).join('\n');
    const options = { onBadLine: 'skip', minRating: 1 } as const;
    const { interactions, report } = await read(`user,item,rating\n${good}`, 'a.csv', options);
    expect(interactions.length).toBe(30);
    expect(interactions.itemIds).toEqual(['x']);
    expect([report.lines, report.badLineCount, report.badLines.length]).toEqual([60, 30, 20]);
    const reason = 'the rating is "four", expected a finite number';
    expect(report.badLines[1]).toEqual({ line: 5, reason });
    const examples = [3, 5, 7].map((line) => ({ line, reason }));
    expect(report.dropped).toEqual([{ reason: 'unreadable rating', count: 30, examples }]);
  });

  it('takes quotes within a field that does not begin with one for text', async () => {
    const csv = 'user,item\na,12" pipe\nb,y\nc,14" pipe\nd,"z"\n';
    const { interactions } = await read(csv, 'a.csv');
    expect(pairsOf(interactions)).toEqual(['a 12" pipe', 'b y', 'c 14" pipe', 'd z']);
  });

  it.each([
    ['a quote that a later one closes', 'user,item\na,x\nb,"y\nc,"z"\nd,w\n', [3]],
    ['a quote that nothing closes', 'user,item\na,x\nb,"y\nc,z\nd,w\n', [3]],
    ['a quote that many lines do not close', `user,item\na,x\nb,"y\n${'c,z\n'.repeat(600)}d,w\n`, [3]],
    ['quotes that nothing closes, twice', 'user,item\na,x\nb,"y\nc,z\ne,"f\nd,w\n', [3, 5]],
  ])('loses the line of %s and no other', async (_, csv, lines) => {
    const { interactions, report } = await read(csv, 'a.csv', { onBadLine: 'skip' });
    expect(report.badLines.map(({ line }) => line)).toEqual(lines);
    const good = csv
      .split('\n')
      .slice(1, -1)
      .filter((_line, n) => !lines.includes(n + 2));
    expect(pairsOf(interactions)).toEqual([
      ...new Set(good.map((line) => line.replaceAll('"', '').replace(',', ' '))),
    ]);
    await expect(read(csv, 'a.csv')).rejects.toThrow(/a\.csv:3: the quotes do not follow/);
  });

  it('says what lines lightgcn has, where they are of another format', async () => {
    const asked = read('7::40::2\n8::41::5\n', 'ratings.dat', { format: 'lightgcn' });
    await expect(asked).rejects.toMatchObject({
      option: 'format',
      message: expect.stringContaining('A line of lightgcn is a user and items with blanks between'),
    });
  });

  it.each([
    ['a.csv', '', FormatError, /the file is empty/],
    ['a.jsonl', '\n\n', FormatError, /the file is empty/],
    ['a.txt', '', FormatError, /the file is empty/],
    ['a.inter', '\uFEFF', FormatError, /the file is empty/],
    ['a.inter', 'user_id\titem_id\na\tx\n', FormatError, /a\.inter:1: expected a RecBole header/],
    ['a.csv', 'user,item\n', DataError, /expected rows of data/],
    ['a.txt', '0\n1\n', DataError, /no line names an item/],
    ['a.csv', 'user,item,rating\na,x,2\n', DataError, /all 1 ratings are below minRating 4/],
    ['a.csv', 'user,item,rating\na,x,?\n', DataError, /none of 1 lines can be used; line 2/],
  ])('refuses %s with the content %j', async (name, text, type, message) => {
    const options = { onBadLine: 'skip' as const, minRating: text.includes('rating') ? 4 : undefined };
    await expect(read(text, name, options)).rejects.toThrow(type);
    await expect(read(text, name, options)).rejects.toThrow(message);
  });

  it('refuses bytes that are not UTF-8, naming the line, however they are cut', async () => {
    const bytes = new TextEncoder().encode('user,item\na,é\nb,#\nc,z\n');
    bytes[bytes.indexOf(35)] = 0xff;
    for (let cut = 0; cut < bytes.length; cut++) {
      await expect(read(cutAt(bytes, [cut], false), 'a.csv')).rejects.toThrow(/a\.csv:3: expected UTF-8/);
    }
  });

  it('refuses options that the format or the reader does not know', async () => {
    const lists = { format: 'lightgcn' } as const;
    await expect(read('0 1', 'a.txt', { ...lists, minRating: 4 })).rejects.toThrow(DataError);
    await expect(read('0 1', 'a.txt', { ...lists, userColumn: 'user' })).rejects.toThrow(OptionError);
    // @ts-expect-error a policy that does not exist
    await expect(read('0 1', 'a.txt', { onBadLine: 'ignore' })).rejects.toThrow(OptionError);
    // @ts-expect-error a format that does not exist
    await expect(read('0 1', 'a.txt', { format: 'xml' })).rejects.toThrow(OptionError);
    // @ts-expect-error a source that is no text
    await expect(read(12, 'a.txt')).rejects.toThrow(OptionError);
  });

  it('stops when aborted', async () => {
    const controller = new AbortController();
    async function* source() {
      yield 'user,item\na,x\n';
      controller.abort(new Error('enough'));
      yield 'b,y\n';
    }
    await expect(read(source(), 'a.csv', { signal: controller.signal })).rejects.toThrow('enough');
  });

  describe.skipIf(!sharedData)('on the shared data', () => {
    it('reads all of ml-100k', async () => {
      const file = join(sharedData!, 'data/ml-100k/ml-100k.inter');
      const { interactions } = await read(createReadStream(file), 'ml-100k.inter');
      expect([interactions.numUsers, interactions.numItems, interactions.length]).toEqual([
        943, 1682, 100000,
      ]);
      expect(interactions.userIds[0]).toBe('196');
      expect(interactions.timestamps![0]).toBe(881250949);
    });

    it('reads all of the Gowalla training set', async () => {
      const file = join(sharedData!, 'data/gowalla/train.txt');
      const { interactions } = await read(createReadStream(file), 'train.txt');
      expect([interactions.numUsers, interactions.numItems]).toEqual([29858, 40981]);
      expect([interactions.length, interactions.duplicates]).toEqual([810128, 0]);
    });
  });
});

describe('detectFormat', () => {
  it('goes by the ending, in any case', () => {
    const names = ['a.csv', 'a.b.TSV', 'x/y.ndjson', 'a.item', 'a.inter', 'train.txt'];
    expect(names.map(detectFormat)).toEqual(['csv', 'tsv', 'jsonl', 'recbole', 'recbole', 'lightgcn']);
  });

  it.each(['a', 'a.xlsx', 'a.csv/b', 'a.constructor'])('refuses %s', (name) => {
    expect(() => detectFormat(name)).toThrow(OptionError);
  });
});

/** The bytes in pieces; with `reuse` all in one buffer, which is overwritten as some streams do. */
async function* cutAt(
  bytes: Uint8Array,
  cuts: readonly number[],
  reuse: boolean,
): AsyncGenerator<Uint8Array> {
  const ends = [...cuts, bytes.length].sort((a, b) => a - b);
  const buffer = new Uint8Array(bytes.length);
  let start = 0;
  for (const end of ends) {
    const piece = bytes.subarray(start, end);
    if (reuse) {
      buffer.fill(0).set(piece);
      yield buffer.subarray(0, piece.length);
    } else {
      yield piece;
    }
    start = end;
  }
}

async function* cutText(text: string): AsyncGenerator<string | Uint8Array> {
  // Strings and bytes by turns, cut after every character.
  for (const [n, character] of [...text].entries()) {
    yield n % 3 === 0 ? new TextEncoder().encode(character) : character;
  }
}
