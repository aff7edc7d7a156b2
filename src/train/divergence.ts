import type { Matrix } from '../runtime/buffers.ts';

/** The largest f32. */
const LARGEST = 3.4028234663852886e38;

/** Whether every inner product of a user's row and an item's is a finite f32, whatever the rows. */
export function hasFiniteScores(z: Matrix, numUsers: number): boolean {
  const bound = largestOf(z.slice(0, numUsers)) * largestOf(z.slice(numUsers, z.rows - numUsers)) * z.dim;
  return bound <= LARGEST;
}

/** The largest magnitude; NaN where there is one. */
function largestOf({ view }: Matrix): number {
  let largest = 0;
  for (const value of view) {
    const magnitude = Math.abs(value);
    if (magnitude > largest) largest = magnitude;
    if (Number.isNaN(magnitude)) return Number.NaN;
  }
  return largest;
}
