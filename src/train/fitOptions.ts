import { OptionError } from '../errors.ts';
import { PROTOCOL, type Protocol } from '../evaluate/evaluate.ts';
import type { JsonValue } from '../format/json.ts';
import type { ModelDescriptor, ModelOptions } from '../models/descriptor.ts';
import { AUGMENTATIONS } from '../models/encoders/views.ts';
import { checkLayers } from '../models/layers.ts';
import { describeLoss, LOSS_OPTION } from '../models/losses/registry.ts';
import { REGULARIZATION } from '../models/losses/regularization.ts';
import { ADAM, type OptimizerOptions } from '../models/parameters/optimizer.ts';
import { describeModel, GRAPH_MODEL_ENTRIES, MODELS, type ModelName } from '../models/registry.ts';
import { callback, instance, integer, number, oneOf, required } from '../options/builders.ts';
import type { DescriptorsOf, OptionDescriptor } from '../options/descriptor.ts';
import { fingerprintOf } from '../options/fingerprint.ts';
import { isFloat32Array, progressOption, SIGNAL } from '../options/kinds.ts';
import { object, variant } from '../options/objects.ts';
import { nameOf } from '../options/registry.ts';
import { resolveOptions } from '../options/resolve.ts';
import { RUNTIME } from '../runtime/option.ts';
import { adapterFingerprint, withHeld } from './adapterOptions.ts';
import type { Checkpoint } from './checkpoint.ts';
import { NEGATIVES_OPTION, type NegativesOptions } from './negativesOptions.ts';
import type { FitOptions, FitProgress } from './options.ts';
import { modelsWith } from './readBy.ts';
import { SEQUENCE_OPTIONS } from './sequenceOptions.ts';

/** Whose configuration the defaults are. */
const AUTHORS = 'the configuration of the authors of LLMInit';
const SGL = "the authors' SGL.yaml";

const rate = number({
  ...{ about: 'learning rate', flag: '--lr <number>', above: 0, default: 1e-3, source: AUTHORS },
});

const schedule = {
  learningRate: rate,
  warmupEpochs: number({
    ...{ about: 'epochs over which the rate rises from 0', flag: '--warmup <epochs>', min: 0 },
    defaultText: '0',
  }),
  halvingEpochs: number({
    ...{
      about: 'epochs after which the rate is halved, again and again',
      flag: '--halve-lr <epochs>',
      above: 0,
    },
    defaultText: 'never',
  }),
};

const floats = (about: string) =>
  required(instance<Float32Array>('a Float32Array', isFloat32Array, { about }));

const ADAPTER = object(
  {
    features: floats('text vectors of the items'),
    userFeatures: instance<Float32Array>('a Float32Array', isFloat32Array, { about: 'vectors of users' }),
    width: required(integer({ about: 'their width', min: 1 })),
    start: floats('the linear map to start from'),
    layers: oneOf([1, 2], { about: '1: x W; 2: x W + relu(x W₁) W₂', default: 1 }),
    hidden: integer({ about: 'columns of W₁', min: 1, default: 128 }),
    seed: integer({ about: 'of W₁', min: 0, default: 2020 }),
  },
  { about: "the items' rows are a trained map of their text vectors", fingerprint: adapterFingerprint },
);

/** Every option of `fit`. */
export const FIT_OPTIONS = {
  model: nameOf(MODELS, GRAPH_MODEL_ENTRIES, {
    ...{ about: 'what is trained', flag: '--model <name>', default: 'lightgcn' },
  }),
  layers: integer({
    ...{ about: 'propagation layers, or blocks', flag: '--layers <n>', min: 0 },
    defaultText: layersText(),
    source: AUTHORS,
  }),
  batchSize: integer({
    ...{
      about: 'interactions, or sequences, per update',
      flag: '--batch <n>',
      min: 1,
      default: 256,
      source: AUTHORS,
    },
  }),
  epochs: integer({
    ...{ about: 'at most', flag: '--epochs <n>', min: 1, default: 300, source: AUTHORS },
    // A run that is resumed may go on for longer.
    affectsResult: false,
  }),
  patience: integer({
    about: 'epochs without a better validation NDCG@10',
    ...{ flag: '--patience <n>', min: 0, default: 10, source: AUTHORS },
  }),
  minRise: number({
    about: 'rise of the validation NDCG@10 that counts, in units of 1/√users',
    ...{ min: 0, default: 0, fingerprint: (rise: number) => (rise === 0 ? null : rise) },
  }),
  evaluateEvery: integer({
    about: 'epochs from one validation to the next',
    min: 1,
    default: 1,
    source: AUTHORS,
  }),
  protocol: PROTOCOL,
  optimizer: variant(
    {
      adam: {
        ...schedule,
        beta1: number({ about: 'β₁', min: 0, below: 1, default: 0.9, source: 'PyTorch' }),
        beta2: number({ about: 'β₂', min: 0, below: 1, default: 0.999, source: 'PyTorch' }),
        epsilon: number({ about: 'ε', above: 0, default: 1e-8, source: 'PyTorch' }),
      },
      sgd: schedule,
    },
    { about: 'the update rule', flag: '--optimizer <name>', default: ADAM as never, source: AUTHORS },
  ) as OptionDescriptor<OptimizerOptions, OptimizerOptions>,
  loss: { ...LOSS_OPTION, source: AUTHORS, readBy: modelsWith('loss') },
  regularization: object(
    {
      weight: number({
        ...{ about: 'weight of the regularisation', flag: '--reg <number>', min: 0, source: AUTHORS },
        default: REGULARIZATION.weight,
      }),
      form: oneOf(['norm', 'squared'], {
        ...{ about: 'of the regularisation', flag: '--reg-form <name>', source: AUTHORS },
        default: REGULARIZATION.form,
      }),
    },
    { about: 'of the layer-0 rows', default: REGULARIZATION, readBy: modelsWith('regularization') },
  ),
  temperature: number({
    ...{ about: 'of the contrastive losses', flag: '--temperature <number>', min: 0.01, default: 0.2 },
    ...{ source: `${SGL} and SGCL.yaml`, readBy: modelsWith('temperature') },
  }),
  sslWeight: number({
    ...{ about: 'of the contrastive loss', flag: '--ssl-weight <number>', min: 0, default: 0.05 },
    ...{ source: SGL, readBy: modelsWith('sslWeight') },
  }),
  augmentation: oneOf(AUGMENTATIONS, {
    about: 'views: edges, nodes or edges per layer dropped',
    ...{ flag: '--augmentation <name>', default: 'ED', source: SGL, readBy: modelsWith('augmentation') },
  }),
  dropout: number({
    ...{ about: 'share that a view lacks', flag: '--dropout <number>', min: 0, below: 1, default: 0.1 },
    ...{ source: SGL, readBy: modelsWith('dropout') },
  }),
  ...SEQUENCE_OPTIONS,
  averaging: number({
    ...{ about: 'β of the moving average of the weights that is kept', flag: '--average <number>', min: 0 },
    ...{ below: 1, default: 0 },
  }),
  frozenColumns: integer({ about: 'columns, from the first, that are not trained', min: 0, default: 0 }),
  adapter: ADAPTER,
  negatives: { ...NEGATIVES_OPTION, readBy: modelsWith('negatives') },
  seed: integer({
    about: 'of the order of the interactions, negatives, views, mixtures and dropout',
    ...{ min: 0, default: 2020, source: 'RecBole' },
  }),
  runtime: RUNTIME,
  signal: SIGNAL,
  onProgress: progressOption<FitProgress>(),
  onCheckpoint: callback<(checkpoint: Checkpoint) => void | Promise<void>>(
    'receives the state to go on from',
  ),
  checkpointEvery: integer({ about: 'epochs from one checkpoint to the next', min: 1, affectsResult: false }),
  resume: instance<Checkpoint>('a checkpoint of fit', (value) => 'fingerprint' in value && 'model' in value, {
    about: 'goes on from here',
  }),
} satisfies DescriptorsOf<FitOptions>;

