import type { Split } from '../data/splits.ts';
import { DataError, OptionError, ShapeError, shown } from '../errors.ts';
import { PROTOCOLS, type Protocol } from '../evaluate/evaluate.ts';
import { crc32 } from '../format/crc32.ts';
import { firstNonFinite } from '../format/finite.ts';
import type { JsonValue } from '../format/json.ts';
import type { GraphModelDescriptor, ModelOptions } from '../models/descriptor.ts';
import { AUGMENTATIONS, type Augmentation } from '../models/encoders/views.ts';
import { REGULARIZATION, type RegularizationOptions } from '../models/losses/regularization.ts';
import { ADAM, type OptimizerOptions } from '../models/model.ts';
import type { AdapterOptions } from '../models/parameters/adapterTable.ts';
import { findModel, MODELS, type ModelName } from '../models/registry.ts';
import type { Runtime } from '../runtime/load.ts';
import type { Checkpoint } from './checkpoint.ts';
import { type NegativesOptions, resolveNegatives, UNIFORM } from './negatives.ts';

export { MODELS, type ModelName };

/** E⁽⁰⁾: dense rows, numUsers × dim and numItems × dim. */
export interface InitialTables {
  readonly users: Float32Array;
  readonly items: Float32Array;
  readonly dim: number;
}

/** Where training stands; sent after every batch and after every epoch. */
export interface FitProgress {
  readonly kind: 'batch' | 'epoch';
  readonly epoch: number;
  readonly epochs: number;
  /** Batches done in this epoch. */
  readonly batch: number;
  readonly batches: number;
  /** Mean loss of the epoch so far. */
  readonly loss: number;
  /** Validation NDCG@10 of this epoch, on `epoch` events that evaluated. */
  readonly metric: number | null;
  readonly bestEpoch: number | null;
  readonly bestMetric: number | null;
}

/** Defaults are the authors' configuration (LLMInit, RecBole fork) unless a source is named. */
export interface FitOptions {
  /** Default `lightgcn`. `bpr-mf` is LightGCN without layers. */
  readonly model?: ModelName;
  /** Propagation layers. Default 2; 0 for `bpr-mf`. */
  readonly layers?: number;
  /** Default 256. Batches of 2048 need a larger `patience`: they take an eighth of the steps per epoch. */
  readonly batchSize?: number;
  /** The most epochs. Default 300. */
  readonly epochs?: number;
  /** Evaluations without a rise after which training goes on no longer. Default 10. */
  readonly patience?: number;
  /** Epochs from one validation to the next. Default 1. */
  readonly evaluateEvery?: number;
  /** Decides negatives and the validation ranking. Default `standard`. */
  readonly protocol?: Protocol;
  readonly optimizer?: OptimizerOptions;
  /** Not read by `sgcl` and `mixsgcl`, which have none. */
  readonly regularization?: RegularizationOptions;
  /**
   * τ of the contrastive losses, ≥ 0.01. Default 0.2: the authors' SGL.yaml and SGCL.yaml. Their MixSGCL.yaml has 0.5,
   * which is not the default here.
   */
  readonly temperature?: number;
  /** λ, the weight of SGL's contrastive loss, ≥ 0. Default 0.05: the authors' SGL.yaml. */
  readonly sslWeight?: number;
  /** How SGL draws its views. Default `ED`: the authors' SGL.yaml, and the best of the three in Wu et al. 2021. */
  readonly augmentation?: Augmentation;
  /** ρ, the share of edges or nodes that a view of SGL lacks, in [0, 1). Default 0.1: the authors' SGL.yaml. */
  readonly dropout?: number;
  /** Columns of the initial tables, from the first, that training leaves as they are. Default 0. */
  readonly frozenColumns?: number;
  /** Makes the items' rows a trained map of their text vectors (see `adapterInput`) instead of a table. Default none. */
  readonly adapter?: AdapterOptions;
  /** How negatives are drawn. Default `uniform`, as the authors do. Not read by `sgcl` and `mixsgcl`. */
  readonly negatives?: NegativesOptions;
  /** Default 2020 (RecBole). Decides the order of the interactions, the negatives, SGL's views and MixSGCL's mixtures. */
  readonly seed?: number;
  readonly runtime?: Runtime;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: FitProgress) => void;
  /** Receives the state when training is aborted, and every `checkpointEvery` epochs. */
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void | Promise<void>;
  readonly checkpointEvery?: number;
  /** Goes on from here. */
  readonly resume?: Checkpoint;
}

/** Options with their defaults filled in. */
export interface ResolvedOptions extends ModelOptions {
  readonly model: ModelName;
  readonly epochs: number;
  readonly patience: number;
  readonly evaluateEvery: number;
  readonly protocol: Protocol;
  readonly negatives: NegativesOptions;
  /** What must be equal for a checkpoint to be resumed; `epochs` may grow. */
  readonly fingerprint: Readonly<Record<string, JsonValue>>;
}

