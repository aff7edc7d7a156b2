import { type Csr, propagate } from './graph.ts';
import {
  type Batch,
  bprLoss,
  embLoss,
  type LightGcnOptions,
  type LossAndGradient,
  logSumExp,
} from './losses.ts';
import {
  axpy,
  dot,
  gatherRows,
  type Matrix,
  matmul,
  matmulTransposed,
  normalizedRows,
  normalizedRowsBackward,
  plus,
  rowOf,
  scaled,
  scatterAddRows,
  transposed,
  zeros,
} from './matrix.ts';

/** A loss and its gradients with respect to the anchor rows [B × dim] and the candidate rows [n × dim]. */
export interface InfoNce {
  readonly loss: number;
  readonly dAnchors: Matrix;
  readonly dCandidates: Matrix;
}

/**
 * InfoNCE summed over the anchors: Σ_b −log( e^{â_b · ĉ_{p(b)}/τ} / Σ_j e^{â_b · ĉ_j/τ} ), rows L2-normalised inside,
 * the positive among the candidates.
 * @param positives p(b): the candidate that anchor b should find
 */
export function infoNce(
  anchors: Matrix,
  candidates: Matrix,
  positives: ArrayLike<number>,
  temperature: number,
): InfoNce {
  const unitAnchors = normalizedRows(anchors);
  const unitCandidates = normalizedRows(candidates);
  const scores = matmulTransposed(unitAnchors, unitCandidates, 1 / temperature);
  const dScores = zeros(scores.rows, scores.cols);
  let loss = 0;
  for (let b = 0; b < scores.rows; b++) {
    const row = rowOf(scores, b);
    const total = logSumExp(row);
    loss += total - row[positives[b]];
    rowOf(dScores, b).set(row.map((score) => Math.exp(score - total) / temperature));
    rowOf(dScores, b)[positives[b]] -= 1 / temperature;
  }
  return {
    loss,
    dAnchors: normalizedRowsBackward(anchors, matmul(dScores, unitCandidates)),
    dCandidates: normalizedRowsBackward(candidates, matmul(transposed(dScores), unitAnchors)),
  };
}

/** The rows first … end−1 as a matrix of their own. */
function slice(m: Matrix, first: number, end: number): Matrix {
  return { rows: end - first, cols: m.cols, data: m.data.slice(first * m.cols, end * m.cols) };
}

export interface SglOptions extends LightGcnOptions {
  readonly numUsers: number;
  readonly temperature: number;
  readonly sslWeight: number;
}

/**
 * SGL (Wu et al. 2021) as RecBole: BPR (sum, γ = 0) over the whole graph + reg · `embLoss` + sslWeight · (InfoNCE of
 * the batch's users, view 1 against all users of view 2, + the same for the batch's positive items). One direction
 * only; a user or item that occurs twice in the batch is an anchor twice.
 */
export function sglLoss(
  e0: Matrix,
  adjacency: Csr,
  views: readonly [Csr, Csr],
  batch: Batch,
  options: SglOptions,
) {
  const { layers, reg, numUsers, temperature, sslWeight, gamma = 0 } = options;
  const bpr = bprLoss(propagate(e0, adjacency, layers), batch, gamma);
  const emb = embLoss(e0, batch);
  const [z1, z2] = views.map((view) => propagate(e0, view, layers));
  const dZ1 = zeros(e0.rows, e0.cols);
  const dZ2 = zeros(e0.rows, e0.cols);
  const side = (nodes: ArrayLike<number>, first: number, end: number): number => {
    const positives = Array.from(nodes, (node) => node - first);
    const nce = infoNce(gatherRows(z1, nodes), slice(z2, first, end), positives, temperature);
    scatterAddRows(dZ1, nodes, nce.dAnchors);
    axpy(dZ2.data.subarray(first * e0.cols, end * e0.cols), 1, nce.dCandidates.data);
    return nce.loss;
  };
  const nceUser = side(batch.users, 0, numUsers);
  const nceItem = side(batch.positives, numUsers, e0.rows);
  const gradient = [
    propagate(bpr.gradient, adjacency, layers),
    scaled(emb.gradient, reg),
    scaled(propagate(dZ1, views[0], layers), sslWeight),
    scaled(propagate(dZ2, views[1], layers), sslWeight),
  ].reduce(plus);
  const loss = bpr.loss + reg * emb.loss + sslWeight * (nceUser + nceItem);
  return { loss, bpr: bpr.loss, emb: emb.loss, nceUser, nceItem, gradient };
}

/** The SGCL loss and its gradients with respect to the user rows and the item rows [B × dim]. */
export interface SgclRows {
  readonly loss: number;
  readonly dUsers: Matrix;
  readonly dItems: Matrix;
}

/**
 * SGCL (Zhang et al. 2025) on the batch's rows of Z, row b of both sides being a pair, summed:
 * Σ_b −log( e^{û_b · î_b/τ} / (Σ_j e^{û_b · û_j/τ} + Σ_j e^{î_b · î_j/τ}) ), self terms and repeated rows included.
 */
export function sgclRowsLoss(users: Matrix, items: Matrix, temperature: number): SgclRows {
  const [unitUsers, unitItems] = [normalizedRows(users), normalizedRows(items)];
  const userScores = matmulTransposed(unitUsers, unitUsers, 1 / temperature);
  const itemScores = matmulTransposed(unitItems, unitItems, 1 / temperature);
  const dUnitUsers = zeros(users.rows, users.cols);
  const dUnitItems = zeros(items.rows, items.cols);
  let loss = 0;
  for (let b = 0; b < users.rows; b++) {
    const total = logSumExp([...rowOf(userScores, b), ...rowOf(itemScores, b)]);
    loss += total - dot(rowOf(unitUsers, b), rowOf(unitItems, b)) / temperature;
    axpy(rowOf(dUnitUsers, b), -1 / temperature, rowOf(unitItems, b));
    axpy(rowOf(dUnitItems, b), -1 / temperature, rowOf(unitUsers, b));
    for (const [unit, dUnit, scores] of [
      [unitUsers, dUnitUsers, userScores],
      [unitItems, dUnitItems, itemScores],
    ]) {
      for (let j = 0; j < users.rows; j++) {
        const weight = Math.exp(rowOf(scores, b)[j] - total) / temperature;
        axpy(rowOf(dUnit, b), weight, rowOf(unit, j));
        axpy(rowOf(dUnit, j), weight, rowOf(unit, b));
      }
    }
  }
  return {
    loss,
    dUsers: normalizedRowsBackward(users, dUnitUsers),
    dItems: normalizedRowsBackward(items, dUnitItems),
  };
}

export interface SgclOptions {
  readonly layers: number;
  readonly temperature: number;
}

/** SGCL: `sgclRowsLoss` over the batch's users and positive items, and the gradient with respect to E0. */
export function sgclLoss(
  e0: Matrix,
  adjacency: Csr,
  batch: Pick<Batch, 'users' | 'positives'>,
  options: SgclOptions,
): LossAndGradient {
  const z = propagate(e0, adjacency, options.layers);
  const rows = sgclRowsLoss(gatherRows(z, batch.users), gatherRows(z, batch.positives), options.temperature);
  const dZ = zeros(z.rows, z.cols);
  scatterAddRows(dZ, batch.users, rows.dUsers);
  scatterAddRows(dZ, batch.positives, rows.dItems);
  return { loss: rows.loss, gradient: propagate(dZ, adjacency, options.layers) };
}
