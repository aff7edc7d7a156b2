import { describe, expect, it } from 'vitest';
import { fractionalPower } from '../../src/runtime/fractionalPower.ts';
import { ITEMS, mean, norms, run } from './sample.ts';

const DIM = 5;

/** Norm of each column. */
function columnNorms(rows: Float32Array): number[] {
  return Array.from({ length: DIM }, (_, k) => Math.hypot(...rows.filter((_value, at) => at % DIM === k)));
}

describe('fractionalPower', () => {
  it('is base^exponent within 1e-6', () => {
    for (const base of [1e-6, 0.3, 1, 2, 1e6])
      for (const exponent of [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1])
        expect(fractionalPower(base, exponent) / base ** exponent).toBeCloseTo(1, 5);
    expect(fractionalPower(0, 0.5)).toBe(0);
  });
});

describe('whiten', () => {
  it('turns column norms σ into σ^(1−α)', async () => {
    const pca = columnNorms((await run('pca')).items);
    for (const whitenExponent of [0, 0.25, 0.5, 1]) {
      const found = columnNorms((await run('whiten', { whitenExponent })).items);
      for (let k = 1; k < DIM; k++)
        expect(found[k] / found[0]).toBeCloseTo((pca[k] / pca[0]) ** (1 - whitenExponent), 3);
    }
  });

  it('takes 0.5 and mean norm 1 by default', async () => {
    const { items, varianceKept, columns } = await run('whiten');
    expect(items).toEqual((await run('whiten', { whitenExponent: 0.5, scale: 1 })).items);
    expect(mean(norms(items, DIM))).toBeCloseTo(1, 5);
    expect(varianceKept).toBe((await run('pca')).varianceKept);
    expect(columns).toBeNull();
  });
});

describe('projection', () => {
  it('keeps inner products in expectation', async () => {
    const pca = await run('pca', { dim: 11, scale: 1 });
    const target = pairProducts(pca.items, 11);
    const sums = target.map(() => 0);
    const seeds = 300;
    for (let seed = 0; seed < seeds; seed++) {
      const { items } = await run('projection', { seed, scale: 1 });
      pairProducts(items, DIM).forEach((value, n) => {
        sums[n] += value / seeds;
      });
    }
    const error = mean(sums.map((value, n) => Math.abs(value - target[n])));
    expect(error).toBeLessThan(0.05);
  });

  it('depends on the seed alone', async () => {
    const [a, b, c] = [1, 1, 2].map((seed) => run('projection', { seed }));
    expect((await b).items).toEqual((await a).items);
    expect((await c).items).not.toEqual((await a).items);
    expect((await a).varianceKept).toBeNull();
  });
});

/** ⟨row i, row j⟩ of all pairs. */
function pairProducts(rows: Float32Array, dim: number): number[] {
  const values: number[] = [];
  for (let i = 0; i < ITEMS; i++) {
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let k = 0; k < dim; k++) sum += rows[i * dim + k] * rows[j * dim + k];
      values.push(sum);
    }
  }
  return values;
}
