import type { Protocol } from '../evaluate/evaluate.ts';
import { DEFAULT_DIM } from '../init/options.ts';
import { Turns } from '../runtime/turns.ts';
import { inputsDigest } from './inputsDigest.ts';
import type { TrainingData } from './trainingData.ts';

/** Methods without epochs that stand beside initialisations in studies. */
export const BASELINES = ['popularity', 'item-knn', 'ease', 'text-only', 'l3ae'] as const;

export type BaselineName = (typeof BASELINES)[number];

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
  }: {
    readonly protocol: Protocol;
    readonly seed: number;
    /** Of the tables of `text-only`. Default 128, or as many as the vectors allow. */
    readonly dim?: number;
    readonly signal?: AbortSignal;
  },
): Promise<BaselineSettings> {
  const inputs = baselineReadsVectors(name)
    ? await data.inputs(signal)
    : await inputsDigest(data.split, [], [], new Turns(signal));
  return { baseline: name, protocol, seed, dim, inputs };
}
