import { evaluate, evaluateScorer, type Protocol } from '../evaluate/evaluate.ts';
import type { MetricsResult } from '../evaluate/metrics.ts';
import { RECOMMENDED_STRATEGY } from '../init/initialize.ts';
import { DEFAULT_DIM } from '../init/options.ts';
import { findClosedModel } from '../models/closed/index.ts';
import { propagateTables } from '../models/propagateTables.ts';
import type { Scorer } from '../rank/scorer.ts';
import type { Runtime } from '../runtime/load.ts';
import { chooseClosed } from './chooseClosed.ts';
import { inputsDigest } from './inputsDigest.ts';
import type { TrainingData } from './trainingData.ts';

/** Methods without training: counting, neighbours, the closed form, and text alone (pooled, propagated, ranked). */
export const BASELINES = ['popularity', 'item-knn', 'ease', 'text-only'] as const;

export type BaselineName = (typeof BASELINES)[number];

/** What a baseline reached. */
export interface BaselineResult {
  /** Validation NDCG@10; null without validation interactions. */
  readonly valid: number | null;
  readonly test: MetricsResult;
}

/** How a baseline is measured. */
export interface BaselineOptions {
  /** Of the tables of `text-only`. Default 128, or as many as the vectors allow. */
  readonly dim?: number;
  readonly seed: number;
  readonly protocol: Protocol;
  readonly ks: readonly number[];
  readonly runtime: Runtime;
}

/** Everything that decides the result of a baseline, as JSON values. */
export interface BaselineSettings {
  readonly baseline: BaselineName;
  readonly protocol: Protocol;
  readonly seed: number;
  readonly dim: number;
  /** SHA-256 of the split and, for `text-only`, of the vectors. */
  readonly inputs: string;
}

export function isBaseline(name: string): name is BaselineName {
  return BASELINES.some((baseline) => baseline === name);
}

/** Whether a baseline reads text vectors. */
export function baselineReadsVectors(name: BaselineName): boolean {
  return name === 'text-only';
}

export function baselineSettings(
  name: BaselineName,
  { split, embeddings }: TrainingData,
  { protocol, seed, dim = DEFAULT_DIM }: Pick<BaselineOptions, 'protocol' | 'seed' | 'dim'>,
): BaselineSettings {
  const vectors = baselineReadsVectors(name) && embeddings ? [embeddings.vectors] : [];
  return { baseline: name, protocol, seed, dim, inputs: inputsDigest(split, vectors) };
}

/**
 * Fits a baseline and measures it; EASE with the λ that is best on the validation interactions.
 * @throws as `ease`, `initialize` and `evaluate`
 */
export async function runBaseline(
  name: BaselineName,
  data: TrainingData,
  options: BaselineOptions,
): Promise<BaselineResult> {
  const { protocol, ks, runtime } = options;
  const measure = await measurer(name, data, options);
  const valid =
    data.split.valid.length > 0 ? await measure({ part: 'valid', protocol, ks: [10], runtime }) : null;
  const test = await measure({ part: 'test', protocol, ks, runtime });
  return { valid: valid?.means['ndcg@10'] ?? null, test };
}

type Measure = (options: Parameters<typeof evaluateScorer>[2]) => Promise<MetricsResult>;

async function measurer(name: BaselineName, data: TrainingData, options: BaselineOptions): Promise<Measure> {
  const { split } = data;
  if (name === 'text-only') {
    const { dim, seed, runtime } = options;
    const tables = await data.initialTables({ strategy: RECOMMENDED_STRATEGY, dim, seed, runtime });
    const factors = await propagateTables(split.train, tables, { runtime });
    return (how) => evaluate(factors, split, how);
  }
  const scorer = await scorerOf(name, data, options);
  return (how) => evaluateScorer(scorer, split, how);
}

async function scorerOf(
  name: Exclude<BaselineName, 'text-only'>,
  { split }: TrainingData,
  { protocol, runtime }: BaselineOptions,
): Promise<Scorer> {
  return (await chooseClosed(findClosedModel(name)!, split, null, { protocol, runtime })).scorer;
}
