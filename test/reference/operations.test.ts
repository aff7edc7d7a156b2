import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  adamState,
  adamStep,
  columnMeans,
  columnVariances,
  covariance,
  csrFromEdges,
  gatherColumns,
  gatherRows,
  gram,
  logSumExp,
  matmul,
  normalizedRows,
  poolUsers,
  propagate,
  scatterAddRows,
  sgdStep,
  sigmoid,
  softplus,
  spmm,
  toDense,
  toMatrix,
  topK,
  transposed,
} from '../reference.ts';
import { adjacency, e0, edges, maxDifference, sample } from './sample.ts';

describe('scalar functions of the reference', () => {
  it('stay finite and exact where the textbook forms overflow', () => {
    expect(softplus(1000)).toBe(1000);
    expect(softplus(-1000)).toBe(0);
    expect(softplus(0)).toBeCloseTo(Math.LN2, 15);
    expect(sigmoid(-1000)).toBe(0);
    expect(sigmoid(1000)).toBe(1);
    expect(logSumExp([1000, 1000])).toBeCloseTo(1000 + Math.LN2, 12);
  });

  it('keep -log σ(x) = softplus(-x) and σ(-x) = 1 - σ(x)', () => {
    for (const x of [-30, -3, -0.1, 0, 0.1, 3, 30]) {
      expect(-Math.log(sigmoid(x))).toBeCloseTo(softplus(-x), 12);
      expect(sigmoid(-x)).toBeCloseTo(1 - sigmoid(x), 15);
    }
  });
});

describe('graph operations of the reference', () => {
  it('give 1/√(d_u d_i) for each edge in both directions and nothing for isolated nodes', () => {
    const dense = toDense(adjacency);
    expect(dense.data[0 * 11 + 7]).toBeCloseTo(1 / Math.sqrt(2 * 2), 15);
    expect(dense.data[7 * 11 + 0]).toBeCloseTo(1 / Math.sqrt(2 * 2), 15);
    expect(dense.data[6 * 11 + 0]).toBeCloseTo(1 / Math.sqrt(3 * 2), 15);
    expect(dense.data.filter((value) => value !== 0).length).toBe(2 * edges.length);
    expect(Array.from({ length: 11 }, (_, n) => dense.data[5 * 11 + n] + dense.data[n * 11 + 10])).toEqual(
      new Array(11).fill(0),
    );
  });

  it('multiply as the dense product does, with addend and scale', () => {
    const product = matmul(toDense(adjacency), e0).data;
    const addend = sample(11, 5, 2);
    expect(maxDifference(spmm(adjacency, e0).data, product)).toBeLessThan(1e-15);
    const fused = product.map((value, n) => 0.25 * (addend.data[n] + value));
    expect(maxDifference(spmm(adjacency, e0, addend, 0.25).data, fused)).toBeLessThan(1e-15);
  });

  it('take a missing value array as ones', () => {
    const csr = csrFromEdges(3, 2, [
      [2, 1],
      [0, 1],
      [2, 0],
    ]);
    expect([...spmm(csr, toMatrix([1, 10, 2, 20], 2, 2)).data]).toEqual([2, 20, 0, 0, 3, 30]);
  });

  it('propagate as Horner’s form does, and leave an isolated node its share of layer 0', () => {
    const horner = spmm(adjacency, spmm(adjacency, e0, e0), e0, 1 / 3);
    const z = propagate(e0, adjacency, 2);
    expect(maxDifference(z.data, horner.data)).toBeLessThan(1e-15);
    expect(z.data[5 * 5]).toBeCloseTo(e0.data[5 * 5] / 3, 15);
    expect([...propagate(e0, adjacency, 0).data]).toEqual([...e0.data]);
  });

  it('pool a user’s items by mean, maximum and normalised sum, and the mean of all without items', () => {
    const interactions = csrFromEdges(3, 3, [
      [0, 0],
      [0, 1],
      [1, 1],
    ]);
    const items = toMatrix([1, -8, 3, 4, 5, -2], 3, 2);
    expect([...poolUsers(interactions, items, 'mean').data]).toEqual([2, -2, 3, 4, 3, -2]);
    expect([...poolUsers(interactions, items, 'max').data]).toEqual([3, 4, 3, 4, 3, -2]);
    const s = Math.SQRT1_2;
    const expected = [s * 1 + 1.5, s * -8 + 2, s * 3, s * 4, 3, -2];
    expect(maxDifference(poolUsers(interactions, items, 'lightgcn').data, expected)).toBeLessThan(1e-15);
  });
});

