import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AdamState,
  adamStep,
  BudgetError,
  columnVariance,
  DataError,
  gatherColumns,
  load,
  loadSync,
  OptionError,
  type Runtime,
  ShapeError,
  scoreTopK,
  selectColumns,
  sgdStep,
  spmm,
} from '../src/kernels.ts';
import { absolute, randomCsr, randomValues, UNIT, worstRatio } from './kernels/harness.ts';
import {
  adamState,
  columnVariances,
  adamStep as exactAdam,
  gatherColumns as exactGather,
  spmm as exactSpmm,
  toMatrix,
  topK,
} from './reference.ts';

const runtime = await load();
const csr = randomCsr(13, 9, (row) => row % 5);

describe('spmm on plain arrays', () => {
  it('gives scale · (addend + A x) for every width', () => {
    for (const dim of [1, 3, 4, 17]) {
      const [x, addend] = [randomValues(9 * dim, 1), randomValues(13 * dim, 2)];
      const [exactX, exactAddend] = [toMatrix(x, 9, dim), toMatrix(addend, 13, dim)];
      const y = spmm(runtime, csr, x, dim, { addend, scale: 0.25 });
      const terms = exactSpmm(
        { ...csr, values: csr.values.map(Math.abs) },
        absolute(exactX),
        absolute(exactAddend),
        0.25,
      );
      const expected = exactSpmm(csr, exactX, exactAddend, 0.25);
      expect(worstRatio(y, expected.data, (n) => 8 * UNIT * terms.data[n])).toBeLessThanOrEqual(1);
    }
  });

  it('takes null values as ones, and neither addend nor scale', () => {
    const ones = { ...csr, values: null };
    const x = Float32Array.from({ length: 18 }, (_, n) => n);
    expect([...spmm(runtime, ones, x, 2)]).toEqual([...exactSpmm(ones, toMatrix(x, 9, 2)).data]);
  });

  it('passes NaN on to the rows that read it and to no other', () => {
    const x = new Float32Array(9).fill(1);
    x[4] = Number.NaN;
    const y = spmm(runtime, csr, x, 1);
    for (let row = 0; row < csr.rows; row++) {
      const reads = csr.colIdx.subarray(csr.rowPtr[row], csr.rowPtr[row + 1]).includes(4);
      expect(Number.isNaN(y[row])).toBe(reads);
    }
    expect(y.some(Number.isNaN)).toBe(true);
  });

  it('refuses arrays that do not fit, before computing', () => {
    const x = new Float32Array(18);
    const outside = { ...csr, colIdx: csr.colIdx.map((column) => column + 1) };
    const plain = { ...csr, rowPtr: Array.from(csr.rowPtr) as unknown as Int32Array };
    expect(() => spmm(runtime, csr, x.subarray(1), 2)).toThrow(ShapeError);
    expect(() => spmm(runtime, csr, x, 2, { addend: x })).toThrow(
      'addend to be a Float32Array of 13 × 2 numbers, received 18',
    );
    expect(() => spmm(runtime, outside, x, 2)).toThrow(ShapeError);
    expect(() => spmm(runtime, { ...csr, rowPtr: csr.rowPtr.slice(1) }, x, 2)).toThrow(ShapeError);
    expect(() => spmm(runtime, { ...csr, values: csr.values.slice(1) }, x, 2)).toThrow(ShapeError);
    expect(() => spmm(runtime, plain, x, 2)).toThrow(ShapeError);
    expect(() => spmm(runtime, csr, Array.from(x) as unknown as Float32Array, 2)).toThrow(ShapeError);
    for (const dim of [0, -1, 1.5, Number.NaN]) expect(() => spmm(runtime, csr, x, dim)).toThrow(OptionError);
    expect(() => spmm(runtime, csr, x, 2, { scale: Infinity })).toThrow(OptionError);
    expect(() => spmm({} as Runtime, csr, x, 2)).toThrow('expected a Runtime');
  });

  it('says how many bytes a job needs that does not fit', () => {
    const small = loadSync(runtime.module, { maxMemoryBytes: 1e5 });
    expect(() => spmm(small, csr, new Float32Array(9e4), 1e4)).toThrow(BudgetError);
  });
});

