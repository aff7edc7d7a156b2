import { SEMANTIC_ID_OPTIONS } from '../embed/semanticIds.ts';
import { findStrategy, INITIALIZE_OPTIONS, type InitializeOptions, optionsReadBy } from '../init/options.ts';
import { CLOSED_MODELS, type ClosedModelName, findClosedModel } from '../models/closed/index.ts';
import { GRAPH_MODEL_ENTRIES, MODELS, type ModelName, type ModelSynonym } from '../models/registry.ts';
import { instance, integer, number } from '../options/builders.ts';
import type { Descriptors } from '../options/descriptor.ts';
import { progressOption } from '../options/kinds.ts';
import { nameOf, optionsOf } from '../options/registry.ts';
import type { Checkpoint } from '../train/checkpoint.ts';
import { FIT_OPTIONS } from '../train/fitOptions.ts';
import type { FitOptions, FitProgress } from '../train/options.ts';
import { modelsWith } from '../train/readBy.ts';
import { DEFAULT_BUDGET } from './budget.ts';
import { type Choice, isChoice } from './choice.ts';
import { COMPOSITION_NAMES, type CompositionName } from './compositions.ts';
import { INIT, INIT_NAMES, type Init, strategyOf } from './inits.ts';

/**
 * Where `train` stands.
 *
 * @example
 * const onProgress = ({ name, fit, share }: TrainProgress) => console.log(name, fit?.epoch ?? share);
 * const trained = await train({ split }, { model: 'lightgcn', dim: 8, epochs: 2, onProgress });
 */
export interface TrainProgress {
  /** The trial under way, from 1, and how many there are: one, but for `auto`. */
  readonly trial: number;
  readonly trials: number;
  /** What is tried, e.g. `l3ae`. */
  readonly name: string;
  /** Where its epochs stand; null where it has none, and when it begins. */
  readonly fit: FitProgress | null;
  /** The share of its work that is done, in [0, 1], where it has no epochs. */
  readonly share: number | null;
}

/**
 * What `train` is told: how the tables begin (see `InitializeOptions`) and how they are trained (see `FitOptions`).
 *
 * @example
 * const options: TrainOptions = { model: 'lightgcn', init: 'variance', dim: 4, epochs: 3, seed: 7 };
 * const trained = await train({ split, embeddings }, options);
 */
export interface TrainOptions
  extends Omit<InitializeOptions, 'strategy' | 'seed' | 'runtime'>,
    Omit<
      FitOptions,
      'model' | 'adapter' | 'frozenColumns' | 'codes' | 'onProgress' | 'onCheckpoint' | 'resume'
    > {
  /**
   * A graph model, or one without epochs: `popularity`, `item-knn`, `ease`, `svd`, `l3ae`, `text-only`. Default `lightgcn`;
   * with init `auto`, what validation chooses. `morec` is LightGCN of rows that are a trained map of the text vectors, by the
   * loss `debiased`; `alpharec` one whose users are mapped as well, by a softmax of cosines. `ContGCN`, `ContSGL` and `ContSGCL` are `lightgcn`, `sgl` and `sgcl`.
   */
  readonly model?: ModelName | ClosedModelName | ModelSynonym | CompositionName;
  /**
   * How E⁽⁰⁾ is filled: any strategy of `initialize`, or `auto`, the default: the recommended strategy for a graph model
   * that is named, and without a `model` a choice by validation among a closed form of text and clicks, LightGCN from
   * graph PCA, and their blend (without vectors: of clicks, and from Xavier rows; where the budget pays less than
   * three epochs of LightGCN, `svd` in its place). `rand`, `uni` and `var` are
   * `random`, `uniform` and `variance`. A strategy of your own is told by its name in settings and checkpoints.
   */
  readonly init?: Init | 'rand' | 'uni' | 'var';
  /** Levels of the codes of `tiger`: see `semanticIds`. Default 3. */
  readonly codeLevels?: number;
  /** Codes of a level of `tiger`, at most. Default 256. */
  readonly codeSize?: number;
  /**
   * Of the choice that `auto` makes, in seconds of a usual core: turned into counted work by the data's size, so that the
   * same budget gives the same result on every machine. Default 600.
   */
  readonly budget?: number;
  /**
   * Ends the choice after so many seconds of the clock, with the best so far: another machine may then choose otherwise.
   * Default never.
   */
  readonly stopAfter?: number;
  /**
   * The most memory that the process is expected to take, in bytes: ids, interactions, vectors, tables and threads. What is
   * expected to take more is refused before it begins, or left out of a choice that has something else. An estimate; the
   * memory of the kernels is bounded by `maxMemoryBytes` of `load`. Default no limit.
   */
  readonly maxProcessBytes?: number;
  /** An earlier choice of `auto`, made again without choosing: see `choiceOf`. Default none. */
  readonly repeat?: Choice;
  readonly onProgress?: (progress: TrainProgress) => void;
  /**
   * Receives the state of the whole job, finished trials included: when it is aborted, when a trial has ended, and
   * every `checkpointEvery` epochs.
   */
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void | Promise<void>;
  /** Goes on from here, to the bytes of a job that was never interrupted. */
  readonly resume?: Checkpoint;
}

