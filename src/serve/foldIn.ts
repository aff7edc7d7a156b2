import type { ModelData } from './modelFile/data.ts';

/**
 * The final row of a user who was not in training: the mean of the final rows of the history's items (LLMInit, Eq. 1,
 * applied to Z). On amazon-office it ranks as well as the rows that training gives its own users, and better than
 * weights 1/√dᵢ or a ridge fit to the history. Sums in float64 in the given order.
 *
 * @param items item indices, at least one, each once
 */
export function foldIn({ dim, itemFactors }: ModelData, items: readonly number[]): Float32Array {
  const sum = new Float64Array(dim);
  for (const item of items) {
    for (let c = 0; c < dim; c++) sum[c] += itemFactors[item * dim + c];
  }
  return Float32Array.from(sum, (value) => value / items.length);
}
