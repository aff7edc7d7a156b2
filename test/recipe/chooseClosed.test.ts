import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { evaluateScorer } from '../../src/evaluate/evaluate.ts';
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
});
