// Vectors for texts, from a sentence encoder, an HTTP endpoint, a file, or the texts themselves.
export type { BatchOptions, EmbedProgress } from './embed/batches.ts';
export { embedInBatches } from './embed/batches.ts';
export { type EmbeddingCache, memoryCache } from './embed/cache.ts';
export type { EmbedderContext, EmbedderDescriptor } from './embed/descriptor.ts';
export type { EmbedCall, EmbeddedRow, Embedder, StepProgress } from './embed/embedder.ts';
export {
  type AlignedVectors,
  alignEmbeddings,
  Embeddings,
  type EmbeddingsParts,
} from './embed/embeddings.ts';
export { embedderOf } from './embed/fileEmbedder.ts';
export {
  type EmbeddingFileNames,
  embeddingsFromNpy,
  embeddingsFromSafetensors,
  embeddingsToSafetensors,
  type SafetensorsEmbeddingOptions,
} from './embed/files.ts';
export { type AiSdkEmbeddingModel, type AiSdkModel, toAiSdkModel } from './embed/foreign/aiSdk.ts';
export type { LangChainEmbeddings } from './embed/foreign/langChain.ts';
export {
  type EmbedderLike,
  type EmbedFunction,
  type ToEmbedderOptions,
  toEmbedder,
} from './embed/foreign/toEmbedder.ts';
export type { WorkersAi } from './embed/foreign/workersAi.ts';
export { type EmbedOverHttpOptions, embedOverHttp, httpEmbedder } from './embed/http.ts';
export {
  type LexicalEmbeddings,
  type LexicalOptions,
  lexicalEmbedder,
  lexicalEmbeddings,
} from './embed/lexical.ts';
export { describeEmbedder, EMBEDDERS } from './embed/registry.ts';
export {
  EMBEDDER_SETTINGS,
  type EmbedderSettings,
  type SettingDescriptor,
  type SettingName,
} from './embed/settings.ts';
export {
  type DownloadProgress,
  type EmbedTextsOptions,
  embedTexts,
  type FeatureExtractor,
  type FeatureTensor,
  transformersEmbedder,
} from './embed/transformers.ts';
export type { SvdProgress } from './linalg/randomizedSvd.ts';
export { type LoadOptions, load, loadSync, Runtime } from './runtime/load.ts';
