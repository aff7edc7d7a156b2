import type { ModelDescriptor } from '../models/descriptor.ts';
import { ADAM } from '../models/parameters/optimizer.ts';
import { describeModel, type ModelName, type ModelSynonym } from '../models/registry.ts';
import { FIT_OPTIONS } from './fitOptions.ts';
import type { FitOptions } from './options.ts';

/**
 * Settings of `fit` that do better than the defaults, which are those of the authors, from a table of text at scale 1, in a
 * fraction of the time. BPR with uniform negatives first learns popularity, since uniform negatives are rare items, and
 * buries what the text knows for thirty epochs. A softmax over the items of the batch that is corrected for their
 * popularity has no such gradient, so that few steps are needed, and they may be large. BPR with the negatives `in-batch`
 * has none either, and is the quickest.
 *
 * Compared by validation on amazon-office, epochs and weights chosen by half of the users and looked at on the other half:
 * against batches of 1,024 with patience 5, which took 6.0 s, these take 3.9 s and differ by +.0001 ± .0007 (scientific-small
 * 2.6 s, 1.6 s, −.0002 ± .0002). What does not help: rate 3e-3 (3.5 s, on scientific-small −.0006 ± .0004); a moving average of
 * the weights (6.5 s, +.001 ± .0005 and −.0006 ± .0004); candidates from 256 pairs of the batch (2.9 s where the batch takes 3.4,
 * validation .0611 where it has .0624); halving the rate every second epoch (9 s); dim 64 (2 s, blend .0673 for .0686).
 *
 * @example
 * const tables = await initialize(split.train, embeddings, { dim: 8 });
 * const { factors } = await fit(split, tables, { ...RECOMMENDED_TRAINING, epochs: 2 });
 */
export const RECOMMENDED_TRAINING = {
  batchSize: 512,
  patience: 1,
  minRise: 0.1,
  optimizer: { ...ADAM, learningRate: 2e-3 },
  loss: { name: 'softmax', similarity: 'cosine', candidates: 'in-batch', softmaxTemperature: 0.2 },
} as const satisfies FitOptions;

/**
 * `RECOMMENDED_TRAINING` as far as a model reads it; one without a choice of losses keeps its own.
 *
 * @example
 * const options = recommendedTraining('sgl');
 * const tables = await initialize(split.train, null, { dim: 8 });
 * const { factors } = await fit(split, tables, { ...options, epochs: 1 });
 */
export function recommendedTraining(model: ModelName | ModelSynonym = FIT_OPTIONS.model.default): FitOptions {
  const name = FIT_OPTIONS.model.check(model, 'model', 'recommendedTraining');
  const { loss, minRise, ...common } = RECOMMENDED_TRAINING;
  const { options }: ModelDescriptor = describeModel(name);
  return options.includes('loss') ? { ...common, minRise, loss } : common;
}
