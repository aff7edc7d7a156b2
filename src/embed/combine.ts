import { DataError, OptionError, shown } from '../errors.ts';
import { ARRAY, checkArgument, TEXTS } from '../options/arguments.ts';
import { checkOptionNames } from '../options/resolve.ts';
import { alignEmbeddings, checkIsEmbeddings, Embeddings } from './embeddings.ts';

/** Distances of unit vectors from their mean below this are rounding errors of f32. */
const SMALLEST_DISTANCE = 1e-6;

/**
 * Embeddings that stand beside others.
 *
 * @example
 * const parts: EmbeddingsPart[] = [{ embeddings }, { embeddings, weight: 0.5 }];
 * const both = combineEmbeddings(parts, itemIds);
 */
export interface EmbeddingsPart {
  readonly embeddings: Embeddings;
  /** Norm of its rows in the combination, > 0. Default 1. */
  readonly weight?: number;
}

/**
 * Embeddings side by side: the vectors of each part are normalised, centred, brought to norm `weight` and put one after
 * the other, so that inner products add up with the squares of the weights. An item that one part lacks, or that equals
 * the mean there, has zeros there; an item of zeros only is left out. The means are those of the items that have a vector.
 *
 * @throws {OptionError} on no parts or a weight that is no number > 0
 * @throws {DataError} when a part has no vector for any of the items, or all items are left out
 * @example
 * const both = combineEmbeddings([{ embeddings }, { embeddings, weight: 0.5 }], itemIds);
 * both.width === 2 * embeddings.width; // → true
 */
export function combineEmbeddings(parts: readonly EmbeddingsPart[], itemIds: readonly string[]): Embeddings {
  checkArgument(ARRAY, parts, 'parts', 'combineEmbeddings');
  checkArgument(TEXTS, itemIds, 'itemIds', 'combineEmbeddings');
  if (parts.length === 0)
    throw new OptionError('combineEmbeddings', 'expected embeddings, received none', 'Pass one part or more');
  for (const part of parts) {
    checkOptionNames<EmbeddingsPart>({ embeddings: true, weight: true }, part, 'combineEmbeddings');
    checkIsEmbeddings(part.embeddings, 'combineEmbeddings');
  }
  const width = parts.reduce((sum, { embeddings }) => sum + embeddings.width, 0);
  const vectors = new Float32Array(itemIds.length * width);
  const covered = new Uint8Array(itemIds.length);
  let offset = 0;
  for (const part of parts) {
    place(part, itemIds, vectors, covered, width, offset);
    offset += part.embeddings.width;
  }
  const present = itemIds.flatMap((_, item) => (covered[item] ? [item] : []));
  if (present.length === 0) {
    throw new DataError(
      'combineEmbeddings',
      'expected vectors that differ, received the same one for all items',
      'Pass texts or vectors that differ, or none',
    );
  }
  const rows = new Float32Array(present.length * width);
  for (const [n, item] of present.entries())
    rows.set(vectors.subarray(item * width, (item + 1) * width), n * width);
  const source = parts.map(({ embeddings }) => embeddings.source).join(' + ');
  return new Embeddings({ ids: present.map((item) => itemIds[item]), width, vectors: rows, source });
}

/** Writes one part's rows, centred and of norm `weight`, to its columns and marks the items that have one. */
function place(
  { embeddings, weight = 1 }: EmbeddingsPart,
  itemIds: readonly string[],
  out: Float32Array,
  covered: Uint8Array,
  outWidth: number,
  offset: number,
): void {
  if (!(weight > 0 && Number.isFinite(weight))) {
    const problem = `expected a weight > 0 for ${embeddings.source}, received ${shown(weight)}`;
    throw new OptionError('combineEmbeddings', problem, 'Leave the part out, or pass e.g. 1');
  }
  const { width } = embeddings;
  const { vectors, missing } = alignEmbeddings(embeddings, itemIds);
  const without = new Set(missing);
  // A zero vector has no direction and counts as none, as in `initialize`.
  for (const item of itemIds.keys()) if (norm(vectors, item, width) === 0) without.add(item);
  const mean = new Float64Array(width);
  const present = itemIds.flatMap((_, item) => (without.has(item) ? [] : [item]));
  for (const item of present) {
    const scale = 1 / norm(vectors, item, width);
    for (let k = 0; k < width; k++) {
      vectors[item * width + k] *= scale;
      mean[k] += vectors[item * width + k] / present.length;
    }
  }
  for (const item of present) {
    for (let k = 0; k < width; k++) vectors[item * width + k] -= mean[k];
    const length = norm(vectors, item, width);
    if (length < SMALLEST_DISTANCE) continue;
    covered[item] = 1;
    for (let k = 0; k < width; k++)
      out[item * outWidth + offset + k] = (weight * vectors[item * width + k]) / length;
  }
}

function norm(vectors: Float32Array, row: number, width: number): number {
  let squares = 0;
  for (let at = row * width; at < (row + 1) * width; at++) squares += vectors[at] * vectors[at];
  return Math.sqrt(squares);
}
