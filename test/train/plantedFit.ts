import { expect } from 'vitest';
import { initialize } from '../../src/init/initialize.ts';
import type { Checkpoint } from '../../src/train/checkpoint.ts';
import { fit } from '../../src/train/fit.ts';
import type { FitOptions } from '../../src/train/options.ts';
import { plantedSplit } from '../models/planted.ts';

export const split = plantedSplit();
/** Where every training of these tests begins. */
export const initial = await initialize(split.train, null, { dim: 12, seed: 1 });

/** A training of some seconds that finds the planted groups. */
export const quick: FitOptions = {
  batchSize: 16,
  epochs: 12,
  optimizer: { name: 'adam', learningRate: 0.03, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
};

/** Trains until `stopAfter` batches are done, and returns the checkpoint that the abort leaves. */
export async function interrupted(options: FitOptions, stopAfter: number): Promise<Checkpoint> {
  const controller = new AbortController();
  let batches = 0;
  let checkpoint: Checkpoint | undefined;
  const run = fit(split, initial, {
    ...{ ...options, signal: controller.signal },
    onProgress: ({ kind }) => {
      if (kind === 'batch' && ++batches === stopAfter) controller.abort(new Error('stopped by the test'));
    },
    onCheckpoint: (state) => {
      checkpoint = state;
    },
  });
  await expect(run).rejects.toThrow('stopped by the test');
  return checkpoint!;
}
