// The serving entry: loads a model and recommends. It reaches no training code.
export * from './errors.ts';
export { type LoadOptions, load, loadSync, Runtime } from './runtime/load.ts';
export { decodeModel, encodeModel, type ModelData } from './serve/modelFile.ts';
export { type Recommendation, Recommender, type RecommendOptions } from './serve/recommender.ts';
