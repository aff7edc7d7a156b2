import { type ModelName, type Pooling, type Protocol, RECOMMENDED_STRATEGY } from '../../index.ts';
import { BASELINES } from '../../recipe/baselines.ts';
import type { InitName } from '../args/initNames.ts';
import type { Condition } from './conditions.ts';
import type { ExperimentName, Scope, ScopeVectors } from './experiments.ts';
import type { Job, RowModel, Training } from './jobs.ts';
import { isKnown, modelOf, SYSTEMS, type System } from './systems.ts';

/** The initialisations of Table 1, the base model first. */
export const TABLE1_INITS = ['xavier', 'random', 'uniform', 'variance'] as const;

/** The models of Table 1. */
export const TABLE1_MODELS = ['lightgcn', 'sgl', 'sgcl'] as const;

/** The initialisations of the study, on each of the vectors. */
const STUDY_INITS: readonly InitName[] = [
  ...(['variance', 'pca', 'whiten', 'graph-pca', 'projection', 'frozen', 'adapter'] as const),
];

/** λ and scales that `tuning` compares by validation. */
const TUNED_WEIGHTS = [0.5, 1, 1.5];
const TUNED_SCALES = [0.5, 1, 2];

/** One seed of a study. */
type SeedScope = Scope & { readonly seed: number };

/** The runs of one seed of each experiment. */
export const PLANS: Readonly<Record<ExperimentName, (scope: SeedScope) => Job[]>> = {
  table1: (scope) =>
    each(scope.protocols, (protocol) => [
      ...each(scope.models, (model) => [
        ...TABLE1_INITS.map((init) => job(scope, { protocol, model, init })),
        recommended(scope, { protocol, model }),
      ]),
      ...withoutInits(scope, { protocol }),
    ]),
  table2: (scope) => {
    const { systems = { orders: [scope.order], protocols: scope.protocols } } = scope;
    return each(systems.orders, (order) =>
      each(systems.protocols, (protocol) =>
        SYSTEMS.filter((system) => isRun(system, scope.models, systems.chat, protocol)).map((system) =>
          ofSystem({ ...scope, order }, system, protocol, systems.chat),
        ),
      ),
    );
  },
  table3: (scope) =>
    each(scope.protocols, (protocol) => [
      job(scope, { protocol, init: 'xavier' }),
      ...each(scope.vectors, (vectors) => [
        ...TABLE1_INITS.slice(1).map((init) => job(scope, { protocol, init, vectors: vectors.name })),
        ...each([vectors.name, ...besideLexical(scope, vectors)], (name) => [
          job(scope, { protocol, init: RECOMMENDED_STRATEGY, vectors: name }),
          job(scope, { protocol, model: 'l3ae', init: null, vectors: name }),
        ]),
      ]),
    ]),
  table5: (scope) =>
    each(scope.protocols, (protocol) =>
      each(withoutSgl(scope.models), (model) =>
        (['mean', 'max', 'lightgcn'] as const).map((pool) =>
          job(scope, { protocol, model, init: 'variance', pool }),
        ),
      ),
    ),
  figure1: (scope) =>
    each(scope.dims, (dim) => {
      const protocol = scope.protocols[0];
      const inits = ['xavier', 'variance'] as const;
      return [
        ...inits.map((init) => job(scope, { protocol, init, dim })),
        recommended(scope, { protocol, dim }),
      ];
    }),
  figure3: (scope) => {
    const cold = { protocol: scope.protocols[0], keep: 0.5 } as const;
    return [
      ...each(scope.models, (model) => [
        job(scope, { ...cold, model, init: 'xavier' }),
        job(scope, { ...cold, model, init: 'variance' }),
        recommended(scope, { ...cold, model }),
      ]),
      ...withoutInits(scope, cold),
    ];
  },
  inits: (scope) => {
    const protocol = scope.protocols[0];
    return [
      ...withoutInits(scope, { protocol }),
      ...each(withoutSgl(scope.models), (model) => [
        ...each(scope.vectors, ({ name: vectors }) =>
          STUDY_INITS.map((init) => job(scope, { protocol, model, init, vectors })),
        ),
        ...underTrainings(scope, model),
      ]),
    ];
  },
  losses: (scope) => each(scope.models, (model) => underTrainings(scope, model)),
  strangers: (scope) => underCondition(scope, 'strangers'),
  'new-items': (scope) => {
    // Whatever they were trained from, new items come in by all texts.
    const vectors = sideBySide(scope.vectors);
    return underCondition(scope, 'new-items').map((job) => ({ ...job, vectors: job.vectors ?? vectors }));
  },
  shuffled: (scope) =>
    underCondition(scope, 'shuffled')
      .filter(({ vectors }) => vectors !== null)
      .concat(job(scope, { protocol: scope.protocols[0], init: 'xavier' })),
  tuning: (scope) =>
    each(withoutSgl(scope.models), (model) =>
      each(TUNED_SCALES, (scale) =>
        TUNED_WEIGHTS.map((graphWeight) =>
          recommended(scope, { protocol: scope.protocols[0], model, graphWeight, scale }),
        ),
      ),
    ),
};

