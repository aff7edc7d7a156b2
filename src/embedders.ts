// Vectors for texts, from a sentence encoder, an HTTP endpoint, a file, or the texts themselves.
export type { BatchOptions, Embedder, EmbedProgress } from './embed/batches.ts';
export { embedInBatches } from './embed/batches.ts';
export { type EmbeddingCache, memoryCache } from './embed/cache.ts';
export {
  type AlignedVectors,
  alignEmbeddings,
  Embeddings,
  type EmbeddingsParts,
} from './embed/embeddings.ts';
export {
  type EmbeddingFileNames,
  embeddingsFromNpy,
  embeddingsFromSafetensors,
  embeddingsToSafetensors,
  type SafetensorsEmbeddingOptions,
} from './embed/files.ts';
export { type EmbedOverHttpOptions, embedOverHttp } from './embed/http.ts';
export { type LexicalEmbeddings, type LexicalOptions, lexicalEmbeddings } from './embed/lexical.ts';
export {
  type DownloadProgress,
  type EmbedTextsOptions,
  embedTexts,
  type FeatureExtractor,
  type FeatureTensor,
} from './embed/transformers.ts';
export { type LoadOptions, load, loadSync, Runtime } from './runtime/load.ts';
