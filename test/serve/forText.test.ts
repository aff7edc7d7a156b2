import { beforeAll, describe, expect, it } from 'vitest';
import { DataError, OptionError, ShapeError } from '../../src/errors.ts';
import { createClient } from '../../src/serve/http/client.ts';
import { createHandler } from '../../src/serve/http/handler.ts';
import type { ModelData } from '../../src/serve/modelFile/data.ts';
import { encodeModel } from '../../src/serve/modelFile/encode.ts';
import { Recommender } from '../../src/serve/recommender.ts';
import { modelFrom } from '../../src/train/trainedModel.ts';
import { catalogue, split, vectors } from '../recipe/shop.ts';

const { numUsers, numItems, itemIds } = split.train;
const { texts } = catalogue.aligned(itemIds);
const factors = {
  users: Float32Array.from({ length: numUsers * 3 }, (_, n) => (n % 5) - 2),
  items: Float32Array.from({ length: numItems * 3 }, (_, n) => (n % 7) - 3),
  dim: 3,
};
let model: ModelData;
beforeAll(async () => {
  model = modelFrom(split, factors, { embeddings: await vectors(), itemTitles: catalogue });
});
const open = (one = model) => Recommender.open(encodeModel(one));

describe('recommendForText', () => {
  it('ranks the item of a text first, by the cosine', async () => {
    const recommender = await open();
    for (const item of [0, 8, 16]) {
      const found = recommender.recommendForText(texts[item], { k: numItems });
      expect(found[0].id).toBe(itemIds[item]);
      expect(found[0].score).toBeGreaterThan(0.98);
      expect(found[0].score).toBeLessThan(1.02);
      expect(found.basis).toBe('text');
      expect(found).toHaveLength(numItems);
    }
  });

  it('answers the same, and is saved the same, when other models make the memory grow', async () => {
    const recommender = await open();
    const [bytes, kept] = [recommender.encode(), recommender.model.text!.lexical!.tensors];
    const before = recommender.recommendForText(texts[3], { k: numItems });
    const others: Recommender[] = [];
    for (let n = 0; n < 200; n++) others.push(await open());
    expect(recommender.recommendForText(texts[3], { k: numItems })).toEqual(before);
    for (const { data, shape } of Object.values(kept))
      expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
    recommender.addInteractions([]);
    expect(recommender.encode()).toEqual(bytes);
    for (const other of [recommender, ...others]) other.close();
  });

  it('takes a vector, too, and answers as for its text', async () => {
    const recommender = await open();
    const { vectors: rows, width } = await vectors();
    const found = recommender.recommendForText(rows.subarray(4 * width, 5 * width), { k: 3 });
    expect(found[0].id).toBe(itemIds[4]);
    expect(() => recommender.recommendForText([1, 2])).toThrow(ShapeError);
    expect(() => recommender.recommendForText(new Float32Array(width).fill(NaN))).toThrow(DataError);
    expect(() => recommender.recommendForText(7 as never)).toThrow(ShapeError);
  });

  it('blends a history in: from the text alone to the history alone', async () => {
    const recommender = await open();
    const history = [itemIds[1], itemIds[2], 'unknown'];
    const ids = (textWeight: number) =>
      recommender.recommendForText(texts[9], { history, textWeight, k: numItems }).map(({ id }) => id);
    expect(ids(0)).toEqual(recommender.recommend({ history }, { k: numItems }).map(({ id }) => id));
    const alone = recommender.recommendForText(texts[9], { k: numItems, exclude: history });
    expect(ids(1)).toEqual(alone.map(({ id }) => id));
    expect(ids(0.5)).not.toEqual(ids(0));
    expect(ids(0.5)).not.toEqual(ids(1));
    expect(recommender.recommendForText(texts[9], { history }).unknownItems).toEqual(['unknown']);
    expect(recommender.recommendForText(texts[9], { history: [] })[0].id).toBe(itemIds[9]);
    expect(() => recommender.recommendForText(texts[9], { history, textWeight: 2 })).toThrow(OptionError);
    expect(() => recommender.recommendForText(texts[9], { weights: [1] })).toThrow(OptionError);
  });

  it('filters as recommend does', async () => {
    const recommender = await open();
    const only = [itemIds[3], itemIds[5]];
    expect(
      recommender
        .recommendForText(texts[9], { only })
        .map(({ id }) => id)
        .sort(),
    ).toEqual([...only].sort());
  });

  it('refuses a text without a word of the catalogue, unless popular items will do', async () => {
    const recommender = await open();
    expect(() => recommender.recommendForText('')).toThrow(/a word of the catalogue for the query/);
    expect(() => recommender.recommendForText('zzzzqx')).toThrow(DataError);
    expect(recommender.recommendForText('zzzzqx', { fallback: 'popular' }).basis).toBe('popular');
  });

  it('names the remedy for a model without text vectors, and for one of another encoder', async () => {
    const without = await open({ ...model, text: null });
    expect(() => without.recommendForText('lamp')).toThrow(/Train again with the texts of the items/);
    const other = await open({ ...model, text: { ...model.text!, encoder: 'minilm', lexical: null } });
    expect(() => other.recommendForText('lamp')).toThrow(/a vector by minilm/);
    expect(other.recommendForText(new Float32Array(16).fill(1))).toHaveLength(10);
  });

  it('is answered over HTTP as in process', async () => {
    const recommender = await open();
    const handler = createHandler(recommender);
    const url = `https://shop.example/v1/search?query=${encodeURIComponent(texts[9])}&k=3`;
    const answer = await (await handler(new Request(url))).json();
    const expected = recommender.recommendForText(texts[9], { k: 3 });
    expect(answer).toMatchObject({ items: [...expected], basis: 'text' });
    const client = createClient('https://shop.example', { fetch: async (request) => handler(request) });
    const history = [itemIds[1]];
    const found = await client.search(texts[9], { k: 3, history });
    expect(found.items).toEqual([...recommender.recommendForText(texts[9], { k: 3, history })]);
    await expect(client.search('zzzzqx')).rejects.toMatchObject({ status: 422 });
    expect((await handler(new Request('https://shop.example/v1/search'))).status).toBe(400);
  });
});

describe('addItems with texts', () => {
  it('places an item as the vector of its text does', async () => {
    const text = `${texts[9]} new`;
    const recommender = await open();
    recommender.addItems([{ id: 'new', title: 'New', text }]);
    expect(recommender.recommendForText(text, { k: 1 })[0].id).toBe('new');
    expect(recommender.recommendForText(texts[9], { only: ['new'] })[0]).toMatchObject({
      id: 'new',
      cold: true,
    });
    const again = await open();
    again.apply(JSON.parse(JSON.stringify({ op: 'addItems', items: [{ id: 'new', title: 'New', text }] })));
    expect(again.encode()).toEqual(recommender.encode());
    const reopened = await Recommender.open(recommender.encode());
    expect(reopened.recommendForText(text, { k: 1 })[0].id).toBe('new');
  });

  it('adds none where one has no known word, or both a text and a vector', async () => {
    const recommender = await open();
    const first = { id: 'a', text: texts[0] };
    expect(() => recommender.addItems([first, { id: 'b', text: 'zzzzqx' }])).toThrow(
      /a word of the catalogue for "?b/,
    );
    expect(() => recommender.addItems([first, { id: 'b', text: 'x', vector: [1] }])).toThrow(OptionError);
    expect(() => recommender.addItems([first, { id: 'b', text: 5 as never }])).toThrow(OptionError);
    expect(() => recommender.addItems([first, { id: 'b' }])).toThrow(ShapeError);
    expect(recommender.numItems).toBe(numItems);
  });
});
