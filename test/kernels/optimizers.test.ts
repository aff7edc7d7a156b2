import { describe, expect, it } from 'vitest';
import { type AdamOptions, adam, sgd } from '../../src/kernels/optimizers.ts';
import { adamState, adamStep, sgdStep } from '../reference.ts';
import {
  builds,
  DIMS,
  expectZeroPadding,
  guarded,
  kernelCase,
  ROWS,
  randomTable,
  randomValues,
  sweep,
  UNIT,
  worstRatio,
  writesOnly,
} from './harness.ts';

const ADAM = { rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

describe.each(builds)('Adam on the $name build', ({ open }) => {
  it('follows the reference over several steps for every width and height', () => {
    sweep(open, DIMS, ROWS, (ws, dim, rows) => {
      const initial = randomValues(rows * dim, 1);
      const [p, m, v] = [0, 1, 2].map(() => guarded(ws, () => ws.matrix(rows, dim)));
      for (const table of [p, m, v]) table.view.fill(0);
      p.write(initial);
      const expected = Float64Array.from(initial);
      const state = adamState(expected.length);
      for (let step = 1; step <= 3; step++) {
        const gradient = randomTable(ws, rows, dim, 1 + step, -0.5, 0.5);
        writesOnly(ws, [p, m, v], () => adam(ws, p, gradient.table, m, v, { ...ADAM, step }));
        adamStep(expected, gradient.exact.data, state, { ...ADAM, lr: ADAM.rate });
      }
      // Three roundings of p, and three updates of about the rate to 1e-6.
      const bound = (n: number) => 6 * UNIT * Math.abs(expected[n]) + 3 * ADAM.rate * 1e-6;
      expect(worstRatio(p.read(), expected, bound)).toBeLessThanOrEqual(1);
      expect(worstRatio(m.read(), state.m, () => 1e-7)).toBeLessThanOrEqual(1);
      for (const table of [p, m, v]) expectZeroPadding(table);
    });
  });

  it('corrects the bias of the first step, so that its length is the rate', () => {
    const ws = open();
    const p = ws.matrix(1, 4);
    const gradient = ws.matrixFrom(Float32Array.of(3, -3, 1e-3, -40), 1, 4);
    adam(ws, p, gradient, ws.matrix(1, 4), ws.matrix(1, 4), { ...ADAM, step: 1 });
    const expected = [-0.01, 0.01, -0.01, 0.01];
    expect(worstRatio(p.view, expected, () => 0.01 * 2e-5)).toBeLessThanOrEqual(1);
  });

  it('moves nothing where gradient and moments are zero, and goes on moving where only the gradient is', () => {
    const ws = open();
    const p = ws.matrixFrom(Float32Array.of(0.5, 0.5), 1, 2);
    const m = ws.matrixFrom(Float32Array.of(0, 0.1), 1, 2);
    const v = ws.matrixFrom(Float32Array.of(0, 0.1), 1, 2);
    adam(ws, p, ws.matrix(1, 2), m, v, { ...ADAM, step: 7 });
    const [still, moved] = p.read();
    expect(still).toBe(0.5);
    expect(moved).toBeLessThan(0.5);
  });

  it('follows the reference late in training and with other betas', () => {
    const ws = open();
    for (const options of [
      { ...ADAM, step: 5000 },
      { rate: 0.1, beta1: 0.5, beta2: 0.9, epsilon: 1e-4, step: 3 },
    ] satisfies AdamOptions[]) {
      const p = randomTable(ws, 5, 13, 1);
      const gradient = randomTable(ws, 5, 13, 2);
      const m = randomTable(ws, 5, 13, 3);
      const v = randomTable(ws, 5, 13, 4, 0.01, 1);
      const { step, rate, ...rest } = options;
      const state = { m: m.exact.data, v: v.exact.data, step: step - 1 };
      adam(ws, p.table, gradient.table, m.table, v.table, options);
      adamStep(p.exact.data, gradient.exact.data, state, { ...rest, lr: rate });
      const bound = (n: number) => 2 * UNIT * Math.abs(p.exact.data[n]) + rate * 1e-6 * 20;
      expect(worstRatio(p.table.read(), p.exact.data, bound)).toBeLessThanOrEqual(1);
    }
  });
});

describe.each(builds)('SGD on the $name build', ({ open }) => {
  it('subtracts rate · gradient for every width and height', () => {
    sweep(open, DIMS, ROWS, (ws, dim, rows) => {
      const initial = randomValues(rows * dim, 1);
      const gradient = randomTable(ws, rows, dim, 2);
      const [p] = kernelCase(ws, [[() => ws.matrix(rows, dim), initial]], ([p]) =>
        sgd(ws, p, gradient.table, 0.1),
      );
      const expected = Float64Array.from(initial);
      sgdStep(expected, gradient.exact.data, Math.fround(0.1));
      const terms = (n: number) => Math.abs(initial[n]) + 0.1 * Math.abs(gradient.exact.data[n]);
      expect(worstRatio(p.read(), expected, (n) => 2 * UNIT * terms(n))).toBeLessThanOrEqual(1);
    });
  });
});
