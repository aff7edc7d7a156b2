import { describe, expect, it } from 'vitest';
import { type ReadCatalogueOptions, readCatalogue } from '../../../src/data/readers/readCatalogue.ts';
import { ITEMS } from './publicForms.ts';

const read = (text: string, options: ReadCatalogueOptions = {}) => readCatalogue(text, options);
const rows = (line: (item: (typeof ITEMS)[number]) => string, header = '') =>
  `${header === '' ? '' : `${header}\n`}${ITEMS.map((item) => `${line(item)}\n`).join('')}`;

describe('catalogues', () => {
  it('take a title of digits for a text', async () => {
    const { catalogue } = await read(rows(({ id }) => `${id},${1900 + id},drama`, 'movieId,title,genre'));
    expect(catalogue.texts[4]).toBe('1904 drama');
    const alone = await read(rows(({ id }) => `${id},${1900 + id}`, 'movieId,title'));
    expect(alone.catalogue.texts[5]).toBe('1905');
  });

  it.each(['', 'Unnamed: 0', 'index'])('take a first column called %j for the ids', async (name) => {
    const { catalogue } = await read(rows(({ id, title }) => `p${id},${title}`, `${name},title`));
    expect(catalogue.ids[7]).toBe('p7');
  });

  it('do not take an index beside ids', async () => {
    const { catalogue } = await read(rows(({ id, title }) => `${id},p${id},${title}`, ',sku,title'));
    expect(catalogue.ids[7]).toBe('p7');
  });

  it('have commas in a last column of text, where no other column could hold them', async () => {
    const film = ({ id, title }: { id: number; title: string }) =>
      `${id},${1990 + id},${id % 5 === 0 ? `${title}, the one, again` : title}`;
    for (const header of ['', 'id,year,title']) {
      const { catalogue, report } = await read(rows(film, header));
      expect(catalogue).toHaveLength(40);
      expect(catalogue.titles?.[5]).toMatch(/, the one, again$/);
      expect(report.notes[0].text).toMatch(/^8 rows have more fields/);
    }
    const behind = rows((item) => `${film(item)},drama`, 'id,year,title,genre');
    await expect(read(behind)).rejects.toThrow(/expected 4 fields/);
  });

  it('join the lines of a title', async () => {
    const { catalogue } = await read(rows(({ id, title }) => `${id},"${title}\r\n""new"""`, 'sku,title'));
    expect(catalogue.titles?.[1]).toBe('guitar model 1 "new"');
    expect(catalogue).toHaveLength(40);
  });

  it.each([
    'name',
    'product_title',
    'Titel',
    'nombre',
    'Bezeichnung',
    'título',
    'Film',
    'nom',
    'nome',
    '名称',
    '商品名',
    'Название',
    '제목',
    'headline',
  ])('find titles under %s', async (name) => {
    const { catalogue } = await read(
      rows(({ id, title }) => `${id},tool,${title}`, `item_id,category,${name}`),
    );
    expect(catalogue.titles?.[0]).toBe('shovel model 0');
  });

  it('take columns of lists for their words, and keep them as lists', async () => {
    const csv = rows(
      ({ id, title }) => `${id},${title},"[""Action"", ""Comedy""]","[{'id': 16, 'name': 'Animation'}]"`,
      'id,title,genres,keywords',
    );
    const { catalogue, attributes } = await read(csv, { keep: ['genres', 'keywords'] });
    expect(catalogue.texts[0]).toBe('shovel model 0 Action Comedy Animation');
    expect(attributes.get('0')).toEqual({ genres: ['Action', 'Comedy'], keywords: ['Animation'] });
  });

  it('leave brackets of titles alone', async () => {
    const { catalogue } = await read(
      rows(({ id, title }) => `${id},${id === 0 ? '[Deluxe]' : title}`, 'id,title'),
    );
    expect(catalogue.texts[0]).toBe('[Deluxe]');
  });

  it("find the title of MIND's news behind its categories", async () => {
    const tsv = rows(({ id, title }) =>
      [
        `N${id}`,
        'life',
        'royals',
        `A ${title}`,
        'Shop it',
        'https://x.y/a.html',
        `[{"Label": "Prince Philip", "Type": "P"}]`,
        '[]',
      ].join('\t'),
    );
    const { catalogue } = await read(tsv);
    expect(catalogue.titles?.[0]).toBe('A shovel model 0');
    expect(catalogue.texts[0]).toBe('life royals A shovel model 0 Shop it Prince Philip');
  });

  it.each([
    [
      'a map to objects',
      JSON.stringify(Object.fromEntries(ITEMS.map(({ id, title }) => [`p${id}`, { title, price: 1 }]))),
    ],
    ['a map to titles', JSON.stringify(Object.fromEntries(ITEMS.map(({ id, title }) => [`p${id}`, title])))],
    [
      'objects inside of objects',
      rows(({ id, title }) => JSON.stringify({ product: { id: `p${id}`, name: title } })),
    ],
    [
      'a document of edges',
      JSON.stringify({
        data: { products: { edges: ITEMS.map(({ id, title }) => ({ node: { id: `p${id}`, title } })) } },
      }),
    ],
    ['Markdown', rows(({ id, title }) => `| p${id} | ${title} |`, '| sku | name |\n|---|---|')],
  ])('are read from %s', async (_what, text) => {
    const { catalogue } = await read(text);
    expect([catalogue.length, catalogue.ids[3], catalogue.titles?.[3]]).toEqual([40, 'p3', 'tent model 3']);
  });
});
