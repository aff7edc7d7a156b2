// The public API: everything that runs in every runtime. Files live in `llminit/node`.

export { columnVariance, gatherColumns, selectColumns } from './arrays/columns.ts';
export { poolUsers, spmm } from './arrays/propagation.ts';
export { Catalogue, type CatalogueOptions } from './data/catalogue.ts';
export type { DuplicatePolicy } from './data/collapse.ts';
export type { Csr } from './data/csr.ts';
export { interactionsToCsr, transpose } from './data/csr.ts';
export type { FeedbackKind, FeedbackSummary, FeedbackWeights } from './data/feedback.ts';
export { Graph } from './data/graph.ts';
export { type InteractionRow, Interactions } from './data/interactions.ts';
export type { CollectOptions } from './data/interactionsBuilder.ts';
export { type KCoreOptions, kCore } from './data/kCore.ts';
export { detectFormat, FORMATS, type Format } from './data/readers/formats.ts';
export { type PythonValue, parsePythonLiteral } from './data/readers/pythonLiteral.ts';
export { type ReadCatalogueOptions, readCatalogue } from './data/readers/readCatalogue.ts';
export { type ReadInteractionsOptions, readInteractions } from './data/readers/readInteractions.ts';
export { alignSplit, checkSplit } from './data/readySplit.ts';
export {
  coldStart,
  type LeaveOneOutSplit,
  leaveOneOut,
  type RatioSplitOptions,
  ratioSplit,
  type Split,
  type SplitOptions,
} from './data/splits.ts';
export { combineEmbeddings, type EmbeddingsPart } from './embed/combine.ts';
export { alignEmbeddings, Embeddings } from './embed/embeddings.ts';
export { embeddingsFromNpy, embeddingsFromSafetensors, embeddingsToSafetensors } from './embed/files.ts';
export { embedOverHttp } from './embed/http.ts';
export { type LexicalOptions, lexicalEmbeddings } from './embed/lexical.ts';
export { embedTexts } from './embed/transformers.ts';
export {
  CUTOFFS,
  type EvaluateOptions,
  evaluate,
  evaluateScorer,
  type Factors,
  PROTOCOLS,
  type Protocol,
} from './evaluate/evaluate.ts';
export { METRICS, type MetricName, type MetricsResult, userMetrics } from './evaluate/metrics.ts';
export {
  HISTORY_BUCKETS,
  historyBuckets,
  POPULARITY_BUCKETS,
  popularityBuckets,
} from './evaluate/stats/buckets.ts';
export {
  bootstrapInterval,
  meanAndSd,
  type PairedGain,
  pairedGain,
  signTest,
} from './evaluate/stats/significance.ts';
export { type Spectrum, spectrum } from './evaluate/stats/spectrum.ts';
export { type AdapterInput, adapterInput } from './init/adapterInput.ts';
export type { ColumnOptions, ColumnStrategy } from './init/columns.ts';
export {
  type Initialization,
  type InitializeOptions,
  initialize,
  RECOMMENDED_SCALES,
  RECOMMENDED_STRATEGY,
  STRATEGIES,
  type Strategy,
} from './init/initialize.ts';
export { POOLINGS, type Pooling } from './init/pooling.ts';
export { type EaseOptions, ease } from './models/closed/ease.ts';
export { type ItemKnnOptions, itemKnn } from './models/closed/itemKnn.ts';
export { popularity } from './models/closed/popularity.ts';
export { AUGMENTATIONS, type Augmentation } from './models/encoders/views.ts';
export type { RegularizationOptions } from './models/losses/regularization.ts';
export { ADAM, type OptimizerOptions } from './models/model.ts';
export { type AdapterOptions, type AdapterWeights, adapterRows } from './models/parameters/adapterTable.ts';
export { propagateTables } from './models/untrained.ts';
export { type BlendPart, BlendScorer } from './rank/blendScorer.ts';
export { ItemScorer } from './rank/itemScorer.ts';
export { RowScorer } from './rank/rowScorer.ts';
export { scoreDeviation } from './rank/scoreDeviation.ts';
export type { OpenScorer, Query, Scorer } from './rank/scorer.ts';
export type { SparseRows } from './rank/sparseRows.ts';
export { type FactorTables, TableScorer } from './rank/tableScorer.ts';
export { chooseEase } from './recipe/chooseEase.ts';
export type { Trial } from './recipe/contest.ts';
export { INIT_NAMES, type InitName } from './recipe/inits.ts';
export type { TrainOptions, TrainProgress, TrainSettings } from './recipe/options.ts';
export { train } from './recipe/train.ts';
export { Trained, type TrainedModelOptions } from './recipe/trained.ts';
export {
  type TrainData,
  TrainingData,
  type TrainingDataOptions,
  trainingData,
} from './recipe/trainingData.ts';
export { loadFast } from './runtime/loadFast.ts';
export { type LoadThreadsOptions, loadThreads } from './runtime/loadThreads.ts';
export * from './serve.ts';
export {
  type Checkpoint,
  decodeCheckpoint,
  type EpochRecord,
  encodeCheckpoint,
} from './train/checkpoint.ts';
export { type FitResult, fit } from './train/fit.ts';
export type { InitialTables } from './train/initialTables.ts';
export { NEGATIVES, type NegativesOptions } from './train/negatives.ts';
export {
  type FitOptions,
  type FitProgress,
  MODELS,
  type ModelName,
} from './train/options.ts';
export { type ModelFromOptions, modelFrom } from './train/trainedModel.ts';
