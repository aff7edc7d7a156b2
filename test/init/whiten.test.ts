import { EigenvalueDecomposition, Matrix as SmallMatrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { whiten } from '../../src/init/whiten.ts';
import { fractionalPower } from '../../src/runtime/fractionalPower.ts';
import { loadThreads } from '../../src/runtime/loadThreads.ts';
import { columnMeans, gram, normalizedRows } from '../reference.ts';
import { ITEMS, mean, norms, run, table } from './sample.ts';

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

  it('multiplies column k by σₖ^−α', () => {
    const coordinates = Float32Array.of(4, 1, -0.5, 8, 2, 0);
    const singularValues = Float64Array.of(9, 4, 0.25);
    for (const exponent of [0, 0.3, 0.5, 1]) {
      const found = whiten({ coordinates, singularValues }, exponent);
      found.forEach((value, at) => {
        expect(value).toBeCloseTo(coordinates[at] / singularValues[at % 3] ** exponent, 5);
      });
    }
    expect([...coordinates]).toEqual([4, 1, -0.5, 8, 2, 0]);
  });

  it.each([0, 0.25, 0.5, 1])('has the rows of XVΣ^−α of a float64 eigendecomposition, α %s', async (α) => {
    const unit = normalizedRows(table);
    const means = columnMeans(unit);
    const x = normalizedRows({ ...unit, data: unit.data.map((value, n) => value - means[n % unit.cols]) });
    const covariance = SmallMatrix.from1DArray(x.cols, x.cols, Array.from(gram(x).data));
    const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(covariance, {
      assumeSymmetric: true,
    });
    const order = [...realEigenvalues.keys()].sort((a, b) => realEigenvalues[b] - realEigenvalues[a]);
    const columns = order.slice(0, DIM).map((n) =>
      SmallMatrix.from1DArray(ITEMS, x.cols, Array.from(x.data))
        .mmul(eigenvectorMatrix.subMatrixColumn([n]))
        .div(Math.sqrt(realEigenvalues[n]) ** α)
        .to1DArray(),
    );
    const length = mean(columns[0].map((_, row) => Math.hypot(...columns.map((column) => column[row]))));
    const { items } = await run('whiten', { whitenExponent: α });
    for (const [k, column] of columns.entries()) {
      const found = items.filter((_, at) => at % DIM === k);
      const sign = Math.sign(column.reduce((sum, value, row) => sum + value * found[row], 0));
      for (let row = 0; row < ITEMS; row++)
        expect(Math.abs(found[row] - (sign * column[row]) / length)).toBeLessThan(1e-4);
    }
  });

  it('is pca with α 0', async () => {
    expect((await run('whiten', { whitenExponent: 0 })).items).toEqual((await run('pca')).items);
  });

  it('gives the same bytes again, and with two threads', async () => {
    const runtime = await loadThreads({ threads: 2, onFallback: () => {} });
    const { items, users } = await run('whiten');
    for (const again of [await run('whiten'), await run('whiten', { runtime })])
      expect([again.items, again.users]).toEqual([items, users]);
  });

  it('refuses α outside 0 … 1', async () => {
    for (const whitenExponent of [-0.1, 1.01, Number.NaN, Number.POSITIVE_INFINITY])
      await expect(run('whiten', { whitenExponent })).rejects.toThrow(OptionError);
    await expect(run('whiten', { whitenExponent: 2 })).rejects.toThrow(
      'expected whitenExponent to be a number in [0, 1], received 2',
    );
  });
});
