import { describe, expect, it } from 'vitest';
import {
  type ReadInteractionsOptions,
  readInteractions,
} from '../../../src/data/readers/readInteractions.ts';
import { lines, ROWS } from './publicForms.ts';

const read = (text: string, options: Partial<ReadInteractionsOptions> = {}) =>
  readInteractions(text, { name: 'file', ...options });
const notesOf = (report: { notes: readonly { text: string }[] }) =>
  report.notes.map(({ text }) => text).join('\n');

describe('columns of shops', () => {
  it.each([
    [
      'a user id at the end of a name before the order',
      'Order Number,Customer User ID,SKU',
      'Customer User ID',
    ],
    ['an address of the person before the order', 'Order Number,Email,SKU', 'Email'],
    ['the order where there is nobody else', 'Order Number,Total,SKU', 'Order Number'],
  ])('count %s', async (_, header, user) => {
    const text = `${header}\n${lines((r) => `${1000 + r.user},u${r.user},s${r.item}`)}`;
    expect((await read(text)).report.layout).toContain(`user "${user}", item "SKU"`);
  });

  it.each(['Belegdatum', 'TRANSACTION_DT', 'order_dt', 'Bestelldatum'])(
    'take %s for the time',
    async (name) => {
      const text = `customer,sku,${name}\n${lines((r) => `${r.user},${r.item},2014-12-0${1 + (r.item % 9)} 13`)}`;
      expect((await read(text)).interactions.timestamps?.[0]).toBeGreaterThan(1.4e9);
    },
  );

  it('are no lists of items where numbers have their thousands marked', async () => {
    const text = lines((r) => `u${r.user},"${(990 + r.item).toLocaleString('en')},000"`);
    expect((await read(`user,item\n${text}`)).interactions.numItems).toBe(40);
  });
});

describe('what a database writes below a table', () => {
  it.each(['(540 rows)', '(540 rows affected)', '540 rows selected.', '1 row in set (0.00 sec)'])(
    'is no row: %s',
    async (footer) => {
      for (const mark of [',', '|', ' ']) {
        const text = lines((r) => [r.user, r.item, r.rating].join(mark));
        const header = ['user_id', 'item_id', 'rating'].join(mark);
        const { interactions, report } = await read(`${header}\n${text}\n${footer}\n`);
        expect([interactions.numUsers, interactions.length, report.lines]).toEqual([60, 540, 540]);
        expect(notesOf(report)).toContain('counts the rows of a query');
      }
    },
  );
});

describe('formats of other programs', () => {
  it.each([
    ['libSVM', lines((r) => `${r.rating} ${r.user}:1 ${60 + r.item}:1`), /features of libSVM/],
    ['Vowpal Wabbit', lines((r) => `${r.rating} |u u${r.user} |i i${r.item}`), /examples of Vowpal Wabbit/],
  ])('are named: %s', async (_, text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });

  it('are read though a column between user and item says nothing: judgements of TREC', async () => {
    const { report } = await read(lines((r) => `${r.user} 0 doc-${r.item} ${r.rating > 3 ? 1 : 0}`));
    expect(report.layout).toContain('user column 1, item column 3, feedback column 4');
  });

  it('name further columns that may be the item', async () => {
    const { report } = await read(lines((r) => `u${r.user}\ta${r.item % 30}\tSome band\tTrack ${r.item}`));
    expect(report.layout).toContain('item column 2');
    expect(notesOf(report)).toContain('column 4 may hold the items as well as column 2');
  });
});

describe('a user who is nobody', () => {
  it.each(['Walk-in', 'guest', '0'])('is noted: %s', async (id) => {
    const text = ROWS.map((r, n) => `${n % 7 < 3 ? id : `c${r.user}`},p${r.item}\n`).join('');
    const { report } = await read(`customer,product\n${text}`);
    expect(notesOf(report)).toMatch(new RegExp(`the user "${id}" has \\d+ items, against a mean`));
    expect(report.notes.at(-1)?.option).toBe('missingValues');
  });

  it('is a person where 0 has about as many items as others', async () => {
    const { report } = await read(`user,item\n${lines((r) => `${r.user},${r.item}`)}`);
    expect(report.notes).toEqual([]);
  });

  it('is told from a cell that is merged over several rows', async () => {
    let last = -1;
    const text = [...ROWS]
      .sort((a, b) => a.user - b.user)
      .map((r) => {
        const cell = r.user === last ? '' : r.user;
        last = r.user;
        return `${cell},${r.item}\n`;
      });
    const { report } = await read(`customer,product\n${text.join('')}`, { onBadLine: 'skip' });
    expect(notesOf(report)).toContain('480 of 540 rows have nothing in "customer"');
  });
});