describe('matrix operations of the reference', () => {
  const m = toMatrix([1, 2, 3, 99, 5, 4, 9, 99], 2, 3, 4);

  it('drop the padding of a strided matrix', () => {
    expect([...m.data]).toEqual([1, 2, 3, 5, 4, 9]);
  });

  it('give means and variances of columns, biased and unbiased', () => {
    expect([...columnMeans(m)]).toEqual([3, 3, 6]);
    expect([...columnVariances(m)]).toEqual([4, 1, 9]);
    expect([...columnVariances(m, true)]).toEqual([8, 2, 18]);
  });

  it('give the Gram matrix and the covariance', () => {
    expect([...gram(m).data]).toEqual([26, 22, 48, 22, 20, 42, 48, 42, 90]);
    expect([...covariance(m).data]).toEqual([4, 2, 6, 2, 1, 3, 6, 3, 9]);
    expect([...covariance(m, true).data]).toEqual([8, 4, 12, 4, 2, 6, 12, 6, 18]);
  });

  it('gather rows and columns in the given order, repeats allowed', () => {
    expect([...gatherRows(m, [1, 0, 1]).data]).toEqual([5, 4, 9, 1, 2, 3, 5, 4, 9]);
    expect([...gatherColumns(m, [2, 0]).data]).toEqual([3, 1, 9, 5]);
    const target = toMatrix([0, 0, 0, 0, 0, 0], 2, 3);
    scatterAddRows(target, [1, 1], m);
    expect([...target.data]).toEqual([0, 0, 0, 6, 6, 12]);
  });

  it('transpose, and normalise rows to length 1', () => {
    expect([...transposed(m).data]).toEqual([1, 5, 2, 4, 3, 9]);
    const unit = normalizedRows(toMatrix([3, 4, 0, 0], 2, 2));
    expect(maxDifference(unit.data, [0.6, 0.8, 0, 0])).toBeLessThan(1e-15);
  });
});

describe('optimizers of the reference', () => {
  it('move every parameter by lr against the gradient’s sign in Adam’s first step', () => {
    const params = Float64Array.of(1, 1, 1);
    adamStep(params, [4, -0.5, 0], adamState(3), { lr: 0.1 });
    expect(maxDifference(params, [0.9, 1.1, 1])).toBeLessThan(1e-8);
  });

  it('keep moving a parameter of zero gradient by its momentum, as dense Adam does', () => {
    const params = Float64Array.of(0);
    const state = adamState(1);
    adamStep(params, [1], state, { lr: 0.1 });
    adamStep(params, [0], state, { lr: 0.1 });
    const m = 0.09 / (1 - 0.81);
    const v = 0.000999 / (1 - 0.999 ** 2);
    expect(params[0]).toBeCloseTo(-0.1 - (0.1 * m) / Math.sqrt(v), 7);
  });

  it('step by lr times the gradient in SGD', () => {
    const params = Float64Array.of(1, 2);
    sgdStep(params, [4, -4], 0.25);
    expect([...params]).toEqual([0, 3]);
  });
});

describe('top-k of the reference', () => {
  it('breaks ties to the lower index, leaves out masked items and marks unused places', () => {
    expect([...topK([1, 3, 3, 2, 3], 3)]).toEqual([1, 2, 4]);
    expect([...topK([1, 3, 3, 2, 3], 4, [1, 4])]).toEqual([2, 3, 0, -1]);
    expect([...topK([-Infinity, 5], 2)]).toEqual([1, 0]);
  });

  it('lists no unmasked item that beats a listed one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 12 }),
        fc.nat(12),
        fc.uniqueArray(fc.nat(11)),
        (scores, k, masked) => {
          const listed = [...topK(scores, k, masked)].filter((item) => item >= 0);
          const free = [...scores.keys()].filter((item) => !masked.includes(item));
          const rest = free.filter((item) => !listed.includes(item));
          expect(listed.length).toBe(Math.min(k, free.length));
          const key = (item: number) => scores[item] * 100 - item;
          for (const item of rest) for (const kept of listed) expect(key(kept)).toBeGreaterThan(key(item));
        },
      ),
    );
  });
});
