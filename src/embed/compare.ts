import { DataError, ShapeError } from '../errors.ts';
import { checkIsEmbeddings, type Embeddings } from './embeddings.ts';

/**
 * How near the vectors of the same ids from two places are.
 *
 * @example
 * const { worst, worstCosine }: Comparison = compareEmbeddings(embeddings, embeddings);
 */
export interface Comparison {
  /** Ids that both have. */
  readonly compared: number;
  readonly meanCosine: number;
  readonly worstCosine: number;
  /** The ids that are furthest apart, worst first; a vector of zeros counts as a cosine of 0. */
  readonly worst: readonly { readonly id: string; readonly cosine: number }[];
}

/** Ids that are named. */
const NAMED = 10;

/**
 * The cosines of the vectors that two embeddings have for the same ids, for a look at whether both come from the same
 * model, pooling and prefix.
 *
 * @throws {ShapeError} vectors of different widths
 * @throws {DataError} no id in common
 * @example
 * const { meanCosine } = compareEmbeddings(embeddings, embeddings);
 * meanCosine > 0.999; // → true
 */
export function compareEmbeddings(ours: Embeddings, reference: Embeddings): Comparison {
  for (const embeddings of [ours, reference]) checkIsEmbeddings(embeddings, 'compareEmbeddings');
  if (ours.width !== reference.width) {
    const problem = `expected vectors of width ${ours.width} to compare with, received ${reference.width}`;
    throw new ShapeError(reference.source, problem, 'Compare vectors of one model');
  }
  const rows = new Map(reference.ids.map((id, row) => [id, row]));
  const cosines = ours.ids.flatMap((id, row) => {
    const other = rows.get(id);
    return other === undefined ? [] : [{ id, cosine: cosine(ours, row, reference, other) }];
  });
  if (cosines.length === 0) {
    const problem = `expected vectors of ${ours.ids[0]} …, received vectors of ${reference.ids[0]} …`;
    throw new DataError(reference.source, problem, 'Pass the ids of the same items');
  }
  const worst = [...cosines].sort((a, b) => a.cosine - b.cosine);
  return {
    compared: cosines.length,
    meanCosine: cosines.reduce((sum, { cosine }) => sum + cosine, 0) / cosines.length,
    worstCosine: worst[0].cosine,
    worst: worst.slice(0, NAMED),
  };
}

function cosine(a: Embeddings, i: number, b: Embeddings, j: number): number {
  let [dot, first, second] = [0, 0, 0];
  for (let k = 0; k < a.width; k++) {
    const [x, y] = [a.vectors[i * a.width + k], b.vectors[j * b.width + k]];
    dot += x * y;
    first += x * x;
    second += y * y;
  }
  return first > 0 && second > 0 ? dot / Math.sqrt(first * second) : 0;
}
