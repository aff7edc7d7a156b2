import fc from 'fast-check';
import { Matrix as DenseMatrix, SingularValueDecomposition } from 'ml-matrix';
import { beforeAll, describe, expect, test } from 'vitest';
import { transpose } from '../../src/data/csr.ts';
import { BudgetError, DataError, OptionError } from '../../src/errors.ts';
import {
  type LinearOperator,
  randomizedSvd,
  sparseOperator,
  svdRoom,
} from '../../src/linalg/randomizedSvd.ts';
import { TallMatrix, TallScratch } from '../../src/linalg/tallMatrix.ts';
import type { Matrix } from '../../src/runtime/buffers.ts';
import { load, Runtime } from '../../src/runtime/load.ts';
import { PURPOSE, Random } from '../../src/runtime/random.ts';
import { Turns } from '../../src/runtime/turns.ts';
import { countBytes } from '../../src/runtime/workspace.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await load();
});

interface Dense {
  rows: number;
  cols: number;
  data: ArrayLike<number>;
}

interface ProductShape {
  width: number;
  extraRows: number;
  rank: number;
  decay: number;
  levels: number;
  seed: number;
}

/** Numbers uniform over [−1, 1), a share of them zero, column c scaled by decay^c. */
function randomDense(rows: number, cols: number, seed: number, { zeros = 0, decay = 1 } = {}): Dense {
  const random = new Random(seed, PURPOSE.synthetic);
  const data = Float32Array.from({ length: rows * cols }, (_, at) => {
    const value = (2 * random.uniform() - 1) * decay ** (at % cols);
    return random.uniform() < zeros ? 0 : value;
  });
  return { rows, cols, data };
}

/** A dense matrix as an operator, computed in float64 on the host. */
function denseOperator({ rows, cols, data }: Dense): LinearOperator {
  const product = (x: Matrix, y: Matrix, rowStep: number, colStep: number): void => {
    const from = x.view;
    const to = y.view;
    for (let r = 0; r < y.rows; r++) {
      for (let l = 0; l < x.dim; l++) {
        let sum = 0;
        for (let c = 0; c < x.rows; c++) sum += data[r * rowStep + c * colStep] * from[c * x.stride + l];
        to[r * y.stride + l] = sum;
      }
    }
  };
  return {
    rows,
    cols,
    multiply: (x, y) => product(x, y, cols, 1),
    multiplyTransposed: (x, y) => product(x, y, 1, cols),
  };
}

function sparse({ rows, cols, data }: Dense) {
  const rowPtr = [0];
  const colIdx: number[] = [];
  const values: number[] = [];
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) {
      if (data[r * cols + c] === 0) continue;
      colIdx.push(c);
      values.push(data[r * cols + c]);
    }
    rowPtr.push(colIdx.length);
  }
  const arrays = {
    rowPtr: Int32Array.from(rowPtr),
    colIdx: Int32Array.from(colIdx),
    values: Float32Array.from(values),
  };
  return { rows, cols, ...arrays };
}

function exactSingularValues({ rows, cols, data }: Dense): number[] {
  const matrix = new DenseMatrix(rows, cols);
  for (let at = 0; at < rows * cols; at++) matrix.set(Math.floor(at / cols), at % cols, data[at]);
  return new SingularValueDecomposition(matrix, { autoTranspose: true }).diagonal;
}

/** Largest deviation of XᵀX from the identity. */
function orthonormalityError(x: ArrayLike<number>, rows: number, width: number): number {
  let worst = 0;
  for (let i = 0; i < width; i++) {
    for (let j = i; j < width; j++) {
      let sum = i === j ? -1 : 0;
      for (let r = 0; r < rows; r++) sum += x[r * width + i] * x[r * width + j];
      worst = Math.max(worst, Math.abs(sum));
    }
  }
  return worst;
}

/** ‖A − U Σ Vᵀ‖_F. */
function reconstructionError(
  a: Dense,
  left: Float32Array,
  values: Float64Array,
  right: Float32Array,
): number {
  const rank = values.length;
  let squares = 0;
  for (let r = 0; r < a.rows; r++) {
    for (let c = 0; c < a.cols; c++) {
      let rest = a.data[r * a.cols + c];
      for (let k = 0; k < rank; k++) rest -= left[r * rank + k] * values[k] * right[c * rank + k];
      squares += rest * rest;
    }
  }
  return Math.sqrt(squares);
}

