import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { POOLINGS, type Pooling, poolUsers } from '../../src/init/pooling.ts';
import { load } from '../../src/runtime/load.ts';
import { randomCsr, randomValues, worstRatio } from '../kernels/harness.ts';
import { poolUsers as exactPool, type Matrix, toMatrix } from '../reference.ts';

const runtime = await load();

/** Interactions of 23 users and 11 items; users 0, 6, 12 and 18 have none. */
const interactions = { ...randomCsr(23, 11, (user) => user % 6), values: null };

function pool(items: Matrix, pooling?: Pooling, csr = interactions) {
  const workspace = runtime.open();
  const table = workspace.matrixFrom(Float32Array.from(items.data), items.rows, items.cols);
  const users = workspace.matrix(csr.rows, items.cols);
  users.view.fill(Number.NaN);
  const withoutItems = poolUsers(workspace, csr, table, users, pooling);
  return { rows: users.read(), withoutItems };
}

describe.each(POOLINGS)('%s pooling', (pooling) => {
  it('gives the user rows of the float64 reference for every width', () => {
    for (const dim of [1, 3, 4, 9, 128]) {
      const items = toMatrix(randomValues(11 * dim, dim), 11, dim);
      const { rows, withoutItems } = pool(items, pooling);
      expect(worstRatio(rows, exactPool(interactions, items, pooling).data, () => 1e-6)).toBeLessThanOrEqual(
        1,
      );
      expect(withoutItems).toBe(4);
    }
  });

  it('gives a user of one item that row, by lightgcn divided by the root of its number of users', () => {
    const csr = {
      rows: 3,
      cols: 2,
      rowPtr: Int32Array.of(0, 1, 2, 3),
      colIdx: Int32Array.of(0, 1, 1),
      values: null,
    };
    const { rows } = pool(toMatrix([1, -2, 3, -4], 2, 2), pooling, csr);
    const share = pooling === 'lightgcn' ? Math.SQRT1_2 : 1;
    expect(
      worstRatio(rows, [1, -2, 3 * share, -4 * share, 3 * share, -4 * share], () => 1e-6),
    ).toBeLessThanOrEqual(1);
  });

  it('does not read the values of the matrix: an interaction is one whatever its rating', () => {
    const items = toMatrix(randomValues(11 * 4, 1), 11, 4);
    const rated = { ...interactions, values: randomValues(interactions.colIdx.length, 2) };
    const workspace = runtime.open();
    const users = workspace.matrix(23, 4);
    poolUsers(workspace, rated, workspace.matrixFrom(Float32Array.from(items.data), 11, 4), users, pooling);
    expect(users.read()).toEqual(pool(items, pooling).rows);
  });
});

describe('pooling', () => {
  it('is the mean by default', () => {
    const items = toMatrix(randomValues(11 * 4, 1), 11, 4);
    expect(pool(items).rows).toEqual(pool(items, 'mean').rows);
    expect(pool(items).rows).not.toEqual(pool(items, 'max').rows);
  });

  it('keeps mean ≤ max in every column', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 33, maxLength: 33 }), (values) => {
        const items = toMatrix(values, 11, 3);
        const [mean, max] = [pool(items, 'mean').rows, pool(items, 'max').rows];
        for (let n = 0; n < mean.length; n++) expect(mean[n]).toBeLessThanOrEqual(max[n] + 1e-4);
      }),
      { numRuns: 30 },
    );
  });

  it('refuses an unknown pooling and leaves the user rows alone', () => {
    const workspace = runtime.open();
    const users = workspace.matrixFrom(new Float32Array(46).fill(7), 23, 2);
    expect(() =>
      poolUsers(workspace, interactions, workspace.matrix(11, 2), users, 'sum' as Pooling),
    ).toThrow(OptionError);
    expect(users.read()).toEqual(new Float32Array(46).fill(7));
  });
});
