/** A dense row-major matrix without padding, in float64. */
export interface Matrix {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float64Array;
}

/** A zero matrix. */
export function zeros(rows: number, cols: number): Matrix {
  return { rows, cols, data: new Float64Array(rows * cols) };
}

/** A float64 copy of a row-major array whose rows start `stride` elements apart: drops a kernel's padding. */
export function toMatrix(values: ArrayLike<number>, rows: number, cols: number, stride = cols): Matrix {
  const out = zeros(rows, cols);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) out.data[r * cols + c] = values[r * stride + c];
  }
  return out;
}

/** A view of row r. */
export function rowOf(m: Matrix, r: number): Float64Array {
  return m.data.subarray(r * m.cols, (r + 1) * m.cols);
}

/** Σ_c a_c b_c */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let c = 0; c < a.length; c++) sum += a[c] * b[c];
  return sum;
}

/** y ← y + scale · x */
export function axpy(y: Float64Array, scale: number, x: ArrayLike<number>): void {
  for (let c = 0; c < y.length; c++) y[c] += scale * x[c];
}

/** scale · m as a new matrix. */
export function scaled(m: Matrix, scale: number): Matrix {
  return { ...m, data: m.data.map((value) => scale * value) };
}

/** a + b as a new matrix. */
export function plus(a: Matrix, b: Matrix): Matrix {
  return { ...a, data: a.data.map((value, n) => value + b.data[n]) };
}

/** Rows `indices` of m, in that order, repeats allowed: out[n] = m[indices[n]]. */
export function gatherRows(m: Matrix, indices: ArrayLike<number>): Matrix {
  const out = zeros(indices.length, m.cols);
  for (let n = 0; n < indices.length; n++) rowOf(out, n).set(rowOf(m, indices[n]));
  return out;
}

/** The adjoint of `gatherRows`: target[indices[n]] ← target[indices[n]] + rows[n], repeats add up. */
export function scatterAddRows(target: Matrix, indices: ArrayLike<number>, rows: Matrix): void {
  for (let n = 0; n < indices.length; n++) axpy(rowOf(target, indices[n]), 1, rowOf(rows, n));
}

/** Columns `columns` of m, in that order: out[r, k] = m[r, columns[k]]. */
export function gatherColumns(m: Matrix, columns: ArrayLike<number>): Matrix {
  const out = zeros(m.rows, columns.length);
  for (let r = 0; r < m.rows; r++) {
    for (let k = 0; k < columns.length; k++) out.data[r * out.cols + k] = m.data[r * m.cols + columns[k]];
  }
  return out;
}

/** Scores a bᵀ [a.rows × b.rows], optionally scaled. */
export function matmulTransposed(a: Matrix, b: Matrix, scale = 1): Matrix {
  const out = zeros(a.rows, b.rows);
  for (let r = 0; r < a.rows; r++) {
    for (let s = 0; s < b.rows; s++) out.data[r * b.rows + s] = scale * dot(rowOf(a, r), rowOf(b, s));
  }
  return out;
}

/** a b [a.rows × b.cols]. */
export function matmul(a: Matrix, b: Matrix): Matrix {
  const out = zeros(a.rows, b.cols);
  for (let r = 0; r < a.rows; r++) {
    for (let k = 0; k < a.cols; k++) axpy(rowOf(out, r), a.data[r * a.cols + k], rowOf(b, k));
  }
  return out;
}

/** mᵀ */
export function transposed(m: Matrix): Matrix {
  const out = zeros(m.cols, m.rows);
  for (let r = 0; r < m.rows; r++) {
    for (let c = 0; c < m.cols; c++) out.data[c * m.rows + r] = m.data[r * m.cols + c];
  }
  return out;
}

/** Rows below this norm are divided by it instead, as in PyTorch's `F.normalize`. */
const MIN_NORM = 1e-12;

/** Rows divided by max(‖row‖₂, 1e-12). */
export function normalizedRows(m: Matrix): Matrix {
  const out = zeros(m.rows, m.cols);
  for (let r = 0; r < m.rows; r++) {
    const row = rowOf(m, r);
    axpy(rowOf(out, r), 1 / Math.max(Math.sqrt(dot(row, row)), MIN_NORM), row);
  }
  return out;
}

/**
 * The gradient through `normalizedRows`: dx = (dx̂ − x̂ (x̂ · dx̂)) / ‖x‖. A row below the minimum norm gets 0,
 * where PyTorch would give dx̂ · 1e12.
 */
export function normalizedRowsBackward(m: Matrix, dUnit: Matrix): Matrix {
  const unit = normalizedRows(m);
  const out = zeros(m.rows, m.cols);
  for (let r = 0; r < m.rows; r++) {
    const norm = Math.sqrt(dot(rowOf(m, r), rowOf(m, r)));
    if (norm < MIN_NORM) continue;
    axpy(rowOf(out, r), 1 / norm, rowOf(dUnit, r));
    axpy(rowOf(out, r), -dot(rowOf(unit, r), rowOf(dUnit, r)) / norm, rowOf(unit, r));
  }
  return out;
}

/** Mean of each column; 0 rows give NaN. */
export function columnMeans(m: Matrix): Float64Array {
  const means = new Float64Array(m.cols);
  for (let r = 0; r < m.rows; r++) axpy(means, 1 / m.rows, rowOf(m, r));
  return means;
}

/** Variance of each column in two passes, divided by rows, or by rows − 1 if `unbiased`. */
export function columnVariances(m: Matrix, unbiased = false): Float64Array {
  const means = columnMeans(m);
  const variances = new Float64Array(m.cols);
  for (let r = 0; r < m.rows; r++) {
    const row = rowOf(m, r);
    for (let c = 0; c < m.cols; c++) variances[c] += (row[c] - means[c]) ** 2;
  }
  return variances.map((sum) => sum / (unbiased ? m.rows - 1 : m.rows));
}

/** mᵀm [cols × cols]. */
export function gram(m: Matrix): Matrix {
  return matmul(transposed(m), m);
}

/** Covariance of the columns [cols × cols], divided by rows, or by rows − 1 if `unbiased`. */
export function covariance(m: Matrix, unbiased = false): Matrix {
  const means = columnMeans(m);
  const centred = { ...m, data: m.data.map((value, n) => value - means[n % m.cols]) };
  return scaled(gram(centred), 1 / (unbiased ? m.rows - 1 : m.rows));
}
