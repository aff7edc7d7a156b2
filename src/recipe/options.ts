import { OptionError } from '../errors.ts';
import type { JsonValue } from '../format/json.ts';
import { findStrategy, INITIALIZE_OPTIONS, type InitializeOptions, optionsReadBy } from '../init/options.ts';
import type { Initialization } from '../init/tables.ts';
import type { Checkpoint } from '../train/checkpoint.ts';
import { resolveFitOptions } from '../train/fitOptions.ts';
import type { FitOptions, FitProgress } from '../train/options.ts';
import { type InitName, strategyOf } from './inits.ts';

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
  readonly init?: InitName;
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

/** What `train` reads itself, or hands to `initialize`; all its other options are those of `fit`. */
const OWN_OPTIONS: readonly string[] = [
  ...(['init', 'onProgress', 'onCheckpoint', 'resume'] as const),
  ...Object.keys(INITIALIZE_OPTIONS).filter((name) => name !== 'seed' && name !== 'runtime'),
];

/** The options that decide the initial tables at every scale, of those that the `init` reads. */
export function tableOptions(init: InitName, options: TrainOptions): Omit<InitializeOptions, 'scale'> {
  const strategy = strategyOf(init);
  const read = Object.keys(optionsReadBy(findStrategy(strategy)));
  const own = Object.fromEntries(read.map((name) => [name, options[name as keyof TrainOptions]]));
  return { ...own, dim: options.dim, strategy, seed: options.seed };
}

/** The options of `fit` among those of `train`, without its hooks. */
export function fitOptions(options: TrainOptions): FitOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !OWN_OPTIONS.includes(name)));
}

/** @throws {OptionError} as `fit`, and on options that the `init` does not read */
export function checkTrainOptions(init: InitName, options: TrainOptions): void {
  resolveFitOptions(fitOptions(options));
  checkReader('frozenColumns', options.frozenColumns, 'frozen', init);
  checkReader('adapterLayers', options.adapterLayers, 'adapter', init);
}

function checkReader(name: string, value: unknown, reader: InitName, init: InitName): void {
  if (value === undefined || init === reader) return;
  const problem = `expected init ${reader} beside ${name}, received ${init}`;
  throw new OptionError('train', problem, 'Leave it out', name);
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
  const { evaluateEvery, frozenColumns: _, adapter: __, negatives, ...own } = read;
  return {
    ...{ model, layers, batchSize, epochs, patience, seed, protocol, optimizer },
    ...(regularization !== undefined && { regularization }),
    ...(evaluateEvery !== 1 && { evaluateEvery }),
    ...(options.negatives !== undefined && { negatives }),
    ...own,
  };
}
