import { describe, expect, it } from 'vitest';
import { contrastiveScratch, unitTable } from '../../src/kernels/blocks.ts';
import { infoNce } from '../../src/kernels/infonce.ts';
import { unitRows, unitRowsBackward } from '../../src/kernels/unit.ts';
import type { F32Buffer, Matrix } from '../../src/runtime/buffers.ts';
import type { Workspace } from '../../src/runtime/workspace.ts';
import { maxDifference } from '../reference/sample.ts';
import {
  type Matrix as Exact,
  infoNce as exactInfoNce,
  normalizedRows,
  normalizedRowsBackward,
  toMatrix,
} from '../reference.ts';
import {
  builds,
  DIMS,
  guarded,
  kernelCase,
  randomIndices,
  randomValues,
  UNIT,
  writesOnly,
} from './harness.ts';

interface Case {
  anchors: Exact;
  candidates: Exact;
  positives: Int32Array;
  weights: Float32Array;
}

function randomCase(count: number, candidates: number, dim: number): Case {
  return {
    anchors: toMatrix(randomValues(count * dim, 1), count, dim),
    candidates: toMatrix(randomValues(candidates * dim, 2), candidates, dim),
    positives: randomIndices(count, candidates),
    weights: Float32Array.from({ length: count }, (_, n) => 1 + (n % 3)),
  };
}

/** Unit rows in a guarded table, and their inverse norms. */
function normalized(ws: Workspace, rows: Exact): { unit: Matrix; inverse: F32Buffer } {
  const table = ws.matrixFrom(Float32Array.from(rows.data), rows.rows, rows.cols);
  const unit = unitTable(ws, rows.rows, rows.cols);
  const inverse = ws.f32(rows.rows);
  unitRows(ws, table, null, rows.rows, unit, inverse);
  return { unit, inverse };
}

/** Losses and gradients with respect to the rows before normalisation. */
function run(ws: Workspace, { anchors, candidates, positives, weights }: Case, temperature: number) {
  const { rows: count, cols: dim } = anchors;
  const a = normalized(ws, anchors);
  const c = normalized(ws, candidates);
  const scratch = contrastiveScratch(ws, candidates.rows, dim);
  const tables = [ws.i32From(positives), ws.f32(count)] as const;
  tables[1].view.set(weights);
  const losses = guarded(ws, () => ws.f32(count));
  const dAnchors = guarded(ws, () => unitTable(ws, count, dim));
  const dCandidates = guarded(ws, () => unitTable(ws, candidates.rows, dim));
  dCandidates.view.fill(0);
  const outputs = [...Object.values(scratch), losses, dAnchors, dCandidates];
  writesOnly(ws, outputs, () =>
    infoNce(
      ws,
      a.unit,
      count,
      c.unit,
      candidates.rows,
      ...tables,
      temperature,
      scratch,
      losses,
      dAnchors,
      dCandidates,
    ),
  );
  const back = (x: { unit: Matrix; inverse: F32Buffer }, gradient: Matrix, rows: number) => {
    const dx = ws.matrix(rows, dim);
    unitRowsBackward(ws, x.unit, gradient, rows, x.inverse, 1, dx);
    return dx.read();
  };
  return {
    losses: losses.view.slice(),
    dAnchors: back(a, dAnchors, count),
    dCandidates: back(c, dCandidates, candidates.rows),
  };
}

/** The same, an anchor of weight w standing w times. */
function expected({ anchors, candidates, positives, weights }: Case, temperature: number) {
  const each = Array.from(positives, (positive, b) => {
    const one = toMatrix(anchors.data.subarray(b * anchors.cols, (b + 1) * anchors.cols), 1, anchors.cols);
    return exactInfoNce(one, candidates, [positive], temperature);
  });
  const dCandidates = new Float64Array(candidates.data.length);
  each.forEach(({ dCandidates: d }, b) => {
    for (let n = 0; n < dCandidates.length; n++) dCandidates[n] += weights[b] * d.data[n];
  });
  return {
    losses: each.map(({ loss }, b) => weights[b] * loss),
    dAnchors: each.flatMap(({ dAnchors }, b) => Array.from(dAnchors.data, (value) => weights[b] * value)),
    dCandidates,
  };
}

const largest = (values: ArrayLike<number>) =>
  Array.from(values).reduce((m, v) => Math.max(m, Math.abs(v)), 1);

