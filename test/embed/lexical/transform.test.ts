import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readCatalogue } from '../../../src/data/readers/readCatalogue.ts';
import { lexicalModelEmbedder } from '../../../src/embed/lexical/lexicalEmbedder.ts';
import { lexicalEmbeddings } from '../../../src/embed/lexical/lexicalEmbeddings.ts';
import { textTransform } from '../../../src/embed/lexical/transform.ts';
import { UnsupportedError } from '../../../src/errors.ts';
import { sharedData } from '../../sharedData.ts';
import { describeEmbedderContract, TEXTS } from '../contract.ts';

const SHOP = ['wood', 'steel', 'glass', 'cotton'].flatMap((material) =>
  ['lamp', 'desk', 'chair', 'shelf', 'mirror'].map(
    (thing, n) => `${material} ${thing} size ${n} ${material}`,
  ),
);
const shopIds = SHOP.map((_, n) => `i${n}`);
const cosine = (a: Float32Array, b: Float32Array) => {
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, k) => sum + value * y[k], 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};

describe('textTransform', () => {
  test('gives a text of the catalogue its vector to the last bit, whatever was asked before', async () => {
    for (const [dim, cacheBytes] of [
      [8, undefined],
      [8, 0],
      [8, 200],
      [50, undefined],
    ]) {
      const { embeddings } = await lexicalEmbeddings(shopIds, SHOP, { dim });
      const { vectors, width } = embeddings;
      const transform = textTransform(embeddings.lexical!, { cacheBytes });
      for (const n of [3, 19, 3, 0, ...SHOP.keys()])
        expect(transform(SHOP[n])).toEqual(vectors.slice(n * width, (n + 1) * width));
    }
  });

  test('places a new text beside those it shares terms with', async () => {
    const { embeddings } = await lexicalEmbeddings(shopIds, SHOP, { dim: 12 });
    const { vectors, width } = embeddings;
    const vector = textTransform(embeddings.lexical!)('Large STEEL cabinet, stainless steel')!;
    const near = SHOP.map((text, n) => ({
      text,
      near: cosine(vector, vectors.subarray(n * width, (n + 1) * width)),
    }))
      .sort((a, b) => b.near - a.near)
      .slice(0, 5);
    expect(near.every(({ text }) => text.startsWith('steel'))).toBe(true);
  });

  test('knows a new word by its parts', async () => {
    const texts = ['Kaffeemaschine', 'Waschmaschine', 'Nähmaschine', 'Holzregal', 'Bücherregal', 'Wandregal'];
    const { embeddings } = await lexicalEmbeddings(texts, texts, { dim: 4 });
    const vector = textTransform(embeddings.lexical!)('Spülmaschine')!;
    const near = (n: number) =>
      cosine(vector, embeddings.vectors.subarray(n * embeddings.width, (n + 1) * embeddings.width));
    expect(Math.min(near(0), near(1), near(2))).toBeGreaterThan(0.8);
    expect(Math.max(near(3), near(4), near(5))).toBeLessThan(0.1);
  });

  test('has no vector for a text without a known term', async () => {
    const { embeddings } = await lexicalEmbeddings(shopIds, SHOP);
    const transform = textTransform(embeddings.lexical!);
    expect([transform(''), transform('!'), transform('zebra')]).toEqual([null, null, null]);
  });

  test('refuses a model whose words another Intl.Segmenter cut', async () => {
    const texts = ['红色棉质衬衫', '蓝色棉质衬衫', '红色木吉他', '蓝色木吉他'];
    const { embeddings } = await lexicalEmbeddings(texts, texts, { segmentation: 'intl' });
    expect(textTransform(embeddings.lexical!)(texts[1])).toEqual(
      embeddings.vectors.slice(embeddings.width, 2 * embeddings.width),
    );
    expect(() => textTransform({ ...embeddings.lexical!, segmenter: 'other words' })).toThrow(
      UnsupportedError,
    );
  });
});

describeEmbedderContract('lexical model', async () => {
  const { embeddings } = await lexicalEmbeddings(
    TEXTS.map((_, n) => `${n}`),
    TEXTS,
  );
  return { embedder: lexicalModelEmbedder(embeddings.lexical!) };
});

test.skipIf(!sharedData)('every text of amazon-beauty-titles has its stored vector', async () => {
  const path = `${sharedData}/data/amazon-beauty-titles/amazon-beauty-titles.item`;
  const { catalogue } = await readCatalogue(readFileSync(path), { name: path });
  const { ids, texts } = catalogue;
  const { embeddings } = await lexicalEmbeddings(ids, texts, { dim: 64 });
  const transform = textTransform(embeddings.lexical!);
  const rows = new Map(embeddings.ids.map((id, row) => [id, row]));
  for (let n = 0; n < texts.length; n += 97) {
    const row = rows.get(ids[n])!;
    expect(transform(texts[n])).toEqual(embeddings.vectors.slice(row * 64, (row + 1) * 64));
  }
});
