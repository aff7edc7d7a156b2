import { findStrategy, type InitializeOptions, optionsReadBy } from '../init/options.ts';
import type { Strategy } from '../init/strategies/index.ts';
import type { InitStrategy } from '../init/strategy.ts';
import type { ModelName, ModelSynonym } from '../models/registry.ts';
import { FIT_OPTIONS } from '../train/fitOptions.ts';
import type { FitOptions } from '../train/options.ts';
import { recommendedTraining } from '../train/recommended.ts';
import type { Init } from './inits.ts';
import { FIT, type TrainOptions } from './options.ts';

/** Updates of an epoch, at least and at most, of the training that `auto` does. */
const UPDATES = { least: 8, most: 256 };

/** Interactions per update, at least, however few there are. */
const LEAST_BATCH = 32;

/** The recommended training, with batches that fit the number of interactions. */
function recommendedFit(
  model: ModelName | ModelSynonym,
  interactions: number,
  given: FitOptions,
): FitOptions {
  const { loss, ...recommended } = recommendedTraining(model);
  // A loss of all items of the batch draws no negatives.
  const own = loss && given.negatives === undefined ? { loss } : {};
  const { batchSize = LEAST_BATCH } = recommended;
  const fewer = Math.max(LEAST_BATCH, Math.min(batchSize, Math.ceil(interactions / UPDATES.least)));
  return { ...recommended, ...own, batchSize: Math.max(fewer, Math.ceil(interactions / UPDATES.most)) };
}

/** The options that decide the initial tables. */
export function tableOptions(strategy: Strategy | InitStrategy, options: TrainOptions): InitializeOptions {
  const read = ['dim', 'scale', 'seed', ...Object.keys(optionsReadBy(findStrategy(strategy)))];
  const own = Object.entries(options).filter(([name]) => read.includes(name));
  return { ...Object.fromEntries(own), strategy };
}

/** The options of `fit` among those of `train`, without its hooks; those of the recommended training for `auto`. */
export function fitOptions(options: TrainOptions, init: Init, interactions: number): FitOptions {
  const given = Object.fromEntries(
    Object.entries(options).filter(([name, value]) => value !== undefined && Object.hasOwn(FIT, name)),
  );
  if (init !== 'auto') return given;
  const { model = FIT_OPTIONS.model.default } = given;
  return { ...recommendedFit(model as ModelName, interactions, given), ...given };
}
