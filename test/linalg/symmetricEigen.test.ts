import { Matrix as DenseMatrix, EigenvalueDecomposition } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { leadingEigenpairs } from '../../src/linalg/symmetricEigen.ts';
import { Turns } from '../../src/runtime/turns.ts';
import { builds, randomValues } from '../kernels/harness.ts';

function symmetric(n: number, entry: (i: number, j: number) => number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return entry(Math.max(i, j), Math.min(i, j));
  });
}

function random(n: number): Float64Array {
  const values = randomValues(n * n, n);
  return symmetric(n, (i, j) => values[i * n + j]);
}

/** ‖A v − λ v‖ and the distance of V Vᵀ from I, both the largest entry, relative to the largest entry of A. */
function errors(
  a: Float64Array,
  n: number,
  { values, vectors }: { values: Float64Array; vectors: Float64Array },
) {
  const scale = Math.max(1e-300, ...Array.from(a, Math.abs));
  let residual = 0;
  let skew = 0;
  for (let k = 0; k < values.length; k++) {
    const v = vectors.subarray(k * n, (k + 1) * n);
    for (let i = 0; i < n; i++) {
      let sum = -values[k] * v[i];
      for (let j = 0; j < n; j++) sum += a[i * n + j] * v[j];
      residual = Math.max(residual, Math.abs(sum) / scale);
    }
    for (let l = 0; l <= k; l++) {
      let product = k === l ? -1 : 0;
      for (let i = 0; i < n; i++) product += v[i] * vectors[l * n + i];
      skew = Math.max(skew, Math.abs(product));
    }
  }
  return { residual, skew };
}

describe.each(builds)('leadingEigenpairs on the $name build', ({ open }) => {
  it.each([1, 2, 3, 4, 7, 16, 33, 90])(
    'has small residuals and orthonormal vectors for n = %s',
    async (n) => {
      const a = random(n);
      for (const count of new Set([1, Math.ceil(n / 2), n])) {
        const found = await leadingEigenpairs(open(), a, count, new Turns());
        const { realEigenvalues } = new EigenvalueDecomposition(DenseMatrix.from1DArray(n, n, a), {
          assumeSymmetric: true,
        });
        const expected = [...realEigenvalues].sort((x, y) => y - x);
        for (let k = 0; k < count; k++) expect(found.values[k]).toBeCloseTo(expected[k], 10);
        const { residual, skew } = errors(a, n, found);
        expect(residual).toBeLessThan(1e-11);
        expect(skew).toBeLessThan(1e-11);
        for (let k = 0; k < count; k++) {
          const row = [...found.vectors.subarray(k * n, (k + 1) * n)];
          expect(Math.max(...row)).toBeGreaterThanOrEqual(-Math.min(...row));
        }
      }
    },
  );
});

describe('leadingEigenpairs', () => {
  const { open } = builds[0];
  const cases: Record<string, Float64Array> = {
    zeros: new Float64Array(400),
    identity: symmetric(20, (i, j) => Number(i === j)),
    'a diagonal with pairs of equal entries': symmetric(20, (i, j) => (i === j ? Math.floor(i / 2) : 0)),
    'one vector times itself': symmetric(20, (i, j) => (i + 1) * (j + 1)),
    'blocks of equal spectra': symmetric(20, (i, j) =>
      Math.floor(i / 5) === Math.floor(j / 5) ? 1 / (1 + (i % 5) + (j % 5)) : 0,
    ),
    'entries of 1e-30 and of 1e30': symmetric(20, (i, j) => (i === j ? (i % 2 ? 1e30 : 1e-30) : 0)),
    "Wilkinson's matrix with pairs that are nearly equal": symmetric(21, (i, j) =>
      i === j ? Math.abs(i - 10) : i === j + 1 ? 1 : 0,
    ),
  };
  it.each(Object.entries(cases))('takes %s', async (_, a) => {
    const n = Math.sqrt(a.length);
    const found = await leadingEigenpairs(open(), a, n, new Turns());
    const { residual, skew } = errors(a, n, found);
    expect(residual).toBeLessThan(1e-11);
    expect(skew).toBeLessThan(1e-11);
    for (let k = 1; k < n; k++) expect(found.values[k]).toBeLessThanOrEqual(found.values[k - 1]);
  });

  it('frees what it took, stops when aborted, and gives the same bytes again', async () => {
    const workspace = open();
    const mark = workspace.mark();
    const first = await leadingEigenpairs(workspace, random(40), 9, new Turns());
    expect(workspace.mark()).toBe(mark);
    expect(await leadingEigenpairs(workspace, random(40), 9, new Turns())).toEqual(first);
    const controller = new AbortController();
    const turns = new Turns(controller.signal);
    controller.abort(new Error('enough'));
    await expect(leadingEigenpairs(open(), random(4), 1, turns)).rejects.toThrow('enough');
  });
});
