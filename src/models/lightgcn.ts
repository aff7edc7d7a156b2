import { GRAPH } from './encoders/graphEncoder.ts';
import { graphModel } from './graphModel.ts';
import { rankingLoss } from './losses/registry.ts';

/**
 * LightGCN (He et al., SIGIR 2020) with layer-0 regularisation: E^{(l+1)} = Â E^{(l)}, Z = mean of layers 0 … L; by default
 * BPR, averaged over the batch, with negatives drawn uniformly.
 */
export const lightgcn = graphModel({
  name: 'lightgcn',
  synonyms: ['ContGCN'],
  encoder: GRAPH,
  loss: rankingLoss({ reduction: 'mean' }),
  layers: { default: 2, min: 0 },
  options: ['loss', 'negatives', 'regularization'],
});

/** Matrix factorisation by BPR (Rendle et al., UAI 2009): LightGCN without layers. */
export const bprMf = graphModel({
  name: 'bpr-mf',
  encoder: GRAPH,
  loss: rankingLoss({ reduction: 'mean' }),
  layers: { default: 0, min: 0, max: 0 },
  options: ['loss', 'negatives', 'regularization'],
});
