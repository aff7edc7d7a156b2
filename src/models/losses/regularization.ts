import type { BatchRows, PlannedBatch } from '../batchRows.ts';

/** The penalty on the rows of a batch: its weight and form. */
export interface RegularizationOptions {
  /** λ; 1e-5 in the authors' configuration. */
  readonly weight: number;
  /**
   * `norm`: λ/B · (‖E⁰_u‖ + ‖E⁰_i‖ + ‖E⁰_j‖), Frobenius norms over the batch's layer-0 rows, repeated rows counted
   * as often as they stand (RecBole `EmbLoss`, require_pow false). `squared`: λ/(2B) · the sum of squared norms
   * (LightGCN-PyTorch, He et al. 2020; RecBole require_pow true).
   */
  readonly form: 'norm' | 'squared';
}

/** Default regularisation: the authors' configuration. */
export const REGULARIZATION: RegularizationOptions = { weight: 1e-5, form: 'norm' };

/**
 * The regularisation loss of a batch and, for each slot, the factor of E⁽⁰⁾[node] in its gradient, written to
 * `rows.gradient.decay`. Reads `rows.squaredNorms`. Sums in float64 in batch order.
 */
export function regularize(
  rows: BatchRows,
  planned: PlannedBatch,
  count: number,
  options: RegularizationOptions,
): number {
  const decay = rows.gradient.decay.view;
  decay.fill(0, 0, planned.numSlots);
  if (options.weight === 0) return 0;
  const squared = rows.squaredNorms.view;
  const perRow = options.weight / count;
  let loss = 0;
  for (const slots of [planned.users, planned.positives, planned.negatives]) {
    const view = slots.view;
    let sum = 0;
    for (let b = 0; b < count; b++) sum += squared[view[b]];
    const norm = Math.sqrt(sum);
    loss += options.form === 'norm' ? norm : sum / 2;
    if (norm === 0) continue;
    const factor = options.form === 'norm' ? perRow / norm : perRow;
    for (let b = 0; b < count; b++) decay[view[b]] += factor;
  }
  return perRow * loss;
}
