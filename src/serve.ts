// The serving entry: loads a model and recommends. It reaches no training code.
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
export { type LoadOptions, load, loadSync, Runtime } from './runtime/load.ts';
export { decodeModel, encodeModel, type ModelData } from './serve/modelFile.ts';
export { type Recommendation, Recommender, type RecommendOptions } from './serve/recommender.ts';
