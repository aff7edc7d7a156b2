import { describe, expect, it } from 'vitest';
import { contrastiveScratch } from '../../src/kernels/blocks.ts';
import { type ContrastiveSide, contrastiveSide, sgcl } from '../../src/kernels/sgcl.ts';
import { unitRows, unitRowsBackward } from '../../src/kernels/unit.ts';
import type { Workspace } from '../../src/runtime/workspace.ts';
import { maxDifference } from '../reference/sample.ts';
import { gatherRows, type Matrix, scatterAddRows, sgclRowsLoss, toMatrix, zeros } from '../reference.ts';
import { builds, DIMS, guarded, randomIndices, randomValues, UNIT, writesOnly } from './harness.ts';

/** A side of pairs over distinct rows, every row in at least one pair where there are enough. */
function pairsOver(rows: number, pairs: number, round: number): Int32Array {
  const random = randomIndices(pairs, rows, round);
  return random.map((row, b) => (b < rows ? b : row));
}

/** Fills a side with unit rows of `rows`; returns their inverse norms. */
function fill(ws: Workspace, side: ContrastiveSide, rows: Matrix, pairs: Int32Array) {
  const table = ws.matrixFrom(Float32Array.from(rows.data), rows.rows, rows.cols);
  const inverse = ws.f32(rows.rows);
  unitRows(ws, table, null, rows.rows, side.unit, inverse);
  side.pairs.view.set(pairs);
  const weights = side.weights.view;
  weights.fill(Number.NaN);
  weights.fill(0, 0, rows.rows);
  for (const row of pairs) weights[row]++;
  return inverse;
}

const largest = (values: ArrayLike<number>) =>
  Array.from(values).reduce((m, v) => Math.max(m, Math.abs(v)), 1);

function compare(
  ws: Workspace,
  shape: [x: number, y: number, pairs: number, dim: number],
  temperature: number,
) {
  const [xRows, yRows, count, dim] = shape;
  const tables = [
    toMatrix(randomValues(xRows * dim, 1), xRows, dim),
    toMatrix(randomValues(yRows * dim, 2), yRows, dim),
  ];
  const pairs = [pairsOver(xRows, count, 1), pairsOver(yRows, count, 2).reverse()];
  const sides = tables.map((table) => contrastiveSide(ws, table.rows, count, dim));
  const inverses = sides.map((side, n) => fill(ws, side, tables[n], pairs[n]));
  const scratch = contrastiveScratch(ws, Math.max(xRows, yRows), dim);
  const losses = guarded(ws, () => ws.f32(count));
  const outputs = sides.flatMap(({ weights, gradient, sums, shares }) => [weights, gradient, sums, shares]);
  writesOnly(ws, [...Object.values(scratch), losses, ...outputs], () =>
    sgcl(ws, sides[0], xRows, sides[1], yRows, count, temperature, scratch, losses),
  );
  const exact = sgclRowsLoss(gatherRows(tables[0], pairs[0]), gatherRows(tables[1], pairs[1]), temperature);
  const allowed = ((16 + dim) * UNIT * 4) / temperature;
  const total = losses.view.reduce((sum, value) => sum + value, 0);
  expect(Math.abs(total - exact.loss) / exact.loss, `loss of ${shape}`).toBeLessThan(allowed);
  [exact.dUsers, exact.dItems].forEach((perPair, n) => {
    const expected = zeros(tables[n].rows, dim);
    scatterAddRows(expected, pairs[n], perPair);
    const dx = ws.matrix(tables[n].rows, dim);
    unitRowsBackward(ws, sides[n].unit, sides[n].gradient, tables[n].rows, inverses[n], 1, dx);
    const error = maxDifference(dx.read(), expected.data) / largest(expected.data);
    expect(error, `gradient ${n} of ${shape}`).toBeLessThan(allowed);
  });
}

describe.each(builds)('sgcl on the $name build', ({ open }) => {
  const shapes: [number, number, number, number][] = [
    ...DIMS.map((dim): [number, number, number, number] => [5, 4, 7, dim]),
    [1, 1, 1, 8],
    [31, 32, 40, 4],
    [33, 65, 70, 12],
    [64, 127, 130, 5],
    [200, 129, 260, 8],
    [515, 40, 600, 4],
  ];
  for (const temperature of [0.2, 1, 0.01]) {
    it(`has the loss and the gradient of every row of the float64 reference at τ = ${temperature}`, () => {
      const ws = open();
      const start = ws.mark();
      for (const shape of shapes) {
        ws.release(start);
        compare(ws, shape, temperature);
      }
    });
  }

  it('gives the same bytes whatever stood in the tables before', () => {
    const ws = open();
    const scratch = contrastiveScratch(ws, 40, 6);
    const sides = [0, 1].map(() => contrastiveSide(ws, 40, 60, 6));
    const losses = ws.f32(60);
    const run = () => {
      sides.forEach((side, n) => {
        fill(ws, side, toMatrix(randomValues(33 * 6, n), 33, 6), pairsOver(33, 50, n));
      });
      sgcl(ws, sides[0], 33, sides[1], 33, 50, 0.2, scratch, losses);
      return [losses.view.slice(0, 50), ...sides.map(({ gradient }) => gradient.slice(0, 33).read())];
    };
    const first = run();
    for (const buffer of Object.values(scratch)) buffer.view.fill(3);
    for (const { unit, gradient } of sides) for (const table of [unit, gradient]) table.view.fill(3);
    expect(run()).toEqual(first);
  });

  it('takes a zero row for orthogonal to all and gives it no gradient', () => {
    const ws = open();
    const users = toMatrix(randomValues(3 * 4, 1), 3, 4);
    const items = toMatrix(randomValues(3 * 4, 2), 3, 4);
    users.data.fill(0, 0, 4);
    const pairs = Int32Array.of(0, 1, 2);
    const sides = [users, items].map((rows) => ({ side: contrastiveSide(ws, 3, 3, 4), rows }));
    const inverses = sides.map(({ side, rows }) => fill(ws, side, rows, pairs));
    const losses = ws.f32(3);
    sgcl(ws, sides[0].side, 3, sides[1].side, 3, 3, 0.2, contrastiveScratch(ws, 3, 4), losses);
    const exact = sgclRowsLoss(users, items, 0.2);
    expect(losses.view.reduce((sum, value) => sum + value, 0)).toBeCloseTo(exact.loss, 4);
    const dx = ws.matrix(3, 4);
    unitRowsBackward(ws, sides[0].side.unit, sides[0].side.gradient, 3, inverses[0], 1, dx);
    expect(maxDifference(dx.read(), exact.dUsers.data)).toBeLessThan(1e-4);
    expect([...dx.read().subarray(0, 4)]).toEqual([0, 0, 0, 0]);
  });

  it('refuses temperatures below 0.01', () => {
    const ws = open();
    expect(() => compare(ws, [2, 2, 2, 3], 0.001)).toThrow(/expected temperature to be a number ≥ 0.01/);
  });
});
