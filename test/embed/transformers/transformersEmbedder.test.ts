import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pipeline } from '@xenova/transformers';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EmbedProgress } from '../../../src/embed/batches.ts';
import { type EmbeddingCache, memoryCache } from '../../../src/embed/cache.ts';
import type { Embeddings } from '../../../src/embed/embeddings.ts';
import type { FeatureExtractor } from '../../../src/embed/transformers/load.ts';
import { embedTexts } from '../../../src/embed/transformers/transformersEmbedder.ts';
import { DataError, OptionError, ShapeError, UnsupportedError } from '../../../src/errors.ts';
import { installTinyModel } from '../tinyModel.ts';

const texts = [
  'Black ink pen',
  'A much longer text about red paper, blue films and music of 1999 (VHS), so that the others are padded',
  'hi',
  'Small office tool',
  'Черные чернила',
];
const row = ({ vectors, width }: Embeddings, i: number) => vectors.subarray(i * width, (i + 1) * width);
const distance = (a: Float32Array, b: Float32Array) => Math.max(...a.map((x, i) => Math.abs(x - b[i])));

describe('with a real ONNX model', () => {
  let model: { remove: () => void };
  let all: Embeddings;
  beforeAll(async () => {
    model = installTinyModel();
    all = await embedTexts(texts, { model: 'tiny' });
  });
  afterAll(() => model.remove());

  test('every text gets a vector of norm 1, and different texts different ones', () => {
    expect(all.width).toBe(32);
    for (let i = 0; i < texts.length; i++) {
      expect(Math.hypot(...row(all, i))).toBeCloseTo(1, 5);
      for (let j = 0; j < i; j++) expect(distance(row(all, i), row(all, j))).toBeGreaterThan(0.01);
    }
  });

  test('a vector is the normalised mean over the tokens of the model', async () => {
    const extract = await pipeline('feature-extraction', 'tiny', { quantized: false });
    const { dims, data } = await extract(texts[0], { pooling: 'none' });
    const [, tokens, width] = dims;
    expect(tokens).toBeGreaterThan(4);
    const mean = Array.from({ length: width }, (_, column) => {
      let sum = 0;
      for (let token = 0; token < tokens; token++) sum += Number(data[token * width + column]);
      return sum / tokens;
    });
    const norm = Math.hypot(...mean);
    expect(
      distance(
        Float32Array.from(mean, (x) => x / norm),
        row(all, 0),
      ),
    ).toBeLessThan(1e-5);
  });

  test('padding does not count: a text has the same vector alone and among longer ones', async () => {
    const alone = await embedTexts(texts, { model: 'tiny', batchSize: 1 });
    expect(distance(alone.vectors, all.vectors)).toBeLessThan(1e-5);
  });

  test('the same call gives the same bytes', async () => {
    expect((await embedTexts(texts, { model: 'tiny' })).vectors).toEqual(all.vectors);
  });

  test('pooling and normalize reach the model', async () => {
    const raw = await embedTexts(texts, { model: 'tiny', normalize: false });
    expect(Math.hypot(...row(raw, 0))).toBeGreaterThan(1.1);
    const cls = await embedTexts(texts, { model: 'tiny', pooling: 'cls' });
    expect(distance(row(cls, 0), row(all, 0))).toBeGreaterThan(0.01);
  });

  test('a text longer than the model reads is cut by its tokenizer, not refused', async () => {
    const long = await embedTexts([`pen ${'ink '.repeat(500)}`], { model: 'tiny' });
    expect(Math.hypot(...long.vectors)).toBeCloseTo(1, 5);
  });

  test('a ready pipeline gives the same as its name', async () => {
    const ready = await pipeline('feature-extraction', 'tiny', { quantized: false });
    expect((await embedTexts(texts, { pipeline: ready })).vectors).toEqual(all.vectors);
  });

  test('ids and source are those of the call', async () => {
    expect(all.ids).toEqual(['0', '1', '2', '3', '4']);
    expect(all.source).toBe('transformers: tiny, float32, mean pooling, normalized');
    expect((await embedTexts(['pen'], { model: 'tiny', ids: ['B1'] })).ids).toEqual(['B1']);
  });

  test('loading reports the bytes of the model file', async () => {
    const files = new Map<string, number>();
    await embedTexts(['pen'], {
      model: 'tiny',
      onDownload: ({ file, loadedBytes, totalBytes }) => files.set(file, loadedBytes / totalBytes),
    });
    expect(files.get('onnx/model.onnx')).toBe(1);
  });

  test('a model that is not there is an UnsupportedError that names it', async () => {
    await expect(embedTexts(['pen'], { model: 'missing' })).rejects.toThrow(UnsupportedError);
    await expect(embedTexts(['pen'], { model: 'missing' })).rejects.toThrow(
      /load the model missing, received: .+Check its name/,
    );
  });
});

/** A stand-in with vectors [length of the text, 1] that counts what it is asked. */
function fakePipeline(): { pipeline: FeatureExtractor; batches: string[][] } {
  const batches: string[][] = [];
  return {
    batches,
    pipeline: async (batch) => {
      batches.push([...batch]);
      return {
        type: 'float32',
        dims: [batch.length, 2],
        data: Float32Array.from(batch.flatMap((text) => [text.length, 1])),
      };
    },
  };
}

