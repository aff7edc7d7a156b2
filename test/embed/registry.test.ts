import { expect, test } from 'vitest';
import type { EmbedderContext } from '../../src/embed/descriptor.ts';
import type { Embedder } from '../../src/embed/embedder.ts';
import { Embeddings } from '../../src/embed/embeddings.ts';
import { embeddingsToSafetensors } from '../../src/embed/files.ts';
import { NAMED_ENCODERS } from '../../src/embed/namedEncoders.ts';
import { describeEmbedder, EMBEDDERS } from '../../src/embed/registry.ts';
import { EMBEDDER_SETTINGS } from '../../src/embed/settings.ts';
import { OptionError } from '../../src/errors.ts';
import { describeEmbedderContract, type EmbedderUnderTest, IDS, TEXTS } from './contract.ts';
import { embeddingServer, vectorOf } from './http/embeddingServer.ts';
import { dataUrl, png } from './images/pictures.ts';
import { installTinyModel, writeTinyModels } from './tinyModel.ts';

/** How each entry of the registry is opened for the contract; an entry without a line here fails. */
const OPENERS: Readonly<Record<string, () => Promise<EmbedderUnderTest>>> = {
  lexical: async () => ({ embedder: await created('lexical', {}) }),
  transformers: async () => {
    const model = installTinyModel();
    return { embedder: await created('transformers', { encoder: 'tiny' }), close: model.remove };
  },
  named: async () => {
    const { folder, remove } = writeTinyModels({ 'Xenova/all-mpnet-base-v2': 'mpnet' });
    return { embedder: await created('mpnet', { modelFolder: folder }), close: remove };
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

// One that needs nothing else is opened by the way it is written.
for (const { name, written } of EMBEDDERS) {
  const plainly = async () => ({ embedder: await created(written, {}) });
  describeEmbedderContract(name, OPENERS[name] ?? plainly);
}

test('every kind is told apart from the others by how it is written', () => {
  for (const what of [
    'lexical',
    'transformers',
    'images',
    ...NAMED_ENCODERS,
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
    `--embedder: expected ${EMBEDDERS.map(({ written }) => written).join(', ')}, received "words"`,
  );
});

test('every setting is read by some kind, and every kind reads settings that are described', () => {
  const read = new Set(EMBEDDERS.flatMap(({ settings }) => settings));
  expect([...read].sort()).toEqual(Object.keys(EMBEDDER_SETTINGS).sort());
});

test.each([
  ['mpnet', 'transformers: Xenova/all-mpnet-base-v2, float32, mean pooling, normalized'],
  ['gte-qwen', 'transformers: Alibaba-NLP/gte-Qwen2-7B-instruct, float32, last token pooling, normalized'],
  ['text-embedding-3-small', 'https://api.openai.com/v1/embeddings, text-embedding-3-small'],
  ['text-embedding-3-large', 'https://api.openai.com/v1/embeddings, text-embedding-3-large'],
  ['stella', 'transformers: NovaSearch/stella_en_1.5B_v5, float32, mean pooling, normalized'],
])('the encoder %s of the paper is reached by its name alone, as it was trained', async (name, id) => {
  expect((await created(name, {})).id).toBe(id);
});

test('an encoder by its name can be cut only where it was trained for it', async () => {
  expect((await created('text-embedding-3-large', { dimensions: 256 })).id).toContain('256');
  expect((await created('stella', { dimensions: 256 })).id).toContain('256 dimensions');
  await expect(async () => created('mpnet', { dimensions: 256 })).rejects.toThrow(
    /trained for vectors that can be cut/,
  );
});
