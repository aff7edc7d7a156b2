/** Positions grouped by key: those of key `k` are `order[start[k]] … order[start[k + 1] − 1]`, ascending. */
export interface Buckets {
  readonly start: Int32Array;
  readonly order: Int32Array;
}

/**
 * Groups the positions 0 … keys.length−1 by key with a stable counting sort, in linear time.
 *
 * @param keys each in 0 … count−1
 * @param count number of keys; `start` has count + 1 entries
 */
export function bucketPositions(keys: Int32Array, count: number): Buckets {
  const start = new Int32Array(count + 1);
  for (let p = 0; p < keys.length; p++) start[keys[p] + 1]++;
  for (let k = 0; k < count; k++) start[k + 1] += start[k];
  const next = start.slice(0, count);
  const order = new Int32Array(keys.length);
  for (let p = 0; p < keys.length; p++) order[next[keys[p]]++] = p;
  return { start, order };
}

/** The entries of `column` at `positions`, of which there are no more than entries; null for null. */
export function picked<T extends Int32Array | Float32Array | Float64Array | null>(
  column: T,
  positions: Int32Array,
): T;
export function picked(column: Int32Array | Float32Array | Float64Array | null, positions: Int32Array) {
  if (column === null) return null;
  const entries = column.slice(0, positions.length);
  for (let n = 0; n < positions.length; n++) entries[n] = column[positions[n]];
  return entries;
}

/**
 * The entries of `column` at `positions`, moved to its front, without another column; null for null. The column must
 * not be used afterwards.
 */
export function compacted<T extends Int32Array | Float32Array | Float64Array | null>(
  column: T,
  positions: Int32Array,
): T;
export function compacted(column: Int32Array | Float32Array | Float64Array | null, positions: Int32Array) {
  if (column === null) return null;
  for (let n = 0; n < positions.length; n++) column[n] = column[positions[n]];
  const front = column.subarray(0, positions.length);
  // What is cut off is given back where it is worth a copy.
  return front.length < 0.75 * column.length ? front.slice() : front;
}