describe('scoreTopK on plain arrays', () => {
  it('equals a full sort of the scores, exclusions, ties and short lists included', () => {
    const table = (length: number) =>
      fc.array(fc.integer({ min: -2, max: 2 }), { minLength: length, maxLength: length });
    const shape = fc.record({
      users: fc.nat(5),
      items: fc.integer({ min: 1, max: 30 }),
      dim: fc.integer({ min: 1, max: 3 }),
    });
    const cases = shape.chain(({ users, items, dim }) =>
      fc.record({
        dim: fc.constant(dim),
        items: table(items * dim),
        users: table(users * dim),
        hidden: fc.array(fc.array(fc.boolean(), { minLength: items, maxLength: items }), {
          minLength: users,
          maxLength: users,
        }),
        k: fc.integer({ min: 1, max: 40 }),
      }),
    );
    fc.assert(
      fc.property(cases, ({ dim, users, items, hidden, k }) => {
        const lists = hidden.map((row) => row.flatMap((out, item) => (out ? [item] : [])));
        const excluded = {
          rows: lists.length,
          cols: items.length / dim,
          rowPtr: Int32Array.from([0, ...lists.keys()], (_, n) => lists.slice(0, n).flat().length),
          colIdx: Int32Array.from(lists.flat()),
          values: null,
        };
        const top = scoreTopK(runtime, Float32Array.from(users), Float32Array.from(items), dim, k, {
          excluded,
        });
        lists.forEach((list, user) => {
          const scores = Array.from({ length: excluded.cols }, (_, item) => {
            let sum = 0;
            for (let c = 0; c < dim; c++) sum += users[user * dim + c] * items[item * dim + c];
            return sum;
          });
          const expected = [...topK(scores, k, list)];
          expect([...top.items.subarray(user * k, (user + 1) * k)]).toEqual(expected);
          const found = expected.map((item) => (item < 0 ? -Infinity : scores[item] + 0));
          expect(Array.from(top.scores.subarray(user * k, (user + 1) * k), (score) => score + 0)).toEqual(
            found,
          );
        });
        expect(top.items.length).toBe(lists.length * k);
      }),
      { numRuns: 100 },
    );
  });

  it('ranks more users than one batch holds', () => {
    const users = randomValues(150 * 5, 1);
    const items = randomValues(40 * 5, 2);
    const { items: found } = scoreTopK(runtime, users, items, 5, 3);
    for (const user of [0, 63, 64, 127, 128, 149]) {
      const own = scoreTopK(runtime, users.slice(user * 5, user * 5 + 5), items, 5, 3);
      expect(found.subarray(user * 3, user * 3 + 3)).toEqual(own.items);
    }
  });

  it('leaves every place open when there are no items', () => {
    const { items, scores } = scoreTopK(runtime, Float32Array.of(1, 2), new Float32Array(), 2, 2);
    expect([...items, ...scores]).toEqual([-1, -1, -Infinity, -Infinity]);
  });

  it('refuses tables that do not fit, NaN, Inf and k below 1', () => {
    const [users, items] = [new Float32Array(6), new Float32Array(9)];
    const excluded = { rows: 2, cols: 4, rowPtr: new Int32Array(3), colIdx: new Int32Array(), values: null };
    expect(() => scoreTopK(runtime, users, items.subarray(1), 3, 1)).toThrow('items to hold rows of 3');
    expect(() => scoreTopK(runtime, users, items, 3, 1, { excluded })).toThrow('2 × 3, received "2 × 4"');
    for (const k of [0, 2.5]) expect(() => scoreTopK(runtime, users, items, 3, k)).toThrow(OptionError);
    for (const bad of [Number.NaN, Infinity]) {
      expect(() => scoreTopK(runtime, users, items.with(4, bad), 3, 1)).toThrow(DataError);
      expect(() => scoreTopK(runtime, users.with(5, bad), items, 3, 1)).toThrow('at position 5');
    }
  });
});

describe('columns of plain arrays', () => {
  const x = randomValues(50 * 7, 3, 2, 5);

  it('have the variance of the float64 reference', () => {
    const expected = columnVariances(toMatrix(x, 50, 7));
    expect(
      worstRatio(columnVariance(runtime, x, 7), expected, (c) => 1e-6 * expected[c]),
    ).toBeLessThanOrEqual(1);
  });

  it('have variance NaN where one number is NaN, and only there', () => {
    const variance = columnVariance(runtime, x.with(7 + 2, Number.NaN), 7);
    expect(Array.from(variance, Number.isNaN)).toEqual([false, false, true, false, false, false, false]);
  });

  it('are kept by variance and gathered', () => {
    const spread = x.map((value, n) => value * [1, 9, 3, 1, 7, 1, 5][n % 7]);
    const columns = selectColumns(runtime, spread, 7, 'variance', { dim: 3 });
    expect([...columns]).toEqual([1, 4, 6]);
    const kept = gatherColumns(runtime, spread, 7, columns);
    expect([...kept]).toEqual([...exactGather(toMatrix(spread, 50, 7), columns).data]);
  });

  it('are gathered in the order listed, repeats and none included', () => {
    expect([...gatherColumns(runtime, Float32Array.of(1, 2, 3, 4), 2, Int32Array.of(1, 0, 1))]).toEqual([
      2, 1, 2, 4, 3, 4,
    ]);
    expect([...gatherColumns(runtime, x, 7, new Int32Array())]).toEqual([]);
  });

  it('refuse broken rows, no rows, columns outside the table, and NaN in a selection', () => {
    expect(() => columnVariance(runtime, x.subarray(1), 7)).toThrow(ShapeError);
    expect(() => columnVariance(runtime, new Float32Array(), 7)).toThrow('rows to be an integer ≥ 1');
    expect(() => columnVariance(runtime, x, 0)).toThrow(OptionError);
    for (const column of [-1, 7]) {
      expect(() => gatherColumns(runtime, x, 7, Int32Array.of(0, column))).toThrow(
        `in 0 … 6, received ${column}`,
      );
    }
    expect(() => gatherColumns(runtime, x, 7, [1] as unknown as Int32Array)).toThrow(ShapeError);
    expect(() => selectColumns(runtime, x, 7, 'variance', { dim: 8 })).toThrow(OptionError);
    expect(() => selectColumns(runtime, x.with(3, Infinity), 7, 'variance', { dim: 2 })).toThrow(DataError);
  });
});

