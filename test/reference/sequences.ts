import { logSumExp, sigmoid, softplus } from './losses.ts';
import { axpy, dot, type Matrix, rowOf, zeros } from './matrix.ts';

// Parts of a transformer, forward and backward, one sequence at a time.

/** erf by its series near 0 and by its continued fraction (Lentz) beyond; off by about 1e-15. */
export function erf(x: number): number {
  const z = Math.abs(x);
  if (z > 6) return Math.sign(x);
  if (z < 2.5) {
    let term = z;
    let sum = z;
    for (let n = 1; Math.abs(term) > 1e-18 * sum && n < 200; n++) {
      term *= (-z * z) / n;
      sum += term / (2 * n + 1);
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let n = 120; n > 0; n--) fraction = n / 2 / (z + fraction);
  return Math.sign(x) * (1 - Math.exp(-z * z) / (Math.sqrt(Math.PI) * (z + fraction)));
}

const distribution = (x: number) => (1 + erf(x / Math.SQRT2)) / 2;

export function gelu(x: number): number {
  return x * distribution(x);
}

export function geluSlope(x: number): number {
  return distribution(x) + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

/** y = x Wᵀ + bias; weights [out × in]. */
export function linear(x: Matrix, weights: Matrix, bias: ArrayLike<number>): Matrix {
  const y = zeros(x.rows, weights.rows);
  for (let r = 0; r < x.rows; r++)
    for (let o = 0; o < weights.rows; o++) rowOf(y, r)[o] = dot(rowOf(x, r), rowOf(weights, o)) + bias[o];
  return y;
}

/** Adds the gradients of weights and bias to theirs. @returns dX */
export function linearBackward(
  dy: Matrix,
  x: Matrix,
  weights: Matrix,
  dWeights: Matrix,
  dBias: Float64Array,
): Matrix {
  const dx = zeros(x.rows, x.cols);
  for (let r = 0; r < x.rows; r++) {
    for (let o = 0; o < weights.rows; o++) {
      const d = rowOf(dy, r)[o];
      axpy(rowOf(dWeights, o), d, rowOf(x, r));
      axpy(rowOf(dx, r), d, rowOf(weights, o));
      dBias[o] += d;
    }
  }
  return dx;
}

function moments(row: Float64Array, epsilon: number): { unit: Float64Array; rho: number } {
  const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
  const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
  const rho = 1 / Math.sqrt(variance + epsilon);
  return { unit: row.map((value) => (value - mean) * rho), rho };
}

export function layerNorm(
  x: Matrix,
  gamma: ArrayLike<number>,
  beta: ArrayLike<number>,
  epsilon: number,
): Matrix {
  const y = zeros(x.rows, x.cols);
  for (let r = 0; r < x.rows; r++) {
    const { unit } = moments(rowOf(x, r), epsilon);
    rowOf(y, r).set(unit.map((value, c) => gamma[c] * value + beta[c]));
  }
  return y;
}

/** Adds to dGamma and dBeta. @returns dX */
export function layerNormBackward(
  dy: Matrix,
  x: Matrix,
  gamma: ArrayLike<number>,
  epsilon: number,
  dGamma: Float64Array,
  dBeta: Float64Array,
): Matrix {
  const dx = zeros(x.rows, x.cols);
  for (let r = 0; r < x.rows; r++) {
    const { unit, rho } = moments(rowOf(x, r), epsilon);
    const d = rowOf(dy, r);
    const g = d.map((value, c) => value * gamma[c]);
    const mean = g.reduce((sum, value) => sum + value, 0) / g.length;
    const slope = dot(g, unit) / g.length;
    for (let c = 0; c < g.length; c++) {
      rowOf(dx, r)[c] = rho * (g[c] - mean - unit[c] * slope);
      dGamma[c] += d[c] * unit[c];
      dBeta[c] += d[c];
    }
  }
  return dx;
}

/** Softmax of the causal scores of one head, times nothing: [length × length], zeros above the diagonal. */
function causalWeights(q: Matrix, k: Matrix, scale: number): Matrix {
  const weights = zeros(q.rows, q.rows);
  for (let i = 0; i < q.rows; i++) {
    const scores = Array.from({ length: i + 1 }, (_, j) => scale * dot(rowOf(q, i), rowOf(k, j)));
    const total = logSumExp(scores);
    for (const [j, score] of scores.entries()) rowOf(weights, i)[j] = Math.exp(score - total);
  }
  return weights;
}

/** Columns first … first + count − 1. */
function columns(m: Matrix, first: number, count: number): Matrix {
  const out = zeros(m.rows, count);
  for (let r = 0; r < m.rows; r++) rowOf(out, r).set(rowOf(m, r).subarray(first, first + count));
  return out;
}

/** Factor of the weight of key j for query i in a head. */
export type WeightFactor = (head: number, i: number, j: number) => number;

/** Causal attention of one sequence; qkv [length × 3 · heads · width]. */
export function attention(qkv: Matrix, heads: number, scale: number, factor: WeightFactor = () => 1): Matrix {
  const width = qkv.cols / 3 / heads;
  const out = zeros(qkv.rows, heads * width);
  for (let h = 0; h < heads; h++) {
    const [q, k, v] = [0, 1, 2].map((n) => columns(qkv, (n * heads + h) * width, width));
    const weights = causalWeights(q, k, scale);
    for (let i = 0; i < q.rows; i++) {
      const to = rowOf(out, i).subarray(h * width, (h + 1) * width);
      for (let j = 0; j <= i; j++) axpy(to, rowOf(weights, i)[j] * factor(h, i, j), rowOf(v, j));
    }
  }
  return out;
}

/** dQkv of `attention`. */
export function attentionBackward(
  dOut: Matrix,
  qkv: Matrix,
  heads: number,
  scale: number,
  factor: WeightFactor = () => 1,
): Matrix {
  const width = qkv.cols / 3 / heads;
  const dQkv = zeros(qkv.rows, qkv.cols);
  for (let h = 0; h < heads; h++) {
    const [q, k, v] = [0, 1, 2].map((n) => columns(qkv, (n * heads + h) * width, width));
    const part = (row: number, n: number) => {
      const first = (n * heads + h) * width;
      return rowOf(dQkv, row).subarray(first, first + width);
    };
    const weights = causalWeights(q, k, scale);
    for (let i = 0; i < q.rows; i++) {
      const d = rowOf(dOut, i).subarray(h * width, (h + 1) * width);
      const own = rowOf(weights, i);
      const slopes = Array.from({ length: i + 1 }, (_, j) => factor(h, i, j) * dot(d, rowOf(v, j)));
      const mean = slopes.reduce((sum, slope, j) => sum + slope * own[j], 0);
      for (let j = 0; j <= i; j++) {
        const score = own[j] * (slopes[j] - mean) * scale;
        axpy(part(i, 0), score, rowOf(k, j));
        axpy(part(j, 1), score, rowOf(q, i));
        axpy(part(j, 2), own[j] * factor(h, i, j), d);
      }
    }
  }
  return dQkv;
}

/** Σ_r weight_r · cross entropy of row r over all items, with gradients added to dItems. */
export function crossEntropy(
  hidden: Matrix,
  items: Matrix,
  targets: ArrayLike<number>,
  weights: ArrayLike<number>,
  dItems: Matrix,
): { loss: number; dHidden: Matrix } {
  const dHidden = zeros(hidden.rows, hidden.cols);
  let loss = 0;
  for (let r = 0; r < hidden.rows; r++) {
    const h = rowOf(hidden, r);
    const scores = Array.from({ length: items.rows }, (_, i) => dot(h, rowOf(items, i)));
    const total = logSumExp(scores);
    loss += weights[r] * (total - scores[targets[r]]);
    for (const [i, score] of scores.entries()) {
      const d = weights[r] * (Math.exp(score - total) - (i === targets[r] ? 1 : 0));
      axpy(rowOf(dHidden, r), d, rowOf(items, i));
      axpy(rowOf(dItems, i), d, h);
    }
  }
  return { loss, dHidden };
}

/** Σ_r weight_r · (log(1 + e^(−s⁺)) + log(1 + e^(s⁻))), with gradients added to dItems. */
export function binaryCrossEntropy(
  hidden: Matrix,
  items: Matrix,
  targets: ArrayLike<number>,
  negatives: ArrayLike<number>,
  weights: ArrayLike<number>,
  dItems: Matrix,
): { loss: number; dHidden: Matrix } {
  const dHidden = zeros(hidden.rows, hidden.cols);
  let loss = 0;
  for (let r = 0; r < hidden.rows; r++) {
    const h = rowOf(hidden, r);
    for (const [item, sign] of [
      [targets[r], -1],
      [negatives[r], 1],
    ]) {
      const x = sign * dot(h, rowOf(items, item));
      loss += weights[r] * softplus(x);
      axpy(rowOf(dHidden, r), weights[r] * sign * sigmoid(x), rowOf(items, item));
      axpy(rowOf(dItems, item), weights[r] * sign * sigmoid(x), h);
    }
  }
  return { loss, dHidden };
}
