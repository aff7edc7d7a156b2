import * as xenova from '@xenova/transformers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FeatureExtractor, TransformersModule } from '../../../src/embed/transformers/load.ts';
import { transformersEmbedder } from '../../../src/embed/transformers/transformersEmbedder.ts';
import { UnsupportedError } from '../../../src/errors.ts';
import { type TinyModels, writeTinyModels } from '../tinyModel.ts';
import { difference, directVector } from './direct.ts';

const TEXTS = ['Black ink pen', 'A much longer text about red paper and blue films of 1999', 'hi'];

const module = xenova as unknown as TransformersModule;
let models: TinyModels;
beforeAll(() => {
  models = writeTinyModels({ bert: 'bert', 'all-mpnet-base-v2': 'mpnet', decoder: 'decoder' });
});
afterAll(() => models.remove());

const load = async (model: string): Promise<FeatureExtractor> => {
  xenova.env.allowRemoteModels = false;
  xenova.env.localModelPath = models.folder;
  return (await xenova.pipeline('feature-extraction', model, { quantized: false })) as FeatureExtractor;
};

describe.each(['bert', 'all-mpnet-base-v2'])('@xenova/transformers with the tiny model %s', (model) => {
  test.each(['mean', 'cls', 'last_token'] as const)(
    'pools by %s, whatever stands beside a text',
    async (how) => {
      const extract = await load(model);
      const embedder = transformersEmbedder({ model, module, modelFolder: models.folder, pooling: how });
      const rows = await embedder.embed(TEXTS);
      for (const [n, text] of TEXTS.entries())
        expect(difference(rows[n]!, await directVector(extract, text, how))).toBeLessThan(1e-5);
    },
  );
});

test("a model's own way of pooling is the default", async () => {
  const extract = await load('all-mpnet-base-v2');
  const [row] = await transformersEmbedder({
    module,
    modelFolder: models.folder,
    model: 'all-mpnet-base-v2',
  }).embed([TEXTS[0]]);
  expect(difference(row!, await directVector(extract, TEXTS[0], 'mean'))).toBeLessThan(1e-5);
});

test('a decoder is an UnsupportedError that names the package that runs it', async () => {
  const embedder = transformersEmbedder({ model: 'decoder', module, modelFolder: models.folder });
  await expect(embedder.embed(TEXTS)).rejects.toThrow(UnsupportedError);
  await expect(embedder.embed(TEXTS)).rejects.toThrow(/decoder_model_merged.+@huggingface\/transformers/);
});
