import type { ModelName, Protocol } from '../../index.ts';
import { BASELINES } from '../../recipe/baselines.ts';
import type { Job } from './jobs.ts';
import { PLANS } from './plans.ts';

/** The experiments by name, in the order of a report: those of the paper, then those that go beyond it. */
export const EXPERIMENTS = [
  ...(['table1', 'table2', 'table3', 'table5', 'figure1', 'figure3'] as const),
  ...(['inits', 'strangers', 'new-items', 'shuffled', 'losses', 'tuning'] as const),
] as const;

export type ExperimentName = (typeof EXPERIMENTS)[number];

/** Vectors of a study. */
export interface ScopeVectors {
  readonly name: string;
  /** Side by side with others. */
  readonly weight: number;
  /** Compared in `table3`, and not among those that `auto` and others get side by side. */
  readonly extra?: boolean;
}

/** What experiments range over, from the command line. */
export interface Scope {
  readonly dataset: string;
  /** Single vectors, the dataset's own first. */
  readonly vectors: readonly ScopeVectors[];
  readonly seeds: readonly number[];
  readonly protocols: readonly Protocol[];
  readonly models: readonly ModelName[];
  readonly order: 'random' | 'time';
  readonly dims: readonly number[];
  readonly dim: number;
  readonly batch: number;
  readonly epochs: number;
  /** Only these initialisations; null for all. `auto`: the choice that `train` makes. */
  readonly inits: readonly string[] | null;
  /** Whether models without epochs run too. */
  readonly baselines: boolean;
  /** What `table2` ranges over. Default: `order`, `protocols` and no chat model. */
  readonly systems?: SystemScope;
}

/** What `table2` ranges over. */
export interface SystemScope {
  readonly orders: readonly ('random' | 'time')[];
  readonly protocols: readonly Protocol[];
  /** The chat model, as jobs name it; undefined for none: rows that ask one are left out. */
  readonly chat?: string;
}

export function isBaseline({ model }: Job): boolean {
  return BASELINES.some((name) => name === model);
}

/** The runs of an experiment, seed by seed, so that an interrupted study has whole seeds first. */
export function jobsOf(experiment: ExperimentName, scope: Scope): Job[] {
  const { inits, baselines } = scope;
  return scope.seeds
    .flatMap((seed) => PLANS[experiment]({ ...scope, seed }))
    .filter((job) => (isBaseline(job) ? baselines : inits === null || inits.includes(initOf(job))));
}

/** What `--inits` calls the initialisation of a run. */
export function initOf({ model, init }: Job): string {
  return model === 'auto' ? 'auto' : `${init}`;
}
