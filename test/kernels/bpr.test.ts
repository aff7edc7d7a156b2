import { describe, expect, it } from 'vitest';
import { bprGradient, bprLosses, bprMargins } from '../../src/kernels/bpr.ts';
import type { Workspace } from '../../src/runtime/workspace.ts';
import { bprLoss, dot, rowOf, sigmoid, softplus } from '../reference.ts';
import {
  builds,
  DIMS,
  kernelCase,
  ROWS,
  randomIndices,
  randomTable,
  randomValues,
  sweep,
  UNIT,
  worstRatio,
} from './harness.ts';

const SLOTS = 7;
const GAMMA = 1e-10;

/** A batch over few slots, so that nodes repeat and take several roles. */
function batchOf(ws: Workspace, count: number) {
  const host = [0, 1, 2].map((round) => randomIndices(count, SLOTS, round));
  const [users, positives, negatives] = host.map((indices) => ws.i32From(indices));
  return { users, positives, negatives, host: { users: host[0], positives: host[1], negatives: host[2] } };
}

const loss = (x: number) => -Math.log(GAMMA + sigmoid(x));
const slope = (x: number) => (-sigmoid(x) * sigmoid(-x)) / (GAMMA + sigmoid(x));

/** 3e-7 where the loss is below 1 and relative to it above, since f32 holds no loss of 20 to 2e-7. */
function expectLosses(
  losses: Float32Array,
  slopes: Float32Array,
  margins: ArrayLike<number>,
  scale: number,
): void {
  const exact = Array.from(margins, loss);
  expect(worstRatio(losses, exact, (n) => 3e-7 * Math.max(1, exact[n]))).toBeLessThanOrEqual(1);
  const exactSlopes = Array.from(margins, (x) => scale * slope(x));
  expect(worstRatio(slopes, exactSlopes, () => 3e-7 * scale)).toBeLessThanOrEqual(1);
}

describe.each(builds)('BPR on the $name build', ({ open }) => {
  it('computes the margin of every triple', () => {
    sweep(open, DIMS, ROWS, (ws, dim, count) => {
      const z = randomTable(ws, SLOTS, dim);
      const { users, positives, negatives, host } = batchOf(ws, count);
      const [margins] = kernelCase(ws, [() => ws.f32(count)], ([margins]) =>
        bprMargins(ws, z.table, users, positives, negatives, count, margins),
      );
      const [expected, terms] = [new Float64Array(count), new Float64Array(count)];
      for (let b = 0; b < count; b++) {
        const u = rowOf(z.exact, host.users[b]);
        const [i, j] = [rowOf(z.exact, host.positives[b]), rowOf(z.exact, host.negatives[b])];
        expected[b] = dot(u, i) - dot(u, j);
        const magnitude = (row: Float64Array) => dot(u.map(Math.abs), row.map(Math.abs));
        terms[b] = magnitude(i) + magnitude(j);
      }
      const bound = (b: number) => (Math.ceil(dim / 4) + 4) * UNIT * terms[b];
      expect(worstRatio(margins.view, expected, bound)).toBeLessThanOrEqual(1);
    });
  });

  it('gives loss and scaled slope of every margin and any count', () => {
    const ws = open();
    const start = ws.mark();
    for (const count of [...ROWS, 20_001]) {
      ws.release(start);
      const margins = ws.f32(count);
      margins.view.set(randomValues(count, 1, -16, 16));
      const [losses, slopes] = kernelCase(
        ws,
        [() => ws.f32(count), () => ws.f32(count)],
        ([losses, slopes]) => bprLosses(ws, margins, count, 0.5, losses, slopes, 1e-10),
      );
      expectLosses(losses.view, slopes.view, margins.view, 0.5);
    }
  });

  it('stays finite and accurate at extreme margins', () => {
    const ws = open();
    const values = [-1000, -100, -88, -87, -30, -20, -10, -5, 0, 5, 10, 20, 30, 87, 88, 100, 1000];
    const margins = ws.f32(values.length);
    margins.view.set(values);
    const [losses, slopes] = [ws.f32(values.length), ws.f32(values.length)];
    bprLosses(ws, margins, values.length, 1, losses, slopes, 1e-10);
    expectLosses(losses.view, slopes.view, values, 1);
  });

  it('keeps the slope of hopeless margins when γ is 0, and the loss up to 87', () => {
    const ws = open();
    const values = [-1000, -80, -60, -30, -5, 0, 5, 80, 1000];
    const margins = ws.f32(values.length);
    margins.view.set(values);
    const [losses, slopes] = [ws.f32(values.length), ws.f32(values.length)];
    bprLosses(ws, margins, values.length, 1, losses, slopes, 0);
    const exact = values.map((x) => Math.min(softplus(-x), 87.33654));
    expect(worstRatio(losses.view, exact, (n) => 3e-7 * Math.max(1, exact[n]))).toBeLessThanOrEqual(1);
    expect(
      worstRatio(
        slopes.view,
        values.map((x) => -sigmoid(-x)),
        () => 3e-7,
      ),
    ).toBeLessThanOrEqual(1);
  });

  it('adds the gradient of the loss in every role a node has', () => {
    sweep(open, DIMS, ROWS, (ws, dim, count) => {
      const z = randomTable(ws, SLOTS, dim);
      const { users, positives, negatives, host } = batchOf(ws, count);
      const [margins, losses, slopes] = [ws.f32(count), ws.f32(count), ws.f32(count)];
      const before = randomValues(SLOTS * dim, 9);
      bprMargins(ws, z.table, users, positives, negatives, count, margins);
      bprLosses(ws, margins, count, 1, losses, slopes, 1e-10);
      const [dz] = kernelCase(ws, [[() => ws.matrix(SLOTS, dim), before]], ([dz]) =>
        bprGradient(ws, z.table, users, positives, negatives, slopes, count, dz),
      );
      const { gradient, loss: total } = bprLoss(z.exact, host, GAMMA);
      const expected = gradient.data.map((value, n) => value + before[n]);
      expect(worstRatio(dz.read(), expected, () => 2e-5)).toBeLessThanOrEqual(1);
      const sum = losses.view.reduce((a, b) => a + b, 0);
      expect(Math.abs(sum - total)).toBeLessThanOrEqual(1e-4);
    });
  });
});
