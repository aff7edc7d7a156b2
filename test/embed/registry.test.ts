import { expect, test } from 'vitest';
import type { EmbedderContext } from '../../src/embed/descriptor.ts';
import type { Embedder } from '../../src/embed/embedder.ts';
import { Embeddings } from '../../src/embed/embeddings.ts';
import { embeddingsToSafetensors } from '../../src/embed/files.ts';
import { describeEmbedder, EMBEDDERS } from '../../src/embed/registry.ts';
import { EMBEDDER_SETTINGS } from '../../src/embed/settings.ts';
import { OptionError } from '../../src/errors.ts';
import { describeEmbedderContract, type EmbedderUnderTest, IDS, TEXTS } from './contract.ts';
import { embeddingServer, vectorOf } from './http/embeddingServer.ts';
import { dataUrl, png } from './images/pictures.ts';
import { installTinyModel } from './tinyModel.ts';

/** How each entry of the registry is opened for the contract; an entry without a line here fails. */
const OPENERS: Readonly<Record<string, () => Promise<EmbedderUnderTest>>> = {
  lexical: async () => ({ embedder: await created('lexical', {}) }),
  transformers: async () => {
    const model = installTinyModel();
    return { embedder: await created('transformers', { encoder: 'tiny' }), close: model.remove };
  },
  http: async () => {
    const server = await embeddingServer();
    return { embedder: await created(server.url, { encoder: 'm' }), close: server.close };
  },
  images: async () => {
    const model = installTinyModel('clip-vision');
    const embedder = await created('images', { imageEncoder: 'tiny' });
    // The texts of the contract stand for pictures.
    const picture = (text: string) => {
      const n = TEXTS.indexOf(text);
      return dataUrl(png(30 + n, 30, [40 * n, 200 - 20 * n, 7 * n]));
    };
    const embed: Embedder['embed'] = (texts, call) => embedder.embed(texts.map(picture), call);
    return { embedder: { ...embedder, embed }, close: model.remove };
  },
  file: async () => {
    const vectors = Float32Array.from(IDS.flatMap(vectorOf));
    const bytes = embeddingsToSafetensors(new Embeddings({ ids: IDS, width: 4, vectors, source: 'made' }));
    return { embedder: await created('v.safetensors', {}, { readFile: async () => bytes }) };
  },
};

function created(what: string, settings: object, context: EmbedderContext = {}) {
  const kind = describeEmbedder(what);
  kind.check(what, settings);
  return kind.create(what, settings, context);
}

for (const { name } of EMBEDDERS) {
  describeEmbedderContract(name, OPENERS[name] ?? (() => Promise.reject(new Error('has no opener'))));
}

test('every kind is told apart from the others by how it is written', () => {
  for (const what of [
    'lexical',
    'transformers',
    'images',
    'https://host/v1',
    'http://[::1]:80',
    'F.NPY',
    'a/b.safetensors',
    'v.jsonl.gz',
    'v.parquet',
  ])
    expect(EMBEDDERS.filter((kind) => kind.matches(what))).toHaveLength(1);
});

test('a word that means no kind is refused with all that do', () => {
  expect(() => describeEmbedder('words', '--embedder')).toThrow(OptionError);
  expect(() => describeEmbedder('words', '--embedder')).toThrow(
    '--embedder: expected lexical, transformers, https://host/v1, images, a file F.npy, F.safetensors, F.jsonl, F.csv or F.parquet, received "words"',
  );
});

test('every setting is read by some kind, and every kind reads settings that are described', () => {
  const read = new Set(EMBEDDERS.flatMap(({ settings }) => settings));
  expect([...read].sort()).toEqual(Object.keys(EMBEDDER_SETTINGS).sort());
});
