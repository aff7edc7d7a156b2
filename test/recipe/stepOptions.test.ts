import { describe, expect, it } from 'vitest';
import { fitOptions } from '../../src/recipe/stepOptions.ts';
import { RECOMMENDED_TRAINING } from '../../src/train/recommended.ts';

/** Batch and learning rate of `auto`, as times the recommended rate. */
function steps(length: number, numUsers: number): { batch: number; rate: number } {
  const { batchSize, optimizer } = fitOptions({}, 'auto', { length, numUsers });
  const rate = optimizer?.name === 'adam' ? optimizer.learningRate : Number.NaN;
  return { batch: batchSize!, rate: rate / RECOMMENDED_TRAINING.optimizer.learningRate };
}

describe('the batches of auto', () => {
  it('are the recommended ones where these make no more than 64 updates, and smaller for very few interactions', () => {
    expect(steps(20_000, 2_000)).toEqual({ batch: 512, rate: 1 });
    expect(steps(32_768, 4_000)).toEqual({ batch: 512, rate: 1 });
    expect(steps(800, 100)).toEqual({ batch: 100, rate: 1 });
    expect(steps(50, 10)).toEqual({ batch: 32, rate: 1 });
  });

  it('are a 64th of more interactions, with a rate that grows along, up to four times', () => {
    expect(steps(65_536, 8_000)).toEqual({ batch: 1024, rate: 2 });
    expect(steps(64_001, 8_000)).toEqual({ batch: 1001, rate: expect.closeTo(1001 / 512) });
    expect(steps(1_000_000, 100_000)).toEqual({ batch: 15_625, rate: 4 });
  });

  it('are up to twice as large where users have more than 20 interactions', () => {
    const batches = [8_000, 3_200, 2_560, 2_000, 1_600, 100].map((users) => steps(64_000, users).batch);
    expect(batches).toEqual([1000, 1000, 1250, 1600, 2000, 2000]);
  });

  it('are those that are given', () => {
    expect(fitOptions({ batchSize: 7 }, 'auto', { length: 65_536, numUsers: 100 }).batchSize).toBe(7);
  });
});
