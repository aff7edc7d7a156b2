import { AutoTokenizer, pipeline } from '@xenova/transformers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  FeatureExtractor,
  Tokenizer,
  TransformersModule,
} from '../../../src/embed/transformers/load.ts';
import { cutRow, type FeatureTensor } from '../../../src/embed/transformers/pooling.ts';
import { presetOf } from '../../../src/embed/transformers/presets.ts';
import { transformersEmbedder } from '../../../src/embed/transformers/transformersEmbedder.ts';
import { OptionError } from '../../../src/errors.ts';
import { installTinyModel } from '../tinyModel.ts';

const texts = ['Black ink pen', 'A much longer text about red paper and blue films', 'hi'];

describe('with a real ONNX model', () => {
  let model: { remove: () => void };
  beforeAll(() => {
    model = installTinyModel();
  });
  afterAll(() => model.remove());

  test('last_token takes the vector of the last token of each text, not of its padding', async () => {
    const extractor = await pipeline('feature-extraction', 'tiny', { quantized: false });
    const tokenizer = await AutoTokenizer.from_pretrained('tiny');
    const rows = await transformersEmbedder({ model: 'tiny', pooling: 'last_token', normalize: false }).embed(
      texts,
    );
    for (const [n, text] of texts.entries()) {
      const { dims, data } = await extractor(text, { pooling: 'none' });
      expect(dims[1]).toBe(tokenizer.encode(text).length);
      const last = data.slice((dims[1] - 1) * dims[2]);
      for (let k = 0; k < dims[2]; k++) expect(rows[n]![k]).toBeCloseTo(Number(last[k]), 4);
    }
  });

  test('texts longer than the model reads are counted', async () => {
    const embedder = transformersEmbedder({ model: 'tiny' });
    await embedder.embed(['pen', `pen ${'ink '.repeat(500)}`, 'a '.repeat(127), 'a '.repeat(126)]);
    expect(embedder.counts).toEqual({ truncated: 2 });
    await embedder.embed(['short']);
    expect(embedder.counts).toEqual({ truncated: 2 });
  });
});

describe('presets', () => {
  test.each([
    ['Xenova/all-mpnet-base-v2', 'mean', '', false],
    ['onnx-community/gte-Qwen2-7B-instruct', 'last_token', '', false],
    ['text-embedding-3-small', 'mean', '', true],
    ['text-embedding-3-large', 'mean', '', true],
    ['NovaSearch/stella_en_1.5B_v5', 'mean', '', true],
    ['Xenova/multilingual-e5-small', 'mean', 'query: ', false],
    ['intfloat/multilingual-e5-large-instruct', 'mean', '', false],
    ['Xenova/bge-m3', 'cls', '', false],
    ['Xenova/gte-small', 'mean', '', false],
    ['Alibaba-NLP/gte-base-en-v1.5', 'cls', '', true],
    ['onnx-community/Qwen3-Embedding-0.6B-ONNX', 'last_token', '', true],
    ['nomic-ai/nomic-embed-text-v1', 'mean', 'search_document: ', false],
    ['nomic-ai/nomic-embed-text-v1.5', 'mean', 'search_document: ', true],
    ['mixedbread-ai/mxbai-embed-large-v1', 'cls', '', true],
  ])('of %s: pooling %s, prefix "%s", can be cut: %s', (model, pooling, prefix, matryoshka) => {
    expect(presetOf(model)).toMatchObject({ pooling, prefix, matryoshka, normalize: true });
    expect(presetOf(model)?.source).toMatch(/card|guide/);
  });

  test.each([
    ['gte-Qwen2-7B-instruct', /^Instruct: .+\nQuery: $/s],
    ['Qwen3-Embedding-0.6B', /^Instruct: .+\nQuery:$/s],
    ['stella_en_1.5B_v5', /^Instruct: .+\.\nQuery: $/s],
    ['multilingual-e5-large-instruct', /^Instruct: .+\nQuery: $/s],
    ['e5-base-v2', /^query: $/],
    ['nomic-embed-text-v1.5', /^search_query: $/],
    ['bge-base-en-v1.5', /^Represent this sentence .+: $/],
    ['bge-base-zh-v1.5', /检索/],
    ['bge-m3', /^$/],
    ['mxbai-embed-large-v1', /^Represent this sentence .+: $/],
    ['snowflake-arctic-embed-l-v2.0', /^query: $/],
    ['all-mpnet-base-v2', /^$/],
    ['text-embedding-3-large', /^$/],
  ])('of %s know what stands before a query', (model, prefix) => {
    expect(presetOf(model)?.queryPrefix).toMatch(prefix);
  });

  test('a query gets its instruction, an item none, and the id tells them apart', async () => {
    const { pipeline, state } = fake();
    const options = { pipeline, model: 'multilingual-e5-large-instruct' };
    const [item, query] = [
      transformersEmbedder(options),
      transformersEmbedder({ ...options, input: 'query' }),
    ];
    await item.embed(['pen']);
    await query.embed(['pen']);
    const [[[plain]], [[instructed]]] = state.calls;
    expect(plain).toBe('pen');
    expect(instructed).toBe(`${presetOf(options.model)!.queryPrefix}pen`);
    expect(query.id).not.toBe(item.id);
    expect(() => transformersEmbedder({ ...options, input: 'question' as 'query' })).toThrow(OptionError);
  });

  test('of a model that is not known there is none', () => {
    expect(presetOf('tiny')).toBe(null);
    expect(presetOf('bge-owner/other-model')).toBe(null);
  });
});

