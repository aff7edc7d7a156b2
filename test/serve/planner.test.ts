import { describe, expect, it } from 'vitest';
import { encodeModel } from '../../src/serve/modelFile/encode.ts';
import { planServing, type ServingSizes, servingSizes, smallerSizes } from '../../src/serve/planner.ts';
import { quantizeModel, withoutUsers } from '../../src/serve/quantizeModel.ts';
import { SERVING_TARGETS, type ServingTarget } from '../../src/serve/targets.ts';
import { factorModel } from './sampleModels.ts';

/** Of a model with titles and without users. */
function sizesOf(items: number, dim = 128, userBytes = 0): ServingSizes {
  return { fileBytes: items * (4 * dim + 45) + userBytes, items, dim, precision: 'f32', userBytes };
}

const fitting = (sizes: ServingSizes, target: ServingTarget) =>
  planServing(sizes, target)
    .places.filter(({ fits }) => fits)
    .map(({ place }) => place);

describe('planServing', () => {
  it('opens 6,000 items in a free Worker only while it starts', () => {
    expect(fitting(sizesOf(6000), 'cloudflare-free')).toEqual(['in the Worker']);
    expect(fitting(sizesOf(6000), 'cloudflare')).toEqual(['in the Worker', 'in KV', 'in R2']);
  });

  it('refuses more than 25 MiB for KV and more memory than an isolate has', () => {
    expect(fitting(sizesOf(50_000), 'cloudflare')).toEqual(['in the Worker', 'in R2']);
    const plan = planServing(sizesOf(150_000), 'cloudflare');
    expect(plan.fits).toBe(false);
    for (const { checks } of plan.places) {
      expect(checks.find(({ what }) => what === 'memory')).toMatchObject({ limit: 2 ** 27, fits: false });
    }
  });

  it('names the mildest options of export that make a model fit, or none', () => {
    expect(planServing(sizesOf(6000), 'cloudflare-free').remedy).toBe(null);
    expect(planServing(sizesOf(150_000), 'cloudflare').remedy).toBe('--to f16');
    expect(planServing(sizesOf(250_000), 'cloudflare').remedy).toBe('--to int8');
    expect(planServing(sizesOf(150_000, 128, 100e6), 'cloudflare').remedy).toBe('--to f16 --no-users');
    expect(planServing(sizesOf(250_000, 128, 100e6), 'cloudflare').remedy).toBe('--to int8 --no-users');
    expect(planServing(sizesOf(9_000_000), 'cloudflare')).toMatchObject({ fits: false, remedy: null });
    const small: ServingSizes = { ...sizesOf(250_000), precision: 'int8' };
    expect(planServing(small, 'cloudflare')).toMatchObject({ fits: false, remedy: null });
  });

  it('gives each need beside a limit, and says where limits are published', () => {
    for (const target of SERVING_TARGETS) {
      const { places, source, fits } = planServing(factorModel(), target);
      expect(fits).toBe(true);
      expect(source).toMatch(/^https:/);
      for (const { checks } of places) {
        for (const { needed, limit, fits: within } of checks) {
          expect(needed).toBeGreaterThan(0);
          expect(within).toBe(limit === null || needed <= limit);
        }
      }
    }
  });

  it('takes the sizes of a model from its file, with and without users', async () => {
    const model = factorModel();
    const sizes = servingSizes(model);
    expect(sizes).toMatchObject({
      fileBytes: encodeModel(model).length,
      items: 61,
      dim: 13,
      precision: 'f32',
    });
    expect(sizes.fileBytes - sizes.userBytes).toBe(encodeModel(withoutUsers(model)).length);
    const small = await quantizeModel(model, { to: 'int8', users: false });
    expect(servingSizes(small)).toMatchObject({ precision: 'int8', userBytes: 0 });
    const codes = await quantizeModel(model, { to: 'int8' });
    expect(servingSizes(codes).userBytes).toBeGreaterThan(9 * 13);
  });

  it('estimates the bytes of a smaller model as export writes it', async () => {
    const model = withoutUsers(factorModel());
    const half = await quantizeModel(model, { to: 'f16' });
    const codes = await quantizeModel(model, { to: 'int8' });
    for (const small of [half, codes] as const) {
      const estimate = smallerSizes(servingSizes(model), small.precision as 'f16' | 'int8');
      // Names and shapes of tensors, and what aligns them, are not counted.
      expect(Math.abs(estimate!.fileBytes - encodeModel(small).length)).toBeLessThan(400);
    }
  });

  it('refuses targets that it does not know, and sizes that are none', () => {
    expect(() => planServing(sizesOf(10), 'fastly' as ServingTarget)).toThrow(
      /cloudflare-free.*received "fastly"/,
    );
    expect(() => planServing({ ...sizesOf(10), items: -1 }, 'browser')).toThrow(/items/);
    expect(() => planServing({} as ServingSizes, 'browser')).toThrow(/fileBytes/);
  });
});
