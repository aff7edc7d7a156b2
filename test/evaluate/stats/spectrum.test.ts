import { SingularValueDecomposition, Matrix as SmallMatrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { DataError, ShapeError } from '../../../src/errors.ts';
import { spectrum } from '../../../src/evaluate/stats/spectrum.ts';
import { randomValues } from '../../kernels/harness.ts';

describe('spectrum', () => {
  it.each([
    [40, 7],
    [7, 7],
    [5, 9],
    [1, 3],
  ])('has the singular values of a %s × %s table, as ml-matrix finds them', (rows, dim) => {
    const values = randomValues(rows * dim, rows);
    const exact = new SingularValueDecomposition(SmallMatrix.from1DArray(rows, dim, Array.from(values)), {
      autoTranspose: true,
    }).diagonal.filter((value) => value > 0);
    const { singularValues, effectiveRank, informationAbundance } = spectrum(values, dim);
    expect(singularValues.length).toBe(dim);
    singularValues.forEach((value, k) => {
      expect(Math.abs(value - (exact[k] ?? 0)) / exact[0]).toBeLessThan(1e-7);
    });
    const sum = exact.reduce((a, b) => a + b, 0);
    const entropy = exact.reduce((total, value) => total - (value / sum) * Math.log(value / sum), 0);
    expect(effectiveRank).toBeCloseTo(Math.exp(entropy), 4);
    expect(informationAbundance).toBeCloseTo(sum / exact[0], 5);
  });

  it('does not centre, and measures shape, not size', () => {
    expect(spectrum(new Float32Array(12).fill(2), 3).singularValues[0]).toBeCloseTo(2 * Math.sqrt(12), 6);
    const values = randomValues(60, 2);
    const [plain, large] = [1, 1024].map((factor) =>
      spectrum(
        values.map((value) => factor * value),
        6,
      ),
    );
    expect(large.effectiveRank).toBeCloseTo(plain.effectiveRank, 9);
    expect(large.informationAbundance).toBeCloseTo(plain.informationAbundance, 9);
    expect(large.singularValues[5] / plain.singularValues[5]).toBeCloseTo(1024, 6);
  });

  it('has the singular values of a diagonal table', () => {
    const { singularValues, effectiveRank, informationAbundance } = spectrum(
      Float32Array.of(3, 0, 0, 0, -4, 0, 0, 0, 0, 0, 0, 0),
      3,
    );
    expect(Array.from(singularValues, (value) => Number(value.toFixed(6)))).toEqual([4, 3, 0]);
    const entropy = -(4 / 7) * Math.log(4 / 7) - (3 / 7) * Math.log(3 / 7);
    expect(effectiveRank).toBeCloseTo(Math.exp(entropy), 6);
    expect(informationAbundance).toBeCloseTo(7 / 4, 6);
  });

  it('is 1 for rank one, dim for orthonormal columns, 0 for zeros', () => {
    expect(spectrum(Float32Array.of(1, 2, 2, 4, 3, 6), 2).effectiveRank).toBeCloseTo(1, 3);
    expect(spectrum(Float32Array.of(1, 0, 0, 1, 0, 0), 2).effectiveRank).toBeCloseTo(2, 6);
    expect(spectrum(new Float32Array(6), 2)).toMatchObject({ effectiveRank: 0, informationAbundance: 0 });
  });

  it('refuses a table without whole rows', () => {
    for (const [length, dim] of [
      [5, 2],
      [0, 2],
      [4, 0],
      [4, 1.5],
    ])
      expect(() => spectrum(new Float32Array(length), dim)).toThrow(ShapeError);
  });

  it('refuses values that are not finite and names the row', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const table = Float32Array.of(1, 2, 3, value, 5, 6);
      expect(() => spectrum(table, 2)).toThrow(DataError);
      expect(() => spectrum(table, 2)).toThrow(`received ${value} in row 1`);
    }
  });
});
