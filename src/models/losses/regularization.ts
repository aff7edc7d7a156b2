import { squaredNorms } from '../../kernels/rows.ts';
import type { PlannedBatch } from '../batchRows.ts';
import type { EncoderParts } from '../encoders/encoder.ts';

/**
 * The penalty on the rows of a batch: its weight and form.
 *
 * @example
 * const regularization: RegularizationOptions = { weight: 1e-4, form: 'squared' };
 * const trained = await train({ split }, { model: 'lightgcn', dim: 8, epochs: 1, regularization });
 */
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
 * The regularisation loss of a batch, as a function of it. It also writes, for each slot, the factor of E⁽⁰⁾[node] in its
 * gradient to `rows.gradient.decay`. Sums in float64 in batch order.
 */
export function regularizer({
  workspace,
  rows,
  parameters,
  options,
}: Pick<EncoderParts, 'workspace' | 'rows' | 'parameters' | 'options'>) {
  const { weight, form } = options.regularization;
  return (planned: PlannedBatch, count: number): number => {
    const { nodes, numSlots, userSlots, positiveSlots, negativeSlots } = planned;
    squaredNorms(workspace, parameters.e0, nodes, numSlots, rows.squaredNorms);
    const decay = rows.gradient.decay.view;
    decay.fill(0, 0, numSlots);
    if (weight === 0) return 0;
    const squared = rows.squaredNorms.view;
    const perRow = weight / count;
    let loss = 0;
    for (const slots of planned.hasNegatives
      ? [userSlots, positiveSlots, negativeSlots]
      : [userSlots, positiveSlots]) {
      const view = slots.view;
      let sum = 0;
      for (let b = 0; b < count; b++) sum += squared[view[b]];
      const norm = Math.sqrt(sum);
      loss += form === 'norm' ? norm : sum / 2;
      if (norm === 0) continue;
      const factor = form === 'norm' ? perRow / norm : perRow;
      for (let b = 0; b < count; b++) decay[view[b]] += factor;
    }
    return perRow * loss;
  };
}
