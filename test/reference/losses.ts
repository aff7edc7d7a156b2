import { type Csr, propagate } from './graph.ts';
import { axpy, dot, gatherRows, type Matrix, plus, rowOf, scaled, scatterAddRows, zeros } from './matrix.ts';

/** Rows of a training step. All three are node indices: items are offset by numUsers. */
export interface Batch {
  readonly users: ArrayLike<number>;
  readonly positives: ArrayLike<number>;
  readonly negatives: ArrayLike<number>;
}

/** A loss and its gradient with respect to the matrix it was given. */
export interface LossAndGradient {
  readonly loss: number;
  readonly gradient: Matrix;
}

/** 1 / (1 + e^-x) without overflow. */
export function sigmoid(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
}

/** log(1 + eˣ) without overflow; -log σ(x) = softplus(-x). */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** log Σ eˣ, shifted by the maximum. */
export function logSumExp(values: ArrayLike<number>): number {
  let max = -Infinity;
  for (let n = 0; n < values.length; n++) max = Math.max(max, values[n]);
  let sum = 0;
  for (let n = 0; n < values.length; n++) sum += Math.exp(values[n] - max);
  return max + Math.log(sum);
}

/**
 * BPR summed over the batch: Σ_b -log(γ + σ(x_b)), x_b = z_u · z_i − z_u · z_j, and its gradient with respect to
 * Z. γ = 1e-10 is RecBole's `BPRLoss` (LightGCN, which divides by the batch size); SGL has γ = 0.
 */
export function bprLoss(z: Matrix, batch: Batch, gamma: number): LossAndGradient {
  const gradient = zeros(z.rows, z.cols);
  let loss = 0;
  for (let b = 0; b < batch.users.length; b++) {
    const [u, i, j] = [batch.users[b], batch.positives[b], batch.negatives[b]];
    const [zu, zi, zj] = [rowOf(z, u), rowOf(z, i), rowOf(z, j)];
    const x = dot(zu, zi) - dot(zu, zj);
    const s = sigmoid(x);
    loss += gamma === 0 ? softplus(-x) : -Math.log(gamma + s);
    const dx = gamma === 0 ? -sigmoid(-x) : (-s * sigmoid(-x)) / (gamma + s);
    axpy(rowOf(gradient, u), dx, zi);
    axpy(rowOf(gradient, u), -dx, zj);
    axpy(rowOf(gradient, i), dx, zu);
    axpy(rowOf(gradient, j), -dx, zu);
  }
  return { loss, gradient };
}

/**
 * RecBole's `EmbLoss`: (‖E0_u‖ + ‖E0_i‖ + ‖E0_j‖) / batch, un-squared Frobenius norms of the batch's layer-0 rows,
 * a row that occurs twice counted twice. A norm of 0 has gradient 0.
 */
export function embLoss(e0: Matrix, batch: Batch): LossAndGradient {
  const gradient = zeros(e0.rows, e0.cols);
  const size = batch.users.length;
  let loss = 0;
  for (const indices of [batch.users, batch.positives, batch.negatives]) {
    const rows = gatherRows(e0, indices);
    const norm = Math.sqrt(dot(rows.data, rows.data));
    if (norm === 0) continue;
    loss += norm / size;
    scatterAddRows(gradient, indices, scaled(rows, 1 / (norm * size)));
  }
  return { loss, gradient };
}

export interface LightGcnOptions {
  readonly layers: number;
  readonly reg: number;
  /** Default 1e-10. */
  readonly gamma?: number;
}

/** LightGCN: mean BPR over the batch + reg · `embLoss`, and the gradient with respect to E0. */
export function lightGcnLoss(e0: Matrix, adjacency: Csr, batch: Batch, options: LightGcnOptions) {
  const size = batch.users.length;
  const bpr = bprLoss(propagate(e0, adjacency, options.layers), batch, options.gamma ?? 1e-10);
  const emb = embLoss(e0, batch);
  return {
    loss: bpr.loss / size + options.reg * emb.loss,
    bpr: bpr.loss / size,
    emb: emb.loss,
    gradient: plus(
      propagate(scaled(bpr.gradient, 1 / size), adjacency, options.layers),
      scaled(emb.gradient, options.reg),
    ),
  };
}
