import { FormatError } from '../../errors.ts';
import { DAMAGED } from '../../format/json.ts';
import type { Tensor } from '../../format/tensor.ts';
import { ItemScorer } from '../../rank/itemScorer.ts';
import { RowScorer } from '../../rank/rowScorer.ts';
import type { Scorer } from '../../rank/scorer.ts';
import { TableScorer } from '../../rank/tableScorer.ts';

type Tensors = Readonly<Record<string, Tensor>>;

/** What a scorer is made of, for a checkpoint; null for one that is made of others. */
export function saveScorer(scorer: Scorer): Tensors | null {
  if (scorer instanceof RowScorer) {
    const { rowPtr, indices, weights } = scorer.rows;
    return { rowPtr: integers(rowPtr), indices: integers(indices), weights: floats(weights, 1) };
  }
  if (scorer instanceof ItemScorer) return { scores: floats(scorer.scores, 1) };
  if (!(scorer instanceof TableScorer)) return null;
  const { users, items, dim } = scorer.tables;
  return { items: floats(items, dim), ...(users && { users: floats(users, dim) }) };
}

/**
 * The scorer that `saveScorer` took apart.
 * @throws {FormatError} when tensors are missing or of another size
 * @throws as the scorers, when the tensors do not fit each other
 */
export function restoreScorer(name: string, tensors: Tensors, numItems: number): Scorer {
  if (Object.hasOwn(tensors, 'scores')) return new ItemScorer(name, f32(tensors, 'scores', numItems));
  if (Object.hasOwn(tensors, 'rowPtr')) {
    const rowPtr = i32(tensors, 'rowPtr', numItems + 1);
    const nnz = rowPtr[numItems];
    const rows = {
      numItems,
      rowPtr,
      indices: i32(tensors, 'indices', nnz),
      weights: f32(tensors, 'weights', nnz),
    };
    return new RowScorer(name, rows);
  }
  const dim = Object.hasOwn(tensors, 'items') ? tensors.items.shape[1] : 0;
  const users = Object.hasOwn(tensors, 'users') ? f32(tensors, 'users', tensors.users.shape[0] * dim) : null;
  return new TableScorer(name, { users, items: f32(tensors, 'items', numItems * dim), dim });
}

function floats(values: Float32Array, columns: number): Tensor {
  return { dtype: 'F32', shape: [values.length / columns, columns], data: values };
}

function integers(values: Int32Array): Tensor {
  return { dtype: 'I32', shape: [values.length], data: values };
}

function f32(tensors: Tensors, name: string, length: number): Float32Array {
  const { data } = { ...tensors[name] };
  return data instanceof Float32Array && data.length === length ? data : damaged(name, length, data);
}

function i32(tensors: Tensors, name: string, length: number): Int32Array {
  const { data } = { ...tensors[name] };
  return data instanceof Int32Array && data.length === length ? data : damaged(name, length, data);
}

function damaged(name: string, length: number, data: { readonly length: number } | undefined): never {
  const problem = `expected a trial with ${length} numbers in ${name}, received ${data?.length ?? 'none'}`;
  throw new FormatError('resume', problem, DAMAGED);
}
