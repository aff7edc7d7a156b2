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
  let sum = 0;
  // By index, since an iterator takes four times as long. A sum with a NaN is one.
  for (let n = 0; n < view.length; n++) {
    const magnitude = Math.abs(view[n]);
    if (magnitude > largest) largest = magnitude;
    sum += magnitude;
  }
  return Number.isNaN(sum) ? Number.NaN : largest;
}
