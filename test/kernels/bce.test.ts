import { describe, expect, it } from 'vitest';
import { bceRows } from '../../src/kernels/bce.ts';
import { maxDifference } from '../reference/sample.ts';
import { binaryCrossEntropy, toMatrix, zeros } from '../reference.ts';
import {
  builds,
  DIMS,
  guarded,
  ROWS,
  randomIndices,
  randomTable,
  randomValues,
  writesOnly,
} from './harness.ts';

describe.each(builds)('binary cross entropy on the $name build', ({ open }) => {
  it.each(DIMS)('with one negative is that of the reference, dim %i', (dim) => {
    for (const rows of ROWS) {
      const ws = open();
      const numItems = 7;
      const { table: hidden, exact: H } = randomTable(ws, rows, dim, 1);
      const { table: items, exact: I } = randomTable(ws, numItems, dim, 2);
      const [targets, others] = [3, 4].map((round) => randomIndices(rows, numItems, round));
      const share = randomValues(rows, 5, 0, 1);
      const weights = ws.f32(rows);
      weights.view.set(share);
      const losses = guarded(ws, () => ws.f32(rows));
      const dHidden = guarded(ws, () => ws.matrix(rows, dim));
      const dItems = guarded(ws, () => ws.matrix(numItems, dim));
      dItems.view.fill(0);
      const [positives, negatives] = [ws.i32From(targets), ws.i32From(others)];
      writesOnly(ws, [losses, dHidden, dItems], () =>
        bceRows(ws, hidden, rows, items, positives, negatives, weights, losses, dHidden, dItems),
      );
      const dExact = zeros(numItems, dim);
      const expected = binaryCrossEntropy(H, I, targets, others, share, dExact);
      expect(losses.view.reduce((sum, loss) => sum + loss, 0)).toBeCloseTo(expected.loss, 4);
      expect(maxDifference(dHidden.read(), expected.dHidden.data)).toBeLessThan(1e-5);
      expect(maxDifference(dItems.read(), dExact.data)).toBeLessThan(1e-5);
    }
  });

  it('of scores far out is their distance', () => {
    const ws = open();
    const hidden = ws.matrixFrom(Float32Array.of(1000), 1, 1);
    const items = ws.matrixFrom(Float32Array.of(-3, 2), 2, 1);
    const weights = ws.f32(1);
    weights.view.fill(1);
    const [losses, dHidden, dItems] = [ws.f32(1), ws.matrix(1, 1), ws.matrix(2, 1)];
    bceRows(ws, hidden, 1, items, ws.i32From([0]), ws.i32From([1]), weights, losses, dHidden, dItems);
    expect(losses.view[0]).toBeCloseTo(5000, 2);
    expect(toMatrix(dItems.view, 2, 1, 4).data).toEqual(Float64Array.of(-1000, 1000));
  });
});
