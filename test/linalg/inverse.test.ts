import { inverse, Matrix as SmallMatrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { invertPositiveDefinite } from '../../src/linalg/inverse.ts';
import { Turns } from '../../src/runtime/turns.ts';
import { builds, randomValues } from '../kernels/harness.ts';

/** Symmetric with off-diagonal entries in ±1 and a diagonal that makes it positive definite. */
function positiveDefinite(n: number, diagonal = n): SmallMatrix {
  const values = randomValues(n * n, n);
  const out = new SmallMatrix(n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const value = Math.fround(values[i * n + j] + (i === j ? diagonal : 0));
      out.set(i, j, value);
      out.set(j, i, value);
    }
  }
  return out;
}

const flat = (matrix: SmallMatrix) => Float32Array.from(matrix.to1DArray());

describe.each(builds)('invertPositiveDefinite on the $name build', ({ open }) => {
  it.each([8, 120, 128, 136, 264])('inverts n × n for n = %s within 1e-6 of the largest entry', async (n) => {
    const exact = positiveDefinite(n);
    const workspace = open();
    const a = workspace.matrixFrom(flat(exact), n, n);
    expect(await invertPositiveDefinite(workspace, a, new Turns())).toBe(true);
    const expected = inverse(exact).to1DArray();
    const largest = Math.max(...expected.map(Math.abs));
    const worst = a.read().reduce((most, value, at) => Math.max(most, Math.abs(value - expected[at])), 0);
    expect(worst / largest).toBeLessThan(1e-6);
  });
});

describe('invertPositiveDefinite', () => {
  const { open } = builds[0];

  it('takes rows in several chunks: 520 rows times the inverse are the identity', async () => {
    const n = 520;
    const exact = positiveDefinite(n);
    const workspace = open();
    const a = workspace.matrixFrom(flat(exact), n, n);
    await invertPositiveDefinite(workspace, a, new Turns());
    const product = exact.mmul(SmallMatrix.from1DArray(n, n, Array.from(a.read())));
    expect(product.sub(SmallMatrix.eye(n)).abs().max()).toBeLessThan(1e-5);
  });

  it('leaves rows of the identity as they are', async () => {
    const exact = positiveDefinite(136);
    for (let i = 132; i < 136; i++)
      for (let j = 0; j < 136; j++) {
        exact.set(i, j, i === j ? 1 : 0);
        exact.set(j, i, i === j ? 1 : 0);
      }
    const workspace = open();
    const a = workspace.matrixFrom(flat(exact), 136, 136);
    await invertPositiveDefinite(workspace, a, new Turns());
    const found = a.read();
    for (let i = 132; i < 136; i++)
      for (let j = 0; j < 136; j++) expect(Math.abs(found[i * 136 + j])).toBe(i === j ? 1 : 0);
  });

  it('gives the same bytes again and frees what it took', async () => {
    const results: Float32Array[] = [];
    for (let round = 0; round < 2; round++) {
      const workspace = open();
      const a = workspace.matrixFrom(flat(positiveDefinite(136)), 136, 136);
      const mark = workspace.mark();
      await invertPositiveDefinite(workspace, a, new Turns());
      expect(workspace.mark()).toBe(mark);
      results.push(a.read());
    }
    expect(results[1]).toEqual(results[0]);
  });

  it('says when a block is singular, in the first block or a later one, and frees what it took', async () => {
    for (const singular of [3, 130]) {
      const exact = positiveDefinite(136);
      for (let j = 0; j < 136; j++) {
        exact.set(singular, j, 0);
        exact.set(j, singular, 0);
      }
      const workspace = open();
      const a = workspace.matrixFrom(flat(exact), 136, 136);
      const mark = workspace.mark();
      expect(await invertPositiveDefinite(workspace, a, new Turns())).toBe(false);
      expect(workspace.mark()).toBe(mark);
    }
  });
});
