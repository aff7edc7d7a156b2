import { OptionError, shown } from '../errors.ts';
import type { Protocol } from '../evaluate/evaluate.ts';
import type { JsonValue } from '../format/json.ts';
import { findStrategy, INITIALIZE_OPTIONS, type InitializeOptions, optionsReadBy } from '../init/options.ts';
import type { Strategy } from '../init/strategies/index.ts';
import { CLOSED_MODELS, type ClosedModelName, findClosedModel } from '../models/closed/index.ts';
import { MODELS, type ModelName } from '../models/registry.ts';
import { instance, number, oneOf } from '../options/builders.ts';
import type { Descriptors } from '../options/descriptor.ts';
import { progressOption } from '../options/kinds.ts';
import { optionsOf } from '../options/registry.ts';
import { optionsObject, resolveOptions } from '../options/resolve.ts';
import type { Checkpoint } from '../train/checkpoint.ts';
import { FIT_OPTIONS, resolveFitOptions } from '../train/fitOptions.ts';
import type { FitOptions, FitProgress } from '../train/options.ts';
import { recommendedTraining } from '../train/recommended.ts';
import { DEFAULT_BUDGET } from './budget.ts';
import { type Choice, isChoice } from './choice.ts';
import { INIT_NAMES, type InitName, strategyOf } from './inits.ts';

/** Where `train` stands. */
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

