import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import {
  type ColumnOptions,
  type ColumnStrategy,
  columnVariance,
  selectColumns,
} from '../../src/init/columns.ts';
import { load } from '../../src/runtime/load.ts';
import { randomValues, worstRatio } from '../kernels/harness.ts';
import { columnVariances, gatherRows, type Matrix, toMatrix, topK } from '../reference.ts';

const runtime = await load();

function select(x: Matrix, strategy: ColumnStrategy, options: ColumnOptions): number[] {
  const workspace = runtime.open();
  const vectors = workspace.matrixFrom(Float32Array.from(x.data), x.rows, x.cols);
  return [...selectColumns(workspace, vectors, strategy, options)];
}

/** Only the width matters to strategies that do not look at the numbers. */
const wide = (width: number) => toMatrix(new Float32Array(width), 1, width);

/** The columns of largest float64 variance, ties to the lower column, ascending. */
function largestVariance(x: Matrix, dim: number): number[] {
  return [...topK(columnVariances(x), dim).sort()];
}

describe('random columns', () => {
  it('are K distinct columns of the table, ascending, for every K up to its width', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(1000), fc.nat(), (width, seed, cut) => {
        const dim = 1 + (cut % width);
        const columns = select(wide(width), 'random', { dim, seed });
        expect(columns).toEqual([...new Set(columns)].sort((a, b) => a - b));
        expect(columns.length).toBe(dim);
        expect(columns[0]).toBeGreaterThanOrEqual(0);
        expect(columns[dim - 1]).toBeLessThan(width);
      }),
      { numRuns: 60 },
    );
  });

  it('are the same for the same seed and others for another', () => {
    const draw = (seed?: number) => select(wide(768), 'random', { dim: 128, seed });
    expect(draw(7)).toEqual(draw(7));
    expect(draw(8)).not.toEqual(draw(7));
    expect(draw()).toEqual(draw(2020));
  });

  it('give every column its share over many seeds', () => {
    const counts = new Array<number>(10).fill(0);
    for (let seed = 0; seed < 600; seed++)
      for (const c of select(wide(10), 'random', { dim: 3, seed })) counts[c]++;
    // 180 each, standard deviation 11.
    for (const count of counts) expect(Math.abs(count - 180)).toBeLessThan(55);
  });

  it('with replacement repeat some: about 118 of 128 differ at N = 768', () => {
    const distinct = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((seed) => {
      const columns = select(wide(768), 'random', { dim: 128, seed, withReplacement: true });
      expect(columns).toEqual([...columns].sort((a, b) => a - b));
      expect(columns.length).toBe(128);
      return new Set(columns).size;
    });
    const mean = distinct.reduce((sum, size) => sum + size) / distinct.length;
    expect(Math.abs(mean - 768 * (1 - (1 - 1 / 768) ** 128))).toBeLessThan(3);
  });
});

describe('uniform columns', () => {
  it('are k·⌊N/K⌋', () => {
    expect(select(wide(10), 'uniform', { dim: 4 })).toEqual([0, 2, 4, 6]);
    const columns = select(wide(768), 'uniform', { dim: 100 });
    expect(columns).toEqual(Array.from({ length: 100 }, (_, k) => 7 * k));
  });

  it('reach both ends with linspace, distinct and ascending', () => {
    expect(select(wide(10), 'uniform', { dim: 4, spacing: 'linspace' })).toEqual([0, 3, 6, 9]);
    expect(select(wide(10), 'uniform', { dim: 1, spacing: 'linspace' })).toEqual([0]);
    for (const dim of [2, 99, 128, 767, 768]) {
      const columns = select(wide(768), 'uniform', { dim, spacing: 'linspace' });
      expect([columns[0], columns[dim - 1]]).toEqual([0, 767]);
      expect(new Set(columns).size).toBe(dim);
      const offsets = columns.map((column, k) => Math.abs(column - (k * 767) / (dim - 1)));
      expect(Math.max(...offsets)).toBeLessThanOrEqual(0.5);
    }
  });

  it('are all columns when K = N, for both spacings', () => {
    for (const spacing of ['floor', 'linspace'] as const) {
      expect(select(wide(5), 'uniform', { dim: 5, spacing })).toEqual([0, 1, 2, 3, 4]);
    }
  });
});

