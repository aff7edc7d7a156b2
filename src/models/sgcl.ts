import { GRAPH } from './encoders/graphEncoder.ts';
import { graphModel } from './graphModel.ts';
import { SGCL_LOSS } from './losses/sgclLoss.ts';

/** SGCL (Zhang et al., RecSys 2025): LightGCN's propagation under one supervised contrastive loss, without negatives. */
export const sgcl = graphModel({
  name: 'sgcl',
  synonyms: ['ContSGCL'],
  encoder: GRAPH,
  loss: SGCL_LOSS,
  layers: { default: 2, min: 0 },
  options: ['temperature'],
});
