import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { gaussianProjection } from '../../src/init/projection.ts';
import { loadThreads } from '../../src/runtime/loadThreads.ts';
import { PURPOSE, Random } from '../../src/runtime/random.ts';
import { builds, randomTable } from '../kernels/harness.ts';
import { columnMeans, matmul, normalizedRows, toMatrix } from '../reference.ts';
import { expectClose, ITEMS, mean, norms, run, table, WIDTH } from './sample.ts';

const DIM = 5;

describe('gaussianProjection', () => {
  const { open } = builds[0];
  /** G itself: the projection of the identity. */
  const map = (width: number, dim: number, seed: number) => {
    const identity = Float32Array.from({ length: width * width }, (_, n) => (n % (width + 1) === 0 ? 1 : 0));
    const workspace = open();
    return gaussianProjection(workspace, workspace.matrixFrom(identity, width, width), dim, seed);
  };

  it('is x G with entries of G that are sums of 12 uniform numbers less 6, over √dim', () => {
    const [rows, width, dim, seed] = [9, 13, 5, 7];
    const random = new Random(seed, PURPOSE.projection);
    const g = Float64Array.from({ length: width * dim }, () => {
      const uniform = Array.from({ length: 12 }, () => random.uniform());
      return (uniform.reduce((a, b) => a + b, 0) - 6) / Math.sqrt(dim);
    });
    const workspace = open();
    const { table: x, exact } = randomTable(workspace, rows, width);
    const found = gaussianProjection(workspace, x, dim, seed);
    expectClose(found, matmul(exact, toMatrix(g, width, dim)), 1e-5);
  });

  it('draws entries of mean 0, variance 1/dim and the kurtosis of 12 uniform numbers, uncorrelated', () => {
    const [width, dim] = [200, 100];
    const g = map(width, dim, 1).map((value) => value * Math.sqrt(dim));
    const moment = (power: number) => mean(Array.from(g, (value) => value ** power));
    // Five standard errors of 20,000 draws; the fourth moment is 3 − 6/(5 · 12).
    expect(Math.abs(moment(1))).toBeLessThan(5 / Math.sqrt(g.length));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(5 * Math.sqrt(1.9 / g.length));
    expect(Math.abs(moment(4) - 2.9)).toBeLessThan(0.35);
    const neighbours = mean(Array.from(g.subarray(1), (value, n) => value * g[n]));
    expect(Math.abs(neighbours)).toBeLessThan(5 / Math.sqrt(g.length));
  });

  it('may be wider than the vectors', () => {
    expect(map(3, 40, 1).length).toBe(120);
    expect(map(3, 40, 1).every((value) => value !== 0)).toBe(true);
  });
});

describe('projection', () => {
  it('projects rows that are normalised, centred and normalised again', async () => {
    const unit = normalizedRows(table);
    const means = columnMeans(unit);
    const x = normalizedRows({ ...unit, data: unit.data.map((value, n) => value - means[n % WIDTH]) });
    const workspace = builds[0].open();
    const rows = workspace.matrixFrom(Float32Array.from(x.data), ITEMS, WIDTH);
    const expected = gaussianProjection(workspace, rows, DIM, 3);
    const length = mean(norms(expected, DIM));
    const { items, columns } = await run('projection', { seed: 3 });
    expectClose(
      items,
      toMatrix(
        expected.map((value) => value / length),
        ITEMS,
        DIM,
      ),
      1e-5,
    );
    expect(columns).toBeNull();
  });

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

  it('gives the same bytes with two threads', async () => {
    const runtime = await loadThreads({ threads: 2, onFallback: () => {} });
    const [one, two] = [await run('projection'), await run('projection', { runtime })];
    expect([two.items, two.users]).toEqual([one.items, one.users]);
  });

  it('refuses a seed that is no integer ≥ 0', async () => {
    for (const seed of [-1, 0.5, Number.NaN])
      await expect(run('projection', { seed })).rejects.toThrow(OptionError);
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
