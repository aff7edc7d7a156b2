import {
  type ModelName,
  type Pooling,
  type Protocol,
  RECOMMENDED_SCALES,
  RECOMMENDED_STRATEGY,
} from '../../index.ts';
import { BASELINES, type BaselineName } from '../../recipe/baselines.ts';
import type { InitName } from '../args/initNames.ts';
import type { Job } from './jobs.ts';

/** The experiments by name, in the order of a report. */
export const EXPERIMENTS = ['table1', 'table3', 'table5', 'figure1', 'figure3', 'inits', 'tuning'] as const;

export type ExperimentName = (typeof EXPERIMENTS)[number];

/** What experiments range over, from the command line. */
export interface Scope {
  readonly dataset: string;
  /** Single vectors by name, the dataset's own first and `lexical` last, with their weights side by side. */
  readonly vectors: readonly { readonly name: string; readonly weight: number }[];
  readonly seeds: readonly number[];
  readonly protocols: readonly Protocol[];
  readonly models: readonly ModelName[];
  readonly order: 'random' | 'time';
  readonly dims: readonly number[];
  readonly dim: number;
  readonly batch: number;
  readonly epochs: number;
  /** Only these initialisations; null for all. */
  readonly inits: readonly string[] | null;
  /** Whether methods without training run too. */
  readonly baselines: boolean;
}

/** The initialisations of Table 1, the base model first. */
export const TABLE1_INITS = ['xavier', 'random', 'uniform', 'variance'] as const;

/** The models of Table 1. */
export const TABLE1_MODELS = ['lightgcn', 'sgl', 'sgcl'] as const;

export function isBaseline({ model }: Job): boolean {
  return BASELINES.some((name) => name === model);
}

/** Whether a run is a trial of `auto`: graph-pca of all vectors of its dataset, side by side, at one of the scales. */
export function isTrialOfAuto(
  { init, vectors, graphWeight, scale, model }: Job,
  all: readonly { readonly name: string }[],
): boolean {
  const parts = (vectors ?? '').split(' + ').map((part) => part.replace(/^[\d.]+ /, ''));
  const whole = parts.length === all.length && all.every(({ name }) => parts.includes(name));
  const tried = scale === null || RECOMMENDED_SCALES.includes(scale);
  return whole && tried && init === RECOMMENDED_STRATEGY && graphWeight === null && model !== 'text-only';
}

/** All vectors of a dataset side by side, the recommended input. */
export function combined(vectors: Scope['vectors']): string {
  if (vectors.length === 1) return vectors[0].name;
  return vectors.map(({ name, weight }) => (weight === 1 ? name : `${weight} ${name}`)).join(' + ');
}

/** The runs of an experiment, seed by seed, so that an interrupted study has whole seeds first. */
export function jobsOf(experiment: ExperimentName, scope: Scope): Job[] {
  const { inits } = scope;
  return scope.seeds
    .flatMap((seed) => PLANS[experiment]({ ...scope, seed }))
    .filter((job) =>
      isBaseline(job)
        ? scope.baselines
        : inits === null ||
          inits.some((init) => init === job.init || (init === 'auto' && job.init === RECOMMENDED_STRATEGY)),
    );
}

type Plan = (scope: Scope & { readonly seed: number }) => Job[];