/** What a run differs in from the others of its study. */
interface Varied {
  readonly protocol: Protocol;
  readonly model?: RowModel;
  readonly init: InitName | null;
  readonly vectors?: string;
  readonly dim?: number;
  readonly graphWeight?: number;
  readonly scale?: number;
  readonly pool?: Pooling;
  readonly keep?: number;
  readonly training?: Training;
  readonly condition?: Condition;
}

function job(scope: SeedScope, varied: Varied): Job {
  const { model = 'lightgcn', init, pool = 'mean', keep = 1, training, condition } = varied;
  const { dataset, order, seed, batch, epochs } = scope;
  const hasTables = init !== null || model === 'text-only' || model === 'auto';
  const vectors = varied.vectors ?? (init === null || init === 'xavier' ? null : scope.vectors[0].name);
  return {
    ...{ dataset, model, init, pool, order, seed, keep, batch, epochs, vectors },
    protocol: varied.protocol,
    dim: hasTables ? (varied.dim ?? scope.dim) : 0,
    graphWeight: varied.graphWeight ?? null,
    scale: varied.scale ?? null,
    ...(training && { training }),
    ...(condition && { condition }),
  };
}

/**
 * Whether a row of Table 2 is run: its model is there, asked for if it is one of Table 1, and has a chat model if it asks one.
 * Candidates for a chat model are what people do not have yet: nothing else is ranked.
 */
function isRun(
  system: System,
  models: readonly ModelName[],
  chat: string | undefined,
  protocol: Protocol,
): boolean {
  const { of, asks } = system;
  if (!isKnown(system) || (of !== undefined && !models.includes(of))) return false;
  return asks === undefined || (chat !== undefined && (asks !== 'rerank' || protocol === 'standard'));
}

/** The run of a row of Table 2. */
function ofSystem(scope: SeedScope, system: System, protocol: Protocol, chat: string | undefined): Job {
  const { name, init, training, asks } = system;
  const vectors = { none: null, own: scope.vectors[0].name, all: sideBySide(scope.vectors) }[system.vectors];
  const width = Math.min(scope.dim, system.dim ?? scope.dim);
  const varied = { protocol, model: modelOf(system), init, training, dim: init === 'full' ? 0 : width };
  return {
    ...job(scope, varied),
    ...{ vectors, system: name },
    ...(asks && { chat }),
  };
}

/** The recommended initialisation, of all vectors. */
function recommended(scope: SeedScope, varied: Omit<Varied, 'init'>): Job {
  return job(scope, { ...varied, init: RECOMMENDED_STRATEGY, vectors: sideBySide(scope.vectors) });
}

/** A model as the authors train it and as `auto` does, from random numbers and from the recommended initialisation. */
function underTrainings(scope: SeedScope, model: ModelName): Job[] {
  const common = { protocol: scope.protocols[0], model } as const;
  return each([undefined, 'recommended'] as const, (training) => [
    job(scope, { ...common, init: 'xavier', training }),
    recommended(scope, { ...common, training }),
  ]);
}

/** Models without epochs, and the choice by validation. */
function withoutInits(scope: SeedScope, varied: Omit<Varied, 'init' | 'model'>): Job[] {
  const all = sideBySide(scope.vectors);
  const reads = (model: RowModel) => model === 'text-only' || model === 'l3ae' || model === 'auto';
  return [...BASELINES, 'auto' as const].map((model) =>
    job(scope, { ...varied, model, init: null, vectors: reads(model) ? all : undefined }),
  );
}

/** One row of each kind. */
function underCondition(scope: SeedScope, condition: Condition): Job[] {
  const common = { protocol: scope.protocols[0], condition } as const;
  return [
    ...withoutInits(scope, common),
    job(scope, { ...common, init: 'xavier' }),
    job(scope, { ...common, init: 'variance' }),
    recommended(scope, common),
  ];
}

/** All vectors of a dataset side by side, the recommended input. */
export function sideBySide(vectors: readonly ScopeVectors[]): string {
  const own = vectors.filter(({ extra }) => !extra);
  if (own.length === 1) return own[0].name;
  return own.map(({ name, weight }) => (weight === 1 ? name : `${weight} ${name}`)).join(' + ');
}

/** An encoder's vectors with the lexical ones beside them, where there are both. */
function besideLexical({ vectors }: Scope, encoder: ScopeVectors): string[] {
  const lexical = vectors.find(({ name }) => name === 'lexical');
  return lexical && lexical !== encoder ? [sideBySide([{ ...encoder, extra: false }, lexical])] : [];
}

/** SGL stands in Table 1 alone: figures, and what goes beyond the paper, compare the other models that are asked for. */
function withoutSgl(models: readonly ModelName[]): readonly ModelName[] {
  return models.filter((model) => model !== 'sgl');
}

function each<T>(values: readonly T[], jobs: (value: T) => Job[]): Job[] {
  return values.flatMap(jobs);
}
