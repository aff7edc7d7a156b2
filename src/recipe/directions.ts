import type { IdTable } from '../data/idTable.ts';
import { alignEmbeddings, type Embeddings } from '../embed/embeddings.ts';

/** Distances of unit vectors below this are rounding errors of f32. */
const SMALLEST_DISTANCE = 1e-6;

/**
 * Whether the vectors of two items of a table point to different places; vectors of zeros, and of others, count for nothing.
 *
 * @throws {DataError} when not one item has a vector, which means that the ids do not belong together
 */
export function directionsDiffer(embeddings: Embeddings, items: IdTable): boolean {
  const { ids, vectors, width } = embeddings;
  let first: Float64Array | null = null;
  let found = false;
  for (const [row, id] of ids.entries()) {
    if (items.index(id) === undefined) continue;
    found = true;
    const unit = unitOf(vectors.subarray(row * width, (row + 1) * width));
    if (unit === null) continue;
    if (first !== null && distance(unit, first) > SMALLEST_DISTANCE) return true;
    first ??= unit;
  }
  if (!found) alignEmbeddings(embeddings, items.ids);
  return false;
}

function unitOf(vector: Float32Array): Float64Array | null {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return length === 0 ? null : Float64Array.from(vector, (value) => value / length);
}

function distance(a: Float64Array, b: Float64Array): number {
  return Math.sqrt(a.reduce((sum, value, n) => sum + (value - b[n]) * (value - b[n]), 0));
}