describe('randomizedSvd', () => {
  test('finds the leading singular values of a sparse matrix within 1e-4 and reconstructs almost optimally', async () => {
    const a = randomDense(150, 90, 1, { zeros: 0.7, decay: 0.95 });
    const workspace = runtime.open();
    const csr = sparse(a);
    const operator = sparseOperator(workspace, workspace.csr(csr), workspace.csr(transpose(csr)));
    const svd = await randomizedSvd(workspace, operator, { rank: 20 });
    const exact = exactSingularValues(a);
    expect(svd.rank).toBe(20);
    for (let k = 0; k < 20; k++) expect(Math.abs(svd.singularValues[k] / exact[k] - 1)).toBeLessThan(1e-4);
    const left = svd.readLeft();
    const right = svd.readRight();
    expect(orthonormalityError(left, 150, 20)).toBeLessThan(1e-5);
    expect(orthonormalityError(right, 90, 20)).toBeLessThan(1e-5);
    const optimal = Math.sqrt(exact.slice(20).reduce((sum, value) => sum + value * value, 0));
    expect(reconstructionError(a, left, svd.singularValues, right)).toBeLessThan(1.0005 * optimal);
  });

  test('agrees with a full decomposition on any small matrix, tall, wide or of one column', async () => {
    const shapes = fc.record({
      rows: fc.integer({ min: 1, max: 30 }),
      cols: fc.integer({ min: 1, max: 30 }),
      rank: fc.integer({ min: 1, max: 30 }),
      seed: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(shapes, async ({ rows, cols, rank, seed }) => {
        const a = randomDense(rows, cols, seed);
        const svd = await randomizedSvd(runtime.open(), denseOperator(a), { rank, seed });
        const exact = exactSingularValues(a);
        const kept = Math.min(rank, exact.filter((value) => value > 1.1e-4 * exact[0]).length);
        expect(svd.rank).toBeGreaterThanOrEqual(kept);
        expect(svd.rank).toBeLessThanOrEqual(Math.min(rank, rows, cols));
        for (let k = 0; k < kept; k++) {
          expect(Math.abs(svd.singularValues[k] - exact[k])).toBeLessThan(1e-4 * exact[k] + 1e-6 * exact[0]);
        }
        expect(orthonormalityError(svd.readLeft(), rows, svd.rank)).toBeLessThan(1e-4);
      }),
      { numRuns: 40 },
    );
  });

  test('stops at the numerical rank of a matrix whose rows repeat', async () => {
    const base = randomDense(3, 40, 5);
    const data = Array.from(
      { length: 60 * 40 },
      (_, at) => base.data[(Math.floor(at / 40) % 3) * 40 + (at % 40)],
    );
    const svd = await randomizedSvd(runtime.open(), denseOperator({ rows: 60, cols: 40, data }), {
      rank: 10,
    });
    expect(svd.rank).toBe(3);
    const exact = exactSingularValues({ rows: 60, cols: 40, data });
    for (let k = 0; k < 3; k++) expect(Math.abs(svd.singularValues[k] / exact[k] - 1)).toBeLessThan(1e-5);
    expect(orthonormalityError(svd.readLeft(), 60, 3)).toBeLessThan(1e-5);
    expect(orthonormalityError(svd.readRight(), 40, 3)).toBeLessThan(1e-5);
  });

  test('resolves singular values a thousand times smaller than the largest', async () => {
    const data = Array.from({ length: 64 }, (_, at) => (at % 9 === 0 ? 10 ** (-at / 18) : 0));
    const svd = await randomizedSvd(runtime.open(), denseOperator({ rows: 8, cols: 8, data }), { rank: 7 });
    for (let k = 0; k < 7; k++)
      expect(Math.abs(svd.singularValues[k] * 10 ** (k / 2) - 1)).toBeLessThan(1e-4);
  });

  test('makes the largest component of every right vector positive', async () => {
    const svd = await randomizedSvd(runtime.open(), denseOperator(randomDense(25, 31, 7)), { rank: 12 });
    const right = svd.readRight();
    for (let k = 0; k < 12; k++) {
      const column = Array.from({ length: 31 }, (_, r) => right[r * 12 + k]);
      expect(Math.max(...column)).toBe(Math.max(...column.map(Math.abs)));
    }
  });

  test('gives the same bytes for the same seed', async () => {
    const operator = denseOperator(randomDense(70, 50, 3, { zeros: 0.5 }));
    const [one, two] = await Promise.all(
      [1, 2].map(() => randomizedSvd(runtime.open(), operator, { rank: 9, seed: 4 })),
    );
    expect(one.readLeft()).toEqual(two.readLeft());
    expect(one.readRight()).toEqual(two.readRight());
    expect(one.singularValues).toEqual(two.singularValues);
  });

  test('takes as many bytes as it announces', async () => {
    for (const [rows, cols, rank] of [
      [9, 5, 3],
      [301, 77, 40],
      [60, 1501, 13],
    ]) {
      const announced = countBytes((ws) => svdRoom(ws, { rows, cols }, rank));
      const operator = denseOperator(randomDense(rows, cols, 1));
      const [enough, less] = [0, 1].map((missing) => {
        const maxMemoryBytes = runtime.open().usedBytes + announced - missing;
        return randomizedSvd(new Runtime(runtime.module, maxMemoryBytes).open(), operator, {
          rank,
          powerIterations: 1,
        });
      });
      await expect(less).rejects.toThrow(BudgetError);
      expect((await enough).rank).toBeGreaterThan(0);
    }
  });

  test('refuses a zero matrix, a rank of 0 and half a power iteration', async () => {
    const zero = denseOperator({ rows: 6, cols: 5, data: new Float32Array(30) });
    await expect(randomizedSvd(runtime.open(), zero, { rank: 2 })).rejects.toThrow(DataError);
    await expect(randomizedSvd(runtime.open(), zero, { rank: 0 })).rejects.toThrow(OptionError);
    await expect(randomizedSvd(runtime.open(), zero, { rank: 2, powerIterations: 0.5 })).rejects.toThrow(
      OptionError,
    );
  });
});

describe('TallMatrix.orthonormalize', () => {
  test('is orthonormal to f32 accuracy on columns that are dependent up to one part in 100,000, and keeps their span', async () => {
    const workspace = runtime.open();
    const tall = new TallMatrix(workspace, 203, new TallScratch(workspace, 11));
    const common = randomDense(203, 1, 1);
    const own = randomDense(203, 11, 2);
    const values = Float32Array.from(
      own.data,
      (value, at) => common.data[Math.floor(at / 11)] + 1e-5 * value,
    );
    tall.matrix.write(values);
    await tall.orthonormalize(true, new Turns());
    const q = tall.readColumns(11);
    expect(orthonormalityError(q, 203, 11)).toBeLessThan(2e-6);
    for (let j = 0; j < 11; j++) {
      const column = Array.from({ length: 203 }, (_, r) => values[r * 11 + j]);
      const rest = column.slice();
      for (let k = 0; k < 11; k++) {
        const share = column.reduce((sum, value, r) => sum + value * q[r * 11 + k], 0);
        rest.forEach((_, r) => {
          rest[r] -= share * q[r * 11 + k];
        });
      }
      expect(Math.hypot(...rest)).toBeLessThan(3e-6 * Math.hypot(...column));
    }
  });

  test('gives orthonormal or zero columns whatever the rank, even when exact arithmetic leaves nothing of some', async () => {
    const products = fc.record({
      width: fc.integer({ min: 1, max: 40 }),
      extraRows: fc.integer({ min: 0, max: 200 }),
      rank: fc.integer({ min: 1, max: 6 }),
      decay: fc.constantFrom(1, 0.1, 1e-3),
      levels: fc.constantFrom(2, 1e6),
      seed: fc.nat(),
    });
    const tablesOf = ({ width, extraRows, rank, decay, levels, seed }: ProductShape) => {
      const rows = width + extraRows;
      const left = randomDense(rows, rank, seed, { decay });
      const right = randomDense(rank, width, seed + 1);
      const values = new Float32Array(rows * width);
      for (let at = 0; at < values.length; at++) {
        const [r, c] = [Math.floor(at / width), at % width];
        for (let k = 0; k < rank; k++) {
          // Few levels: many equal rows, so that rounding errors are dependent, too.
          values[at] +=
            Math.round(left.data[r * rank + k] * levels) * Math.round(right.data[k * width + c] * levels);
        }
      }
      return { rows, values };
    };
    await fc.assert(
      fc.asyncProperty(products, async (shape) => {
        const { rows, values } = tablesOf(shape);
        const workspace = runtime.open();
        const tall = new TallMatrix(workspace, rows, new TallScratch(workspace, shape.width));
        tall.matrix.write(values);
        await tall.orthonormalize(true, new Turns());
        const gram = tall.gram();
        for (let i = 0; i < shape.width; i++) {
          const own = gram[i * shape.width + i];
          if (own !== 0) expect(Math.abs(own - 1)).toBeLessThan(1e-5);
          for (let j = 0; j < i; j++) expect(Math.abs(gram[i * shape.width + j])).toBeLessThan(1e-5);
        }
        if (values.some((value) => value !== 0)) expect(gram.some((value) => value > 0.9)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  test('leaves zero columns zero and makes the others orthonormal', async () => {
    const workspace = runtime.open();
    const tall = new TallMatrix(workspace, 30, new TallScratch(workspace, 4));
    const { data } = randomDense(30, 4, 3);
    tall.matrix.write(Float32Array.from(data, (value, at) => (at % 4 === 1 ? 0 : value)));
    await tall.orthonormalize(true, new Turns());
    const gram = tall.gram();
    for (let i = 0; i < 4; i++) {
      for (let j = 0; j < 4; j++) expect(gram[i * 4 + j]).toBeCloseTo(i === j && i !== 1 ? 1 : 0, 6);
    }
  });
});
