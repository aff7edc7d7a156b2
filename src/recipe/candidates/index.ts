import { RECOMMENDED_SCALES } from '../../init/initialize.ts';
import type { InitName } from '../inits.ts';
import type { TrainOptions } from '../options.ts';
import type { TrainingData } from '../trainingData.ts';
import type { Entry } from './candidate.ts';
import { graphModel } from './graphModel.ts';

/**
 * What a training tries, in this order; of equals the first is kept. `auto` tries the recommended strategy at several
 * scales, but for one with a given scale, or without validation interactions to choose by.
 */
export function entriesOf(init: InitName, options: TrainOptions, data: TrainingData): readonly Entry[] {
  const chooses = init === 'auto' && options.scale === undefined && data.split.valid.length > 0;
  const scales = chooses ? RECOMMENDED_SCALES : [options.scale];
  return scales.map((scale) => graphModel({ init, scale, varied: chooses }));
}
