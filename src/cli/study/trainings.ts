import type { FitOptions, ModelName } from '../../index.ts';
import { ADAM } from '../../models/parameters/optimizer.ts';
import { recommendedTraining } from '../../train/recommended.ts';
import type { Training } from './jobs.ts';

const RATE = { ...ADAM, learningRate: 2e-3 };

/** Of a map of vectors: each update maps all items, so that batches are larger than those of tables. */
const MAP = { batchSize: 512, patience: 5, optimizer: RATE } as const;

/** Of a map of users, too, which each update maps as well: AlphaRec's batches (ICLR 2025), at ten times its rate, since epochs are short. */
const MAP_OF_ALL = { batchSize: 4096, patience: 5, optimizer: { ...ADAM, learningRate: 5e-3 } } as const;

/** As `npm run bench -- quality` trains SASRec: batches of sequences, and the last 20 items, which few people exceed. */
const SEQUENCES = { batchSize: 128, maxLength: 20, patience: 10, optimizer: RATE } as const;

/** As the same bench trains TIGER: a ranking by codes takes longer than an epoch. */
const CODES = { ...SEQUENCES, batchSize: 64, patience: 3, evaluateEvery: 2, hiddenDropout: 0.2 } as const;

/** LLMRec: what is supposed to be disliked as negatives, and the share of pairs that it prunes as noise (WSDM 2024). */
export const AUGMENTED = {
  negatives: { name: 'disliked' },
  loss: { name: 'bpr', prune: 0.71 },
} as const satisfies FitOptions;

/** How a graph model or a model of sequences is trained where it is not as the authors of LLMInit do. */
const TRAININGS: Readonly<Record<Training, (model: ModelName) => FitOptions>> = {
  recommended: recommendedTraining,
  map: () => MAP,
  'map-of-all': () => MAP_OF_ALL,
  sequences: () => SEQUENCES,
  codes: () => CODES,
};

/** @param model one that `fit` trains, or what is composed of one */
export function trainingOf(training: Training, model: string): FitOptions {
  return TRAININGS[training](model as ModelName);
}
