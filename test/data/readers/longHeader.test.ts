import { expect, it } from 'vitest';
import { readCatalogue } from '../../../src/data/readers/readCatalogue.ts';
import { readInteractions } from '../../../src/data/readers/readInteractions.ts';

const COLUMNS = 30_000;
const names = Array.from({ length: COLUMNS }, (_, n) => `item ${n}`);

/** As a file arrives: in pieces that are far shorter than the header. */
async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += 2 ** 15) yield bytes.subarray(at, at + 2 ** 15);
}

it('reads a matrix whose line of items is longer than the beginning that tells what a file is', async () => {
  const row = (user: number) => names.map((_, n) => (n % 10_000 === user ? '5' : '')).join(',');
  const text = `user,${names.join(',')}\n${[0, 1, 2].map((user) => `u${user},${row(user)}\n`).join('')}`;
  const { interactions } = await readInteractions(pieces(text), { name: 'matrix.csv', format: 'wide' });
  expect([interactions.numUsers, interactions.numItems, interactions.length]).toEqual([3, 9, 9]);
});

it.each(['\n', '\r\n', '\r'])(
  'reads a catalogue with as long a header, and lines that end in %j',
  async (end) => {
    const text = `item_id,title,${names.join(',')}${end}a,tea,${',x'.repeat(COLUMNS - 1)}${end}`;
    const { catalogue } = await readCatalogue(pieces(text), { name: 'catalogue.csv' });
    expect(catalogue.titles).toEqual(['tea']);
  },
);
