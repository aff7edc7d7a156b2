import { describe, expect, it } from 'vitest';
import { ADAM, Optimizer, type OptimizerOptions } from '../../../src/models/parameters/optimizer.ts';

/** The rates of the first updates, ten of them an epoch. */
function rates(options: Partial<OptimizerOptions>, updates: number): number[] {
  const optimizer = new Optimizer({ ...ADAM, learningRate: 1, ...options } as OptimizerOptions, 10);
  return Array.from({ length: updates }, () => {
    const update = optimizer.next();
    return update.adam ? update.adam.rate : update.rate;
  });
}

describe('the learning rate', () => {
  it('stays as it is unless told otherwise', () => {
    expect(new Set(rates({}, 100))).toEqual(new Set([1]));
    expect(new Set(rates({ name: 'sgd' }, 100))).toEqual(new Set([1]));
  });

  it('rises in equal steps over the epochs of the warm-up', () => {
    expect(rates({ warmupEpochs: 0.5 }, 7)).toEqual([0.2, 0.4, 0.6, 0.8, 1, 1, 1]);
  });

  it('is halved after so many epochs, again and again', () => {
    const found = rates({ halvingEpochs: 2 }, 61);
    expect([found[0], found[19], found[20], found[39], found[40], found[60]]).toEqual([
      1, 1, 0.5, 0.5, 0.25, 0.125,
    ]);
    expect(rates({ halvingEpochs: 1e-3 }, 200).at(-1)).toBe(0);
  });

  it('goes on where a resumed training left it', () => {
    const options = { ...ADAM, warmupEpochs: 2, halvingEpochs: 3 };
    const [whole, resumed] = [new Optimizer(options, 10), new Optimizer(options, 10)];
    for (let step = 0; step < 45; step++) whole.next();
    resumed.steps = 45;
    expect(resumed.next()).toEqual(whole.next());
  });
});
