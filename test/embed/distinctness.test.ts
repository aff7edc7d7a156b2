import { expect, test } from 'vitest';
import { distinctness } from '../../src/embed/distinctness.ts';
import { Embeddings } from '../../src/embed/embeddings.ts';
import { lexicalEmbeddings } from '../../src/embed/lexical/lexicalEmbeddings.ts';
import { randomValues } from '../kernels/harness.ts';

/** Random vectors, of which the last `twins` are those of the first ones at another length. */
function withTwins(count: number, twins: number, width: number): Embeddings {
  const vectors = randomValues(count * width, 7);
  for (let n = 0; n < twins; n++)
    for (let k = 0; k < width; k++) vectors[(count - 1 - n) * width + k] = 3 * vectors[n * width + k];
  return new Embeddings({
    ids: Array.from({ length: count }, (_, n) => `i${n}`),
    width,
    vectors,
    source: 'x',
  });
}

test('tells the share of items that have a twin, with examples', async () => {
  const { share, sampled, examples } = await distinctness(withTwins(200, 30, 24));
  expect([share, sampled]).toEqual([0.3, 200]);
  expect(examples).toEqual([
    ['i0', 'i199'],
    ['i1', 'i198'],
    ['i2', 'i197'],
  ]);
  expect(await distinctness(withTwins(97, 0, 10))).toEqual({ share: 0, sampled: 97, examples: [] });
});

test('looks at a sample of a large catalogue, against all items', async () => {
  const { share, sampled } = await distinctness(withTwins(3000, 750, 16));
  expect(sampled).toBe(256);
  expect(share).toBeGreaterThan(0.4);
  expect(share).toBeLessThan(0.6);
});

test('takes vectors of zeros and a single item for no twins', async () => {
  const zeros = new Embeddings({ ids: ['a', 'b'], width: 3, vectors: new Float32Array(6), source: 'x' });
  expect((await distinctness(zeros)).share).toBe(0);
  expect((await distinctness(withTwins(1, 0, 5))).share).toBe(0);
});

test('sees that texts which share nothing but a promotion tell nothing apart', async () => {
  const texts = Array.from({ length: 12 }, (_, n) => `SALE ${'abcdefghijkl'[n]}${n}`);
  const { embeddings } = await lexicalEmbeddings(texts, texts, { subwords: 'none', minDocumentFrequency: 2 });
  expect((await distinctness(embeddings)).share).toBe(1);
});
