import { describe, expect, it } from 'vitest';
import { OptionError } from '../../../src/errors.ts';
import { ENTRIES, rowsFromColumns } from '../../../src/models/closed/cutRows.ts';
import { RowCutter, rowBudgets } from '../../../src/rank/largestEntries.ts';
import { Turns } from '../../../src/runtime/turns.ts';

describe('rows', () => {
  it('have budgets by the root of their interactions, the asked number on average, at least 4', () => {
    expect([...rowBudgets([1, 4, 9, 16], 20)]).toEqual([8, 16, 24, 32]);
    expect([...rowBudgets([0, 100], 10)]).toEqual([4, 20]);
    expect([...rowBudgets([0, 0], 7)]).toEqual([7, 7]);
    expect([...rowBudgets([0, 3], Number.POSITIVE_INFINITY)]).toEqual([Infinity, Infinity]);
  });

  it('keep their largest weights, of equal ones the lower indices, in ascending order', () => {
    const cutter = new RowCutter(Float64Array.of(3, 2));
    cutter.add(Int32Array.of(0, 2, 5, 7, 9), Float32Array.of(1, 4, 1, 3, 1));
    cutter.add(Int32Array.of(1), Float32Array.of(0.5));
    const { rowPtr, indices, weights } = cutter.rows();
    expect([[...rowPtr], [...indices], [...weights]]).toEqual([
      [0, 3, 4],
      [0, 2, 7, 1],
      [1, 4, 3, 0.5],
    ]);
  });

  it('come from columns in any order of their sources', async () => {
    const columns = {
      numItems: 3,
      colPtr: Int32Array.of(0, 2, 3, 5),
      sources: Int32Array.of(2, 1, 0, 1, 0),
      weights: Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.5),
    };
    const rows = await rowsFromColumns(columns, Float64Array.of(9, 1, 9), new Turns());
    expect([...rows.rowPtr]).toEqual([0, 2, 3, 4]);
    expect([...rows.indices]).toEqual([1, 2, 2, 0]);
    expect([...rows.weights].map((weight) => Number(weight.toFixed(2)))).toEqual([0.3, 0.5, 0.4, 0.1]);
  });

  it('are the same however few of them are made at a time', async () => {
    const numItems = 40;
    const targets = Array.from({ length: numItems }, (_, j) =>
      [1, 7, 19]
        .map((step) => (j * step + 3) % numItems)
        .filter((source, n, all) => all.indexOf(source) === n),
    );
    const colPtr = Int32Array.from([0, ...targets.map((_, j) => targets.slice(0, j + 1).flat().length)]);
    const sources = Int32Array.from(targets.flat());
    const weights = Float32Array.from(sources, (source, n) => ((source * 31 + n * 17) % 101) / 100);
    const columns = { numItems, colPtr, sources, weights };
    const budgets = new Float64Array(numItems).fill(2);
    const whole = await rowsFromColumns(columns, budgets, new Turns());
    expect(whole.indices.length).toBe(whole.rowPtr[numItems]);
    for (const most of [1, 5, 64])
      expect(await rowsFromColumns(columns, budgets, new Turns(), most)).toEqual(whole);
  });

  it('take a number of entries above 0, or all', () => {
    expect(ENTRIES.parse('Infinity')).toBe(Number.POSITIVE_INFINITY);
    expect(ENTRIES.parse('12.5')).toBe(12.5);
    expect(ENTRIES.parse('-1')).toBe(undefined);
    expect(() => ENTRIES.check(0, 'entries', 'ease')).toThrow(OptionError);
  });
});