describe.each(builds)('infoNce on the $name build', ({ open }) => {
  const shapes: [count: number, candidates: number, dim: number][] = [
    ...DIMS.map((dim): [number, number, number] => [5, 9, dim]),
    [1, 1, 8],
    [32, 33, 16],
    [33, 127, 12],
    [40, 130, 5],
    [64, 257, 13],
    [129, 16, 4],
    [3, 511, 8],
    [2, 513, 4],
    [65, 1030, 8],
  ];
  for (const temperature of [0.2, 1, 0.01]) {
    it(`has the losses and both gradients of the float64 reference at τ = ${temperature}`, () => {
      const ws = open();
      const start = ws.mark();
      for (const [count, candidates, dim] of shapes) {
        ws.release(start);
        const sample = randomCase(count, candidates, dim);
        const actual = run(ws, sample, temperature);
        const exact = expected(sample, temperature);
        // A score errs by about dim · 2⁻²⁴ / τ, and so does, relatively, everything made of its exponential.
        const allowed = ((16 + dim) * UNIT * 4) / temperature;
        for (const part of ['losses', 'dAnchors', 'dCandidates'] as const) {
          const error = maxDifference(actual[part], exact[part]) / largest(exact[part]);
          expect(error, `${part} of ${count} × ${candidates} × ${dim}`).toBeLessThan(allowed);
        }
      }
    });
  }

  it('is exact when every candidate is opposite to its anchor, down to the lowest temperature', () => {
    const ws = open();
    const anchors = toMatrix([1, 0, 0], 1, 3);
    const candidates = toMatrix([-1, 0, 0, -1, 0, 0, -2, 0, 0], 3, 3);
    const sample = { anchors, candidates, positives: Int32Array.of(1), weights: Float32Array.of(2048) };
    // Maxima are taken below 1/32.
    for (const temperature of [0.01, 0.0312, 1 / 32, 0.0313, 0.2]) {
      const { losses, dAnchors, dCandidates } = run(ws, sample, temperature);
      expect(losses[0] / 2048).toBeCloseTo(Math.log(3), 5);
      for (const gradient of [dAnchors, dCandidates]) {
        expect(maxDifference(gradient, new Float32Array(gradient.length))).toBeLessThan(1e-2);
      }
    }
  });

  it('counts a weight as that many anchors at the temperature with the smallest sums', () => {
    const ws = open();
    const sample = randomCase(5, 30, 7);
    sample.candidates.data.forEach((_, n, data) => {
      data[n] = 0.01 * data[n] - sample.anchors.data[n % 7];
    });
    sample.weights.fill(2048);
    const [actual, exact] = [run(ws, sample, 1 / 32), expected(sample, 1 / 32)];
    for (const part of ['losses', 'dAnchors', 'dCandidates'] as const) {
      expect(maxDifference(actual[part], exact[part]) / largest(exact[part])).toBeLessThan(2e-4);
    }
  });

  it('refuses a gradient that has no room for whole panels of 8 candidates', () => {
    const ws = open();
    const sample = randomCase(1, 9, 5);
    const { unit } = normalized(ws, sample.candidates);
    const scratch = contrastiveScratch(ws, 9, 5);
    const [index, weights] = [ws.i32From([0]), ws.f32(1)];
    const [da, dc] = [unitTable(ws, 1, 5), unitTable(ws, 9, 5)];
    expect(() =>
      infoNce(ws, unit, 1, unit, 9, index, weights, 1, scratch, weights, da, dc.slice(0, 9)),
    ).toThrow(/expected a gradient of at least 16 rows for 9 candidates, received 9/);
  });

  it('gives zero rows no gradient and takes them for orthogonal to all', () => {
    const ws = open();
    const sample = randomCase(4, 7, 5);
    sample.anchors.data.fill(0, 5, 10);
    sample.candidates.data.fill(0, 0, 5);
    const actual = run(ws, sample, 0.5);
    const exact = expected(sample, 0.5);
    expect(maxDifference(actual.losses, exact.losses)).toBeLessThan(1e-5);
    expect(maxDifference(actual.dAnchors, exact.dAnchors)).toBeLessThan(1e-5);
    expect([...actual.dAnchors.subarray(5, 10)]).toEqual([0, 0, 0, 0, 0]);
    expect([...actual.dCandidates.subarray(0, 5)]).toEqual([0, 0, 0, 0, 0]);
  });

  it('adds to what the candidates have received before', () => {
    const ws = open();
    const { unit } = normalized(ws, toMatrix(randomValues(6 * 5), 6, 5));
    const scratch = contrastiveScratch(ws, 6, 5);
    const [positives, weights, losses] = [ws.i32From([0, 5]), ws.f32(2), ws.f32(2)];
    weights.view.fill(1);
    const [da, dc] = [unitTable(ws, 2, 5), unitTable(ws, 6, 5)];
    const call = () =>
      infoNce(ws, unit.slice(2, 4), 2, unit, 6, positives, weights, 0.3, scratch, losses, da, dc);
    call();
    const once = dc.read();
    call();
    expect(
      maxDifference(
        dc.read(),
        once.map((value) => 2 * value),
      ),
    ).toBeLessThan(1e-5);
    expect(largest(once)).toBeGreaterThan(1);
  });

  it('refuses temperatures below 0.01', () => {
    const ws = open();
    const sample = randomCase(1, 1, 1);
    for (const temperature of [0, 0.009, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => run(ws, sample, temperature)).toThrow(/expected temperature to be a number ≥ 0.01/);
    }
  });
});

describe.each(builds)('unitRows on the $name build', ({ open }) => {
  it('normalises the listed rows and hands their gradient back, scaled', () => {
    const ws = open();
    const start = ws.mark();
    for (const dim of DIMS) {
      ws.release(start);
      const x = ws.matrixFrom(randomValues(6 * dim, 1), 6, dim);
      const rows = ws.i32From([4, 0, 0, 5]);
      const [unit, inverse] = kernelCase(
        ws,
        [[() => unitTable(ws, 4, dim), new Float32Array(4 * dim)], () => ws.f32(4)],
        ([unit, inverse]) => unitRows(ws, x, rows, 4, unit, inverse),
      );
      const values = x.read();
      const picked = toMatrix(
        [4, 0, 0, 5].flatMap((r) => [...values.subarray(r * dim, (r + 1) * dim)]),
        4,
        dim,
      );
      expect(maxDifference(unit.slice(0, 4).read(), normalizedRows(picked).data)).toBeLessThan(1e-6);
      const upstream = toMatrix(randomValues(4 * dim, 2), 4, dim);
      const dUnit = unitTable(ws, 4, dim);
      dUnit.slice(0, 4).write(Float32Array.from(upstream.data));
      const dx = guarded(ws, () => ws.matrix(4, dim));
      dx.view.fill(1);
      writesOnly(ws, [dx], () => unitRowsBackward(ws, unit, dUnit, 4, inverse, 0.5, dx));
      const exact = normalizedRowsBackward(picked, upstream).data.map((value) => 1 + 0.5 * value);
      expect(maxDifference(dx.read(), exact) / largest(exact)).toBeLessThan(1e-5);
    }
  });
});
