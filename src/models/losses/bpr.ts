import { bprGradient, bprLosses, bprMargins } from '../../kernels/bpr.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import type { BatchRows, PlannedBatch } from '../batchRows.ts';

/**
 * BPR of a batch from `rows.z`: Σ_b −log(γ + σ(⟨z_u, z_i⟩ − ⟨z_u, z_j⟩)), summed in float64 in batch order. Adds `scale`
 * times its gradient to `rows.gradient.gradient`.
 */
export function bprLoss(
  workspace: Workspace,
  rows: BatchRows,
  { users, positives, negatives }: PlannedBatch,
  count: number,
  scale: number,
  gamma: number,
): number {
  bprMargins(workspace, rows.z, users, positives, negatives, count, rows.margins);
  bprLosses(workspace, rows.margins, count, scale, rows.losses, rows.slopes, gamma);
  const { gradient } = rows.gradient;
  bprGradient(workspace, rows.z, users, positives, negatives, rows.slopes, count, gradient);
  let loss = 0;
  for (const value of rows.losses.view.subarray(0, count)) loss += value;
  return loss;
}
