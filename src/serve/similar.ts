import { rankValues } from './scoring/denseRanking.ts';
import type { Ranked } from './scoring/factorTable.ts';
import type { ServingState } from './servingState.ts';

/** The items closest to some: by the cosine to the mean of their directions, or by what their sparse rows say. */
export function rankSimilar(
  { scorer, memory, catalogue }: ServingState,
  items: readonly number[],
  excluded: Uint8Array,
  k: number,
): Ranked {
  const { factors, rows } = scorer;
  if (factors) {
    const sum = new Float64Array(factors.dim);
    for (const item of items) {
      for (const [c, value] of normalized(factors.row(item)).entries()) sum[c] += value;
    }
    return factors.rank({ row: Float32Array.from(normalized(sum)), excluded }, k, true);
  }
  const query = { row: null, likes: items, weights: null };
  if (rows) return scorer.rank(query, excluded, k);
  return rankValues(memory.workspace, new Float32Array(catalogue.numItems), excluded, k);
}

/** A row divided by its length; zeros stay. */
function normalized(row: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(row);
  let squares = 0;
  for (const value of values) squares += value * value;
  const length = Math.sqrt(squares) || 1;
  return values.map((value) => value / length);
}
