import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/errors.ts';
import { load, type Runtime } from '../../src/runtime/load.ts';

let runtime: Runtime;

beforeAll(async () => {
  runtime = await load();
});

const counting = (length: number) => Float32Array.from({ length }, (_, n) => n + 1);

describe('Matrix', () => {
  it('reads what was written and keeps the padding zero for any shape', () => {
    const ws = runtime.open();
    const start = ws.mark();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 40 }), (rows, dim) => {
        ws.release(start);
        const values = counting(rows * dim);
        const table = ws.matrixFrom(values, rows, dim);
        expect(table.stride % 4).toBe(0);
        expect(table.read()).toEqual(values);
        const sum = (all: Float32Array) => all.reduce((a, b) => a + b, 0);
        expect(sum(table.view)).toBe(sum(values));
      }),
    );
  });

  it('keeps a wider stride that is asked for', () => {
    const table = runtime.open().matrixFrom(counting(6), 2, 3, 8);
    expect([...table.view]).toEqual([1, 2, 3, 0, 0, 0, 0, 0, 4, 5, 6, 0, 0, 0, 0, 0]);
    expect(table.read()).toEqual(counting(6));
  });

  it('writes some rows from a row on and leaves the others', () => {
    for (const dim of [3, 4]) {
      const table = runtime.open().matrix(4, dim);
      table.write(counting(2 * dim), 1);
      const zeros = new Array(dim).fill(0);
      expect([...table.read()]).toEqual([...zeros, ...counting(2 * dim), ...zeros]);
    }
  });

  it('refuses rows that do not fit and writes none of them', () => {
    for (const dim of [3, 4]) {
      const table = runtime.open().matrix(3, dim);
      expect(() => table.write(counting(4 * dim))).toThrow(ShapeError);
      expect(() => table.write(counting(2 * dim), 2)).toThrow(/at most 1 rows of/);
      expect(() => table.write(counting(dim + 1))).toThrow(ShapeError);
      expect(table.view.every((x) => x === 0)).toBe(true);
    }
  });

  it('shares its memory with a slice, and reads as a copy', () => {
    const table = runtime.open().matrixFrom(counting(12), 4, 3);
    const middle = table.slice(1, 2);
    expect([...middle.read()]).toEqual([4, 5, 6, 7, 8, 9]);
    middle.write(Float32Array.of(-1, -2, -3), 1);
    expect([...table.read()]).toEqual([1, 2, 3, 4, 5, 6, -1, -2, -3, 10, 11, 12]);
    const copy = table.read();
    copy.fill(0);
    expect(table.read()[0]).toBe(1);
  });
});

describe('number buffers', () => {
  it('show as many numbers as they were made for and keep what is written', () => {
    const ws = runtime.open();
    const [f32, f64, i32] = [ws.f32(5), ws.f64(3), ws.i32From([7, -8, 9])];
    f32.view.set([0.1, 2]);
    f64.view.set([0.1]);
    expect([...f32.view]).toEqual([Math.fround(0.1), 2, 0, 0, 0]);
    expect([...f64.view]).toEqual([0.1, 0, 0]);
    expect([...i32.view]).toEqual([7, -8, 9]);
  });

  it('show one view until the memory grows, and then all of the same numbers in another', () => {
    const ws = runtime.open();
    const [numbers, table] = [ws.i32From([7, -8, 9]), ws.matrixFrom(counting(4), 2, 2)];
    const [view, rows] = [numbers.view, table.view];
    expect(numbers.view).toBe(view);
    expect(table.view).toBe(rows);
    ws.bytes(2 ** 20);
    expect(view.length).toBe(0);
    expect([...numbers.view]).toEqual([7, -8, 9]);
    expect([...table.read()]).toEqual([1, 2, 3, 4]);
    expect(table.view === rows).toBe(false);
  });
});
