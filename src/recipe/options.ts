import { OptionError } from '../errors.ts';
import type { JsonValue } from '../format/json.ts';
import { findStrategy, INITIALIZE_OPTIONS, type InitializeOptions, optionsReadBy } from '../init/options.ts';
import type { Initialization } from '../init/tables.ts';
import { oneOf } from '../options/builders.ts';
import type { Descriptors, OptionDescriptor } from '../options/descriptor.ts';
import { progressOption } from '../options/kinds.ts';
import { optionsOf } from '../options/registry.ts';
import { resolveOptions } from '../options/resolve.ts';
import type { Checkpoint } from '../train/checkpoint.ts';
import { FIT_OPTIONS, resolveFitOptions } from '../train/fitOptions.ts';
import type { FitOptions, FitProgress } from '../train/options.ts';
import { INIT_NAMES, type InitName, strategyOf } from './inits.ts';

/** Where `train` stands. */
export interface TrainProgress {
  /** The trial under way, from 1, and how many there are: one, but for `auto`. */
  readonly trial: number;
  readonly trials: number;
  /** What is tried, e.g. `graph-pca, scale 2`. */
  readonly name: string;
  readonly fit: FitProgress;
}

/** What `train` is told: how the tables begin (see `InitializeOptions`) and how they are trained (see `FitOptions`). */
export interface TrainOptions
  extends Omit<InitializeOptions, 'strategy' | 'seed' | 'runtime'>,
    Omit<FitOptions, 'adapter' | 'frozenColumns' | 'onProgress' | 'onCheckpoint' | 'resume'> {
  /**
   * How E⁽⁰⁾ is filled: any strategy of `initialize`; `auto`, which tries several and keeps the best by validation;
   * `frozen`, principal components of which the first columns are never trained; `adapter`, a trained map of the text
   * vectors instead of a table of items. Default `auto` where there are vectors or texts, `xavier` where there are not.
   */
  readonly init?: InitName | 'rand' | 'uni' | 'var';
  readonly onProgress?: (progress: TrainProgress) => void;
  /**
   * Receives the state of the whole job, finished trials included: when it is aborted, when a trial has ended, and
   * every `checkpointEvery` epochs.
   */
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void | Promise<void>;
  /** Goes on from here, to the bytes of a job that was never interrupted. */
  readonly resume?: Checkpoint;
}

/** Everything that decides the result of a training, as JSON values. */
export interface TrainSettings {
  readonly init: InitName;
  readonly dim: number;
  readonly pool: string;
  readonly normalize: boolean;
  readonly scale: number | null;
  readonly popularFraction: number | null;
  readonly whitenExponent: number | null;
  readonly graphWeight: number | null;
  readonly frozenColumns: number | null;
  readonly adapterLayers: number | null;
  readonly withReplacement?: boolean;
  readonly spacing?: string;
  /** Options of `fit` with their defaults filled in. */
  readonly fit: Readonly<Record<string, JsonValue>>;
  /** SHA-256 of the split and of the initial tables. */
  readonly inputs: string;
}

const { adapter: _, frozenColumns: __, onProgress: ___, onCheckpoint, resume, ...FIT } = FIT_OPTIONS;
const { dim, scale } = INITIALIZE_OPTIONS;

/** Options of initialisations that some `init`s read and others do not, with their readers. */
const BY_INIT = optionsOf(
  INIT_NAMES.map((name) => ({ name, options: optionsReadBy(findStrategy(strategyOf(name))) })),
  'init',
);

/** Read with every `init`. */
const COMMON = {
  ...{ dim, scale },
  ...FIT,
  onProgress: progressOption<TrainProgress>(),
  ...{ onCheckpoint, resume },
};

/** Every option of `train`. */
export const TRAIN_OPTIONS: Descriptors & { readonly init: OptionDescriptor<InitName> } = {
  init: oneOf(INIT_NAMES, {
    ...{ about: 'how tables are filled', flag: '--init <name>' },
    defaultText: 'auto with texts or vectors, else xavier',
  }),
  ...COMMON,
  ...BY_INIT,
};

