import { UnsupportedError } from '../../errors.ts';
import type { JsonValue } from '../../format/json.ts';
import type { ResolvedOptions } from '../../train/fitOptions.ts';

/** The models that `train.py` trains. */
const MODELS: readonly string[] = ['lightgcn', 'bpr-mf', 'sgcl'];

/** What `train.py` reads of the options of `fit`; every name and default is that of `FitOptions`. */
export type TorchTraining = Readonly<Record<string, JsonValue>>;

/**
 * The options of a training as the job of `train.py` has them.
 * @throws {UnsupportedError} for a model or an option that `train.py` does not know
 */
export function torchTraining(options: ResolvedOptions, frozenColumns: number): TorchTraining {
  checkSupported(options);
  const { model, layers, batchSize, epochs, patience, minRise, evaluateEvery, protocol, seed } = options;
  const { optimizer, regularization, temperature, loss } = options;
  return {
    ...{ model, layers, batchSize, epochs, patience, minRise, evaluateEvery, protocol, seed, frozenColumns },
    optimizer: { ...optimizer },
    ...(model === 'sgcl' ? { temperature } : { loss: lossOf(loss), regularization: { ...regularization } }),
  };
}

function lossOf(loss: ResolvedOptions['loss']): JsonValue {
  if (loss.name !== 'softmax') return { name: loss.name };
  const { similarity = 'cosine', candidates = 'in-batch', softmaxTemperature } = loss;
  const temperature = softmaxTemperature ?? (similarity === 'cosine' ? 0.2 : 1);
  return { name: 'softmax', similarity, candidates, softmaxTemperature: temperature };
}

/** @throws {UnsupportedError} for a model that `train.py` does not know */
export function checkTorchModel(model: string): void {
  if (!MODELS.includes(model)) refuse('model', `one of ${MODELS.join(', ')}`, model);
}

function checkSupported({ model, loss, negatives, averaging, adapter }: ResolvedOptions): void {
  if (model === 'sgcl') return;
  if (loss.name === 'softmax' && loss.candidates === 'all')
    refuse('loss.candidates', 'in-batch or sampled', 'all');
  if (loss.name === 'bpr' && negatives.name !== 'uniform')
    refuse('negatives', 'uniform negatives', negatives.name);
  if (loss.name !== 'softmax' && loss.name !== 'bpr') refuse('loss', 'bpr or softmax', loss.name);
  if (averaging > 0) refuse('averaging', '0', String(averaging));
  if (adapter) refuse('init', 'tables that are trained themselves', 'an adapter');
}

function refuse(option: string, expected: string, received: string): never {
  throw new UnsupportedError(
    'handover torch',
    `expected ${option} to be ${expected}, received ${received}`,
    'Change it, or train here with llminit train',
    option,
  );
}
