import { axpy, columnMeans, type Matrix, rowOf, scaled, zeros } from './matrix.ts';

/** Compressed sparse rows; `values: null` means that every stored entry is 1. */
export interface Csr {
  readonly rows: number;
  readonly cols: number;
  readonly rowPtr: ArrayLike<number>;
  readonly colIdx: ArrayLike<number>;
  readonly values: ArrayLike<number> | null;
}

export type Edge = readonly [user: number, item: number];

/** The CSR form of the given entries, columns ascending, without values. */
export function csrFromEdges(rows: number, cols: number, edges: readonly Edge[]): Csr {
  const sorted = [...edges].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const rowPtr = new Int32Array(rows + 1);
  for (const [row] of sorted) rowPtr[row + 1]++;
  for (let r = 0; r < rows; r++) rowPtr[r + 1] += rowPtr[r];
  return { rows, cols, rowPtr, colIdx: Int32Array.from(sorted, ([, col]) => col), values: null };
}

/**
 * Â = D^-½ A D^-½ over users (first) and items [n × n]; a node without edges has an empty row.
 * @param degreeEpsilon added to every degree: RecBole, and so the golden values, use 1e-7; the paper 0
 */
export function normalizedAdjacency(
  numUsers: number,
  numItems: number,
  edges: readonly Edge[],
  degreeEpsilon = 0,
): Csr {
  const nodes = numUsers + numItems;
  const both = edges.flatMap(([user, item]): Edge[] => [
    [user, numUsers + item],
    [numUsers + item, user],
  ]);
  const csr = csrFromEdges(nodes, nodes, both);
  const degree = (node: number) => csr.rowPtr[node + 1] - csr.rowPtr[node] + degreeEpsilon;
  const values = new Float64Array(csr.colIdx.length);
  for (let row = 0; row < nodes; row++) {
    for (let n = csr.rowPtr[row]; n < csr.rowPtr[row + 1]; n++) {
      values[n] = 1 / Math.sqrt(degree(row) * degree(csr.colIdx[n]));
    }
  }
  return { ...csr, values };
}

/** The dense form. */
export function toDense(csr: Csr): Matrix {
  const out = zeros(csr.rows, csr.cols);
  for (let r = 0; r < csr.rows; r++) {
    for (let n = csr.rowPtr[r]; n < csr.rowPtr[r + 1]; n++) {
      rowOf(out, r)[csr.colIdx[n]] += csr.values ? csr.values[n] : 1;
    }
  }
  return out;
}

/** y = scale · (addend + A x) [A.rows × x.cols]; without addend, scale · A x. */
export function spmm(a: Csr, x: Matrix, addend?: Matrix, scale = 1): Matrix {
  const y = zeros(a.rows, x.cols);
  for (let r = 0; r < a.rows; r++) {
    if (addend) axpy(rowOf(y, r), scale, rowOf(addend, r));
    for (let n = a.rowPtr[r]; n < a.rowPtr[r + 1]; n++) {
      axpy(rowOf(y, r), scale * (a.values ? a.values[n] : 1), rowOf(x, a.colIdx[n]));
    }
  }
  return y;
}

/**
 * Z = 1/(L+1) Σ_{l=0..L} Âˡ E0 (LightGCN, He et al. 2020, Eq. 8 with α = 1/(L+1)), layer by layer. Â is
 * symmetric, so the same function takes G = ∂loss/∂Z to ∂loss/∂E0.
 */
export function propagate(e0: Matrix, adjacency: Csr, layers: number): Matrix {
  const sum = zeros(e0.rows, e0.cols);
  let layer = e0;
  axpy(sum.data, 1, layer.data);
  for (let l = 0; l < layers; l++) {
    layer = spmm(adjacency, layer);
    axpy(sum.data, 1, layer.data);
  }
  return scaled(sum, 1 / (layers + 1));
}

/** How item rows become user rows. */
export type Pooling = 'mean' | 'max' | 'lightgcn';

/**
 * User rows [R.rows × dim] from item rows over each user's items: their mean, their element-wise maximum, or
 * Σ v_i / √(d_u d_i). A user without items gets the mean of all item rows.
 */
export function poolUsers(interactions: Csr, items: Matrix, pooling: Pooling): Matrix {
  const { rowPtr, colIdx } = interactions;
  const itemDegree = new Float64Array(interactions.cols);
  for (let n = 0; n < colIdx.length; n++) itemDegree[colIdx[n]]++;
  const out = zeros(interactions.rows, items.cols);
  for (let u = 0; u < interactions.rows; u++) {
    const row = rowOf(out, u);
    const degree = rowPtr[u + 1] - rowPtr[u];
    if (degree === 0) row.set(columnMeans(items));
    else if (pooling === 'max') row.fill(-Infinity);
    for (let n = rowPtr[u]; n < rowPtr[u + 1]; n++) {
      const item = rowOf(items, colIdx[n]);
      if (pooling === 'mean') axpy(row, 1 / degree, item);
      else if (pooling === 'lightgcn') axpy(row, 1 / Math.sqrt(degree * itemDegree[colIdx[n]]), item);
      else for (let c = 0; c < row.length; c++) row[c] = Math.max(row[c], item[c]);
    }
  }
  return out;
}
