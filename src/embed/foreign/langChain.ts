import type { Embedder } from '../embedder.ts';

/**
 * What LangChain calls `EmbeddingsInterface`, as far as it is used here.
 *
 * @example
 * const embeddings: LangChainEmbeddings = {
 *   model: 'lengths',
 *   embedDocuments: async (texts) => texts.map((text) => [text.length, 1]),
 * };
 * const embedder = toEmbedder(embeddings);
 */
export interface LangChainEmbeddings {
  readonly model?: string;
  readonly modelName?: string;
  embedDocuments(texts: string[]): Promise<readonly (readonly number[])[]>;
  embedQuery?(text: string): Promise<readonly number[]>;
}

export function isLangChain(like: object): like is LangChainEmbeddings {
  return 'embedDocuments' in like && typeof like.embedDocuments === 'function';
}

/** Texts per call: such objects make batches of their own size of what they are given. */
const TEXTS_PER_CALL = 128;

/** An embedder that calls `embedDocuments`, which cannot be ended early. */
export function fromLangChain(embeddings: LangChainEmbeddings): Embedder {
  const model = embeddings.model ?? embeddings.modelName ?? 'unnamed model';
  const kind = Object.getPrototypeOf(embeddings)?.constructor?.name ?? 'Object';
  return {
    id: `${kind === 'Object' ? 'LangChain' : kind}: ${model}`,
    batchSize: TEXTS_PER_CALL,
    async embed(texts, { signal } = {}) {
      signal?.throwIfAborted();
      return embeddings.embedDocuments([...texts]);
    },
  };
}
