import type { EvaluateOptions, Protocol } from '../evaluate/evaluate.ts';
import type { MetricsResult } from '../evaluate/metrics.ts';
import { DEFAULT_DIM } from '../init/options.ts';
import type { Runtime } from '../runtime/load.ts';
import { Turns } from '../runtime/turns.ts';
import { inputsDigest } from './inputsDigest.ts';
import { train } from './train.ts';
import type { TrainingData } from './trainingData.ts';

/** Methods without epochs that stand beside initialisations in studies. */
export const BASELINES = ['popularity', 'item-knn', 'ease', 'text-only', 'l3ae'] as const;

export type BaselineName = (typeof BASELINES)[number];

/** What a baseline reached. */
export interface BaselineResult {
  /** Validation NDCG@10; null without validation interactions. */
  readonly valid: number | null;
  readonly test: MetricsResult;
}

/** How a baseline is measured. */
export interface BaselineOptions extends Pick<EvaluateOptions, 'seen' | 'beyond'> {
  /** Of the tables of `text-only`. Default 128, or as many as the vectors allow. */
  readonly dim?: number;
  readonly seed: number;
  readonly protocol: Protocol;
  readonly ks: readonly number[];
  readonly runtime: Runtime;
  readonly signal?: AbortSignal;
}

/** Everything that decides the result of a baseline, as JSON values. */
export interface BaselineSettings {
  readonly baseline: BaselineName;
  readonly protocol: Protocol;
  readonly seed: number;
  readonly dim: number;
  /** SHA-256 of the split and, where they are read, of the vectors. */
  readonly inputs: string;
}

export function isBaseline(name: string): name is BaselineName {
  return BASELINES.some((baseline) => baseline === name);
}

/** Whether a baseline reads text vectors. */
export function baselineReadsVectors(name: BaselineName): boolean {
  return name === 'text-only' || name === 'l3ae';
}

export async function baselineSettings(
  name: BaselineName,
  data: TrainingData,
  {
    protocol,
    seed,
    dim = DEFAULT_DIM,
    signal,
  }: Pick<BaselineOptions, 'protocol' | 'seed' | 'dim' | 'signal'>,
): Promise<BaselineSettings> {
  const inputs = baselineReadsVectors(name)
    ? await data.inputs(signal)
    : await inputsDigest(data.split, [], [], new Turns(signal));
  return { baseline: name, protocol, seed, dim, inputs };
}

/** Fits a baseline, with the settings that are best in validation, and measures it. @throws as `train` and `evaluate` */
export async function runBaseline(
  name: BaselineName,
  data: TrainingData,
  { dim, seed, protocol, ks, seen, beyond, runtime, signal }: BaselineOptions,
): Promise<BaselineResult> {
  const own = name === 'text-only' ? { dim } : {};
  const trained = await train(data, { model: name, ...own, seed, protocol, runtime, signal });
  return { valid: trained.metric, test: await trained.evaluate({ ks, seen, beyond, signal }) };
}