/** Options with their defaults filled in; those that the model does not read have theirs, too. */
export interface ResolvedOptions extends ModelOptions {
  readonly model: ModelName;
  readonly epochs: number;
  readonly patience: number;
  readonly minRise: number;
  readonly evaluateEvery: number;
  readonly protocol: Protocol;
  readonly averaging: number;
  readonly negatives: NegativesOptions;
  /** What must be equal for a checkpoint to be resumed; `epochs` may grow. */
  readonly fingerprint: Readonly<Record<string, JsonValue>>;
}

/**
 * @param tables what they say about training holds where the options say nothing
 * @throws {OptionError} naming the first option that is unknown, out of range, or not read beside the others
 */
export function resolveFitOptions(
  options: FitOptions,
  tables: Pick<FitOptions, 'frozenColumns' | 'adapter' | 'codes'> = {},
): ResolvedOptions {
  const given = resolveOptions(FIT_OPTIONS, withHeld(options, tables), 'fit');
  const { model, adapter, frozenColumns } = given;
  const described = describeModel(model);
  const { hiddenDropout = described.hiddenDropout, ...rest } = given;
  const resolved = {
    ...{ ...rest, layers: layersOf(described, given.layers) },
    ...(hiddenDropout !== undefined && { hiddenDropout }),
  };
  if (frozenColumns > 0 && adapter) {
    const problem = `expected frozenColumns to be 0 beside an adapter, received ${frozenColumns}`;
    throw new OptionError('fit', problem, 'Leave one of them out', 'frozenColumns');
  }
  if (adapter?.userFeatures && described.kind === 'sequence') {
    const problem = `expected no userFeatures beside model ${model}, which has no rows of users, received some`;
    throw new OptionError('fit', problem, 'Leave them out', 'adapter');
  }
  if (options.negatives !== undefined && given.loss && !describeLoss(given.loss).choosesNegatives) {
    const problem = `expected a loss that takes negatives one by one beside negatives, received ${given.loss.name}`;
    throw new OptionError('fit', problem, 'Leave negatives out', 'negatives');
  }
  return { ...UNREAD, ...resolved, fingerprint: fingerprintOf(FIT_OPTIONS, resolved) };
}

/** Stands where the model does not read an option. */
const UNREAD = {
  loss: FIT_OPTIONS.loss.default,
  regularization: FIT_OPTIONS.regularization.default,
  temperature: FIT_OPTIONS.temperature.default,
  sslWeight: FIT_OPTIONS.sslWeight.default,
  augmentation: FIT_OPTIONS.augmentation.default,
  dropout: FIT_OPTIONS.dropout.default,
  negatives: FIT_OPTIONS.negatives.default,
  maxLength: SEQUENCE_OPTIONS.maxLength.default,
  hiddenDropout: 0,
  sequenceLoss: SEQUENCE_OPTIONS.sequenceLoss.default,
  beams: SEQUENCE_OPTIONS.beams.default,
};

/** `2; 0 for bpr-mf`: the default of the first model, and those that differ. */
function layersText(): string {
  const [first, ...others] = MODELS.map(describeModel);
  const differing = others.filter(({ layers }) => layers.default !== first.layers.default);
  return [first.layers.default, ...differing.map(({ name, layers }) => `${layers.default} for ${name}`)].join(
    '; ',
  );
}

function layersOf({ name, layers }: ModelDescriptor, given = layers.default): number {
  checkLayers(name, layers, given, 'fit');
  return given;
}
