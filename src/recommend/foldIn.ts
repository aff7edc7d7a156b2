import type { ModelData } from './modelFile.ts';

/**
 * The final row of a user who was not in training, from the items of a history H: one step of normalised
 * propagation over the items' final rows, u = 1/√|H| · Σ_{i∈H} zᵢ/√dᵢ with dᵢ the item's training interactions
 * (He et al., LightGCN, Eq. 3; an item without any counts as one). Sums in float64 in the given order.
 *
 * @param items item indices, each once
 */
export function foldIn({ dim, itemFactors, itemDegrees }: ModelData, items: readonly number[]): Float32Array {
  const sum = new Float64Array(dim);
  for (const item of items) {
    const weight = 1 / Math.sqrt(items.length * Math.max(1, itemDegrees[item]));
    for (let c = 0; c < dim; c++) sum[c] += weight * itemFactors[item * dim + c];
  }
  return Float32Array.from(sum);
}
