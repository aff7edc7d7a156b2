import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EigenvalueDecomposition, Matrix as SmallMatrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { DataError, OptionError } from '../../src/errors.ts';
import { readNpy } from '../../src/format/npy.ts';
import { principalCoordinates, principalRoom } from '../../src/init/pca.ts';
import { randomUniform } from '../../src/kernels/random.ts';
import { load } from '../../src/runtime/load.ts';
import { PURPOSE } from '../../src/runtime/random.ts';
import { countBytes, type Workspace } from '../../src/runtime/workspace.ts';
import { randomValues, worstRatio } from '../kernels/harness.ts';
import {
  columnMeans,
  dot,
  gram,
  type Matrix,
  matmul,
  normalizedRows,
  rowOf,
  toMatrix,
  transposed,
} from '../reference.ts';
import { sharedData } from '../sharedData.ts';

const runtime = await load();

function pca(x: Matrix, dim: number) {
  const workspace = runtime.open();
  return principalCoordinates(
    workspace,
    workspace.matrixFrom(Float32Array.from(x.data), x.rows, x.cols),
    dim,
  );
}

interface Exact {
  /** Variances times rows, descending. */
  values: number[];
  /** Component k in row k; its largest entry is positive. */
  components: Matrix;
}

/** All components by the float64 eigendecomposition of xᵀx. */
function eigen(x: Matrix): Exact {
  const square = new SmallMatrix(x.cols, x.cols);
  for (const [n, value] of gram(x).data.entries()) square.set(Math.floor(n / x.cols), n % x.cols, value);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(square, {
    assumeSymmetric: true,
  });
  const rows = realEigenvalues.map((_, k) => {
    const column = eigenvectorMatrix.getColumn(x.cols - 1 - k);
    const peak = column.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most));
    return column.map((value) => value * Math.sign(peak));
  });
  return { values: [...realEigenvalues].reverse(), components: toMatrix(rows.flat(), x.cols, x.cols) };
}

function centred(x: Matrix): Matrix {
  const means = columnMeans(x);
  return { ...x, data: x.data.map((value, n) => value - means[n % x.cols]) };
}

/** Centred rows whose columns have standard deviations that fall by `ratio` from one to the next, rotated. */
function decaying(rows: number, cols: number, ratio: number): Matrix {
  const scaled = toMatrix(randomValues(rows * cols, 1), rows, cols);
  for (const n of scaled.data.keys()) scaled.data[n] *= ratio ** (n % cols);
  return centred(matmul(scaled, toMatrix(randomValues(cols * cols, 2), cols, cols)));
}

function shareOf(values: readonly number[], dim: number): number {
  const sum = (list: readonly number[]) => list.reduce((total, value) => total + value, 0);
  return sum(values.slice(0, dim)) / sum(values);
}