describe('variance columns', () => {
  it('are those of largest float64 variance over all rows, whatever their mean', () => {
    for (const [rows, width] of [
      [40, 9],
      [129, 67],
    ]) {
      const values = randomValues(rows * width, 1).map(
        (value, n) => value * (1 + (((n % width) * 7) % width)) + (n % width),
      );
      const x = toMatrix(values, rows, width);
      for (const dim of [1, 4, width - 1, width]) {
        expect(select(x, 'variance', { dim })).toEqual(largestVariance(x, dim));
      }
    }
  });

  it('go to the lower column when variances are equal', () => {
    // Columns 1, 3 and 4 hold the same numbers; columns 0 and 2 have none to vary.
    const x = toMatrix([5, 1, 0, 1, 1, 5, 2, 0, 2, 2, 5, 4, 0, 4, 4], 3, 5);
    expect(select(x, 'variance', { dim: 2 })).toEqual([1, 3]);
    expect(select(x, 'variance', { dim: 4 })).toEqual([0, 1, 3, 4]);
  });

  it('take the most popular share of the rows with popularFraction, ties to the lower row', () => {
    const x = toMatrix(randomValues(20 * 12, 4), 20, 12);
    const popularity = Array.from({ length: 20 }, (_, row) => [9, 1, 4, 9, 2][row % 5]);
    // ⌊0.2 · 20⌋ = 4 of the 8 rows that share the top count: 0, 3, 5, 8.
    const popular = gatherRows(x, [0, 3, 5, 8]);
    const columns = select(x, 'variance', { dim: 5, popularFraction: 0.2, popularity });
    expect(columns).toEqual(largestVariance(popular, 5));
    expect(columns).not.toEqual(largestVariance(x, 5));
  });

  it('put rows of unknown popularity last', () => {
    const x = toMatrix(randomValues(4 * 12, 6), 4, 12);
    const popularity = [Number.NaN, 3, 0, Number.NaN];
    const columns = select(x, 'variance', { dim: 3, popularFraction: 0.75, popularity });
    expect(columns).toEqual(largestVariance(gatherRows(x, [0, 1, 2]), 3));
  });

  it('are chosen alike by unbiased variance, as the authors compute it', () => {
    const x = toMatrix(randomValues(15 * 30, 5), 15, 30);
    expect(select(x, 'variance', { dim: 7 })).toEqual([...topK(columnVariances(x, true), 7).sort()]);
  });

  it('rest on variances within 1e-6 of float64', () => {
    const x = toMatrix(randomValues(300 * 13, 6, 10, 11), 300, 13);
    const workspace = runtime.open();
    const found = columnVariance(workspace, workspace.matrixFrom(Float32Array.from(x.data), 300, 13));
    const expected = columnVariances(x);
    expect(worstRatio(found, expected, (c) => 1e-6 * expected[c])).toBeLessThanOrEqual(1);
  });
});

describe('full', () => {
  it('keeps every column', () => {
    expect(select(wide(6), 'full', { dim: 3 })).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

describe('selectColumns refuses', () => {
  const x = wide(8);

  it.each(['random', 'uniform', 'variance'] as const)(
    '%s with a dim above the width or no integer ≥ 1',
    (strategy) => {
      expect(() => select(x, strategy, { dim: 9 })).toThrow(
        'expected dim ≤ 8, the width of the embeddings, received 9',
      );
      for (const dim of [0, -1, 2.5, Number.NaN])
        expect(() => select(x, strategy, { dim })).toThrow(OptionError);
    },
  );

  it('a popularFraction outside (0, 1] and one without the popularity of every row', () => {
    const popularity = [1];
    for (const popularFraction of [0, -0.2, 1.01, Number.NaN]) {
      expect(() => select(x, 'variance', { dim: 2, popularFraction, popularity })).toThrow(OptionError);
    }
    expect(() => select(x, 'variance', { dim: 2, popularFraction: 0.2 })).toThrow('received none');
    expect(() => select(x, 'variance', { dim: 2, popularFraction: 0.2, popularity: [1, 2] })).toThrow(
      '1 items',
    );
  });

  it('an unknown strategy, an unknown spacing and an invalid seed', () => {
    expect(() => select(x, 'pca' as ColumnStrategy, { dim: 2 })).toThrow('received "pca"');
    expect(() => select(x, 'uniform', { dim: 2, spacing: 'log' as 'floor' })).toThrow('received "log"');
    expect(() => select(x, 'random', { dim: 2, seed: -1 })).toThrow(OptionError);
  });
});
