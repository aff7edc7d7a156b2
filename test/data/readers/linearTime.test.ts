import { expect, test } from 'vitest';
import { readCatalogue } from '../../../src/data/readers/readCatalogue.ts';
import { readInteractions } from '../../../src/data/readers/readInteractions.ts';
import { embeddingsFromTable } from '../../../src/embed/tableVectors.ts';
import { isLlminitError } from '../../../src/errors.ts';

const repeat = (count: number, text: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => text(n)).join('');
const interactions = (text: string) => readInteractions(text, { name: 'x', onBadLine: 'skip' });
const lists = (text: string) => readInteractions(text, { name: 'x', format: 'lightgcn' });
const catalogue = (text: string) => readCatalogue(text, { name: 'x', onBadLine: 'skip' });
const vectors = (text: string) => embeddingsFromTable(text, 'x');

/** Files whose parts a careless reader multiplies with each other, of a size in proportion to `n`. */
const FILES: Readonly<Record<string, [(text: string) => Promise<unknown>, (n: number) => string]>> = {
  'quotes that never close': [interactions, (n) => `user,item\n${repeat(n, (i) => `u${i},"i${i}\n`)}`],
  'an open quote now and then': [
    interactions,
    (n) => `user,item\n${repeat(n, (i) => (i % 600 === 0 ? `"u${i},i\n` : `u${i},i\n`))}`,
  ],
  'one long field': [interactions, (n) => `user,item\n${'a'.repeat(20 * n)},b\n`],
  'quotes alone': [interactions, (n) => '"'.repeat(20 * n)],
  'delimiters alone': [interactions, (n) => ','.repeat(5 * n)],
  'a wide header': [
    catalogue,
    (n) => `item_id,title${repeat(n, (i) => `,c${i}`)}\na,b${repeat(n, () => ',x')}\n`,
  ],
  'one item with other texts': [catalogue, (n) => `item_id,title\n${repeat(n, (i) => `1,t${i}\n`)}`],
  'interactions with keys of their own': [
    interactions,
    (n) => repeat(n, (i) => `{"user":"u${i}","item":"i","k${i}":1}\n`),
  ],
  'bad lines with keys of their own': [
    interactions,
    (n) => `{"user":"u","item":"i"}\n${repeat(n, (i) => `{"user":"u${i}","k${i}":1}\n`)}`,
  ],
  'items with keys of their own': [
    catalogue,
    (n) => repeat(n, (i) => `{"item_id":"i${i}","title":"t","k${i}":"v"}\n`),
  ],
  'Python dicts with keys of their own': [
    catalogue,
    (n) => repeat(n, (i) => `{'asin': 'a${i}', 'title': 'x', 'k${i}': 'v'}\n`),
  ],
  'vectors with keys of their own': [
    vectors,
    (n) => repeat(n, (i) => `{"id":"${i}","vector":[1,2],"k${i}":1}\n`),
  ],
  'an array of objects with keys of their own': [
    interactions,
    (n) => `[${repeat(n, (i) => `{"user":"u${i}","item":"i","k${i}":1},`)}{"user":"a","item":"b"}]`,
  ],
  'a split document with more names than cells': [
    interactions,
    (n) =>
      `{"columns":["user","item"${repeat(n, (i) => `,"c${i}"`)}],"data":[${repeat(n, (i) => `["u${i}","i"],`)}["a","b"]]}`,
  ],
  'columns of one row beside a column of many': [
    interactions,
    (n) =>
      `{"user":{${repeat(n, (i) => `"${i}":"u",`)}"x":"y"},${repeat(n, (i) => `"k${i}":{"a":1},`)}"item":{"0":"i"}}`,
  ],
  'escapes in a string that never closes, beside NaN': [
    interactions,
    (n) => `{"user":"u","item":NaN,"t":"${'\\"'.repeat(3 * n)}}\n`.repeat(2),
  ],
  'brackets that never close': [interactions, (n) => `[{"user":[${'['.repeat(20 * n)}`],
  'a matrix with a column for each of many items': [
    (text) => readInteractions(text, { name: 'x', format: 'wide' }),
    (n) => `user${repeat(n, (i) => `,i${i}`)}\n${repeat(3, (u) => `u${u}${',5'.repeat(n)}\n`)}`,
  ],
  'a list on one line': [lists, (n) => `1 ${repeat(n, (i) => `${i} `)}`],
};

const TIMES_AS_LARGE = 8;
const MOST_TRIES = 5;

/** Milliseconds of the processor, which other programs on the machine do not add to. */
async function costOf(read: (text: string) => Promise<unknown>, text: string): Promise<number> {
  const before = process.cpuUsage();
  await read(text).catch((error) => {
    if (!isLlminitError(error)) throw error;
  });
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

test.each(Object.entries(FILES))('%s are read in time linear in the bytes', async (_, [read, make]) => {
  const small = make(4000);
  const large = make(4000 * TIMES_AS_LARGE);
  let least = { small: Number.POSITIVE_INFINITY, large: Number.POSITIVE_INFINITY };
  // A quadratic reader takes 64 times as long in every try; caches and compilers disturb some. Short times are noise.
  const isLinear = () => least.large < 3.5 * TIMES_AS_LARGE * Math.max(least.small, 10);
  for (let tries = 0; tries < MOST_TRIES && !isLinear(); tries++) {
    least = {
      small: Math.min(least.small, await costOf(read, small)),
      large: Math.min(least.large, await costOf(read, large)),
    };
  }
  expect(least.large).toBeLessThan(3.5 * TIMES_AS_LARGE * Math.max(least.small, 10));
});