/** What `train` is told: how the tables begin (see `InitializeOptions`) and how they are trained (see `FitOptions`). */
export interface TrainOptions
  extends Omit<InitializeOptions, 'strategy' | 'seed' | 'runtime'>,
    Omit<FitOptions, 'model' | 'adapter' | 'frozenColumns' | 'onProgress' | 'onCheckpoint' | 'resume'> {
  /**
   * A graph model, or one without epochs: `popularity`, `item-knn`, `ease`, `l3ae`, `text-only`. Default `lightgcn`; with
   * init `auto`, what validation chooses.
   */
  readonly model?: ModelName | ClosedModelName;
  /**
   * How E⁽⁰⁾ is filled: any strategy of `initialize`, or `auto`, the default: the recommended strategy for a graph model
   * that is named, and without a `model` a choice by validation among a closed form of text and clicks, LightGCN from
   * graph PCA, and their blend (without vectors: of clicks, and from Xavier rows).
   */
  readonly init?: InitName | 'rand' | 'uni' | 'var';
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

/** Everything that decides the result of a training, as JSON values. */
export interface TrainSettings {
  /** null for a choice among models. */
  readonly model: string | null;
  /** null for a model without epochs. */
  readonly init: string | null;
  /** Options of `initialize`, as they were given; null for a model without epochs. */
  readonly tables: Readonly<Record<string, JsonValue>> | null;
  /** Options of `fit` with their defaults; null for a model without epochs. */
  readonly fit: Readonly<Record<string, JsonValue>> | null;
  /** Seconds that a choice may take, as counted work, and by the clock; null where there is nothing to choose. */
  readonly budget: number | null;
  readonly stopAfter: number | null;
  /** The choice that is made again; absent where there is none. */
  readonly repeat?: JsonValue;
  readonly protocol: Protocol;
  readonly seed: number;
  /** SHA-256 of the split and of the vectors. */
  readonly inputs: string;
}

/** Every option of `fit`, but for what the tables or the job bring. */
const { adapter: _, frozenColumns: __, onProgress: ___, onCheckpoint, resume, ...FIT } = FIT_OPTIONS;
const { dim, scale } = INITIALIZE_OPTIONS;

/** Options of initialisations that some `init`s read and others do not, with their readers. */
const BY_INIT = optionsOf(
  INIT_NAMES.map((name) => ({ name, options: optionsReadBy(findStrategy(strategyOf(name))) })),
  'init',
);

/** Read by every training, with epochs or without. */
const COMMON = {
  ...{ protocol: FIT.protocol, seed: FIT.seed, runtime: FIT.runtime, signal: FIT.signal },
  model: oneOf([...MODELS, ...CLOSED_MODELS], {
    ...{ about: 'what is trained', flag: '--model <name>', default: 'lightgcn' },
    defaultText: 'lightgcn; with init auto what validation chooses',
  }),
  init: oneOf(INIT_NAMES, {
    ...{ about: 'how tables are filled', flag: '--init <name>', default: 'auto' },
  }),
  onProgress: progressOption<TrainProgress>(),
  ...{ onCheckpoint, resume, checkpointEvery: FIT.checkpointEvery },
};

/** Read where there are epochs, whatever the `init`. */
const GRAPH = {
  ...FIT,
  ...COMMON,
  ...{ dim, scale },
  batchSize: { ...FIT.batchSize, defaultText: '256; with init auto 1024' },
  patience: { ...FIT.patience, defaultText: '10; with init auto 5' },
};

/** Read where `auto` chooses among models. */
const CHOICE = {
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

/** Updates of an epoch, at least and at most, of the training that `auto` does. */
const UPDATES = { least: 8, most: 256 };

/** Interactions per update, at least, however few there are. */
const LEAST_BATCH = 32;

/** The recommended training, with batches that fit the number of interactions. */
function recommendedFit(model: ModelName, interactions: number, given: FitOptions): FitOptions {
  const { loss, ...recommended } = recommendedTraining(model);
  // A loss of all items of the batch draws no negatives.
  const own = loss && given.negatives === undefined ? { loss } : {};
  const { batchSize = LEAST_BATCH } = recommended;
  const fewer = Math.max(LEAST_BATCH, Math.min(batchSize, Math.ceil(interactions / UPDATES.least)));
  return { ...recommended, ...own, batchSize: Math.max(fewer, Math.ceil(interactions / UPDATES.most)) };
}

/** What a training is: a model without epochs, a graph model, or a choice among several. */
export function kindOf(init: InitName, { model }: TrainOptions): TrainingKind {
  if (findClosedModel(model ?? '')) return 'closed';
  return init === 'auto' && model === undefined ? 'choice' : 'graph';
}

/**
 * @param hasVectors whether there will be text vectors
 * @throws {OptionError} naming the first option that is unknown, out of range, or not read beside the others
 */
export function checkTrainOptions(init: InitName, options: TrainOptions, hasVectors: boolean): void {
  const given = optionsObject(options, { where: 'train' }) as TrainOptions;
  const kind = kindOf(init, given);
  if (kind === 'closed') {
    checkClosedOptions(given);
    return;
  }
  checkRepeat(given);
  const read = {
    ...GRAPH,
    ...(kind === 'choice' && CHOICE),
    ...optionsReadBy(findStrategy(strategyOf(init, hasVectors))),
  };
  const others = { ...BY_INIT, ...unreadChoice() };
  resolveOptions(read, { ...given, init }, 'train', others);
  resolveFitOptions(fitOptions(given, init, 1));
}

/** Nothing is chosen again, and the epochs belong to the choice. */
function checkRepeat(options: TrainOptions): void {
  if (options.repeat === undefined) return;
  const others = ['model', 'epochs', 'budget', 'stopAfter'] as const;
  const other = others.find((name) => options[name] !== undefined);
  if (other === undefined) return;
  const problem = `expected no ${other} beside repeat, received ${shown(options[other])}`;
  throw new OptionError('train', problem, 'Leave one of them out', other);
}

/** The options of a choice, as those that no named model reads. */
function unreadChoice(): Descriptors {
  const readBy = { model: ['none'], init: ['auto'] };
  return Object.fromEntries(
    Object.entries(CHOICE).map(([name, descriptor]) => [name, { ...descriptor, readBy }]),
  );
}

/** A model without epochs reads what all read, and the width of the tables that it fills. */
function checkClosedOptions(options: TrainOptions): void {
  const read = options.model === 'text-only' ? { ...COMMON, dim } : COMMON;
  const graph = { ...GRAPH, ...CHOICE, ...BY_INIT };
  const others = Object.entries(graph).filter(([name]) => !Object.hasOwn(read, name));
  const readBy = { model: MODELS };
  const unread = Object.fromEntries(others.map(([name, descriptor]) => [name, { ...descriptor, readBy }]));
  resolveOptions<Descriptors>(read, options, 'train', unread);
  if (options.init !== undefined && options.init !== 'auto') {
    const problem = `expected a model of ${MODELS.join(', ')} beside init ${options.init}, received ${options.model}`;
    throw new OptionError('train', problem, 'Leave init out: nothing reads it', 'init');
  }
}

/**
 * For several trainings with one set of options, each of which gets those that it reads (see `readWith`).
 * @throws {OptionError} naming an option that none of the `init`s reads
 */
export function checkReadBySome(inits: readonly InitName[], options: TrainOptions): void {
  for (const [name, value] of Object.entries(options)) {
    const readers = Object.hasOwn(CHOICE, name) ? ['auto'] : BY_INIT[name]?.readBy?.init;
    if (value === undefined || !readers || inits.some((init) => readers.includes(init))) continue;
    const problem = `expected init ${readers.join(' or ')} beside ${name}, received ${inits.join(', ')}`;
    throw new OptionError('train', problem, `Leave ${name} out: nothing reads it`, name);
  }
}

/** The options without those that other `init`s read. */
export function readWith(init: InitName, options: TrainOptions): TrainOptions {
  const read = optionsReadBy(findStrategy(strategyOf(init)));
  const isForOthers = (name: string) =>
    (Object.hasOwn(BY_INIT, name) && !Object.hasOwn(read, name)) ||
    (Object.hasOwn(CHOICE, name) && init !== 'auto');
  return Object.fromEntries(Object.entries(options).filter(([name]) => !isForOthers(name)));
}

/** The options that decide the initial tables. */
export function tableOptions(strategy: Strategy, options: TrainOptions): InitializeOptions {
  const read = ['dim', 'scale', 'seed', ...Object.keys(optionsReadBy(findStrategy(strategy)))];
  const own = Object.entries(options).filter(([name]) => read.includes(name));
  return { ...Object.fromEntries(own), strategy };
}

/** The options of `fit` among those of `train`, without its hooks; those of the recommended training for `auto`. */
export function fitOptions(options: TrainOptions, init: InitName, interactions: number): FitOptions {
  const given = Object.fromEntries(
    Object.entries(options).filter(([name, value]) => value !== undefined && Object.hasOwn(FIT, name)),
  );
  if (init !== 'auto') return given;
  const { model = FIT_OPTIONS.model.default } = given;
  return { ...recommendedFit(model as ModelName, interactions, given), ...given };
}

/** The settings of checked options. */
export function trainSettings(
  init: InitName,
  options: TrainOptions,
  interactions: number,
  inputs: string,
): TrainSettings {
  const kind = kindOf(init, options);
  const { protocol = 'standard', seed = 2020, budget = DEFAULT_BUDGET, stopAfter = null, model } = options;
  const closed = kind === 'closed';
  return {
    model: model ?? (kind === 'choice' ? null : 'lightgcn'),
    init: closed ? null : init,
    tables: closed ? { dim: options.dim ?? null } : tableSettings(options),
    fit: closed ? null : fitSettings(fitOptions(options, init, interactions)),
    budget: kind === 'choice' && !options.repeat ? budget : null,
    stopAfter,
    ...(options.repeat && { repeat: options.repeat as unknown as JsonValue }),
    protocol,
    seed,
    inputs,
  };
}

function tableSettings(options: TrainOptions): Record<string, JsonValue> {
  const {
    dim,
    pooling = 'mean',
    normalize = true,
    scale,
    popularFraction,
    whitenExponent,
    graphWeight,
  } = options;
  const { frozenColumns, adapterLayers } = options;
  return {
    ...{ dim: dim ?? null, pool: pooling, normalize, scale: scale ?? null },
    popularFraction: popularFraction ?? null,
    whitenExponent: whitenExponent ?? null,
    graphWeight: graphWeight ?? null,
    frozenColumns: frozenColumns ?? null,
    adapterLayers: adapterLayers ?? null,
    ...furtherOptions(options),
  };
}

/** Table options that have a place of their own in the settings, given or not. */
const ALWAYS_TOLD = [
  'pooling',
  'normalize',
  'popularFraction',
  'whitenExponent',
  'graphWeight',
  'frozenColumns',
  'adapterLayers',
];

/** The other options of strategies, where they are given: they decide the result as well. */
function furtherOptions(options: TrainOptions): Record<string, JsonValue> {
  const isFurther = (name: string) => Object.hasOwn(BY_INIT, name) && !ALWAYS_TOLD.includes(name);
  const given = Object.entries(options).filter(([name, value]) => isFurther(name) && value !== undefined);
  return Object.fromEntries(given) as Record<string, JsonValue>;
}

/** Options of `fit` with nothing left to its defaults, so that files tell what they were. */
function fitSettings(options: FitOptions): Record<string, JsonValue> {
  const { fingerprint, epochs } = resolveFitOptions(options);
  const { model, layers, batchSize, patience, seed, protocol, optimizer, regularization, ...read } =
    fingerprint;
  const { evaluateEvery, frozenColumns: _, adapter: __, negatives, ...own } = read;
  return {
    ...{ model, layers, batchSize, epochs, patience, seed, protocol, optimizer },
    ...(regularization !== undefined && { regularization }),
    ...(evaluateEvery !== 1 && { evaluateEvery }),
    ...(options.negatives !== undefined && { negatives }),
    ...own,
  };
}
