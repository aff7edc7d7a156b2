// Vectors for texts, from a sentence encoder, an HTTP endpoint, a file, or the texts themselves.

export type { Source } from './data/readers/source.ts';
export type { BatchOptions, EmbedProgress } from './embed/batches.ts';
export { embedInBatches } from './embed/batches.ts';
export { type EmbeddingCache, memoryCache } from './embed/cache.ts';
export { type Comparison, compareEmbeddings } from './embed/compare.ts';
export type { EmbedderContext, EmbedderDescriptor } from './embed/descriptor.ts';
export { type Distinctness, distinctness } from './embed/distinctness.ts';
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
export { type EmbedOverHttpOptions, embedOverHttp, httpEmbedder } from './embed/http/httpEmbedder.ts';
export type { HttpEmbedderOptions } from './embed/http/options.ts';
export { imageEmbedder } from './embed/images/imageEmbedder.ts';
export type {
  BadImagePolicy,
  ImageEmbedderOptions,
  ImageExtractor,
  VisionModule,
} from './embed/images/options.ts';
export { cleanText, type TextTemplate, textTemplate } from './embed/itemText.ts';
export { lexicalEmbedder, lexicalModelEmbedder } from './embed/lexical/lexicalEmbedder.ts';
export {
  type LexicalEmbeddings,
  type LexicalOptions,
  lexicalEmbeddings,
} from './embed/lexical/lexicalEmbeddings.ts';
export type { LexicalModel } from './embed/lexical/model.ts';
export {
  lexicalFromTensors,
  lexicalTensors,
  type ProjectionPrecision,
} from './embed/lexical/modelTensors.ts';
export type { Segmentation, Subwords, TermOptions } from './embed/lexical/terms.ts';
export { type TextTransform, type TransformOptions, textTransform } from './embed/lexical/transform.ts';
export { NAMED_ENCODERS } from './embed/namedEncoders.ts';
export { describeEmbedder, EMBEDDERS } from './embed/registry.ts';
export { EMBEDDER_SETTINGS, type EmbedderSettings, type SettingName } from './embed/settings.ts';
export {
  markShard,
  mergeShards,
  parseShard,
  type Shard,
  type ShardMark,
  shardRange,
} from './embed/shards.ts';
export { embeddingsFromTable } from './embed/tableVectors.ts';
export type {
  DownloadProgress,
  FeatureExtractor,
  Tokenizer,
  TokenMask,
  TransformersModule,
} from './embed/transformers/load.ts';
export type { FeatureTensor } from './embed/transformers/pooling.ts';
export { type EncoderPreset, presetOf, type TokenPooling } from './embed/transformers/presets.ts';
export {
  type EmbedTextsOptions,
  embedTexts,
  type TransformersOptions,
  transformersEmbedder,
} from './embed/transformers/transformersEmbedder.ts';
export { itemsFromUsers } from './embed/userVectors.ts';
export {
  type ByteStore,
  type DirectoryHandle,
  directoryHandleCache,
  type ResponseCache,
  responseCache,
  storeCache,
} from './embed/webCache.ts';
export type { JsonValue } from './format/json.ts';
export type { SafetensorsFile } from './format/safetensors.ts';
export type { Dtype, DtypeArrays, Tensor } from './format/tensor.ts';
export type { SvdProgress } from './linalg/randomizedSvd.ts';
export type { Descriptors, DescriptorsOf, OptionDescriptor } from './options/descriptor.ts';
export type { RemoteOptions } from './remote/options.ts';
export type { Csr } from './runtime/csr.ts';
export { type LoadOptions, load, loadSync, Runtime } from './runtime/load.ts';