/** A stand-in whose vectors are [length, 3, 4], or the same for two tokens, and that counts what it is asked and freed. */
function fake() {
  const state = { calls: [] as [string[], object][], disposed: 0 };
  const call = async (batch: string[], options: { pooling: string }): Promise<FeatureTensor> => {
    state.calls.push([batch, options]);
    const isWhole = options.pooling === 'none';
    const row = (text: string) => (isWhole ? [9, 9, 9, text.length, 3, 4] : [text.length, 3, 4]);
    return {
      type: 'float32',
      dims: isWhole ? [batch.length, 2, 3] : [batch.length, 3],
      data: Float32Array.from(batch.flatMap(row)),
      dispose: () => {
        state.disposed++;
      },
    };
  };
  return { pipeline: call as FeatureExtractor, state };
}

describe('a known model', () => {
  test('gets its prefix and pooling, which the id tells, unless they are given', async () => {
    const { pipeline, state } = fake();
    const e5 = transformersEmbedder({ pipeline, model: 'Xenova/e5-small-v2' });
    await e5.embed(['pen']);
    expect(e5.id).toBe(
      'transformers: Xenova/e5-small-v2, pipeline, mean pooling, normalized, prefix "query: "',
    );
    const other = transformersEmbedder({ pipeline, model: 'Xenova/e5-small-v2', prefix: '', pooling: 'cls' });
    await other.embed(['pen']);
    expect(state.calls).toEqual([
      [['query: pen'], { pooling: 'mean', normalize: true }],
      [['pen'], { pooling: 'cls', normalize: true }],
    ]);
    expect(state.disposed).toBe(2);
  });

  test('that is pooled by its last token is asked text by text where nothing tells padding', async () => {
    const { pipeline, state } = fake();
    const rows = await transformersEmbedder({
      pipeline,
      model: 'Qwen3-Embedding-0.6B',
      normalize: false,
    }).embed(['pen', 'lamp']);
    expect(rows.map((row) => Array.from(row!))).toEqual([
      [3, 3, 4],
      [4, 3, 4],
    ]);
    expect(state.calls.map(([batch]) => batch)).toEqual([['pen'], ['lamp']]);
  });

  test.each([
    [
      'mean',
      [
        [9, 9, 9],
        [6.5, 6, 6.5],
      ],
    ],
    [
      'cls',
      [
        [9, 9, 9],
        [9, 9, 9],
      ],
    ],
    [
      'last_token',
      [
        [9, 9, 9],
        [4, 3, 4],
      ],
    ],
  ] as const)(
    'pads on either side; with tokenizer and model at hand tokens are made once: %s',
    async (pooling, rows) => {
      let tokenized = 0;
      const tokenizer = ((texts) => {
        tokenized++;
        return { attention_mask: { dims: [texts.length, 2], data: [1, 0, 1, 1] } };
      }) as Tokenizer;
      let freed = 0;
      const dispose = () => freed++;
      const states = { dims: [2, 2, 3], data: Float32Array.of(9, 9, 9, 3, 3, 4, 9, 9, 9, 4, 3, 4), dispose };
      const model = async () => ({
        last_hidden_state: states,
        past_key_values: { dims: [0], data: [], dispose },
      });
      const pipeline = Object.assign(fake().pipeline, { tokenizer, model });
      const options = { pipeline, model: 'x', pooling, normalize: false } as const;
      const found = await transformersEmbedder(options).embed(['pen', 'lamp']);
      expect(found.map((row) => Array.from(row!))).toEqual(rows);
      expect([tokenized, freed]).toEqual([1, 2]);
    },
  );

  test('is cut where it was trained for it, then normalised', async () => {
    const { pipeline } = fake();
    const options = { pipeline, model: 'mxbai-embed-large-v1', dimensions: 2 };
    const embedder = transformersEmbedder(options);
    const [row] = await embedder.embed(['four']);
    expect(Array.from(row!, (value) => Number(value.toFixed(6)))).toEqual([0.8, 0.6]);
    expect(embedder.id).toContain('2 dimensions');
    expect(() => transformersEmbedder({ ...options, model: 'bge-base' })).toThrow(OptionError);
    expect(() => transformersEmbedder({ ...options, model: undefined })).toThrow(
      /trained for vectors that can be cut/,
    );
  });

  test('is layer-normalised before it is cut where its card says so', () => {
    const row = Float32Array.of(1, 2, 3, 4);
    const scale = Math.sqrt(1.25 + 1e-5);
    const cut = cutRow(row, 2, true);
    expect([...cut]).toEqual([Math.fround(-1.5 / scale), Math.fround(-0.5 / scale)]);
    expect([...cutRow(row, 2, false)]).toEqual([1, 2]);
    expect(cutRow(row, 4, true)).toBe(row);
  });
});

