import { describe, expect, it } from 'vitest';
import { readCatalogue } from '../../../src/data/readers/readCatalogue.ts';
import { DataError } from '../../../src/errors.ts';

const read = (text: string, options: object = {}) =>
  readCatalogue(new TextEncoder().encode(text), { name: 'items', ...options });
const SHOP = 'id,title,image\n1,Red pen,pictures/1.jpg\n2,Blue pen,\n3,Desk,https://shop/3?size=l\n';

describe('the column with images', () => {
  it('is found by its name, and is no text', async () => {
    const { catalogue, images, report } = await read(SHOP);
    expect([...images!]).toEqual([
      ['1', 'pictures/1.jpg'],
      ['3', 'https://shop/3?size=l'],
    ]);
    expect(catalogue.texts).toEqual(['Red pen', 'Blue pen', 'Desk']);
    expect(report.layout).toContain('images "image"');
  });

  it.each(['image_url', 'imUrl', 'Image-URL-L', 'thumbnail', 'poster_path', 'Picture URL'])(
    'may have the name %s',
    async (name) => {
      const { images } = await read(SHOP.replace('image', name));
      expect(images?.get('1')).toBe('pictures/1.jpg');
    },
  );

  it('is none by its name alone: what holds words is text', async () => {
    const { catalogue, images } = await read('id,title,cover\n1,Red pen,hard\n2,Desk,soft\n');
    expect(images).toBeNull();
    expect(catalogue.texts).toEqual(['Red pen hard', 'Desk soft']);
    expect((await read('id,title\n1,Red pen\n')).images).toBeNull();
  });

  it('can be named, or left out', async () => {
    const text = 'id,title,shot,image\n1,Red pen,a,x.png\n';
    expect((await read(text, { imageColumn: 'shot' })).images?.get('1')).toBe('a');
    expect((await read(text, { imageColumn: null })).images).toBeNull();
    await expect(read(text, { imageColumn: 'photos' })).rejects.toThrow(DataError);
    await expect(read(text, { imageColumn: 'photos' })).rejects.toThrow(
      /"photos", found the columns "id", "title"/,
    );
  });

  it('may be all that a catalogue holds', async () => {
    const { catalogue, images, report } = await read('id,image\n1,x.png\n');
    expect([catalogue.texts, images?.get('1')]).toEqual([[''], 'x.png']);
    expect(report.layout).toContain('no text, images "image"');
  });

  it.each([
    ['a list', { images: ['https://a/1.jpg', 'https://a/2.jpg'] }],
    ['a list in a text', { images: '["https:\\/\\/a\\/1.jpg", "https://a/2.jpg"]' }],
    ['a list as Python writes it', { images: "['https://a/1.jpg']" }],
    ['several with bars', { images: 'https://a/1.jpg|https://a/2.jpg' }],
    ['records', { images: [{ thumb: 'https://a/t.jpg', hi_res: null, large: 'https://a/1.jpg' }] }],
  ])('gives the first of several: %s', async (_, row) => {
    const { images } = await read(`${JSON.stringify({ id: 'a', title: 'Pen', ...row })}\n`);
    expect(images?.get('a')).toBe('https://a/1.jpg');
  });
});
