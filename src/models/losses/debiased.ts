import { describeRankingLoss } from './rankingLoss.ts';
import { softmax } from './softmax.ts';

/** Inner products at temperature 1 against the items of the batch. */
const SETTINGS = { similarity: 'dot', candidates: 'in-batch', softmaxTemperature: undefined } as const;

/**
 * MoRec's debiased cross entropy within the batch (Yuan et al., SIGIR 2023): `softmax` of inner products over the batch's
 * items, each corrected for its popularity. Deviation: other items that the user has stay among the candidates.
 */
export const debiased = describeRankingLoss({
  name: 'debiased',
  options: {},
  usesNegatives: () => false,
  choosesNegatives: false,
  create: (parts, setting) => softmax.create(parts, setting, SETTINGS),
});
