import { ADAM, type NegativesOptions, type Protocol, type TrainOptions } from '../../index.ts';
import { describeModel } from '../../models/registry.ts';
import type { TrainingArguments } from './commandArguments.ts';
import type { InitName } from './initNames.ts';

/** The options of `train` that a command line stands for. */
export function trainOptions(
  args: TrainingArguments,
  { init, seed, protocol }: { readonly init: InitName; readonly seed: number; readonly protocol: Protocol },
): TrainOptions {
  const { batch: batchSize, pool: pooling, optimizer, lr: learningRate, reg: weight, regForm: form } = args;
  const { model, layers, epochs, patience, temperature, sslWeight, augmentation, dropout } = args;
  const { dim, normalize, scale, popularFraction, whitenExponent, graphWeight } = args;
  const { frozenColumns, adapterLayers } = args;
  return {
    ...{ init, seed, protocol, model, layers, batchSize, epochs, patience },
    ...{ dim, pooling, normalize, scale, popularFraction, whitenExponent, graphWeight },
    ...{ temperature, sslWeight, augmentation, dropout, negatives: negativesOf(args) },
    frozenColumns: init === 'frozen' ? frozenColumns : undefined,
    adapterLayers: init === 'adapter' ? adapterLayers : undefined,
    optimizer: optimizer === 'adam' ? { ...ADAM, learningRate } : { name: optimizer, learningRate },
    regularization: describeModel(model).options.includes('regularization') ? { weight, form } : undefined,
  };
}

function negativesOf({ negatives, popularityExponent, hardCandidates }: TrainingArguments) {
  if (negatives === undefined) return undefined;
  const own: Partial<Record<string, NegativesOptions>> = {
    popularity: { name: 'popularity', exponent: popularityExponent },
    hard: { name: 'hard', candidates: hardCandidates },
  };
  return own[negatives] ?? { name: negatives };
}