const PLANS: Readonly<Record<ExperimentName, Plan>> = {
  table1: (scope) =>
    each(scope.protocols, (protocol) =>
      each(scope.models, (model) => [
        ...TABLE1_INITS.map((init) => job(scope, { protocol, model, init })),
        ...autoTrials(scope, { protocol, model }),
      ]),
    ).concat(each(scope.protocols, (protocol) => baselines(scope, protocol))),
  table3: (scope) =>
    each(scope.protocols, (protocol) => [
      job(scope, { protocol, init: 'xavier' }),
      ...scope.vectors.map(({ name: vectors }) => job(scope, { protocol, init: 'variance', vectors })),
    ]),
  table5: (scope) =>
    each(scope.protocols, (protocol) =>
      (['mean', 'max', 'lightgcn'] as const).map((pool) => job(scope, { protocol, init: 'variance', pool })),
    ),
  figure1: (scope) =>
    each(scope.dims, (dim) =>
      (['xavier', 'variance'] as const)
        .map((init) => job(scope, { protocol: scope.protocols[0], init, dim }))
        .concat(autoTrials(scope, { protocol: scope.protocols[0], dim })),
    ),
  figure3: (scope) =>
    each(contrastiveToo(scope.models), (model) => {
      const cold = { protocol: scope.protocols[0], model, keep: 0.5 } as const;
      return [
        job(scope, { ...cold, init: 'xavier' }),
        job(scope, { ...cold, init: 'variance' }),
        ...autoTrials(scope, cold),
      ];
    }),
  inits: (scope) => {
    const protocol = scope.protocols[0];
    return [
      ...baselines(scope, protocol),
      ...each(contrastiveToo(scope.models), (model) => [
        job(scope, { protocol, model, init: 'xavier' }),
        ...each(scope.vectors, ({ name: vectors }) =>
          STUDY_INITS.map((init) => job(scope, { protocol, model, init, vectors })),
        ),
        ...autoTrials(scope, { protocol, model }),
      ]),
    ];
  },
  tuning: (scope) =>
    each(contrastiveToo(scope.models), (model) =>
      each(TUNED_SCALES, (scale) =>
        TUNED_WEIGHTS.map((graphWeight) =>
          recommended(scope, { protocol: scope.protocols[0], model, graphWeight, scale }),
        ),
      ),
    ),
};

/** Scale of graph-pca where a job names none. */
const DEFAULT_SCALE = 1;

/** λ and scales that `tuning` compares by validation. */
const TUNED_WEIGHTS = [0.5, 1, 1.5];
const TUNED_SCALES = [0.5, 1, 2];

/** The initialisations of the study, on each of the vectors. */
export const STUDY_INITS: readonly InitName[] = [
  'variance',
  'pca',
  'whiten',
  'graph-pca',
  'projection',
  'frozen',
  'adapter',
];

interface Varied {
  readonly protocol: Protocol;
  readonly model?: ModelName | BaselineName;
  readonly init: InitName | null;
  readonly vectors?: string;
  readonly dim?: number;
  readonly graphWeight?: number;
  readonly scale?: number;
  readonly pool?: Pooling;
  readonly keep?: number;
}

function job(scope: Scope & { readonly seed: number }, varied: Varied): Job {
  const { model = 'lightgcn', init, vectors = scope.vectors[0].name, pool = 'mean', keep = 1 } = varied;
  const { dataset, order, seed, batch, epochs } = scope;
  return {
    ...{ dataset, model, init, pool, order, seed, keep, batch, epochs },
    protocol: varied.protocol,
    vectors: init === null || init === 'xavier' ? null : vectors,
    dim: init === null ? 0 : (varied.dim ?? scope.dim),
    graphWeight: varied.graphWeight ?? null,
    scale: varied.scale ?? null,
  };
}

/** The trials of `auto`, one a scale; the first is the default of the strategy. */
function autoTrials(scope: Scope & { readonly seed: number }, varied: Omit<Varied, 'init'>): Job[] {
  return RECOMMENDED_SCALES.map((scale) =>
    recommended(scope, scale === DEFAULT_SCALE ? varied : { ...varied, scale }),
  );
}

function recommended(scope: Scope & { readonly seed: number }, varied: Omit<Varied, 'init'>): Job {
  return job(scope, { ...varied, init: RECOMMENDED_STRATEGY, vectors: combined(scope.vectors) });
}

function baselines(scope: Scope & { readonly seed: number }, protocol: Protocol): Job[] {
  return [
    ...(['popularity', 'item-knn', 'ease'] as const).map((model) =>
      job(scope, { protocol, model, init: null }),
    ),
    recommended(scope, { protocol, model: 'text-only' }),
  ];
}

/** The models asked for that have a figure or a study of their own. */
function contrastiveToo(models: readonly ModelName[]): readonly ModelName[] {
  return models.filter((model) => model !== 'sgl');
}

function each<T>(values: readonly T[], jobs: (value: T) => Job[]): Job[] {
  return values.flatMap(jobs);
}
