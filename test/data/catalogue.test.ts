import { describe, expect, it } from 'vitest';
import { Catalogue } from '../../src/data/catalogue.ts';
import { DataError, ShapeError } from '../../src/errors.ts';

const options = { idColumn: 'id', textColumns: ['title', 'text'], titleColumn: 'title' };

describe('Catalogue.from', () => {
  it('joins the trimmed text columns that are not blank', () => {
    const catalogue = Catalogue.from(
      [
        { id: '1', title: ' Red pen ', text: 'writes red' },
        { id: '2', title: '', text: 'nameless' },
      ],
      options,
    );
    expect(catalogue.ids).toEqual(['1', '2']);
    expect(catalogue.texts).toEqual(['Red pen writes red', 'nameless']);
    expect(catalogue.titles).toEqual(['Red pen', '']);
  });

  it('takes an item twice only with the same text, and then keeps the first', () => {
    const pen = { id: '1', title: 'Pen', text: 'blue' };
    expect(Catalogue.from([pen, { ...pen }], options).length).toBe(1);
    const rows = [pen, { id: '2', title: 'Ink', text: '' }, { ...pen, text: 'red' }];
    expect(() => Catalogue.from(rows, options)).toThrow(/row 2: item "1" stands at row 0 with another text/);
  });

  it('refuses a blank id and a column that no row has', () => {
    expect(() => Catalogue.from([{ id: ' ', title: 'a', text: 'b' }], options)).toThrow(DataError);
    expect(() => Catalogue.from([{ id: '1', title: 'a' }], options)).toThrow(/none of 1 rows has "text"/);
  });
});

describe('Catalogue', () => {
  it('aligns texts and titles with a list of items and says which have no text', () => {
    const catalogue = new Catalogue(['a', 'b', 'c'], ['one', ' ', 'three'], ['A', 'B', 'C']);
    expect(catalogue.aligned(['c', 'x', 'b', 'a'])).toEqual({
      texts: ['three', '', '', 'one'],
      titles: ['C', '', 'B', 'A'],
      missing: ['x', 'b'],
    });
    expect(new Catalogue(['a'], ['one']).aligned(['a']).titles).toBeNull();
  });

  it('refuses arrays of different lengths and repeated ids', () => {
    expect(() => new Catalogue(['a'], [])).toThrow(ShapeError);
    expect(() => new Catalogue(['a'], ['t'], ['x', 'y'])).toThrow(ShapeError);
    expect(() => new Catalogue(['a', 'a'], ['t', 't'])).toThrow(DataError);
  });
});
