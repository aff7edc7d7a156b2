// The public API: everything that runs in every runtime. Files live in `llminit/node`.

export {
  /** @deprecated import it from `llminit/kernels` */
  columnVariance,
  /** @deprecated import it from `llminit/kernels` */
  gatherColumns,
  /** @deprecated import it from `llminit/kernels` */
  selectColumns,
} from './arrays/columns.ts';
export {
  /** @deprecated import it from `llminit/kernels` */
  poolUsers,
  /** @deprecated import it from `llminit/kernels` */
  spmm,
} from './arrays/propagation.ts';
export {
  type AugmentedCounts,
  type AugmentSplitOptions,
  augmentSplit,
  type SupposedEdge,
} from './data/augmentSplit.ts';
export { type AlignedTexts, Catalogue, type CatalogueOptions } from './data/catalogue.ts';
export { DUPLICATE_POLICIES, type DuplicatePolicy } from './data/collapse.ts';
export type { Csr } from './data/csr.ts';
export { interactionsToCsr, transpose } from './data/csr.ts';
export type { EventCount, EventOptions } from './data/events.ts';
export {
  FEEDBACK_KINDS,
  FEEDBACK_WEIGHTS,
  type FeedbackKind,
  type FeedbackSummary,
  type FeedbackWeights,
} from './data/feedback.ts';
export {
  type TimeSplit,
  type TimeSplitOptions,
  timeSplit,
  type WholeSplitOptions,
  wholeSplit,
} from './data/globalSplits.ts';
export { Graph, type GraphSize, type NormalizedCsr } from './data/graph.ts';
export { IdTable } from './data/idTable.ts';
export { type InteractionFields, type InteractionRow, Interactions } from './data/interactions.ts';
export type { ItemCodes } from './data/itemCodes.ts';
export type { ItemTitles } from './data/itemTitles.ts';
export { type KCoreOptions, kCore } from './data/kCore.ts';
export type {
  NodeTables,
  /** @deprecated in favour of `NodeTables` */
  NodeTables as Factors,
  /** @deprecated in favour of `NodeTables` */
  NodeTables as Tables,
} from './data/nodeTables.ts';
export { detectFormat, FORMATS, type Format } from './data/readers/formats.ts';
export type { KeptValue } from './data/readers/keptColumns.ts';
export type { OwnFormat } from './data/readers/ownFormat.ts';
export {
  /** @deprecated of no use for recommendations */
  type PythonValue,
  /** @deprecated of no use for recommendations */
  parsePythonLiteral,
} from './data/readers/pythonLiteral.ts';
export {
  type ItemImages,
  type KeptValues,
  type ReadCatalogueOptions,
  readCatalogue,
} from './data/readers/readCatalogue.ts';
export { readEdges } from './data/readers/readEdges.ts';
export {
  type NamedSource,
  type ReadInteractions,
  type ReadInteractionsOptions,
  readInteractions,
} from './data/readers/readInteractions.ts';
export type { TableOptions } from './data/readers/readTable.ts';
export type { BadLine, Loss, Note, OnBadLine, ReadReport } from './data/readers/report.ts';
export type { ColumnName, NamedColumns } from './data/readers/roles.ts';
export type { Source } from './data/readers/source.ts';
export { DATE_ORDERS, type DateOrder, secondsOf } from './data/readers/times.ts';
export { alignSplit, checkSplit } from './data/readySplit.ts';
export type { CollectOptions } from './data/rowCollector.ts';
export { type SampleUsersOptions, sampleUsers } from './data/sampleUsers.ts';
export type { UserSequences } from './data/sequences.ts';
export {
  coldStart,
  type LeaveOneOutSplit,
  leaveOneOut,
  type RatioSplitOptions,
  ratioSplit,
  type Split,
  type SplitOptions,
  type SplitOrder,
} from './data/splits.ts';
export type { BatchOptions, EmbedProgress } from './embed/batches.ts';
export { type EmbeddingCache, memoryCache } from './embed/cache.ts';
export type { CollisionReport, LevelReport } from './embed/codeReport.ts';
export { combineEmbeddings, type EmbeddingsPart } from './embed/combine.ts';
export type { EmbedCall, EmbeddedRow, Embedder, StepProgress } from './embed/embedder.ts';
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
export type { AiSdkEmbeddingModel, AiSdkModel } from './embed/foreign/aiSdk.ts';
export type { LangChainEmbeddings } from './embed/foreign/langChain.ts';
export type { EmbedderLike, EmbedFunction } from './embed/foreign/toEmbedder.ts';
export type { WorkersAi } from './embed/foreign/workersAi.ts';
export { type EmbedOverHttpOptions, embedOverHttp } from './embed/http/httpEmbedder.ts';
export type { HttpEmbedderOptions } from './embed/http/options.ts';
export {
  type LexicalEmbeddings,
  type LexicalOptions,
  lexicalEmbeddings,
} from './embed/lexical/lexicalEmbeddings.ts';
export type { LexicalModel } from './embed/lexical/model.ts';
export type { Segmentation, Subwords, TermOptions } from './embed/lexical/terms.ts';
export { type TextTransform, type TransformOptions, textTransform } from './embed/lexical/transform.ts';
export { type SemanticIdOptions, SemanticIds, semanticIds } from './embed/semanticIds.ts';
export type { Shard, ShardMark } from './embed/shards.ts';
export type {
  DownloadProgress,
  FeatureExtractor,
  Tokenizer,
  TokenMask,
  TransformersModule,
} from './embed/transformers/load.ts';
export type { FeatureTensor } from './embed/transformers/pooling.ts';
export type { TokenPooling } from './embed/transformers/presets.ts';
export {
  type EmbedTextsOptions,
  embedTexts,
  type TransformersOptions,
} from './embed/transformers/transformersEmbedder.ts';
export { itemsFromUsers } from './embed/userVectors.ts';
export {
  BudgetError,
  DataError,
  type ErrorCode,
  FormatError,
  isLlminitError,
  LlminitError,
  OptionError,
  ShapeError,
  /** @deprecated for the messages of this package's own errors */
  shown,
  UnsupportedError,
} from './errors.ts';
export { BEYOND_METRICS, type BeyondMetricName } from './evaluate/beyondAccuracy.ts';
export {
  CUTOFFS,
  type EvaluateOptions,
  evaluate,
  evaluateScorer,
  PROTOCOLS,
  type Protocol,
} from './evaluate/evaluate.ts';
export {
  METRICS,
  type Metric,
  type MetricName,
  type MetricsResult,
  type TiedScores,
  userMetrics,
} from './evaluate/metrics.ts';
export {
  HISTORY_BUCKETS,
  historyBuckets,
  POPULARITY_BUCKETS,
  popularityBuckets,
} from './evaluate/stats/buckets.ts';
export {
  type BootstrapOptions,
  bootstrapInterval,
  type Interval,
  type MeanAndSd,
  meanAndSd,
  type PairedGain,
  pairedGain,
  signTest,
} from './evaluate/stats/significance.ts';
export { type Spectrum, spectrum } from './evaluate/stats/spectrum.ts';
export type { JsonValue } from './format/json.ts';
export type { Dtype, DtypeArrays, Tensor } from './format/tensor.ts';
export { type AdapterInput, adapterInput } from './init/adapterInput.ts';
export type { ColumnOptions, ColumnStrategy } from './init/columns.ts';
export {
  initialize,
  RECOMMENDED_SCALES,
  RECOMMENDED_STRATEGY,
} from './init/initialize.ts';
export type { InitializeOptions } from './init/options.ts';
export { POOLINGS, type Pooling } from './init/pooling.ts';
export { STRATEGIES, type Strategy, type StrategyOptions } from './init/strategies/index.ts';
export type { AdapterStart, InitStrategy, ItemRows, StrategyContext } from './init/strategy.ts';
export type { Initialization } from './init/tables.ts';
export type { SvdProgress } from './linalg/randomizedSvd.ts';
export type { ItemColumns } from './models/closed/cutRows.ts';
export { DenseSession } from './models/closed/denseSession.ts';
export type { ClosedModelDescriptor, ClosedRun, ClosedSettings } from './models/closed/descriptor.ts';
export { type EaseOptions, ease } from './models/closed/ease.ts';
export { CLOSED_MODELS, type ClosedModelName, findClosedModel } from './models/closed/index.ts';
export { type ItemKnnOptions, itemKnn } from './models/closed/itemKnn.ts';
export { type KeptInverseOptions, keptInverse } from './models/closed/keptInverse.ts';
export { l3ae, l3aeModels } from './models/closed/l3ae.ts';
export type { ClosedFormProgress, L3aeOptions } from './models/closed/l3aeOptions.ts';
export { popularity } from './models/closed/popularity.ts';
export { SparseSession } from './models/closed/sparseSession.ts';
export { AUGMENTATIONS, type Augmentation } from './models/encoders/views.ts';
export type { LossOptions, RankingLoss } from './models/losses/registry.ts';
export type { RegularizationOptions } from './models/losses/regularization.ts';
export { type AdapterWeights, adapterRows } from './models/parameters/adapterRows.ts';
export type { AdapterOptions } from './models/parameters/adapterTable.ts';
export type { RateOptions } from './models/parameters/optimizer.ts';
export { ADAM, type OptimizerOptions } from './models/parameters/optimizer.ts';
export type { ModelState } from './models/parameters/parameters.ts';
export { propagateTables } from './models/propagateTables.ts';
export { MODELS, type ModelName, type ModelSynonym } from './models/registry.ts';
export type { SequenceLossName } from './models/sequences/losses.ts';
export type { Descriptors, OptionDescriptor, Resolved } from './options/descriptor.ts';
export type { EntryOptions } from './options/registry.ts';
export { type BlendPart, BlendScorer } from './rank/blendScorer.ts';
export { CodeScorer } from './rank/codeScorer.ts';
export { ItemScorer } from './rank/itemScorer.ts';
export { RowScorer } from './rank/rowScorer.ts';
export { scoreDeviation } from './rank/scoreDeviation.ts';
export type { Contribution, Query, Scorer } from './rank/scorer.ts';
export { SequenceScorer, type SequenceTables } from './rank/sequenceScorer.ts';
export type { CodeWeights, DenseTable, SequenceShape, SequenceWeights } from './rank/sequences/weights.ts';
export type { SparseRows } from './rank/sparseRows.ts';
export { type FactorTables, TableScorer } from './rank/tableScorer.ts';
export type { Candidate, GraphTraining } from './recipe/candidates/candidate.ts';
export { type Choice, type ChoicePart, choiceOf, type ModelProvenance } from './recipe/choice.ts';
export { type ChosenBlend, chooseBlend } from './recipe/chooseBlend.ts';
export { type ChosenClosedForm, chooseClosed } from './recipe/chooseClosed.ts';
export type { CompositionName } from './recipe/compositions.ts';
export type { ContestResult, Trial } from './recipe/contest.ts';
export { INIT_NAMES, type Init, type InitName } from './recipe/inits.ts';
export type { TrainOptions, TrainProgress } from './recipe/options.ts';
export type { TrainSettings } from './recipe/settings.ts';
export { train } from './recipe/train.ts';
export type { TrainData } from './recipe/trainData.ts';
export { type ContestRecord, Trained, type TrainedModelOptions } from './recipe/trained.ts';
export {
  TrainingData,
  type TrainingDataOptions,
  trainingData,
} from './recipe/trainingData.ts';
export type { RemoteOptions } from './remote/options.ts';
export {
  type LoadOptions,
  load,
  /** @deprecated it is `load` */
  load as loadFast,
  loadSync,
  Runtime,
} from './runtime/load.ts';
export { type LoadThreadsOptions, loadThreads } from './runtime/loadThreads.ts';
export type { Turns } from './runtime/turns.ts';
export { attributesOf, type ItemAttributes } from './serve/attributes.ts';
export type { ExplainOptions, Explanation, Share } from './serve/explain.ts';
export type { GraphExplanation, GraphPath } from './serve/explainPaths.ts';
export type { TextOptions } from './serve/forText.ts';
export type { FetchOptions, ModelCache } from './serve/fromUrl.ts';
export type { History } from './serve/history.ts';
export type { ItemSet } from './serve/itemSet.ts';
export type { LikedItem } from './serve/likedItems.ts';
export type { LivingModel } from './serve/livingModel.ts';
export type { ItemUpdate, ModelChange, NewInteraction, NewItem } from './serve/modelChanges.ts';
export type {
  AttributeColumn,
  Attributes,
  BlendShare,
  Codes,
  FactorCodes,
  InverseSettings,
  ItemInverse,
  ItemMap,
  LexicalData,
  ModelData,
  TextVectors,
} from './serve/modelFile/data.ts';
export { decodeModel } from './serve/modelFile/decode.ts';
export { encodeModel } from './serve/modelFile/encode.ts';
export type { OpenOptions } from './serve/openOptions.ts';
export {
  planServing,
  type ServingCheck,
  type ServingPlace,
  type ServingPlan,
  type ServingSizes,
} from './serve/planner.ts';
export { type QuantizeOptions, quantizeModel } from './serve/quantizeModel.ts';
export type { Recommendation, Recommendations } from './serve/recommendation.ts';
export {
  type ItemOptions,
  type PersonRecommendations,
  Recommender,
} from './serve/recommender.ts';
export type { Boost, GroupLimit, RecommendOptions } from './serve/recommendOptions.ts';
export type { IndexChoice } from './serve/scoring/factorTable.ts';
export { Sequences } from './serve/scoring/sequenceReader.ts';
export type { SequenceReading, SequenceSupport } from './serve/sequences.ts';
export { SERVING_TARGETS, type ServingTarget } from './serve/targets.ts';
export { textVectors, type VectorsById } from './serve/textVectors.ts';
export type {
  AttributeType,
  AttributeTypes,
  AttributeValue,
  Condition,
  Operand,
  Where,
} from './serve/where/expression.ts';
export {
  type Checkpoint,
  decodeCheckpoint,
  type EpochRecord,
  encodeCheckpoint,
  type JobState,
} from './train/checkpoint.ts';
export { type FitResult, fit } from './train/fit.ts';
export type { InitialTables } from './train/initialTables.ts';
export { NEGATIVES, type NegativesOptions } from './train/negativesOptions.ts';
export type { FitOptions, FitProgress } from './train/options.ts';
export { RECOMMENDED_TRAINING, recommendedTraining } from './train/recommended.ts';
export { type ModelFromOptions, modelFrom } from './train/trainedModel.ts';
