import type { Graph, GraphSize } from '../../data/graph.ts';
import { codeVocabulary, type ItemCodes, itemTokens } from '../../data/itemCodes.ts';
import type { SequenceData } from './batch.ts';

/** The tokens of each user's items, oldest first. */
export function codeSequences(graph: Graph, codes: ItemCodes): SequenceData {
  const { columns } = codes;
  const { rowPtr, items, weights } = graph.sequences;
  const tokens = itemTokens(codes);
  const own = new Int32Array(items.length * columns);
  for (const [n, item] of items.entries())
    own.set(tokens.subarray(item * columns, (item + 1) * columns), n * columns);
  return {
    ...{ numUsers: graph.numUsers, interactions: graph.interactions },
    ...codeSize(graph, codes),
    sequences: {
      rowPtr: rowPtr.map((start) => start * columns),
      items: own,
      weights: weights && Float32Array.from(own, (_, n) => weights[Math.floor(n / columns)]),
    },
  };
}

/** What the memory of a training on codes depends on. */
export function codeSize(
  { userDegrees }: Pick<GraphSize, 'userDegrees'>,
  codes: ItemCodes,
): Pick<GraphSize, 'numItems' | 'userDegrees'> {
  return {
    numItems: codeVocabulary(codes).tokens,
    userDegrees: userDegrees.map((degree) => degree * codes.columns),
  };
}

/**
 * Rows of tokens whose sums are about the rows of the items: column by column the mean, over the items that have a code, of
 * what the columns before leave over of their rows. Sums in float64, items ascending.
 */
export function tokenRows(codes: ItemCodes, items: Float32Array, dim: number): Float32Array<ArrayBuffer> {
  const { columns, values } = codes;
  const { offsets, sizes, tokens } = codeVocabulary(codes);
  const rows = new Float32Array(tokens * dim);
  const left = Float64Array.from(items);
  for (const [column, offset] of offsets.entries()) {
    const codeOf = (item: number) => values[item * columns + column];
    const sums = new Float64Array(sizes[column] * dim);
    const counts = new Int32Array(sizes[column]);
    for (let item = 0; item * dim < items.length; item++) {
      counts[codeOf(item)]++;
      for (let c = 0; c < dim; c++) sums[codeOf(item) * dim + c] += left[item * dim + c];
    }
    for (let at = 0; at < sums.length; at++)
      rows[offset * dim + at] = sums[at] / Math.max(1, counts[Math.floor(at / dim)]);
    for (let at = 0; at < left.length; at++) {
      const token = offset + codeOf(Math.floor(at / dim));
      left[at] -= rows[token * dim + (at % dim)];
    }
  }
  return rows;
}
