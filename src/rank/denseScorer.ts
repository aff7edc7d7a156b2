import { type Csr, interactionsToCsr } from '../data/csr.ts';
import type { Interactions } from '../data/interactions.ts';

/** A method without embeddings, in the form that the ranker takes: score(u, i) = ⟨query(u), items[i]⟩. */
export interface DenseScorer {
  readonly name: string;
  readonly dim: number;
  /** Dense numItems × dim. */
  readonly items: Float32Array;
  /** The row of a user, length dim; valid until the next call. */
  query(user: number): Float32Array;
}

/** A scorer from item–item weights: score(u, i) = Σ over the items j of u's history of weights[i][j]. */
export function historyScorer(name: string, train: Interactions, weights: Float32Array): DenseScorer {
  const { rowPtr, colIdx }: Csr = interactionsToCsr(train);
  const dim = train.numItems;
  const row = new Float32Array(dim);
  return {
    name,
    dim,
    items: weights,
    query(user) {
      row.fill(0);
      for (const item of colIdx.subarray(rowPtr[user], rowPtr[user + 1])) row[item] = 1;
      return row;
    },
  };
}
