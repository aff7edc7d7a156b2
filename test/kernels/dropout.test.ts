import { describe, expect, it } from 'vitest';
import {
  addBias,
  addColumnSums,
  addGathered,
  addResidual,
  dropoutFactors,
  factorsLength,
  multiply,
} from '../../src/kernels/dropout.ts';
import { PURPOSE, Random } from '../../src/runtime/random.ts';
import {
  builds,
  DIMS,
  guarded,
  kernelCase,
  randomIndices,
  randomTable,
  randomValues,
  writesOnly,
} from './harness.ts';

const DRAW = { share: 0.3, seed: 2 ** 33 + 5, place: 7, update: 12 };

describe.each(builds)('dropout on the $name build', ({ open }) => {
  it.each([1, 4, 15, 16, 17, 160, 1000])('of %i elements draws the words of the generator', (count) => {
    const ws = open();
    const [factors] = kernelCase(ws, [() => ws.f32(factorsLength(count))], ([factors]) =>
      dropoutFactors(ws, factors, count, DRAW),
    );
    const random = new Random(DRAW.seed, PURPOSE.dropout, DRAW.update, DRAW.place);
    const expected = Float32Array.from({ length: count }, () =>
      random.uint32() < Math.floor(DRAW.share * 2 ** 32) ? 0 : 1 / (1 - DRAW.share),
    );
    expect(factors.view.slice(0, count)).toEqual(expected);
  });

  it('drops the share that was asked for, and other elements at another place, update or seed', () => {
    const ws = open();
    const draw = (own: Partial<typeof DRAW>) => {
      const factors = ws.f32(16000);
      dropoutFactors(ws, factors, 16000, { ...DRAW, ...own });
      return factors.view.map((factor) => (factor === 0 ? 1 : 0));
    };
    const first = draw({});
    expect(first.reduce((sum, dropped) => sum + dropped, 0) / 16000).toBeCloseTo(0.3, 2);
    for (const own of [{ place: 8 }, { update: 13 }, { seed: 5 }]) expect(draw(own)).not.toEqual(first);
    expect(draw({})).toEqual(first);
  });

  it('is refused where it has no room', () => {
    const ws = open();
    expect(() => dropoutFactors(ws, ws.f32(16), 17, DRAW)).toThrow(/room for 32 factors/);
  });
});

describe.each(builds)('what stands between products on the $name build', ({ open }) => {
  it.each(DIMS)('is that of plain loops, dim %i', (dim) => {
    const ws = open();
    const rows = 9;
    const { table: x, exact: X } = randomTable(ws, rows, dim, 1);
    const { table: y, exact: Y } = randomTable(ws, rows, dim, 2);
    const f = randomValues(rows * dim, 3);
    const factors = ws.matrixFrom(f, rows, dim);
    const offset = randomValues(dim, 4);
    const bias = ws.f32(x.stride);
    bias.view.set(offset);
    const round = Math.fround;
    const held = ws.f32(rows * x.stride);
    held.view.set(factors.view);
    const [out] = kernelCase(ws, [() => ws.matrix(rows, dim)], ([out]) => multiply(ws, x, held, out, rows));
    expect(out.read()).toEqual(Float32Array.from(X.data, (value, n) => round(value * f[n])));
    const kept = y.read();
    writesOnly(ws, [y], () => addResidual(ws, y, bias, held, x, rows));
    const sum = (n: number) => round(Y.data[n] + offset[n % dim]);
    expect(y.read()).toEqual(Float32Array.from(X.data, (value, n) => round(value + round(sum(n) * f[n]))));
    y.write(kept);
    addResidual(ws, y, bias, null, x, rows);
    expect(y.read()).toEqual(Float32Array.from(X.data, (value, n) => round(value + sum(n))));
    y.write(kept);
    writesOnly(ws, [y], () => addBias(ws, y, bias, rows));
    expect(y.read()).toEqual(Float32Array.from(Y.data, (_, n) => sum(n)));
    const sums = guarded(ws, () => ws.f32(x.stride));
    sums.view.fill(0);
    writesOnly(ws, [sums], () => addColumnSums(ws, x, rows, sums));
    for (let c = 0; c < dim; c++) {
      let total = 0;
      for (let r = 0; r < rows; r++) total = round(total + X.data[r * dim + c]);
      expect(sums.view[c]).toBe(total);
    }
    const index = randomIndices(rows, rows, 5);
    const gatheredRows = ws.i32From(index);
    y.write(kept);
    writesOnly(ws, [y], () => addGathered(ws, x, gatheredRows, rows - 1, y));
    const gathered = Float32Array.from(Y.data, (value, n) => {
      const r = Math.floor(n / dim);
      return r < rows - 1 ? round(value + X.data[index[r] * dim + (n % dim)]) : value;
    });
    expect(y.read()).toEqual(gathered);
  });
});
