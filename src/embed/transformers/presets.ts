import { checkArgument, TEXT } from '../../options/arguments.ts';

/**
 * How token vectors become one vector: their mean, that of the first token, or that of the last one.
 *
 * @example
 * const pooling: TokenPooling = 'cls';
 * const embedder = transformersEmbedder({ model: 'BAAI/bge-small-en-v1.5', pooling });
 */
export type TokenPooling = 'mean' | 'cls' | 'last_token';

/**
 * How a family of encoders was trained to be used.
 *
 * @example
 * const preset: EncoderPreset | null = presetOf('BAAI/bge-small-en-v1.5');
 */
export interface EncoderPreset {
  readonly pooling: TokenPooling;
  /** Whether vectors get L2 norm 1. */
  readonly normalize: boolean;
  /** Put before texts that are features or documents. */
  readonly prefix: string;
  /** Put before what is searched with, for models that were trained with an instruction or a mark for that. */
  readonly queryPrefix: string;
  /** Whether vectors may be cut to fewer columns (Matryoshka representation learning). */
  readonly matryoshka: boolean;
  /** Whether rows are layer-normalised before they are cut. */
  readonly layerNorm: boolean;
  /** Where it says so. */
  readonly source: string;
}

const NONE = { normalize: true, prefix: '', queryPrefix: '', matryoshka: false, layerNorm: false };

/** The task that the cards of instructed models give as their example for search. */
const TASK = 'Instruct: Given a web search query, retrieve relevant passages that answer the query';
const REPRESENT = 'Represent this sentence for searching relevant passages: ';

/** By the model's name without its owner, the first that fits; a conversion keeps the name as a rule. */
const PRESETS: readonly (readonly [RegExp, EncoderPreset])[] = [
  [/mpnet|minilm/i, { ...NONE, pooling: 'mean', source: 'sentence-transformers, model cards' }],
  [
    /gte-qwen/i,
    {
      ...NONE,
      ...{ pooling: 'last_token', queryPrefix: `${TASK}\nQuery: ` },
      source: 'Alibaba-NLP/gte-Qwen2-7B-instruct, model card',
    },
  ],
  [
    /qwen3-embedding/i,
    {
      ...NONE,
      ...{ pooling: 'last_token', queryPrefix: `${TASK}\nQuery:`, matryoshka: true },
      source: 'Qwen/Qwen3-Embedding-0.6B, model card',
    },
  ],
  [/text-embedding-3/i, { ...NONE, pooling: 'mean', matryoshka: true, source: 'OpenAI, embeddings guide' }],
  [
    /stella/i,
    {
      ...NONE,
      ...{ pooling: 'mean', queryPrefix: `${TASK}.\nQuery: `, matryoshka: true },
      source: 'NovaSearch/stella_en_1.5B_v5, model card',
    },
  ],
  [
    /e5-.*-instruct/i,
    {
      ...NONE,
      ...{ pooling: 'mean', queryPrefix: `${TASK}\nQuery: ` },
      source: 'intfloat/multilingual-e5-large-instruct, model card',
    },
  ],
  [
    // The card's answer to which prefix: "query: " where vectors are features, as here.
    /\be5-/i,
    {
      ...NONE,
      ...{ pooling: 'mean', prefix: 'query: ', queryPrefix: 'query: ' },
      source: 'intfloat/e5-base-v2, model card',
    },
  ],
  [/bge-m3/i, { ...NONE, pooling: 'cls', source: 'BAAI/bge-m3, model card' }],
  [
    /bge-.*-zh/i,
    {
      ...NONE,
      ...{ pooling: 'cls', queryPrefix: '为这个句子生成表示以用于检索相关文章：' },
      source: 'BAAI/bge-base-zh-v1.5, model card',
    },
  ],
  [/bge-/i, { ...NONE, pooling: 'cls', queryPrefix: REPRESENT, source: 'BAAI/bge-base-en-v1.5, model card' }],
  [
    /gte-(multilingual|.*v1\.5)/i,
    { ...NONE, pooling: 'cls', matryoshka: true, source: 'Alibaba-NLP/gte-multilingual-base, model card' },
  ],
  [/gte-/i, { ...NONE, pooling: 'mean', source: 'thenlper/gte-base, model card' }],
  [
    /nomic-embed-text-v1\.5/i,
    {
      ...NONE,
      ...{ pooling: 'mean', prefix: 'search_document: ', queryPrefix: 'search_query: ' },
      ...{ matryoshka: true, layerNorm: true },
      source: 'nomic-ai/nomic-embed-text-v1.5, model card',
    },
  ],
  [
    /nomic-embed-text/i,
    {
      ...NONE,
      ...{ pooling: 'mean', prefix: 'search_document: ', queryPrefix: 'search_query: ' },
      source: 'nomic-ai/nomic-embed-text-v1, model card',
    },
  ],
  [
    /mxbai-embed/i,
    {
      ...NONE,
      ...{ pooling: 'cls', queryPrefix: REPRESENT, matryoshka: true },
      source: 'mixedbread-ai/mxbai-embed-large-v1, model card',
    },
  ],
  [
    /arctic-embed.*v2/i,
    {
      ...NONE,
      ...{ pooling: 'cls', queryPrefix: 'query: ' },
      source: 'Snowflake/snowflake-arctic-embed-m-v2.0, model card',
    },
  ],
  [
    /arctic-embed/i,
    {
      ...NONE,
      ...{ pooling: 'cls', queryPrefix: REPRESENT },
      source: 'Snowflake/snowflake-arctic-embed-m, model card',
    },
  ],
];

/**
 * How the encoder of this name was trained to be used; null for one that is not known.
 *
 * @example
 * presetOf('BAAI/bge-small-en-v1.5')?.pooling; // → 'cls'
 */
export function presetOf(model: string): EncoderPreset | null {
  checkArgument(TEXT, model, 'model', 'presetOf');
  const name = model.slice(model.lastIndexOf('/') + 1);
  return PRESETS.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}
