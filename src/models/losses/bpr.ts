import { bprGradient, bprLosses, bprMargins } from '../../kernels/bpr.ts';
import { describeRankingLoss } from './rankingLoss.ts';
import { regularizer } from './regularization.ts';

/** Added to the probability in a mean, as RecBole's BPRLoss does; its SGL adds nothing to the sum. */
const GAMMA = 1e-10;

/**
 * Bayesian personalised ranking (Rendle et al., UAI 2009): −log(γ + σ(⟨z_u, z_i⟩ − ⟨z_u, z_j⟩)) of each pair with one sampled
 * negative, and the regularisation of the batch's layer-0 rows.
 */
export const bpr = describeRankingLoss({
  name: 'bpr',
  usesNegatives: () => true,
  choosesNegatives: true,
  options: {},
  create(parts, { reduction }) {
    const { workspace, rows, encoder } = parts;
    const regularize = regularizer(parts);
    const gamma = reduction === 'mean' ? GAMMA : 0;
    return {
      compute(planned, count) {
        const { users, positives, negatives } = planned;
        const divisor = reduction === 'mean' ? count : 1;
        const scale = encoder.gradientScale / divisor;
        const { gradient } = rows.gradient;
        bprMargins(workspace, rows.z, users, positives, negatives, count, rows.margins);
        bprLosses(workspace, rows.margins, count, scale, rows.losses, rows.slopes, gamma);
        bprGradient(workspace, rows.z, users, positives, negatives, rows.slopes, count, gradient);
        let loss = 0;
        for (const value of rows.losses.view.subarray(0, count)) loss += value;
        return loss / divisor + regularize(planned, count);
      },
    };
  },
});
