import { VIEWS } from './encoders/viewEncoder.ts';
import { graphModel } from './graphModel.ts';
import { rankingLoss } from './losses/registry.ts';
import { withViewContrast } from './losses/sglLoss.ts';

/**
 * SGL (Wu et al., SIGIR 2021), as RecBole: BPR over the whole graph + regularisation + λ · InfoNCE between two views of the
 * graph, which are drawn anew each epoch. Sums over the batch, not means.
 */
export const sgl = graphModel({
  name: 'sgl',
  synonyms: ['ContSGL'],
  encoder: VIEWS,
  loss: withViewContrast(rankingLoss({ reduction: 'sum' })),
  layers: { default: 2, min: 1 },
  options: ['loss', 'negatives', 'regularization', 'temperature', 'sslWeight', 'augmentation', 'dropout'],
});
