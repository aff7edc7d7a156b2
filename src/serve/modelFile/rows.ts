import type { Tensor } from '../../format/tensor.ts';
import type { SparseRows } from '../../rank/sparseRows.ts';
import { copied } from './items.ts';
import type { RowsPart } from './parts.ts';
import { hostTensor, type ModelSource } from './source.ts';

// - `rows.indices` U16 where there are at most 65,536 items, else I32 [entries], row by row, ascending within a row
// - `rows.weights` F32 [entries]
// - `rows.lengths` U8 where no row has more than 255 entries, else I32 [numItems]; left out when all rows have as many

/** The tensors of sparse rows. */
export function rowTensors({ indices, weights, lengths }: RowsPart): Record<string, Tensor> {
  return {
    'rows.indices': copied(indices),
    'rows.weights': copied(weights),
    ...(lengths && { 'rows.lengths': copied(lengths) }),
  };
}

/** The sparse rows; null for a model without. @throws {FormatError} when a part is missing or of another type */
export function readRows(source: ModelSource): RowsPart | null {
  if (!source.has('rows.indices')) return null;
  const narrow = source.dtype('rows.indices') === 'U16';
  const short = source.dtype('rows.lengths') === 'U8';
  return {
    indices: narrow ? source.tensor('rows.indices', 'U16', 1) : source.tensor('rows.indices', 'I32', 1),
    weights: source.tensor('rows.weights', 'F32', 1),
    lengths: !source.has('rows.lengths')
      ? null
      : short
        ? source.tensor('rows.lengths', 'U8', 1)
        : source.tensor('rows.lengths', 'I32', 1),
  };
}

/** Sparse rows in the fewest bytes. */
export function packRows({ numItems, rowPtr, indices, weights }: SparseRows): RowsPart {
  const lengths = Int32Array.from({ length: numItems }, (_, row) => rowPtr[row + 1] - rowPtr[row]);
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  const even = lengths.every((length) => length === longest);
  return {
    indices: numItems <= 2 ** 16 ? hostTensor('U16', new Uint16Array(indices)) : hostTensor('I32', indices),
    weights: hostTensor('F32', weights),
    lengths: even
      ? null
      : longest <= 255
        ? hostTensor('U8', new Uint8Array(lengths))
        : hostTensor('I32', lengths),
  };
}

/** Where each row begins: [numItems + 1]. */
export function rowStarts({ indices, lengths }: RowsPart, numItems: number): Int32Array<ArrayBuffer> {
  const starts = new Int32Array(numItems + 1);
  const each = indices.shape[0] / numItems;
  const own = lengths?.data;
  for (let row = 0; row < numItems; row++) starts[row + 1] = starts[row] + (own ? own[row] : each);
  return starts;
}
