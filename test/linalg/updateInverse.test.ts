import { inverse, Matrix as SmallMatrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { type RankOneTerm, updateInverse } from '../../src/linalg/updateInverse.ts';
import { Turns } from '../../src/runtime/turns.ts';
import { builds, randomIndices, randomValues } from '../kernels/harness.ts';

const N = 40;

/** A A ᵀ + 5 I in float64. */
function positiveDefinite(): SmallMatrix {
  const a = SmallMatrix.from1DArray(N, N, Array.from(randomValues(N * N, 2)));
  return a.mmul(a.transpose()).add(SmallMatrix.eye(N).mul(5));
}

function withTerms(base: SmallMatrix, terms: readonly RankOneTerm[]): SmallMatrix {
  const out = base.clone();
  for (const { weight, indices, values } of terms) {
    for (let m = 0; m < indices.length; m++) {
      for (let n = 0; n < indices.length; n++) {
        const product = weight * (values?.[m] ?? 1) * (values?.[n] ?? 1);
        out.set(indices[m], indices[n], out.get(indices[m], indices[n]) + product);
      }
    }
  }
  return out;
}

describe.each(builds)('updateInverse on the $name build', ({ open }) => {
  it.each([0, 1, 3, 70])('is the inverse of the matrix with %s terms more', async (count) => {
    const base = positiveDefinite();
    const terms = Array.from({ length: count }, (_, t): RankOneTerm => {
      const indices = [...new Set(randomIndices(5, N, t))];
      const values = t % 2 ? [...randomValues(indices.length, t)] : undefined;
      return { weight: t % 3 === 2 ? -0.1 : 0.7, indices, values };
    });
    const workspace = open();
    const start = Float32Array.from(inverse(base).to1DArray());
    const p = workspace.matrixFrom(start, N, N);
    const mark = workspace.mark();
    expect(await updateInverse(workspace, p, terms, new Turns())).toBe(true);
    expect(workspace.mark()).toBe(mark);
    const expected = inverse(withTerms(base, terms)).to1DArray();
    const worst = p.read().reduce((most, value, at) => Math.max(most, Math.abs(value - expected[at])), 0);
    expect(worst).toBeLessThan(1e-6);
  });

  it('says when a term leaves no inverse, and passes terms of nothing over', async () => {
    const workspace = open();
    const identity = Float32Array.from({ length: 64 }, (_, at) => Number(at % 9 === 0));
    const p = workspace.matrixFrom(identity, 8, 8);
    const nothing = [
      { weight: 0, indices: [1, 2] },
      { weight: 3, indices: [] },
    ];
    expect(await updateInverse(workspace, p, nothing, new Turns())).toBe(true);
    expect(p.read()).toEqual(identity);
    expect(await updateInverse(workspace, p, [{ weight: -1, indices: [2] }], new Turns())).toBe(false);
  });
});
