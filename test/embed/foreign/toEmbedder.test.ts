import { describe, expect, test } from 'vitest';
import { embedInBatches } from '../../../src/embed/batches.ts';
import { memoryCache } from '../../../src/embed/cache.ts';
import { toAiSdkModel } from '../../../src/embed/foreign/aiSdk.ts';
import { type EmbedderLike, toEmbedder } from '../../../src/embed/foreign/toEmbedder.ts';
import { DataError, OptionError } from '../../../src/errors.ts';
import { describeEmbedderContract } from '../contract.ts';
import { vectorOf } from '../http/embeddingServer.ts';

/** As a provider of the AI SDK writes it: a class, whose methods read `this`. */
class SdkModel {
  readonly provider = 'shop.embedding';
  readonly modelId = 'text-3';
  readonly maxEmbeddingsPerCall;
  readonly supportsParallelCalls = true;
  readonly calls: string[][] = [];
  constructor(
    readonly specificationVersion: string,
    most: number | undefined | Promise<number | undefined> = 3,
  ) {
    this.maxEmbeddingsPerCall = most;
  }
  async doEmbed({ values, abortSignal }: { values: string[]; abortSignal?: AbortSignal }) {
    abortSignal?.throwIfAborted();
    this.calls.push(values);
    return { embeddings: values.map(vectorOf), usage: { tokens: values.length } };
  }
}

class OpenAIEmbeddings {
  model = 'text-embedding-3-small';
  async embedDocuments(texts: string[]) {
    return texts.map((text) => this.vector(text));
  }
  async embedQuery(text: string) {
    return this.vector(text);
  }
  private vector(text: string) {
    return vectorOf(text);
  }
}

const workersAi = {
  async run(model: string, { text }: { text: string[] }) {
    if (model !== '@cf/baai/bge-base-en-v1.5') return { error: 'no such model' };
    return { shape: [text.length, 4], data: text.map(vectorOf), pooling: 'cls' };
  },
};

class Own {
  readonly id = 'my own';
  async embed(texts: readonly string[], { signal }: { signal?: AbortSignal } = {}) {
    signal?.throwIfAborted();
    return texts.map((text) => this.row(text));
  }
  private row(text: string) {
    return vectorOf(text);
  }
}

const kinds: [string, EmbedderLike, object, string][] = [
  ['an AI SDK model, v2', new SdkModel('v2'), {}, 'shop.embedding: text-3'],
  ['an AI SDK model, v3', new SdkModel('v3', Promise.resolve(2)), {}, 'shop.embedding: text-3'],
  ['LangChain embeddings', new OpenAIEmbeddings(), {}, 'OpenAIEmbeddings: text-embedding-3-small'],
  ['Workers AI', workersAi, { model: '@cf/baai/bge-base-en-v1.5' }, 'Workers AI: @cf/baai/bge-base-en-v1.5'],
  [
    'a function',
    (texts, { signal }) => {
      signal?.throwIfAborted();
      return texts.map(vectorOf);
    },
    {},
    'a function',
  ],
  ["a user's own class", new Own(), {}, 'my own'],
];

for (const [name, like, options] of kinds)
  describeEmbedderContract(name, async () => ({ embedder: toEmbedder(like, options) }));

describe('toEmbedder', () => {
  test.each(kinds)('names %s after what it says of itself, or as it is told', (_, like, options, id) => {
    expect(toEmbedder(like, options).id).toBe(id);
    expect(toEmbedder(like, { ...options, id: 'mine' }).id).toBe('mine');
  });

  test('never passes an AI SDK model more texts than it takes, promised or not', async () => {
    for (const most of [3, Promise.resolve(3)]) {
      const model = new SdkModel('v3', most);
      await embedInBatches(['a', 'bb', 'ccc', 'd', 'ee', 'fff', 'g'], toEmbedder(model));
      expect(model.calls.map((call) => call.length)).toEqual([3, 3, 1]);
    }
    const unlimited = new SdkModel('v3', undefined);
    await embedInBatches(['a', 'b', 'c'], toEmbedder(unlimited));
    expect(unlimited.calls).toEqual([['a', 'b', 'c']]);
  });

  test('refuses what it cannot call, naming the members it found', () => {
    const strange = { fetch() {}, model: 'x' } as unknown as EmbedderLike;
    expect(() => toEmbedder(strange)).toThrow(OptionError);
    expect(() => toEmbedder(strange)).toThrow(/received fetch, model/);
    expect(() => toEmbedder('mpnet' as unknown as EmbedderLike)).toThrow(/received "mpnet"/);
    expect(() => toEmbedder(workersAi)).toThrow(/expected the model to run beside env.AI/);
  });

  test('says what a model answered that answers no vectors', async () => {
    const wrong = toEmbedder(workersAi, { model: '@cf/other' });
    await expect(wrong.embed(['a'])).rejects.toThrow(/received "\{\\"error\\":\\"no such model\\"\}/);
    const sdk = { doEmbed: async () => ({}) } as unknown as EmbedderLike;
    await expect(toEmbedder(sdk).embed(['a'])).rejects.toThrow(DataError);
  });

  test('refuses a cache for a function that has no name of its own', async () => {
    const nameless = toEmbedder((texts) => texts.map(vectorOf));
    const cache = memoryCache();
    await expect(embedInBatches(['a'], nameless, { cache })).rejects.toThrow(/an id/);
    const named = toEmbedder((texts) => texts.map(vectorOf), { id: 'v1' });
    expect((await embedInBatches(['a'], named, { cache })).width).toBe(4);
  });
});

test('an AI SDK model of ours says what it cannot embed', async () => {
  const none = toAiSdkModel({ id: 'none', embed: async (texts) => texts.map(() => null) });
  await expect(none.doEmbed({ values: ['pen'] })).rejects.toThrow(/expected a vector for "pen"/);
  expect(none).toMatchObject({ specificationVersion: 'v3', provider: 'llminit', modelId: 'none' });
});