/** What a training is: a model without epochs, a graph model, or a choice among several. */
export type TrainingKind = 'closed' | 'graph' | 'choice';

const {
  adapter: _,
  frozenColumns: __,
  codes: ___,
  onProgress: ____,
  onCheckpoint,
  resume,
  ...fitOptions
} = FIT_OPTIONS;
const { dim, scale } = INITIALIZE_OPTIONS;

/** Every option of `fit`, but for what the tables or the job bring. */
export const FIT = fitOptions;

/** Options of initialisations that some `init`s read and others do not, with their readers. */
export const BY_INIT = optionsOf(
  INIT_NAMES.map((name) => ({ name, options: optionsReadBy(findStrategy(strategyOf(name))) })),
  'init',
);

/** Read by every training, with epochs or without. */
export const COMMON = {
  ...{ protocol: FIT.protocol, seed: FIT.seed, runtime: FIT.runtime, signal: FIT.signal },
  model: nameOf<ModelName | ClosedModelName | CompositionName, 'lightgcn'>(
    [...MODELS, ...CLOSED_MODELS, ...COMPOSITION_NAMES],
    GRAPH_MODEL_ENTRIES,
    {
      ...{ about: 'what is trained', flag: '--model <name>', default: 'lightgcn' },
      defaultText: 'lightgcn; with init auto what validation chooses',
    },
  ),
  init: INIT,
  maxProcessBytes: integer({ about: 'the most memory that the process is expected to take', min: 1 }),
  onProgress: progressOption<TrainProgress>(),
  ...{ onCheckpoint, resume, checkpointEvery: FIT.checkpointEvery },
};

/** Read where there are epochs, whatever the `init`. */
export const GRAPH = {
  ...FIT,
  ...COMMON,
  ...{ dim, scale },
  codeLevels: { ...SEMANTIC_ID_OPTIONS.levels, flag: '--code-levels <n>', readBy: modelsWith('codes') },
  codeSize: { ...SEMANTIC_ID_OPTIONS.size, flag: '--code-size <n>', readBy: modelsWith('codes') },
  batchSize: { ...FIT.batchSize, defaultText: '256; with init auto 512, and at most 48 updates an epoch' },
  patience: { ...FIT.patience, defaultText: '10; with init auto 1' },
};

/** Read where `auto` chooses among models. */
export const CHOICE = {
  budget: number({
    ...{ about: 'seconds of the choice of init auto, in counted work: the same result on every machine' },
    ...{ flag: '--budget <seconds>', above: 0, default: DEFAULT_BUDGET },
  }),
  stopAfter: number({
    ...{ about: 'seconds by the clock after which the choice of init auto ends, with the best so far' },
    ...{ flag: '--stop-after <seconds>', above: 0, defaultText: 'never' },
  }),
  repeat: instance<Choice>('a choice of choiceOf', isChoice, {
    about: 'an earlier choice of init auto, made again without choosing',
  }),
};

/** Every option of `train`. */
export const TRAIN_OPTIONS: Descriptors & Pick<typeof COMMON, 'init'> = { ...GRAPH, ...CHOICE, ...BY_INIT };

/** What a training is: a model without epochs, a graph model, or a choice among several. */
export function kindOf(init: Init, { model }: TrainOptions): TrainingKind {
  if (findClosedModel(model ?? '')) return 'closed';
  return init === 'auto' && model === undefined ? 'choice' : 'graph';
}
