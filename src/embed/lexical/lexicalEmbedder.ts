import { resolveOptions } from '../../options/resolve.ts';
import type { EmbedderDescriptor } from '../descriptor.ts';
import type { Embedder } from '../embedder.ts';
import { LEXICAL_OPTIONS, type LexicalOptions, lexicalEmbeddings } from './lexicalEmbeddings.ts';
import type { LexicalModel } from './model.ts';
import { textTransform } from './transform.ts';

/** Vectors from nothing but the texts themselves. */
export const lexical: EmbedderDescriptor = {
  name: 'lexical',
  written: 'lexical',
  settings: ['lexicalDim', 'lexicalSubwords', 'lexicalSegmentation'],
  reads: 'text',
  cacheable: false,
  ofCatalogue: true,
  weight: 1,
  matches: (what) => what === 'lexical',
  check() {},
  create: async (
    _,
    { lexicalDim: dim, lexicalSubwords: subwords, lexicalSegmentation: segmentation },
    context,
  ) => lexicalEmbedder({ dim, subwords, segmentation, runtime: context.runtime }),
};

/**
 * The lexical embeddings of a whole catalogue, see `lexicalEmbeddings`; a text without a known term gets no vector.
 *
 * @example
 * const embedder = lexicalEmbedder({ dim: 8 });
 * const data = await trainingData({ interactions, catalogue, embedder });
 */
export function lexicalEmbedder(options: Omit<LexicalOptions, 'signal' | 'onProgress'> = {}): Embedder {
  const { signal: _, onProgress: __, ...own } = LEXICAL_OPTIONS;
  resolveOptions(own, options, 'lexicalEmbedder');
  let fitted: LexicalModel | null = null;
  return {
    id: 'lexical',
    dependsOn: 'catalogue',
    get lexical() {
      return fitted;
    },
    async embed(texts, { signal, onProgress } = {}) {
      signal?.throwIfAborted();
      const positions = texts.map((_, n) => String(n));
      const found = await lexicalEmbeddings(positions, texts, { ...options, signal, onProgress });
      const { ids, width, vectors, lexical } = found.embeddings;
      fitted = lexical;
      const rows = new Array<Float32Array | null>(texts.length).fill(null);
      for (const [n, id] of ids.entries()) rows[Number(id)] = vectors.subarray(n * width, (n + 1) * width);
      return rows;
    },
  };
}

/**
 * An embedder of single texts by the terms of a catalogue, see `textTransform`.
 *
 * @example
 * const embedder = lexicalModelEmbedder(embeddings.lexical!);
 * const [row] = await embedder.embed(['oak chair']);
 * row?.length === embeddings.width; // → true
 */
export function lexicalModelEmbedder(model: LexicalModel): Embedder {
  const transform = textTransform(model);
  return {
    id: 'lexical',
    width: model.width,
    async embed(texts, { signal } = {}) {
      signal?.throwIfAborted();
      return texts.map(transform);
    },
  };
}
