import { bprGradient, bprLosses, bprMargins } from '../../kernels/bpr.ts';
import { number } from '../../options/builders.ts';
import { keptPairs, prunePairs } from './prunePairs.ts';
import { describeRankingLoss } from './rankingLoss.ts';
import { regularizer } from './regularization.ts';

/** Added to the probability in a mean, as RecBole's BPRLoss does; its SGL adds nothing to the sum. */
const GAMMA = 1e-10;

/**
 * Bayesian personalised ranking (Rendle et al., UAI 2009): −log(γ + σ(⟨z_u, z_i⟩ − ⟨z_u, z_j⟩)) of each pair with one sampled
 * negative, and the regularisation of the batch's layer-0 rows. With `prune` the share of a batch's pairs that have the largest
 * losses counts for nothing: what is only supposed, such as the edges of a chat model, is often wrong (LLMRec, Wei et al., WSDM
 * 2024, whose code drops .71).
 */
export const bpr = describeRankingLoss({
  name: 'bpr',
  usesNegatives: () => true,
  choosesNegatives: true,
  options: {
    prune: number({
      ...{ about: 'share of the pairs of a batch, those of the largest losses, that count for nothing' },
      ...{ flag: '--prune <share>', min: 0, below: 1, defaultText: '0' },
    }),
  },
  create(parts, { reduction }, { prune = 0 }) {
    const { workspace, rows, encoder } = parts;
    const regularize = regularizer(parts);
    const gamma = reduction === 'mean' ? GAMMA : 0;
    return {
      compute(planned, count) {
        const { userSlots, positiveSlots, negativeSlots } = planned;
        const kept = prune > 0 ? keptPairs(count, prune) : count;
        const divisor = reduction === 'mean' ? kept : 1;
        const scale = encoder.gradientScale / divisor;
        const { gradient } = rows.gradient;
        bprMargins(workspace, rows.z, userSlots, positiveSlots, negativeSlots, count, rows.margins);
        bprLosses(workspace, rows.margins, count, scale, rows.losses, rows.slopes, gamma);
        if (kept < count) prunePairs(rows.losses, rows.slopes, count, kept);
        bprGradient(workspace, rows.z, userSlots, positiveSlots, negativeSlots, rows.slopes, count, gradient);
        let loss = 0;
        for (const value of rows.losses.view.subarray(0, count)) loss += value;
        return loss / divisor + regularize(planned, count);
      },
    };
  },
});