describe('principal coordinates', () => {
  it('are those of a float64 eigendecomposition, signs included', async () => {
    for (const [rows, cols, dim] of [
      [40, 6, 1],
      [41, 7, 7],
      [9, 23, 8],
      [300, 50, 12],
    ]) {
      const x = decaying(rows, cols, 0.7);
      const { values, components } = eigen(x);
      const { coordinates, varianceKept } = await pca(x, dim);
      const expected = matmul(x, transposed(components));
      const wanted = Array.from(
        { length: rows * dim },
        (_, n) => expected.data[Math.floor(n / dim) * cols + (n % dim)],
      );
      const longest = Math.sqrt(values[0]);
      expect(worstRatio(coordinates, wanted, () => 2e-5 * longest)).toBeLessThanOrEqual(1);
      expect(Math.abs(varianceKept - shareOf(values, dim))).toBeLessThan(1e-6);
    }
  });

  it('are found by sampling too, where the table is larger than the sample', async () => {
    const [rows, cols, dim] = [330, 300, 10];
    const x = decaying(rows, cols, 0.97);
    const { values, components } = eigen(x);
    const { coordinates, varianceKept } = await pca(x, dim);
    const expected = matmul(x, transposed(components));
    const wanted = Array.from(
      { length: rows * dim },
      (_, n) => expected.data[Math.floor(n / dim) * cols + (n % dim)],
    );
    expect(worstRatio(coordinates, wanted, () => 1e-4 * Math.sqrt(values[0]))).toBeLessThanOrEqual(1);
    expect(Math.abs(varianceKept / shareOf(values, dim) - 1)).toBeLessThan(1e-5);
  });

  it('are orthogonal columns by descending length', async () => {
    const { coordinates } = await pca(decaying(120, 30, 0.9), 20);
    const products = gram(toMatrix(coordinates, 120, 20));
    const lengths = Array.from({ length: 20 }, (_, k) => Math.sqrt(products.data[k * 21]));
    for (let i = 0; i < 20; i++) {
      for (let j = 0; j < i; j++) {
        expect(Math.abs(products.data[i * 20 + j])).toBeLessThan(1e-5 * lengths[i] * lengths[j]);
        expect(lengths[j]).toBeGreaterThanOrEqual(lengths[i]);
      }
    }
  });

  it('keep all inner products of the rows when every component is kept', async () => {
    const x = decaying(33, 8, 0.8);
    const { coordinates, varianceKept } = await pca(x, 8);
    const kept = gram(transposed(toMatrix(coordinates, 33, 8)));
    const all = gram(transposed(x));
    const largest = Math.max(...all.data);
    expect(worstRatio(kept.data, all.data, () => 1e-5 * largest)).toBeLessThanOrEqual(1);
    expect(varianceKept).toBeCloseTo(1, 6);
  });

  it('have the same bytes at every call and leave the table and the workspace as they were', async () => {
    const x = decaying(50, 20, 0.9);
    const workspace = runtime.open();
    const table = workspace.matrixFrom(Float32Array.from(x.data), 50, 20);
    const mark = workspace.mark();
    const first = await principalCoordinates(workspace, table, 5);
    const second = await principalCoordinates(workspace, table, 5);
    expect(second).toEqual(first);
    expect(table.read()).toEqual(Float32Array.from(x.data));
    expect(workspace.mark()).toBe(mark);
  });

  it.each([
    [50, 20, 5],
    [20, 50, 5],
    [33, 7, 6],
    [1700, 1610, 8],
    [1650, 1700, 8],
  ])('take what is foreseen for %i rows of %i columns', async (rows, columns, dim) => {
    const layout = (workspace: Workspace) => {
      const x = workspace.matrix(rows, columns);
      workspace.foresee(() => principalRoom(workspace, x, dim));
      return x;
    };
    const workspace = runtime.open();
    const table = layout(workspace);
    randomUniform(workspace, table, -1, 1, 3, PURPOSE.xavier, 0);
    await principalCoordinates(workspace, table, dim);
    expect(workspace.peakBytes).toBe(countBytes(layout));
  });

  it('refuse a dim above min(N, rows − 1)', async () => {
    await expect(pca(decaying(20, 6, 0.9), 7)).rejects.toThrow(
      'expected dim ≤ 6 for 20 items with vectors of 6',
    );
    await expect(pca(decaying(5, 6, 0.9), 5)).rejects.toThrow(
      'expected dim ≤ 4 for 5 items with vectors of 6',
    );
    expect((await pca(decaying(5, 6, 0.9), 4)).coordinates.length).toBe(20);
  });

  it('refuse a dim above the rank of the rows, and rows of zeros', async () => {
    const basis = decaying(30, 3, 0.9);
    const flat = matmul(basis, toMatrix(randomValues(3 * 12, 5), 3, 12));
    await expect(pca(flat, 4)).rejects.toThrow(
      'expected dim ≤ 3, the rank of the 30 centred vectors, received 4',
    );
    await expect(pca(flat, 4)).rejects.toThrow(OptionError);
    expect((await pca(flat, 3)).varianceKept).toBeCloseTo(1, 6);
    await expect(pca(toMatrix(new Float32Array(60), 10, 6), 2)).rejects.toThrow(DataError);
  });
});

describe.skipIf(!sharedData)('principal coordinates of the BERT vectors of amazon-office', () => {
  it('are 128 singular directions within 1e-3, and keep the variance of the leading ones within 1e-5', async () => {
    const name = join(sharedData ?? '', 'data', 'amazon-office', 'amazon-office.bert-cls.f16.npy');
    const { data, shape } = readNpy(readFileSync(name), name);
    const x = normalizedRows(centred(normalizedRows(toMatrix(Float32Array.from(data), shape[0], shape[1]))));
    const { coordinates, varianceKept } = await pca(x, 128);
    // The share of the 128 largest of 768 eigenvalues of these rows, by ml-matrix in float64; it takes 10 s.
    expect(Math.abs(varianceKept / 0.9727434 - 1)).toBeLessThan(1e-5);
    const found = transposed(toMatrix(coordinates, x.rows, 128));
    const images = matmul(matmul(found, x), transposed(x));
    for (let k = 0; k < 128; k++) {
      const [own, image] = [rowOf(found, k), rowOf(images, k)];
      const residual = own.map((value, n) => image[n] / dot(own, own) - value);
      expect(Math.sqrt(dot(residual, residual) / dot(own, own))).toBeLessThan(1e-3);
    }
  });
});
