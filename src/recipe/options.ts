import { OptionError } from '../errors.ts';
import type { JsonValue } from '../format/json.ts';
import type { Initialization, InitializeOptions } from '../init/initialize.ts';
import type { Checkpoint } from '../train/checkpoint.ts';
import { resolveFitOptions } from '../train/fitOptions.ts';
import type { FitOptions, FitProgress } from '../train/options.ts';
import type { InitName } from './inits.ts';

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
    Omit<FitOptions, 'adapter' | 'onProgress' | 'onCheckpoint' | 'resume'> {
  /**
   * How E⁽⁰⁾ is filled: any strategy of `initialize`; `auto`, which tries several and keeps the best by validation;
   * `frozen`, principal components of which the first columns are never trained; `adapter`, a trained map of the text
   * vectors instead of a table of items. Default `auto` where there are vectors or texts, `xavier` where there are not.
   */
  readonly init?: InitName;
  /** `frozen`: columns that training leaves as they are. Default half of them. */
  readonly frozenColumns?: number;
  /** `adapter`: 1, a linear map, or 2, with a branch through a hidden layer. Default 1. */
  readonly adapterLayers?: 1 | 2;
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

/** What `initialize` reads, but for `scale`, which is its last step. */
const TABLE_OPTIONS = [
  ...(['dim', 'pooling', 'normalize', 'withReplacement', 'spacing'] as const),
  ...(['popularFraction', 'whitenExponent', 'graphWeight'] as const),
];

/** What `train` reads itself; all its other options are those of `fit`. */
const OWN_OPTIONS: readonly string[] = [
  ...(['init', 'scale', 'frozenColumns', 'adapterLayers'] as const),
  ...(['onProgress', 'onCheckpoint', 'resume'] as const),
  ...TABLE_OPTIONS,
] satisfies readonly (keyof TrainOptions)[];

/** The options that decide the initial tables at every scale. */
export function tableOptions(options: TrainOptions): Omit<InitializeOptions, 'strategy' | 'scale'> {
  const own = Object.fromEntries(TABLE_OPTIONS.map((name) => [name, options[name]]));
  return { ...own, seed: options.seed };
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
  { dim }: Pick<Initialization, 'dim'>,
  inputs: string,
): TrainSettings {
  const { pooling = 'mean', normalize = true, scale, popularFraction, whitenExponent, graphWeight } = options;
  const { withReplacement, spacing } = options;
  return {
    ...{ init, dim, pool: pooling, normalize },
    scale: scale ?? null,
    popularFraction: popularFraction ?? null,
    whitenExponent: whitenExponent ?? null,
    graphWeight: graphWeight ?? null,
    frozenColumns: init === 'frozen' ? (options.frozenColumns ?? Math.floor(dim / 2)) : null,
    adapterLayers: init === 'adapter' ? (options.adapterLayers ?? 1) : null,
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
