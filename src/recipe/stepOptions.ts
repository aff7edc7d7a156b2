import type { Interactions } from '../data/interactions.ts';
import { findStrategy, type InitializeOptions, optionsReadBy } from '../init/options.ts';
import type { Strategy } from '../init/strategies/index.ts';
import type { InitStrategy } from '../init/strategy.ts';
import { ADAM } from '../models/parameters/optimizer.ts';
import type { ModelName, ModelSynonym } from '../models/registry.ts';
import { FIT_OPTIONS } from '../train/fitOptions.ts';
import type { FitOptions } from '../train/options.ts';
import { recommendedTraining } from '../train/recommended.ts';
import type { Init } from './inits.ts';
import { FIT, type TrainOptions } from './options.ts';

/** Updates of an epoch, at least, of the training that `auto` does. */
const LEAST_UPDATES = 8;
/** … and at most: for losses whose work grows with the batch alone, and for those that compare all of its rows. */
const MOST_UPDATES = { linear: 64, quadratic: 256 };
/** Interactions a user, above which there are fewer of the former, down to half as many for twice the interactions. */
const SPARSE_DEGREE = 20;

/** What is trained on, as far as batches depend on it. */
type TrainedSize = Pick<Interactions, 'length' | 'numUsers'>;

/** Interactions per update, at least, however few there are. */
const LEAST_BATCH = 32;

/** How many times its learning rate a larger batch has, at most. */
const MOST_RATE = 4;

/**
 * The recommended training, with batches that fit the number of interactions: so many that an epoch's work is linear in
 * them, an update being linear in the graph. As many times larger as a batch is than the recommended one, as many times
 * larger are its steps, up to four times. 48, 64 and 96 updates at most, in multiples of 512, by the blend's validation NDCG@10
 * over two or three splits and by the graph model's seconds: amazon-office .0689 in 2.8 s, .0695 in 3.2 s and the same; scientific .1154 in
 * 7.2 s, the same and .1156 in 8.9 s; ml-100k .1881 in 7.4 s, .1881 in 5.9 s and .1895 in 7.9 s; the others have the same batches.
 * On dense data half as many do no worse, validation and test NDCG@10 with 32, 48 and 96: ml-100k, 103 interactions a user, five
 * splits, .1921/.1828 in 4.4 s, .1905/.1825 in 4.5 s and .1906/.1802 in 8.0 s; the users and items of Gowalla with 18 interactions,
 * 40 a user, two splits, its graph model .0955, .0938 and .0940 in 10.4 s, 11.6 s and 14.2 s.
 */
function recommendedFit(
  model: ModelName | ModelSynonym,
  { length: interactions, numUsers }: TrainedSize,
  given: FitOptions,
): FitOptions {
  const { loss, minRise, ...recommended } = recommendedTraining(model);
  // A loss of all items of the batch draws no negatives, and its curve has no dip to wait for.
  const own = loss && given.negatives === undefined && given.loss === undefined ? { loss, minRise } : {};
  const { batchSize = LEAST_BATCH, optimizer = ADAM } = recommended;
  const fewer = Math.max(LEAST_BATCH, Math.min(batchSize, Math.ceil(interactions / LEAST_UPDATES)));
  const isLinear = own.loss && given.batchSize === undefined;
  if (!isLinear) {
    const least = Math.ceil(interactions / MOST_UPDATES.quadratic);
    return { ...recommended, ...own, batchSize: Math.max(fewer, least) };
  }
  const share = Math.min(1, Math.max(0.5, (SPARSE_DEGREE * numUsers) / interactions));
  const larger = Math.ceil(interactions / (share * MOST_UPDATES.linear));
  if (larger <= batchSize) return { ...recommended, ...own, batchSize: fewer };
  const learningRate = Math.min(MOST_RATE, larger / batchSize) * optimizer.learningRate;
  return { ...recommended, ...own, batchSize: larger, optimizer: { ...optimizer, learningRate } };
}

/** The options that decide the initial tables. */
export function tableOptions(strategy: Strategy | InitStrategy, options: TrainOptions): InitializeOptions {
  const read = ['dim', 'scale', 'seed', ...Object.keys(optionsReadBy(findStrategy(strategy)))];
  const own = Object.entries(options).filter(([name]) => read.includes(name));
  return { ...Object.fromEntries(own), strategy };
}

/** The options of `fit` among those of `train`, without its hooks; those of the recommended training for `auto`. */
export function fitOptions(options: TrainOptions, init: Init, train: TrainedSize): FitOptions {
  const given = Object.fromEntries(
    Object.entries(options).filter(([name, value]) => value !== undefined && Object.hasOwn(FIT, name)),
  );
  if (init !== 'auto') return given;
  const { model = FIT_OPTIONS.model.default } = given;
  return { ...recommendedFit(model as ModelName, train, given), ...given };
}