describe('a module that is passed', () => {
  const moduleOf = (version: string) => {
    const asked: object[] = [];
    const module: TransformersModule = {
      env: { localModelPath: '', allowRemoteModels: true, version },
      pipeline: async (_task, model, options) => {
        asked.push({ model, ...options, progress_callback: undefined });
        return fake().pipeline;
      },
    };
    return { module, asked };
  };

  test('of version 3 or 4 is told dtype and device, one of version 2 whether the model is quantised', async () => {
    const four = moduleOf('4.2.0');
    const base = { model: 'm', revision: 'v1' };
    await transformersEmbedder({ ...base, module: four.module, device: 'webgpu', dtype: 'fp16' }).embed([
      'a',
    ]);
    await transformersEmbedder({ ...base, module: four.module }).embed(['a']);
    await transformersEmbedder({ ...base, module: four.module, quantized: true }).embed(['a']);
    expect(four.asked).toEqual([
      { model: 'm', revision: 'v1', dtype: 'fp16', device: 'webgpu' },
      { model: 'm', revision: 'v1', dtype: 'fp32' },
      { model: 'm', revision: 'v1', dtype: 'q8' },
    ]);
    const two = moduleOf('2.17.2');
    const folder = transformersEmbedder({
      ...base,
      module: two.module,
      quantized: true,
      modelFolder: 'models',
    });
    await folder.embed(['a']);
    expect(two.asked).toEqual([{ model: 'm', revision: 'v1', quantized: true }]);
    expect(two.module.env).toMatchObject({ localModelPath: 'models', allowRemoteModels: false });
  });

  test('is asked again for a model that could not be loaded', async () => {
    const { module } = moduleOf('4.0.0');
    const load = module.pipeline;
    let failures = 1;
    const embedder = transformersEmbedder({
      model: 'm',
      module: {
        ...module,
        pipeline: (...args) => (failures-- > 0 ? Promise.reject(new Error('offline')) : load(...args)),
      },
    });
    await expect(embedder.embed(['pen'])).rejects.toThrow(/load the model m, received: offline/);
    expect(await embedder.embed(['pen'])).toHaveLength(1);
  });
});