/**
 * @throws {OptionError} naming the first option that is unknown, out of range, or not read beside the others
 */
export function checkTrainOptions(init: InitName, options: TrainOptions): void {
  const read = { init: TRAIN_OPTIONS.init, ...COMMON, ...optionsReadBy(findStrategy(strategyOf(init))) };
  resolveOptions(read, isObject(options) ? { ...options, init } : options, 'train', BY_INIT);
  resolveFitOptions(fitOptions(options));
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/**
 * For several trainings with one set of options, each of which gets those that it reads (see `readWith`).
 * @throws {OptionError} naming an option that none of the `init`s reads
 */
export function checkReadBySome(inits: readonly InitName[], options: TrainOptions): void {
  for (const [name, value] of Object.entries(options)) {
    const readers = BY_INIT[name]?.readBy?.init;
    if (value === undefined || !readers || inits.some((init) => readers.includes(init))) continue;
    const problem = `expected init ${readers.join(' or ')} beside ${name}, received ${inits.join(', ')}`;
    throw new OptionError('train', problem, `Leave ${name} out: nothing reads it`, name);
  }
}

/** The options without those that other `init`s read. */
export function readWith(init: InitName, options: TrainOptions): TrainOptions {
  const read = optionsReadBy(findStrategy(strategyOf(init)));
  const isForOthers = (name: string) => Object.hasOwn(BY_INIT, name) && !Object.hasOwn(read, name);
  return Object.fromEntries(Object.entries(options).filter(([name]) => !isForOthers(name)));
}

/** The options that decide the initial tables at every scale. */
export function tableOptions(init: InitName, options: TrainOptions): Omit<InitializeOptions, 'scale'> {
  const strategy = strategyOf(init);
  const read = ['dim', 'seed', ...Object.keys(optionsReadBy(findStrategy(strategy)))];
  const own = Object.entries(options).filter(([name]) => read.includes(name));
  return { ...Object.fromEntries(own), strategy };
}

/** The options of `fit` among those of `train`, without its hooks. */
export function fitOptions(options: TrainOptions): FitOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => Object.hasOwn(FIT, name)));
}

/** The settings of checked options, once the width of the tables is known. */
export function trainSettings(
  init: InitName,
  options: TrainOptions,
  tables: Pick<Initialization, 'dim' | 'frozenColumns' | 'adapter'>,
  inputs: string,
): TrainSettings {
  const { pooling = 'mean', normalize = true, scale, popularFraction, whitenExponent, graphWeight } = options;
  const { withReplacement, spacing } = options;
  return {
    ...{ init, dim: tables.dim, pool: pooling, normalize },
    scale: scale ?? null,
    popularFraction: popularFraction ?? null,
    whitenExponent: whitenExponent ?? null,
    graphWeight: graphWeight ?? null,
    frozenColumns: tables.frozenColumns ?? null,
    adapterLayers: tables.adapter?.layers ?? null,
    ...(withReplacement !== undefined && { withReplacement }),
    ...(spacing !== undefined && { spacing }),
    fit: fitSettings(fitOptions(options)),
    inputs,
  };
}

/** Options of `fit` with nothing left to its defaults, so that files tell what they were. */
function fitSettings(options: FitOptions): TrainSettings['fit'] {
  const { fingerprint, epochs } = resolveFitOptions(options);
  const { model, layers, batchSize, patience, seed, protocol, optimizer, regularization, ...read } =
    fingerprint;
  const { evaluateEvery, frozenColumns, adapter, negatives, ...own } = read;
  return {
    ...{ model, layers, batchSize, epochs, patience, seed, protocol, optimizer },
    ...(regularization !== undefined && { regularization }),
    ...(evaluateEvery !== 1 && { evaluateEvery }),
    ...(options.negatives !== undefined && { negatives }),
    ...own,
  };
}
