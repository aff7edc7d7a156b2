// Vectors for texts, from a sentence encoder, an HTTP endpoint, a file, or the texts themselves.
export type { BatchOptions, Embedder, EmbedProgress } from './embeddings/batches.ts';
export { embedInBatches } from './embeddings/batches.ts';
export { type EmbeddingCache, memoryCache } from './embeddings/cache.ts';
export {
  type AlignedVectors,
  alignEmbeddings,
  Embeddings,
  type EmbeddingsParts,
} from './embeddings/embeddings.ts';
export {
  type EmbeddingFileNames,
  embeddingsFromNpy,
  embeddingsFromSafetensors,
  embeddingsToSafetensors,
  type SafetensorsEmbeddingOptions,
} from './embeddings/files.ts';
export { type EmbedOverHttpOptions, embedOverHttp } from './embeddings/http.ts';
export { type LexicalEmbeddings, type LexicalOptions, lexicalEmbeddings } from './embeddings/lexical.ts';
export {
  type DownloadProgress,
  type EmbedTextsOptions,
  embedTexts,
  type FeatureExtractor,
  type FeatureTensor,
} from './embeddings/transformers.ts';
export { type LoadOptions, load, loadSync, Runtime } from './runtime/load.ts';
