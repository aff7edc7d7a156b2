import { EigenvalueDecomposition, Matrix as SmallMatrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { type Csr, interactionsToCsr } from '../../src/data/csr.ts';
import { OptionError } from '../../src/errors.ts';
import { initialize } from '../../src/init/initialize.ts';
import { loadThreads } from '../../src/runtime/loadThreads.ts';
import {
  columnMeans,
  gatherColumns,
  gatherRows,
  gram,
  type Matrix,
  matmul,
  normalizedRows,
  toMatrix,
  transposed,
} from '../reference.ts';
import { csr, embeddings, embeddingsOf, ITEMS, mean, norms, run, table, train } from './sample.ts';

const DIM = 5;

/** Rows as every mapped strategy starts from: normalised, centred, normalised. */
function prepared(from = table): Matrix {
  const unit = normalizedRows(from);
  const means = columnMeans(unit);
  return normalizedRows({ ...unit, data: unit.data.map((value, n) => value - means[n % unit.cols]) });
}

/** I − λ (I − D^-½ C D^-½) with plain loops; items without a neighbour keep 1. */
function penalty(weight: number, { rows, rowPtr, colIdx }: Csr = csr): Matrix {
  const common = Array.from({ length: ITEMS }, () => new Float64Array(ITEMS));
  for (let user = 0; user < rows; user++) {
    const own = colIdx.subarray(rowPtr[user], rowPtr[user + 1]);
    for (const i of own) for (const j of own) if (i !== j) common[i][j]++;
  }
  const sums = common.map((row) => row.reduce((a, b) => a + b, 0));
  const values = common.flatMap((row, i) =>
    Array.from(row, (count, j) => {
      const same = i === j ? 1 - (sums[i] > 0 ? weight : 0) : 0;
      return count > 0 ? same + (weight * count) / Math.sqrt(sums[i] * sums[j]) : same;
    }),
  );
  return toMatrix(values, ITEMS, ITEMS);
}

/** Eigenvalues, descending, and eigenvectors in columns, signs by the largest component. */
function eigen(m: Matrix) {
  const square = new SmallMatrix(m.rows, m.cols);
  for (const [n, value] of m.data.entries()) square.set(Math.floor(n / m.cols), n % m.cols, value);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(square, {
    assumeSymmetric: true,
  });
  const order = realEigenvalues.map((_, n) => n).sort((a, b) => realEigenvalues[b] - realEigenvalues[a]);
  const vectors = order.map((n) => eigenvectorMatrix.getColumn(n));
  return { values: order.map((n) => realEigenvalues[n]), vectors };
}

/** Inner products of all pairs of rows: what signs and rotations of equal columns leave as it is. */
function products(rows: Float32Array | Float64Array, dim: number): Matrix {
  const m = toMatrix(rows, rows.length / dim, dim);
  return matmul(m, transposed(m));
}

function worst(a: Matrix, b: Matrix): number {
  return a.data.reduce((most, value, n) => Math.max(most, Math.abs(value - b.data[n])), 0);
}

describe('graph-pca', () => {
  it.each([0, 0.5, 1])('has the eigenvectors of XᵀX − λXᵀLX at λ %s', async (graphWeight) => {
    const x = prepared();
    const target = matmul(transposed(x), matmul(penalty(graphWeight), x));
    const { vectors } = eigen(target);
    const basis = toMatrix(
      vectors.slice(0, DIM).flatMap((v) => [...v]),
      DIM,
      x.cols,
    );
    const expected = matmul(x, transposed(basis));
    const scale = ITEMS / norms(Float32Array.from(expected.data), DIM).reduce((a, b) => a + b, 0);
    const found = await run('graph-pca', { graphWeight, whitenExponent: 0, scale: 1 });
    const scaled = products(
      expected.data.map((value) => value * scale),
      DIM,
    );
    expect(worst(products(found.items, DIM), scaled)).toBeLessThan(2e-4);
    const kept = expected.data.reduce((sum, value) => sum + value * value, 0) / ITEMS;
    expect(found.varianceKept).toBeCloseTo(kept, 4);
  });

  it('is pca at λ 0 without whitening', async () => {
    const found = await run('graph-pca', { graphWeight: 0, whitenExponent: 0, scale: 1 });
    const pca = await run('pca');
    expect(worst(products(found.items, DIM), products(pca.items, DIM))).toBeLessThan(2e-4);
  });

  it('whitens by the eigenvalues to the power −α/2', async () => {
    const plain = await run('graph-pca', { whitenExponent: 0, scale: 1 });
    const white = await run('graph-pca', { whitenExponent: 0.5, scale: 1 });
    const x = prepared();
    const { values } = eigen(matmul(transposed(x), matmul(penalty(1), x)));
    // Column k of one is column k of the other times a constant times μₖ^-¼.
    const ratios = Array.from({ length: DIM }, (_, k) => {
      let most = k;
      for (let row = 0; row < ITEMS; row++)
        if (Math.abs(plain.items[row * DIM + k]) > Math.abs(plain.items[most])) most = row * DIM + k;
      return (white.items[most] / plain.items[most]) * Math.max(values[k], 1e-4 * values[0]) ** 0.25;
    });
    for (const ratio of ratios) expect(ratio / ratios[0]).toBeCloseTo(1, 2);
  });

  it('leaves columns as they are where the graph weighs so much that no eigenvalue is positive', async () => {
    const x = prepared();
    const { values } = eigen(matmul(transposed(x), matmul(penalty(100), x)));
    expect(values[0]).toBeLessThan(0);
    const { items } = await run('graph-pca', { graphWeight: 100 });
    expect(items.every(Number.isFinite)).toBe(true);
    expect(items).toEqual((await run('graph-pca', { graphWeight: 100, whitenExponent: 0 })).items);
  });

  it('has rows of mean norm 1, or as scale says', async () => {
    expect(mean(norms((await run('graph-pca')).items, DIM))).toBeCloseTo(1, 4);
    expect(mean(norms((await run('graph-pca', { scale: 0.3 })).items, DIM))).toBeCloseTo(0.3, 5);
  });

  it('gives the same bytes again, and with two threads', async () => {
    const runtime = await loadThreads({ threads: 2, onFallback: () => {} });
    const [a, b, c] = [await run('graph-pca'), await run('graph-pca'), await run('graph-pca', { runtime })];
    expect(b.items).toEqual(a.items);
    expect(c.items).toEqual(a.items);
    expect(c.users).toEqual(a.users);
  });

  it('refuses weights and exponents out of range, and more columns than vectors have', async () => {
    for (const options of [{ graphWeight: -1 }, { graphWeight: Number.NaN }, { whitenExponent: 1.1 }])
      await expect(run('graph-pca', options)).rejects.toThrow(OptionError);
    await expect(run('graph-pca', { dim: 13 })).rejects.toThrow(/expected dim/);
  });

  it('pools users from the rows it made', async () => {
    const { users, items } = await run('graph-pca');
    const own = csr.colIdx.subarray(csr.rowPtr[0], csr.rowPtr[1]);
    for (let k = 0; k < DIM; k++) {
      const expected = mean(Array.from(own, (item) => items[item * DIM + k]));
      expect(users[k]).toBeCloseTo(expected, 5);
    }
    expect(users.length).toBe(train.numUsers * DIM);
  });
});

describe('graph-pca of items that the graph or the embeddings lack', () => {
  /** X on the leading eigenvectors of Xᵀ P X in float64, with rows of mean norm 1. */
  function projected(x: Matrix, p: Matrix): Matrix {
    const { vectors } = eigen(matmul(transposed(x), matmul(p, x)));
    const leading = vectors.slice(0, DIM).flatMap((v) => [...v]);
    const rows = matmul(x, transposed(toMatrix(leading, DIM, x.cols)));
    const factor = 1 / mean(norms(Float32Array.from(rows.data), DIM));
    return { ...rows, data: rows.data.map((value) => value * factor) };
  }

  const without = (keep: (user: number, item: number) => boolean) =>
    train.subset([...train.users.keys()].filter((p) => keep(train.users[p], train.items[p])));
  const options = { strategy: 'graph-pca', dim: DIM, whitenExponent: 0, scale: 1 } as const;

  it.each([0.5, 1])('items without a neighbour have a zero row in L, λ %s', async (graphWeight) => {
    // Item 3 has no user; item 2 has user 2 alone, who has nothing else.
    const sparse = without((user, item) => item !== 3 && (user === 2) === (item === 2));
    const graph = interactionsToCsr(sparse);
    const p = penalty(graphWeight, graph);
    for (const item of [2, 3]) expect(p.data[item * (ITEMS + 1)]).toBe(1);
    const expected = projected(prepared(), p);
    const { items } = await initialize(sparse, embeddings, { ...options, graphWeight });
    expect(worst(products(items, DIM), products(expected.data, DIM))).toBeLessThan(2e-4);
    const connected = projected(prepared(), penalty(graphWeight));
    expect(worst(products(items, DIM), products(connected.data, DIM))).toBeGreaterThan(1e-2);
  });

  it('is pca where no user has two items', async () => {
    const first = without((user, item) => item === user % 5);
    const [found, pca] = await Promise.all([
      initialize(first, embeddings, { ...options, graphWeight: 1 }),
      initialize(first, embeddings, { ...options, strategy: 'pca', whitenExponent: undefined }),
    ]);
    expect(worst(products(found.items, DIM), products(pca.items, DIM))).toBeLessThan(2e-4);
  });

  it('items without an embedding count as neighbours, and their rows in X are zero', async () => {
    const present = Array.from({ length: ITEMS }, (_, item) => item).filter((item) => item % 6 !== 1);
    const x = prepared(gatherRows(table, present));
    const p = gatherColumns(gatherRows(penalty(1), present), present);
    const expected = projected(x, p);
    const { items, itemsWithoutEmbedding } = await initialize(train, embeddingsOf(present), options);
    expect(itemsWithoutEmbedding).toEqual([1, 7, 13, 19]);
    const found = gatherRows(toMatrix(items, ITEMS, DIM), present);
    expect(worst(products(found.data, DIM), products(expected.data, DIM))).toBeLessThan(2e-4);
  });

  it('has each column of pca, up to its sign, at λ 0', async () => {
    const found = await run('graph-pca', { graphWeight: 0, whitenExponent: 0, scale: 1 });
    const pca = await run('pca', { scale: 1 });
    for (let k = 0; k < DIM; k++) {
      const [a, b] = [found.items, pca.items].map((rows) => rows.filter((_, at) => at % DIM === k));
      const peak = a.reduce((most, value, row) => (Math.abs(value) > Math.abs(a[most]) ? row : most), 0);
      const sign = Math.sign(a[peak] * b[peak]);
      for (let row = 0; row < ITEMS; row++) expect(Math.abs(a[row] - sign * b[row])).toBeLessThan(1e-4);
    }
  });
});

describe('gram', () => {
  it('of the prepared rows has trace = number of items', () => {
    const { data, cols } = gram(prepared());
    const trace = Array.from({ length: cols }, (_, k) => data[k * cols + k]).reduce((a, b) => a + b, 0);
    expect(trace).toBeCloseTo(ITEMS, 6);
  });
});
