import { DENSE_WORK } from '../work.ts';
import type { LossDescriptor } from './loss.ts';
import { PairLoss } from './pairLoss.ts';

/**
 * The supervised contrastive loss of SGCL (Zhang et al., RecSys 2025): no negatives, no BPR, no regularisation; summed over
 * the batch's pairs, −log( e^{⟨û, î⟩/τ} / (Σ_j e^{⟨û, û_j⟩/τ} + Σ_j e^{⟨î, î_j⟩/τ}) ) with unit rows of Z, repeats and self
 * terms included. Deviation from the authors' code: none in value, but sums are taken in the log-sum-exp form.
 */
export const SGCL_LOSS: LossDescriptor = {
  usesNegatives: () => false,
  create({ workspace, dim, options, rows }) {
    const pairs = new PairLoss(workspace, dim, options.batchSize, options.temperature);
    return {
      compute(planned, count) {
        const { z, gradient } = rows;
        const { numUsers, numPositives } = planned;
        const [users, items] = [z.slice(0, numUsers), z.slice(numUsers, numPositives)];
        gradient.decay.view.fill(0, 0, planned.numSlots);
        pairs.plan(planned, count);
        const loss = pairs.forward(users, numUsers, items, numPositives, count);
        const dz = gradient.gradient;
        pairs.backward(dz.slice(0, numUsers), dz.slice(numUsers, numPositives), 1);
        return loss;
      },
    };
  },
  work: (_graph, dim, { batchSize }) => 6 * DENSE_WORK * batchSize * batchSize * dim,
};
