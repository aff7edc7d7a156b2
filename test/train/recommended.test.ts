import { describe, expect, it } from 'vitest';
import { initialize } from '../../src/init/initialize.ts';
import { MODELS } from '../../src/models/registry.ts';
import { fit } from '../../src/train/fit.ts';
import { recommendedTraining } from '../../src/train/recommended.ts';
import { codesFor } from '../models/identityCodes.ts';
import { plantedSplit } from '../models/planted.ts';

describe('the recommended settings', () => {
  it.each(MODELS)('are read by %s', async (model) => {
    const split = plantedSplit();
    const initial = await initialize(split.train, null, { dim: 8 });
    const { bestMetric } = await fit(split, initial, {
      ...{ ...recommendedTraining(model), model, epochs: 3 },
      ...codesFor(model, split.train.numItems),
    });
    expect(bestMetric).toBeGreaterThan(0);
  });
});