/** @throws {OptionError} naming the first option out of range */
export function resolveOptions(options: FitOptions): ResolvedOptions {
  const {
    model = 'lightgcn',
    protocol = 'standard',
    optimizer = ADAM,
    regularization = REGULARIZATION,
  } = options;
  const descriptor = findModel(model);
  if (!descriptor) refuse('model', MODELS.join(' or '), model);
  const {
    layers = descriptor.layers.default,
    batchSize = 256,
    epochs = 300,
    patience = 10,
    seed = 2020,
  } = options;
  const { evaluateEvery = 1, frozenColumns = 0, adapter } = options;
  const negatives = resolveNegatives(options.negatives ?? UNIFORM, model);
  const contrast = contrastiveOptions(options);
  if (!PROTOCOLS.includes(protocol)) refuse('protocol', PROTOCOLS.join(' or '), protocol);
  checkLayers(descriptor, layers);
  atLeast('batchSize', batchSize, 1);
  atLeast('epochs', epochs, 1);
  atLeast('patience', patience, 0);
  atLeast('evaluateEvery', evaluateEvery, 1);
  atLeast('seed', seed, 0);
  atLeast('frozenColumns', frozenColumns, 0);
  if (frozenColumns > 0 && adapter) refuse('frozenColumns', '0 beside an adapter', frozenColumns);
  if (options.checkpointEvery !== undefined) atLeast('checkpointEvery', options.checkpointEvery, 1);
  checkOptimizer(optimizer);
  if (!(regularization.weight >= 0 && Number.isFinite(regularization.weight))) {
    refuse('regularization.weight', 'a number ≥ 0', regularization.weight);
  }
  if (regularization.form !== 'norm' && regularization.form !== 'squared') {
    refuse('regularization.form', 'norm or squared', regularization.form);
  }
  const settings = { model, layers, batchSize, patience, evaluateEvery, protocol, seed };
  return {
    ...settings,
    epochs,
    optimizer,
    regularization,
    ...contrast,
    frozenColumns,
    adapter,
    negatives,
    fingerprint: {
      ...settings,
      frozenColumns,
      adapter: adapter ? adapterFingerprint(adapter) : null,
      ...readBy(descriptor, contrast),
      negatives: { ...negatives },
      optimizer: { ...optimizer },
      regularization: { ...regularization },
    },
  };
}

/**
 * @throws {ShapeError} unless the tables have one row for each user and item of the split
 * @throws {DataError} on NaN or Inf
 * @throws {OptionError} unless `frozenColumns` leaves a column to train
 */
export function checkInitial(split: Split, initial: InitialTables, frozenColumns = 0): void {
  const { dim, users, items } = initial;
  atLeast('dim', dim, 1);
  if (frozenColumns >= dim) refuse('frozenColumns', `below dim, which is ${dim}`, frozenColumns);
  const { numUsers, numItems } = split.train;
  for (const [what, values, rows] of [
    ['user', users, numUsers],
    ['item', items, numItems],
  ] as const) {
    if (values.length !== rows * dim) {
      throw new ShapeError(
        'fit',
        `expected ${rows} × ${dim} initial ${what} values, received ${values.length}`,
        'Initialise from the training interactions of this split',
      );
    }
    const at = firstNonFinite(values);
    if (at < 0) continue;
    throw new DataError(
      'fit',
      `expected finite initial ${what} values, received ${values[at]} in row ${Math.floor(at / dim)}`,
      'Mend the vectors that they come from',
    );
  }
}

/** What must be equal to resume; `start` and `seed` are in the checkpoint's parameters. */
function adapterFingerprint({ features, width, layers = 1, hidden = 128 }: AdapterOptions): JsonValue {
  const checksum = crc32(new Uint8Array(features.buffer, features.byteOffset, features.byteLength));
  return { width, layers, hidden, features: checksum };
}

/** The contrastive options that a model reads: only those must be equal to resume. */
function readBy(
  { options }: GraphModelDescriptor,
  contrast: ReturnType<typeof contrastiveOptions>,
): Record<string, JsonValue> {
  return Object.fromEntries(Object.entries(contrast).filter(([name]) => options.some((own) => own === name)));
}

function checkLayers({ name, layers: { min, max } }: GraphModelDescriptor, layers: number): void {
  if (Number.isSafeInteger(layers) && layers >= min && layers <= (max ?? layers)) return;
  const range = min === max ? `${min}` : `an integer ≥ ${min}${max === undefined ? '' : ` and ≤ ${max}`}`;
  refuse('layers', `${range} for ${name}`, layers);
}

function contrastiveOptions(options: FitOptions) {
  const { temperature = 0.2, sslWeight = 0.05, augmentation = 'ED', dropout = 0.1 } = options;
  if (!(temperature >= 0.01 && Number.isFinite(temperature))) {
    refuse('temperature', 'a number ≥ 0.01', temperature);
  }
  if (!(sslWeight >= 0 && Number.isFinite(sslWeight))) refuse('sslWeight', 'a number ≥ 0', sslWeight);
  if (!AUGMENTATIONS.includes(augmentation)) {
    refuse('augmentation', AUGMENTATIONS.join(' or '), augmentation);
  }
  if (!(dropout >= 0 && dropout < 1)) refuse('dropout', 'a number in [0, 1)', dropout);
  return { temperature, sslWeight, augmentation, dropout };
}

function checkOptimizer(optimizer: OptimizerOptions): void {
  if (optimizer.name !== 'adam' && optimizer.name !== 'sgd')
    refuse('optimizer.name', 'adam or sgd', optimizer);
  if (!(optimizer.learningRate > 0 && Number.isFinite(optimizer.learningRate))) {
    refuse('optimizer.learningRate', 'a number > 0', optimizer.learningRate);
  }
  if (optimizer.name === 'sgd') return;
  for (const beta of ['beta1', 'beta2'] as const) {
    if (!(optimizer[beta] >= 0 && optimizer[beta] < 1))
      refuse(`optimizer.${beta}`, 'a number in [0, 1)', optimizer[beta]);
  }
  if (!(optimizer.epsilon > 0)) refuse('optimizer.epsilon', 'a number > 0', optimizer.epsilon);
}

function atLeast(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) refuse(name, `an integer ≥ ${least}`, value);
}

function refuse(name: string, expected: string, received: unknown): never {
  throw new OptionError(
    'fit',
    `expected ${name} to be ${expected}, received ${shown(received)}`,
    `Change ${name}`,
    name,
  );
}
