import { bceRows } from '../../kernels/bce.ts';
import { addScaledRows, gatherRows } from '../../kernels/rows.ts';
import { describeRankingLoss } from './rankingLoss.ts';
import { regularizer } from './regularization.ts';

/**
 * Binary cross entropy of each pair and one sampled negative: −log σ(⟨z_u, z_i⟩) − log(1 − σ(⟨z_u, z_j⟩)) (MoRec, Yuan et al.,
 * SIGIR 2023), and the regularisation of the batch's layer-0 rows.
 */
export const bce = describeRankingLoss({
  name: 'bce',
  usesNegatives: () => true,
  choosesNegatives: true,
  options: {},
  create(parts, { reduction }) {
    const { workspace, rows, encoder, dim } = parts;
    const { batchSize } = parts.options;
    const regularize = regularizer(parts);
    const [hidden, dHidden] = [0, 1].map(() => workspace.matrix(batchSize, dim));
    const [weights, ones, losses] = [0, 1, 2].map(() => workspace.f32(batchSize));
    return {
      start: () => void ones.view.fill(1),
      compute(planned, count) {
        const { userSlots, positiveSlots, negativeSlots } = planned;
        const divisor = reduction === 'mean' ? count : 1;
        const { gradient } = rows.gradient;
        weights.view.fill(encoder.gradientScale / divisor);
        gatherRows(workspace, rows.z, userSlots, count, hidden);
        bceRows(
          workspace,
          ...([hidden, count, rows.z, positiveSlots, negativeSlots] as const),
          ...([weights, losses, dHidden, gradient] as const),
        );
        addScaledRows(workspace, dHidden, null, ones, count, gradient, userSlots);
        let loss = 0;
        for (const value of losses.view.subarray(0, count)) loss += value;
        return loss / encoder.gradientScale + regularize(planned, count);
      },
    };
  },
});