describe('updates of plain arrays', () => {
  const zeroState = (length: number): AdamState => ({
    m: new Float32Array(length),
    v: new Float32Array(length),
    step: 0,
  });

  it('follow Adam in float64 over many steps, parameters without gradient too', () => {
    for (const length of [1, 4, 4099]) {
      const params = randomValues(length, 1);
      const exact = Float64Array.from(params);
      const state = zeroState(length);
      const exactState = adamState(length);
      for (let step = 1; step <= 10; step++) {
        const gradient = randomValues(length, step + 1).map((value, n) => (n % 3 === step % 3 ? 0 : value));
        adamStep(runtime, params, gradient, state, { learningRate: 0.01, beta1: 0.8 });
        exactAdam(exact, gradient, exactState, { lr: 0.01, beta1: 0.8 });
      }
      expect(state.step).toBe(10);
      expect(worstRatio(params, exact, () => 1e-6)).toBeLessThanOrEqual(1);
      expect(worstRatio(state.m, exactState.m, () => 1e-6)).toBeLessThanOrEqual(1);
      expect(worstRatio(state.v, exactState.v, () => 1e-6)).toBeLessThanOrEqual(1);
    }
  });

  it('default to the constants of PyTorch', () => {
    const [params, state] = [Float32Array.of(1, 1, 1), zeroState(3)];
    adamStep(runtime, params, Float32Array.of(5, -5, 0), state);
    // The first step of Adam has length lr whatever the gradient.
    expect(worstRatio(params, [0.999, 1.001, 1], () => 1e-7)).toBeLessThanOrEqual(1);
    expect(worstRatio(state.m, [0.5, -0.5, 0], () => 1e-7)).toBeLessThanOrEqual(1);
    expect(worstRatio(state.v, [0.025, 0.025, 0], () => 1e-8)).toBeLessThanOrEqual(1);
  });

  it('follow gradient descent exactly', () => {
    const [params, gradient] = [randomValues(4099, 1), randomValues(4099, 2)];
    const expected = params.map((p, n) => Math.fround(p - Math.fround(0.5 * gradient[n])));
    sgdStep(runtime, params, gradient, 0.5);
    expect(params).toEqual(expected);
  });

  it('change nothing when they refuse', () => {
    const [params, gradient, state] = [Float32Array.of(1, 2), Float32Array.of(3, 4), zeroState(2)];
    const adam = (options: Parameters<typeof adamStep>[4]) => () =>
      adamStep(runtime, params, gradient, state, options);
    for (const learningRate of [-1, Number.NaN, Infinity]) {
      expect(adam({ learningRate })).toThrow(OptionError);
      expect(() => sgdStep(runtime, params, gradient, learningRate)).toThrow(OptionError);
    }
    for (const options of [{ beta1: 1 }, { beta2: -0.1 }, { epsilon: -1 }])
      expect(adam(options)).toThrow(OptionError);
    expect(() => adamStep(runtime, params, gradient, { ...state, step: -1 })).toThrow(OptionError);
    expect(() => adamStep(runtime, params, gradient, { ...state, v: new Float32Array(3) })).toThrow(
      'v to be a Float32Array of 1 × 2',
    );
    expect(() => adamStep(runtime, params, gradient.subarray(1), state)).toThrow(ShapeError);
    expect(() => sgdStep(runtime, params, new Float32Array(4), 1)).toThrow(ShapeError);
    expect(() => sgdStep(runtime, new Float32Array(), new Float32Array(), 1)).toThrow(OptionError);
    expect([...params, ...state.m, ...state.v, state.step]).toEqual([1, 2, 0, 0, 0, 0, 0]);
  });
});
