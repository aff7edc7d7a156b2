import { LAYERS } from './encoders/layerEncoder.ts';
import { graphModel } from './graphModel.ts';
import { mixsgclLoss } from './losses/mixsgclLoss.ts';

/**
 * MixSGCL (Zhang et al., "Mixed Supervised Graph Contrastive Learning for Recommendation", arXiv 2404.15954), as the
 * authors' RecBole code computes it: the SGCL loss of three sets of pairs, each with its own denominators, summed.
 * 1. the rows of Z, as SGCL;
 * 2. node mix: each node's row is Σ_l α_l E^{(l)} with α = U(0,1)^{L+1} divided by its sum, drawn anew each step;
 * 3. pair mix: r·û + (1−r)·î and r·î + (1−r)·û of each pair, made unit again, with r = U(0,1)/2 drawn for each pair.
 * Gradients flow through all three. Deviation: α is drawn for the batch's nodes only, from this package's generator.
 */
export const mixsgcl = graphModel({
  name: 'mixsgcl',
  encoder: LAYERS,
  loss: mixsgclLoss(),
  layers: { default: 2, min: 0 },
  options: ['temperature'],
});
