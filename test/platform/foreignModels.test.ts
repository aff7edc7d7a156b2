import { expect, it } from 'vitest';
import type { AiSdkLanguageModel } from '../../src/chat/aiSdk.ts';
import { rerank } from '../../src/chat/rerank/rerank.ts';
import { embedInBatches } from '../../src/embed/batches.ts';
import { type AiSdkModel, toAiSdkModel } from '../../src/embed/foreign/aiSdk.ts';
import type { LangChainEmbeddings } from '../../src/embed/foreign/langChain.ts';
import { toEmbedder } from '../../src/embed/foreign/toEmbedder.ts';
import { lexicalEmbedder } from '../../src/embed/lexical/lexicalEmbedder.ts';
import { describeEmbedderContract, TEXTS } from '../embed/contract.ts';
import { vectorOf } from '../embed/http/embeddingServer.ts';
import { describeOn, importTool, toolPath } from './tools.ts';

interface AiPackage {
  embed(call: object): Promise<{ embedding: number[] }>;
  embedMany(call: object): Promise<{ embeddings: number[][] }>;
}
type Mock = new (parts: object) => AiSdkModel & { readonly doEmbedCalls: { values: string[] }[] };

type MockLanguage = new (
  parts: object,
) => AiSdkLanguageModel & {
  readonly doGenerateCalls: { prompt: { role: string }[]; responseFormat: { type: string } }[];
};

const doEmbed = async ({ values }: { values: string[] }) => ({
  embeddings: values.map(vectorOf),
  usage: { tokens: values.length },
  warnings: [],
});

describeOn('the package ai', [toolPath('ai')], () => {
  it.each(['MockEmbeddingModelV3', 'MockEmbeddingModelV4'])(
    'has models, %s, that are embedders here',
    async (name) => {
      const { [name]: Model } = await importTool<Record<string, Mock>>('ai/test');
      const model = new Model({ provider: 'shop', modelId: 'm', maxEmbeddingsPerCall: 2, doEmbed });
      const { width, source, vectors } = await embedInBatches(TEXTS, toEmbedder(model));
      expect([width, source]).toEqual([4, 'shop: m']);
      expect(Array.from(vectors)).toEqual(TEXTS.flatMap(vectorOf).map(Math.fround));
      expect(model.doEmbedCalls.map(({ values }) => values.length)).toEqual([2, 2, 1]);
    },
  );

  it.each(['MockLanguageModelV3', 'MockLanguageModelV4'])(
    'has models, %s, that are chat models here',
    async (name) => {
      const { [name]: Model } = await importTool<Record<string, MockLanguage>>('ai/test');
      const usage = { inputTokens: { total: 7 }, outputTokens: { total: 3 } };
      const content = [{ type: 'text', text: '{"ranking":[2,1]}' }];
      const model = new Model({
        provider: 'shop',
        modelId: 'm',
        doGenerate: { content, usage, warnings: [] },
      });
      const items = [
        { id: 'a', title: 'Red pen' },
        { id: 'b', title: 'Blue pen' },
      ];
      const { report } = await rerank(items, ['Green pen'], { chat: model, rounds: 1 });
      expect([report.by, report.promptTokens, report.answerTokens]).toEqual(['chat', 7, 3]);
      const [{ prompt, responseFormat }] = model.doGenerateCalls;
      expect(prompt.map(({ role }) => role)).toEqual(['system', 'user']);
      expect(responseFormat.type).toBe('json');
    },
  );

  it('embeds with an embedder of ours, one text and many', async () => {
    const { embed, embedMany } = await importTool<AiPackage>('ai');
    const model = toAiSdkModel(toEmbedder((texts) => texts.map(vectorOf), { id: 'own', batchSize: 2 }));
    expect((await embed({ model, value: TEXTS[0] })).embedding).toEqual(vectorOf(TEXTS[0]));
    expect((await embedMany({ model, values: TEXTS })).embeddings).toEqual(TEXTS.map(vectorOf));
  });

  it('embeds a catalogue with lexical vectors of ours, all texts in one call', async () => {
    const { embedMany } = await importTool<AiPackage>('ai');
    const embedder = lexicalEmbedder({ dim: 4 });
    const { embeddings } = await embedMany({ model: toAiSdkModel(embedder), values: TEXTS });
    const rows = await lexicalEmbedder({ dim: 4 }).embed(TEXTS);
    expect(embeddings).toEqual(rows.map((row) => Array.from(row!)));
  });
});

describeOn('@langchain/core', [toolPath('@langchain/core')], () => {
  const open = async () => {
    const { SyntheticEmbeddings } = await importTool<{
      SyntheticEmbeddings: new (parts: object) => LangChainEmbeddings;
    }>('@langchain/core/utils/testing');
    return toEmbedder(new SyntheticEmbeddings({ vectorSize: 6 }));
  };
  describeEmbedderContract('embeddings of @langchain/core', async () => ({ embedder: await open() }));

  it('has models that are named after their class', async () => {
    expect((await open()).id).toBe('SyntheticEmbeddings: unnamed model');
  });
});
