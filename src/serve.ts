// The serving entry: loads a model and recommends. It reaches no training code, and compiles the kernels of serving only.

export type { Csr } from './data/csr.ts';
export type { ItemCodes } from './data/itemCodes.ts';
export type { LexicalModel } from './embed/lexical/model.ts';
export type { Segmentation, Subwords, TermOptions } from './embed/lexical/terms.ts';
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
export type { JsonValue } from './format/json.ts';
export type { Dtype, DtypeArrays, Tensor } from './format/tensor.ts';
export type { CodeWeights, DenseTable, SequenceShape, SequenceWeights } from './rank/sequences/weights.ts';
export type { SparseRows } from './rank/sparseRows.ts';
export { type LoadOptions, load, loadSync, Runtime } from './runtime/loadServing.ts';
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
