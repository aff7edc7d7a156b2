import { describe, expect, it } from 'vitest';
import { Interactions } from '../../src/data/interactions.ts';
import { leaveOneOut } from '../../src/data/splits.ts';
import { OptionError } from '../../src/errors.ts';
import { evaluateScorer } from '../../src/evaluate/evaluate.ts';
import type { ClosedModelDescriptor, ClosedSettings } from '../../src/models/closed/descriptor.ts';
import { ease, easeModel } from '../../src/models/closed/ease.ts';
import { l3aeModel } from '../../src/models/closed/l3aeModel.ts';
import { popularityModel } from '../../src/models/closed/popularity.ts';
import { chooseClosed, searchSize } from '../../src/recipe/chooseClosed.ts';
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

  it('trains all settings at once, and no more of them than are asked for', async () => {
    const grid = [100, 1, 1e4].map((regularization) => ({ regularization }));
    const tried: (readonly ClosedSettings[])[] = [];
    const shares: number[] = [];
    const model: ClosedModelDescriptor = {
      ...easeModel,
      grid: () => grid,
      train: (train, embeddings, settings, run) => {
        tried.push(settings);
        run?.onProgress?.(1);
        return easeModel.train(train, embeddings, settings);
      },
    };
    const onProgress = (share: number) => shares.push(share);
    expect((await chooseClosed(model, split, null, { onProgress })).compared).toBe(3);
    expect((await chooseClosed(model, split, null, { most: 2 })).compared).toBe(2);
    expect(tried).toEqual([grid, grid.slice(0, 2)]);
    expect(shares).toEqual([1]);
  });

  it('trains settings of many items in groups, whose rows are held together', async () => {
    expect(searchSize(l3aeModel.grid(true), 50_000)).toEqual({ compared: 5, groups: 1, atOnce: 5 });
    expect(searchSize(l3aeModel.grid(true), 50_001)).toEqual({ compared: 5, groups: 2, atOnce: 3 });
    const trained: number[] = [];
    const shares: number[] = [];
    const model: ClosedModelDescriptor = {
      ...popularityModel,
      grid: () => [{ a: 0 }, { a: 1 }, { a: 2 }, { a: 3 }],
      train: (train, embeddings, settings, run) => {
        trained.push(settings.length);
        run?.onProgress?.(0.5);
        return Promise.all(
          settings.map(async () => (await popularityModel.train(train, embeddings, [{}]))[0]),
        );
      },
    };
    const rows = Array.from({ length: 50_001 }, (_, n) => ({ user: `u${n % 4}`, item: `i${n}` }));
    const many = leaveOneOut(Interactions.from(rows), { seed: 0 });
    const onProgress = (share: number) => shares.push(share);
    const found = await chooseClosed(model, many, null, { onProgress });
    expect(found).toMatchObject({ compared: 4, settings: { a: 0 } });
    expect(trained).toEqual([3, 1]);
    expect(shares).toEqual([0.375, 0.875]);
  });
});
