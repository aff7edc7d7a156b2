import type { FitOptions, ModelName } from '../../index.ts';
import { ADAM } from '../../models/parameters/optimizer.ts';
import { recommendedTraining } from '../../train/recommended.ts';
import type { Training } from './jobs.ts';

const RATE = { ...ADAM, learningRate: 2e-3 };

/** A map of vectors has few parameters: it takes large batches, and loses little by an early end. */
const MAP = { batchSize: 512, patience: 5, optimizer: RATE } as const;

/**
 * Sequences an update. People of the datasets have five to ten items: a window longer than 20 takes more time and changes
 * nothing.
 */
const SEQUENCES = { batchSize: 128, maxLength: 20, patience: 10, optimizer: RATE } as const;

/** Codes are few and recur: they need less dropout than items, and a ranking by them takes longer than an epoch. */
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
  sequences: () => SEQUENCES,
  codes: () => CODES,
};

/** @param model one that `fit` trains, or what is composed of one */
export function trainingOf(training: Training, model: string): FitOptions {
  return TRAININGS[training](model as ModelName);
}
