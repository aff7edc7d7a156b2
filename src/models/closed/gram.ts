import { type Csr, interactionsToCsr, weightsInRows } from '../../data/csr.ts';
import type { Interactions } from '../../data/interactions.ts';
import type { Matrix } from '../../runtime/buffers.ts';

/** X; the square of an entry is the interaction's weight, so that G_ii sums the weights of item i. */
export function weightedCsr(train: Interactions): Csr {
  const weights = weightsInRows(train);
  return { ...interactionsToCsr(train), values: weights?.map(Math.sqrt) ?? null };
}

/** G_ii of G = XᵀX: the interactions of each item, or the sum of their weights; X by item. */
export function squaredNorms({ rows, rowPtr, values }: Csr): Float64Array {
  const squares = new Float64Array(rows);
  for (let item = 0; item < rows; item++) {
    for (let n = rowPtr[item]; n < rowPtr[item + 1]; n++) squares[item] += values ? values[n] * values[n] : 1;
  }
  return squares;
}

/** gram += XᵀX, whole; sums go by user, ascending. */
export function addGram({ rows, rowPtr, colIdx, values }: Csr, gram: Matrix): void {
  const { view, stride } = gram;
  for (let user = 0; user < rows; user++) {
    for (let m = rowPtr[user]; m < rowPtr[user + 1]; m++) {
      const row = colIdx[m] * stride;
      for (let n = rowPtr[user]; n < rowPtr[user + 1]; n++)
        view[row + colIdx[n]] += values ? values[m] * values[n] : 1;
    }
  }
}
