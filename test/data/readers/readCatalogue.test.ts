import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ReadCatalogueOptions, readCatalogue } from '../../../src/data/readers/readCatalogue.ts';
import { DataError, FormatError, UnsupportedError } from '../../../src/errors.ts';
import { sharedData } from '../../sharedData.ts';

const read = (source: string | Uint8Array, name: string, options: Partial<ReadCatalogueOptions> = {}) =>
  readCatalogue(source, { name, ...options });

describe('readCatalogue', () => {
  it('takes every column but the id and the numeric ones as text', async () => {
    const csv =
      'price,Title,item_id,stock,note\n9.5,"Pen, red",p1,,\n12,1984,p2,,"a ""classic""\nnovel"\n,Ink,p3,,\n';
    const { catalogue, report } = await read(csv, 'items.csv');
    expect(catalogue.ids).toEqual(['p1', 'p2', 'p3']);
    expect(catalogue.texts).toEqual(['Pen, red', '1984 a "classic"\nnovel', 'Ink']);
    expect(catalogue.titles).toEqual(['Pen, red', '1984', 'Ink']);
    expect(report.lines).toBe(3);
  });

  it('takes the title and the token_seq columns of a RecBole file as text', async () => {
    const item =
      'item_id:token\tname:token\tbrand:token\tabout:token_seq\tprice:float\n1\tPen "X\tAcme\tred ink\t2\n';
    const { catalogue } = await read(item, 'a.item');
    expect(catalogue.texts).toEqual(['Pen "X red ink']);
    expect(catalogue.titles).toEqual(['Pen "X']);
  });

  it('joins JSON lists, and knows fields that the first line lacks', async () => {
    const lines = '{"item":1,"price":3}\n{"item":2,"tags":["a",["b",null]],"about":"late","ok":true}';
    const { catalogue } = await read(lines, 'a.jsonl');
    expect(catalogue.ids).toEqual(['1', '2']);
    expect(catalogue.texts).toEqual(['', 'a b late']);
    expect(catalogue.titles).toBeNull();
  });

  it('takes the columns that are named, in the order given', async () => {
    const csv = 'sku,a,b,title\nx,1,two,T\n';
    const options = { idColumn: 'sku', textColumns: ['b', 'a'], titleColumn: 'a' };
    const { catalogue } = await read(csv, 'items.csv', options);
    expect([catalogue.ids, catalogue.texts, catalogue.titles]).toEqual([['x'], ['two 1'], ['1']]);
    expect((await read(csv, 'items.csv', { ...options, titleColumn: null })).catalogue.titles).toBeNull();
  });

  it('lists the columns found when one is missing', async () => {
    const csv = 'which,title\nx,T\n';
    await expect(read(csv, 'a.csv')).rejects.toThrow(/expected a column for the id/);
    const named = { idColumn: 'which' };
    await expect(read(csv, 'a.csv', { ...named, textColumns: ['text'] })).rejects.toThrow(
      /expected a column "text", found the columns "which", "title"/,
    );
    await expect(read(csv, 'a.csv', { ...named, titleColumn: 'name' })).rejects.toThrow(DataError);
    await expect(read('item,n\nx,1\n', 'a.csv')).rejects.toThrow(
      /none of the columns "item", "n" looks like text/,
    );
  });

  it('names both lines of an item with two texts, or counts the second', async () => {
    const csv = 'item,title\nx,"A\nB"\ny,C\ny,C\nx,D\n';
    await expect(read(csv, 'a.csv')).rejects.toThrow(/a\.csv:6: item "x" stands at line 2 with another text/);
    const { catalogue, report } = await read(csv, 'a.csv', { onBadLine: 'skip' });
    expect(catalogue.texts).toEqual(['A\nB', 'C']);
    expect(report.badLines.map((bad) => bad.line)).toEqual([6]);
  });

  it('refuses an empty file, a lone header, a blank id and the lightgcn format', async () => {
    await expect(read('', 'a.csv')).rejects.toThrow(FormatError);
    await expect(read('item,title\n', 'a.csv')).rejects.toThrow(/expected rows of data/);
    await expect(read('item,title\n ,A\n', 'a.csv')).rejects.toThrow(/a\.csv:2: the item id is " "/);
    await expect(read('{', 'a.jsonl', { onBadLine: 'skip' })).rejects.toThrow(/none of 1 lines can be used/);
    await expect(read('0 1', 'a.txt', { format: 'lightgcn' })).rejects.toThrow(UnsupportedError);
  });

  it.each([
    ['a.jsonl', `{"item_id":"a","t":${'['.repeat(5000)}${']'.repeat(5000)}}`],
    ['a.jsonl', `{"item_id":"a","t":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`],
    ['a.py', `{'item_id': 'a', 't': ${'['.repeat(5000)}${']'.repeat(5000)}}`],
  ])('a line of %s that nests deeper than 64 levels is a bad one', async (name, line) => {
    const good = name.endsWith('py') ? "{'item_id': 'b', 't': 'x'}" : '{"item_id":"b","t":"x"}';
    const { catalogue } = await read(`${good}\n${line}\n`, name, { onBadLine: 'skip' });
    expect(catalogue.texts).toEqual(['x']);
    await expect(read(`${good}\n${line}\n`, name)).rejects.toThrow(/at most 64 levels/);
  });

  it('takes objects with keys of their own for columns, in the order in which they come', async () => {
    const lines = Array.from(
      { length: 300 },
      (_, n) => `{"k${n}":"v${n}","item_id":"i${n}","title":"t${n}"}`,
    );
    const { catalogue } = await read(lines.join('\n'), 'a.jsonl');
    expect(catalogue.texts[0]).toBe('v0 t0');
    expect(catalogue.texts[299]).toBe('t299 v299');
  });

  describe.skipIf(!sharedData)('on the shared data', () => {
    it.each([
      ['amazon-office', 2420, /^600 ml HP Printer 920 XL.*INK-REFILLS$/, undefined],
      ['ml-100k', 1682, /^Toy Story Animation Children's Comedy$/, 'Toy Story'],
      ['amazon-beauty-titles', 12094, /^WAWO 15 Color/, expect.stringMatching(/^WAWO 15 Color/)],
    ])('reads %s', async (folder, length, text, title) => {
      const file = readFileSync(join(sharedData!, 'data', folder, `${folder}.item`));
      const { catalogue } = await read(file, `${folder}.item`);
      expect(catalogue.length).toBe(length);
      expect(catalogue.texts[0]).toMatch(text);
      expect(catalogue.titles?.[0]).toEqual(title);
    });
  });
});
