/** What `auto` stands for where there are text vectors: the best on validation data in `llminit reproduce inits`. */
export const RECOMMENDED_STRATEGY = 'graph-pca';

/**
 * Mean norm of the item rows for a model, to go with `graph-pca`: 1 for models of cosines (`sgcl`, `mixsgcl`), whose
 * updates turn rows the faster the shorter they are; otherwise null, the default of the strategy.
 */
export function recommendedScale(model: string): number | null {
  return model === 'sgcl' || model === 'mixsgcl' ? 1 : null;
}