describe('batches', () => {
  test('go from the longest text to the shortest, and report progress after each', async () => {
    const { pipeline, batches } = fakePipeline();
    const progress: EmbedProgress[] = [];
    const { vectors } = await embedTexts(['aaa', 'b', 'cc', 'dddd', 'e'], {
      pipeline,
      batchSize: 2,
      onProgress: (event) => progress.push(event),
    });
    expect(batches).toEqual([['dddd', 'aaa'], ['cc', 'b'], ['e']]);
    expect([...vectors]).toEqual([3, 1, 1, 1, 2, 1, 4, 1, 1, 1]);
    expect(progress.map(({ done }) => done)).toEqual([2, 4, 5]);
    expect(progress.every(({ total, cached }) => total === 5 && cached === 0)).toBe(true);
  });

  test('stop between two when aborted; the cache keeps what was done and the next call goes on from there', async () => {
    const cache = memoryCache();
    const first = fakePipeline();
    const controller = new AbortController();
    const options = { model: 'fake', batchSize: 2, cache };
    const stopped = embedTexts(['aaa', 'b', 'cc', 'dddd', 'e'], {
      ...options,
      pipeline: first.pipeline,
      signal: controller.signal,
      onProgress: ({ done }) => done === 4 && controller.abort(),
    });
    await expect(stopped).rejects.toThrow(/abort/i);
    expect(first.batches.length).toBe(2);

    const second = fakePipeline();
    const progress: EmbedProgress[] = [];
    const resumed = await embedTexts(['aaa', 'b', 'cc', 'dddd', 'e'], {
      ...options,
      pipeline: second.pipeline,
      onProgress: (event) => progress.push(event),
    });
    expect(second.batches).toEqual([['e']]);
    expect([...resumed.vectors]).toEqual([3, 1, 1, 1, 2, 1, 4, 1, 1, 1]);
    expect(progress.at(-1)).toEqual({ done: 5, total: 5, cached: 4 });
  });

  test('the cache tells models and pooling apart', async () => {
    const cache = memoryCache();
    const fake = fakePipeline();
    const call = (options: { model: string; pooling?: 'cls' }) =>
      embedTexts(['aaa'], { pipeline: fake.pipeline, cache, ...options });
    await call({ model: 'one' });
    await call({ model: 'two' });
    await call({ model: 'one', pooling: 'cls' });
    expect(fake.batches.length).toBe(3);
    await call({ model: 'one' });
    expect(fake.batches.length).toBe(3);
  });

  test('vectors that are not finite are refused by id and never reach the cache', async () => {
    const stored: string[] = [];
    const cache: EmbeddingCache = {
      get: async (keys) => keys.map(() => undefined),
      set: async (keys) => {
        stored.push(...keys);
      },
    };
    const pipeline: FeatureExtractor = async () => ({
      dims: [2, 2],
      data: Float32Array.of(1, 2, 3, Number.NaN),
    });
    const call = embedTexts(['a', 'b'], { pipeline, cache, model: 'x', ids: ['i1', 'i2'] });
    await expect(call).rejects.toThrow(/finite vector for i2, received NaN in column 1/);
    expect(stored).toEqual([]);
  });
});

describe('wrong arguments', () => {
  const { pipeline: ready } = fakePipeline();
  test('a blank text is a DataError that names its id', async () => {
    const call = () => embedTexts(['pen', ' \n'], { pipeline: ready, ids: ['B1', 'B2'] });
    await expect(call()).rejects.toThrow(DataError);
    await expect(call()).rejects.toThrow(/expected a text for B2 \(position 1\)/);
  });

  test('no texts, other ids, a batch size of 0, a cache without a model name', async () => {
    await expect(embedTexts([], { pipeline: ready })).rejects.toThrow(DataError);
    await expect(embedTexts(['a'], { pipeline: ready, ids: ['1', '2'] })).rejects.toThrow(ShapeError);
    await expect(embedTexts(['a'], { pipeline: ready, batchSize: 0 })).rejects.toThrow(OptionError);
    await expect(embedTexts(['a'], { pipeline: ready, cache: memoryCache() })).rejects.toThrow(OptionError);
  });

  test('a pipeline that gives token vectors or half floats', async () => {
    const tokens: FeatureExtractor = async () => ({ dims: [1, 3, 2], data: new Float32Array(6) });
    await expect(embedTexts(['a'], { pipeline: tokens })).rejects.toThrow(
      /expected \[1 × width\].*received \[1 × 3 × 2\]/,
    );
    const halves: FeatureExtractor = async () => ({
      type: 'float16',
      dims: [1, 2],
      data: new Uint16Array(2),
    });
    await expect(embedTexts(['a'], { pipeline: halves })).rejects.toThrow(UnsupportedError);
  });
});

test('without the optional package the error says how to install it', async () => {
  // Outside the project, where node finds no @xenova/transformers.
  const folder = mkdtempSync(join(tmpdir(), 'llminit-absent-'));
  const entry = fileURLToPath(
    new URL('../../../src/embed/transformers/transformersEmbedder.ts', import.meta.url),
  );
  const outfile = join(folder, 'transformers.mjs');
  await build({ entryPoints: [entry], outfile, bundle: true, format: 'esm', logLevel: 'silent' });
  const script = `import { embedTexts } from ${JSON.stringify(outfile)};
    await embedTexts(['pen']).catch((error) => console.log(error.name, error.message));`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd: folder });
  rmSync(folder, { recursive: true });
  expect(stdout.toString()).toMatch(
    /^UnsupportedError embedTexts: expected the package @xenova\/transformers or @huggingface\/transformers/,
  );
  expect(stdout.toString()).toContain('npm install @xenova/transformers');
});
