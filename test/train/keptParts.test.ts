import { describe, expect, it } from 'vitest';
import { lexicalFromTensors } from '../../src/embed/lexical/modelTensors.ts';
import { textTransform } from '../../src/embed/lexical/transform.ts';
import { DataError, FormatError, OptionError } from '../../src/errors.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/format/safetensors.ts';
import { train } from '../../src/recipe/train.ts';
import { decodeModel } from '../../src/serve/modelFile/decode.ts';
import { encodeModel } from '../../src/serve/modelFile/encode.ts';
import { Recommender } from '../../src/serve/recommender.ts';
import { modelFrom } from '../../src/train/trainedModel.ts';
import { catalogue, split, vectors } from '../recipe/shop.ts';

const { numUsers, numItems, itemIds } = split.train;
const factors = {
  users: new Float32Array(numUsers * 3).fill(1),
  items: Float32Array.from({ length: numItems * 3 }, (_, n) => (n % 7) - 3),
  dim: 3,
};

describe('a model file of what was trained', () => {
  it('keeps lexical vectors with what makes those of new texts', async () => {
    const embeddings = await vectors();
    const bytes = encodeModel(modelFrom(split, factors, { embeddings }));
    const { text } = decodeModel(bytes, 'model');
    expect(text!.encoder).toBe(embeddings.source);
    const file = {
      name: 'model',
      tensors: text!.lexical!.tensors,
      metadata: { lexical: text!.lexical!.options },
    };
    const again = textTransform(lexicalFromTensors({ ...file, checked: true })!);
    const { texts } = catalogue.aligned(itemIds);
    for (const item of [0, 5, 20]) {
      const vector = again(texts[item])!;
      const own = embeddings.vectors.subarray(item * embeddings.width, (item + 1) * embeddings.width);
      expect(cosine(vector, own)).toBeGreaterThan(0.99);
    }
  });

  it('gives the same bytes after it was opened', async () => {
    const bytes = encodeModel(modelFrom(split, factors, { embeddings: await vectors() }));
    expect((await Recommender.open(bytes)).encode()).toEqual(bytes);
    expect(encodeModel(decodeModel(bytes, 'model'))).toEqual(bytes);
  });

  it('keeps columns by item id, of the type of their values, to filter by', async () => {
    const attributes = new Map(
      itemIds
        .slice(1)
        .map((id, n) => [id, { price: n, tags: n % 2 ? ['new'] : [], kind: n < 9 ? 'a' : 'b' }]),
    );
    const recommender = await Recommender.open(encodeModel(modelFrom(split, factors, { attributes })));
    const found = recommender.popularItems({
      k: 100,
      where: { price: { lt: 6 }, kind: 'a', tags: { has: 'new' } },
    });
    expect(found.map(({ id }) => id).sort()).toEqual([2, 4, 6].map((n) => itemIds[n]).sort());
    expect(() => recommender.popularItems({ where: { colour: 'red' } })).toThrow(OptionError);
  });

  it('keeps what came with the data of a training: columns, and vectors of the catalogue', async () => {
    const attributes = new Map(itemIds.map((id, n) => [id, { stock: n % 2 === 0 }]));
    const trained = await train({ split, catalogue, attributes }, { model: 'text-only' });
    const recommender = await Recommender.open(trained.encode());
    expect(recommender.popularItems({ k: 100, where: { stock: true } })).toHaveLength(numItems / 2);
    expect(recommender.recommendForText(catalogue.texts[8], { k: 1 })[0].id).toBe(catalogue.ids[8]);
    const bare = await Recommender.open(trained.encode({ attributes: null, embeddings: null }));
    expect(() => bare.popularItems({ where: { stock: true } })).toThrow(OptionError);
    expect(() => bare.recommendForText('pump')).toThrow(/Train again with the texts/);
  });

  it('refuses a column of two types, and what is no map', () => {
    const mixed = new Map([
      [itemIds[0], { price: 3 as number | string }],
      [itemIds[1], { price: 'three' }],
    ]);
    expect(() => modelFrom(split, factors, { attributes: mixed })).toThrow(DataError);
    expect(() => modelFrom(split, factors, { attributes: {} as never })).toThrow(/a map by item id/);
    expect(() => modelFrom(split, factors, { embeddings: {} as never })).toThrow(OptionError);
  });

  it('is refused when a part of the lexical model is missing', async () => {
    const bytes = encodeModel(modelFrom(split, factors, { embeddings: await vectors() }));
    const { tensors, metadata } = decodeSafetensors(bytes, 'model');
    const { 'lexical.weights': _, ...others } = tensors;
    const { checksum: __, ...rest } = metadata;
    const damaged = encodeSafetensors(others, rest);
    await expect(Recommender.open(damaged)).rejects.toThrow(FormatError);
    expect(() => decodeModel(damaged, 'model')).toThrow(/lexical.weights/);
  });
});

function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, left, right] = [0, 0, 0];
  for (const [n, value] of a.entries()) {
    dot += value * b[n];
    left += value * value;
    right += b[n] * b[n];
  }
  return dot / Math.sqrt(left * right);
}
