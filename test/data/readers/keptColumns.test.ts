import { describe, expect, it } from 'vitest';
import { readCatalogue } from '../../../src/data/readers/readCatalogue.ts';
import { DataError } from '../../../src/errors.ts';

const csv =
  'id,title,price,used,kind\na,Lamp,3.5,true,home\nb,Shoe,,FALSE,\nc,Tent,12,true,NULL\na,Lamp,4,true,home\n';
const bytes = (text: string) => new TextEncoder().encode(text);

describe('columns that are kept', () => {
  it('are numbers, truth values or texts, null where there is none, of the first row of an item', async () => {
    const options = { name: 'p.csv', textColumns: ['title'], keep: ['price', 'used', 'kind'] };
    const { attributes } = await readCatalogue(bytes(csv), options);
    expect([...attributes]).toEqual([
      ['a', { price: 3.5, used: true, kind: 'home' }],
      ['b', { price: null, used: false, kind: null }],
      ['c', { price: 12, used: true, kind: null }],
    ]);
  });

  it('are lists where JSON has lists', async () => {
    const lines = '{"id":"a","title":"Lamp","tags":["new","red"]}\n{"id":"b","title":"Shoe","tags":[]}\n';
    const options = { name: 'p.jsonl', textColumns: ['title'], keep: ['tags'] };
    const { attributes } = await readCatalogue(bytes(lines), options);
    expect([...attributes]).toEqual([
      ['a', { tags: ['new', 'red'] }],
      ['b', { tags: [] }],
    ]);
  });

  it('are lists where bars without spaces part words, as genres have them; titles with bars are texts', async () => {
    const lines = 'id,title,genres\na,One | two,Action|Sci-Fi\nb,Three,Drama\nc,Four,\n';
    const options = { name: 'p.csv', textColumns: ['title'], keep: ['genres', 'title'] };
    const { attributes } = await readCatalogue(bytes(lines), options);
    expect([...attributes]).toEqual([
      ['a', { genres: ['Action', 'Sci-Fi'], title: 'One | two' }],
      ['b', { genres: ['Drama'], title: 'Three' }],
      ['c', { genres: null, title: 'Four' }],
    ]);
  });

  it('must be there, and hold something', async () => {
    const read = (keep: string[], text = csv) => readCatalogue(bytes(text), { name: 'p.csv', keep });
    await expect(read(['colour'])).rejects.toThrow(/a column "colour", found the columns "id", "title"/);
    await expect(read(['kind'], 'id,title,kind\na,Lamp,\nb,Shoe,NULL\n')).rejects.toThrow(DataError);
    expect((await readCatalogue(bytes(csv), { name: 'p.csv' })).attributes.size).toBe(0);
  });
});
