// The serving entry: loads a model and recommends. It reaches no training code.
export * from './errors.ts';
export { decodeModel, encodeModel, type ModelData } from './recommend/modelFile.ts';
export { type Recommendation, Recommender, type RecommendOptions } from './recommend/recommender.ts';
export { type LoadOptions, load, loadSync, Runtime } from './runtime/load.ts';
