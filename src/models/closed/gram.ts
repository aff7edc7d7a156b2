import { type Csr, csrInPieces, weightsInRows } from '../../data/csr.ts';
import type { Interactions } from '../../data/interactions.ts';
import type { Matrix } from '../../runtime/buffers.ts';
import { type Turns, withoutTurns } from '../../runtime/turns.ts';

/** Additions between two turns of the event loop: some milliseconds where each is the first to touch its page of memory. */
const TURN_WORK = 1e5;

/** X; the square of an entry is the interaction's weight, so that G_ii sums the weights of item i. */
export function weightedCsr(train: Interactions): Csr {
  return withoutTurns(weightedCsrInPieces(train));
}

/** As `weightedCsr`, in pieces of work. */
export function* weightedCsrInPieces(train: Interactions): Generator<void, Csr> {
  const weights = weightsInRows(train);
  return { ...(yield* csrInPieces(train)), values: weights?.map(Math.sqrt) ?? null };
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
export async function addGram(
  { rows, rowPtr, colIdx, values }: Csr,
  gram: Matrix,
  turns: Turns,
): Promise<void> {
  const { stride } = gram;
  let work = 0;
  for (let user = 0; user < rows; user++) {
    const length = rowPtr[user + 1] - rowPtr[user];
    work += length * length;
    if (work > TURN_WORK) {
      await turns.offer();
      work = 0;
    }
    const { view } = gram;
    for (let m = rowPtr[user]; m < rowPtr[user + 1]; m++) {
      const row = colIdx[m] * stride;
      for (let n = rowPtr[user]; n < rowPtr[user + 1]; n++)
        view[row + colIdx[n]] += values ? values[m] * values[n] : 1;
    }
  }
}
