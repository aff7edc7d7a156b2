import * as xenova from '@xenova/transformers';
import { afterAll, beforeAll, expect, it, test } from 'vitest';
import { embedInBatches } from '../../src/embed/batches.ts';
import { memoryCache } from '../../src/embed/cache.ts';
import { imageEmbedder } from '../../src/embed/images/imageEmbedder.ts';
import type { VisionModule } from '../../src/embed/images/options.ts';
import type { FeatureExtractor, TransformersModule } from '../../src/embed/transformers/load.ts';
import {
  type TransformersOptions,
  transformersEmbedder,
} from '../../src/embed/transformers/transformersEmbedder.ts';
import { OptionError, UnsupportedError } from '../../src/errors.ts';
import { dataUrl, png } from '../embed/images/pictures.ts';
import { type TinyModels, writeTinyModels } from '../embed/tinyModel.ts';
import { difference, directVector } from '../embed/transformers/direct.ts';
import { describeOn, importTool, toolPath } from './tools.ts';

const PACKAGE = '@huggingface/transformers';
const TEXTS = [
  'Black ink pen',
  'A much longer text about red paper and blue films of 1999',
  'hi',
  'Ärmel 靴',
];

/** Tiny models under names that presets know, and two that they do not. */
const MODELS = {
  bert: 'bert',
  'Xenova/multilingual-e5-small': 'bert',
  'Xenova/bge-small-en-v1.5': 'bert',
  'Xenova/all-mpnet-base-v2': 'mpnet',
  'onnx-community/Qwen3-Embedding-0.6B-ONNX': 'decoder',
  'onnx-community/gte-Qwen2-1.5B-instruct': 'decoder',
  clip: 'clip-vision',
} as const;

