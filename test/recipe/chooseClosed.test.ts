import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { evaluateScorer } from '../../src/evaluate/evaluate.ts';
import type { ClosedModelDescriptor, ClosedSettings } from '../../src/models/closed/descriptor.ts';
import { ease, easeModel } from '../../src/models/closed/ease.ts';
import { popularityModel } from '../../src/models/closed/popularity.ts';
import { chooseClosed } from '../../src/recipe/chooseClosed.ts';
import { plantedSplit } from '../models/planted.ts';

const split = plantedSplit();

describe('chooseClosed', () => {
  it('takes the settings of the highest validation NDCG@10, of equals the first', async () => {
    const grid = [1e6, 1, 30, 1].map((regularization) => ({ regularization }));
    const quality: number[] = [];
    for (const settings of grid) {
      const scorer = await ease(split.train, settings);
      quality.push((await evaluateScorer(scorer, split, { part: 'valid', ks: [10] })).means['ndcg@10']);
    }
    expect(new Set(quality).size).toBeGreaterThan(1);
    const { scorer, settings, valid, compared } = await chooseClosed(easeModel, split, null, { grid });
    expect({ valid, compared }).toEqual({ valid: Math.max(...quality), compared: 4 });
    expect(settings).toBe(grid[quality.indexOf(valid!)]);
    expect(scorer).toEqual(await ease(split.train, settings));
    const twice = await chooseClosed(easeModel, split, null, {
      grid: [{ regularization: 7 }, { regularization: 7.000001 }],
    });
    expect(twice.settings).toEqual({ regularization: 7 });
  });

  it('validates by the protocol', async () => {
    const grid = [{ regularization: 10 }];
    const paper = await chooseClosed(easeModel, split, null, { grid, protocol: 'paper' });
    const found = await evaluateScorer(paper.scorer, split, { part: 'valid', protocol: 'paper', ks: [10] });
    expect(paper.valid).toBe(found.means['ndcg@10']);
    expect((await chooseClosed(easeModel, split, null, { grid })).valid).not.toBe(paper.valid);
  });

  it('takes the first settings where there is nothing to validate by, and refuses to choose from none', async () => {
    const none = { ...split, valid: split.valid.subset([]) };
    const found = await chooseClosed(easeModel, none, null);
    expect(found).toMatchObject({ settings: easeModel.grid(false)[0], valid: null, compared: 1 });
    await expect(chooseClosed(popularityModel, split, null, { grid: [] })).rejects.toThrow(OptionError);
  });

  it('compares the option that is chosen last for the best of the others alone, and settings that are named all', async () => {
    const grid = [100, 1, 1e4].flatMap((regularization) =>
      [0, 1].map((popularityPenalty) => ({ regularization, popularityPenalty })),
    );
    const tried: ClosedSettings[] = [];
    const shares: number[] = [];
    const model: ClosedModelDescriptor = {
      ...easeModel,
      chosenLast: 'regularization',
      grid: () => grid,
      train: (train, _, settings, run) => {
        tried.push(...settings);
        run?.onProgress?.(1);
        return Promise.all(
          settings.map(({ regularization }) => ease(train, { regularization: regularization as number })),
        );
      },
    };
    const onProgress = (share: number) => shares.push(share);
    const found = await chooseClosed(model, split, null, { onProgress });
    const penalty = { popularityPenalty: 0 };
    const last = [1, 1e4].map((regularization) => ({ regularization, ...penalty }));
    expect(tried).toEqual([grid[0], grid[1], ...last]);
    expect(found).toMatchObject({ compared: 4, settings: penalty });
    expect(shares).toEqual([0.5, 1]);
    expect((await chooseClosed(model, split, null, { grid })).compared).toBe(6);
    expect((await chooseClosed(model, split, null, { most: 3 })).compared).toBe(3);
    expect((await chooseClosed(model, split, null, { most: 1 })).settings).toBe(grid[0]);
  });
});