describeOn('@huggingface/transformers 4 with tiny models', [toolPath(PACKAGE)], () => {
  let models: TinyModels;
  let module: TransformersModule;
  beforeAll(async () => {
    models = writeTinyModels(MODELS);
    module = await importTool<TransformersModule>(PACKAGE);
    module.env.localModelPath = models.folder;
    module.env.allowRemoteModels = false;
  });
  afterAll(() => models.remove());

  const pipelineOf = (model: string): Promise<FeatureExtractor> =>
    module.pipeline('feature-extraction', model, { dtype: 'fp32' });
  const open = (model: string, options: TransformersOptions = {}) =>
    transformersEmbedder({ model, module, modelFolder: models.folder, ...options });

  it('is version 4', () => {
    expect(module.env.version).toMatch(/^4\./);
  });

  for (const model of ['bert', 'Xenova/all-mpnet-base-v2', 'onnx-community/Qwen3-Embedding-0.6B-ONNX']) {
    test.each(['mean', 'cls', 'last_token'] as const)(
      `pools ${model} by %s, whatever stands beside a text`,
      async (how) => {
        const extract = await pipelineOf(model);
        const rows = await open(model, { pooling: how }).embed(TEXTS);
        for (const [n, text] of TEXTS.entries())
          expect(difference(rows[n]!, await directVector(extract, text, how))).toBeLessThan(1e-5);
      },
    );
  }

  it.each([
    ['Xenova/multilingual-e5-small', 'mean', 'query: '],
    ['Xenova/bge-small-en-v1.5', 'cls', ''],
    ['Xenova/all-mpnet-base-v2', 'mean', ''],
    ['onnx-community/Qwen3-Embedding-0.6B-ONNX', 'last_token', ''],
    ['onnx-community/gte-Qwen2-1.5B-instruct', 'last_token', ''],
  ] as const)('uses %s as it was trained: pooling %s, prefix "%s"', async (model, pooling, prefix) => {
    const extract = await pipelineOf(model);
    const rows = await open(model).embed(TEXTS);
    for (const [n, text] of TEXTS.entries())
      expect(difference(rows[n]!, await directVector(extract, prefix + text, pooling))).toBeLessThan(1e-5);
  });

  it('cuts vectors, and brings them back to norm 1, only where the model was trained for it', async () => {
    const model = 'onnx-community/Qwen3-Embedding-0.6B-ONNX';
    const [whole] = await open(model).embed([TEXTS[0]]);
    const [cut] = await open(model, { dimensions: 8 }).embed([TEXTS[0]]);
    const first = Array.from(whole!).slice(0, 8);
    const norm = Math.hypot(...first);
    expect(
      difference(
        cut!,
        first.map((value) => value / norm),
      ),
    ).toBeLessThan(1e-5);
    expect(() => open('onnx-community/gte-Qwen2-1.5B-instruct', { dimensions: 8 })).toThrow(OptionError);
  });

  it('counts the texts that a model reads the beginning of only', async () => {
    const embedder = open('onnx-community/Qwen3-Embedding-0.6B-ONNX');
    await embedder.embed(['pen', 'x'.repeat(95), 'x'.repeat(96), `pen ${'ink '.repeat(300)}`]);
    expect(embedder.counts).toEqual({ truncated: 2 });
  });

  it('embeds a text of a million characters as its beginning', async () => {
    const embedder = open('Xenova/all-mpnet-base-v2');
    const [long, start] = await embedder.embed(['red pen '.repeat(125_000), 'red pen '.repeat(200)]);
    expect(difference(long!, start!)).toBeLessThan(1e-5);
    expect(embedder.counts).toEqual({ truncated: 2 });
  });

  it('gives the same vectors in batches by length, from a pipeline, and from the cache', async () => {
    const cache = memoryCache();
    const alone = await embedInBatches(TEXTS, open('bert'), { batchSize: 1 });
    const batches: string[][] = [];
    const embedder = open('bert');
    const watched = {
      id: embedder.id,
      byLength: embedder.byLength,
      embed: (texts: readonly string[]) => {
        batches.push([...texts]);
        return embedder.embed(texts);
      },
    };
    const together = await embedInBatches(TEXTS, watched, { batchSize: 2, cache });
    expect(batches).toEqual([
      [TEXTS[1], TEXTS[0]],
      [TEXTS[3], TEXTS[2]],
    ]);
    expect(difference(together.vectors, alone.vectors)).toBeLessThan(1e-5);
    const ready = transformersEmbedder({ model: 'bert', pipeline: await pipelineOf('bert') });
    expect(difference((await embedInBatches(TEXTS, ready)).vectors, alone.vectors)).toBeLessThan(1e-5);
    expect((await embedInBatches(TEXTS, watched, { batchSize: 2, cache })).vectors).toEqual(together.vectors);
    expect(batches).toHaveLength(2);
  });

  it('is told dtype and device, and what it cannot do with them is an UnsupportedError', async () => {
    expect((await open('bert', { device: 'cpu', dtype: 'fp32' }).embed(['pen']))[0]).toHaveLength(32);
    await expect(open('bert', { dtype: 'q8' }).embed(['pen'])).rejects.toThrow(
      /load the model bert.+model_quantized/s,
    );
    await expect(open('bert', { device: 'abacus' }).embed(['pen'])).rejects.toThrow(UnsupportedError);
    await expect(open('bert', { device: 'abacus' }).embed(['pen'])).rejects.toThrow(/abacus/);
  });

  it('embeds images, as version 2 does, given the module or a pipeline alone', async () => {
    const options = { model: 'clip', modelFolder: models.folder };
    const pictures = [png(40, 30, [200, 10, 10]), png(30, 40, [10, 10, 200])].map(dataUrl);
    const vision = await importTool<VisionModule>(PACKAGE);
    const rows = await imageEmbedder({ ...options, module: vision, device: 'cpu' }).embed(pictures);
    const pipeline = await vision.pipeline('image-feature-extraction', 'clip', { dtype: 'fp32' });
    const ready = await imageEmbedder({ pipeline }).embed(pictures);
    const old = await imageEmbedder({ ...options, module: xenova as unknown as VisionModule }).embed(
      pictures,
    );
    for (const [n, row] of rows.entries()) {
      expect(difference(ready[n]!, row!)).toBeLessThan(1e-5);
      expect(difference(old[n]!, row!)).toBeLessThan(1e-4);
    }
    const broken = imageEmbedder({ pipeline }).embed([pictures[0].slice(0, 90)], { ids: ['B7'] });
    await expect(broken).rejects.toThrow(/image of B7/);
  });

  it('names a model that is not there', async () => {
    await expect(open('missing').embed(['pen'])).rejects.toThrow(UnsupportedError);
    await expect(open('missing').embed(['pen'])).rejects.toThrow(
      /load the model missing, received: .+Check its name/s,
    );
  });
});
