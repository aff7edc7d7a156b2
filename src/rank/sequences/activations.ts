import { attentionRoom, attentionWeights } from '../../kernels/attention.ts';
import { unitStride } from '../../kernels/blocks.ts';
import { factorsLength } from '../../kernels/dropout.ts';
import type { F32Buffer, Matrix } from '../../runtime/buffers.ts';
import { roundUp } from '../../runtime/roundUp.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import { headColumns, type SequenceShape, wideStride } from './weights.ts';

/** How many rows and weights of attention a batch of sequences has at most. */
export interface Capacity {
  readonly rows: number;
  /** Weights of attention of one block. */
  readonly weights: number;
  readonly longest: number;
}

/** What a block computes on the way forward. */
export interface BlockActivations {
  /** Queries, keys and values. */
  readonly qkv: Matrix;
  readonly weights: F32Buffer;
  readonly mixed: Matrix;
  /** The sum that the first normalisation takes, its moments and its result. */
  readonly first: Matrix;
  readonly stats1: F32Buffer;
  readonly middle: Matrix;
  readonly units: Matrix;
  readonly active: Matrix;
  readonly second: Matrix;
  readonly stats2: F32Buffer;
}

/** Factors of dropout of a block. */
export interface BlockFactors {
  readonly attention: F32Buffer;
  readonly out: F32Buffer;
  readonly outer: F32Buffer;
}

/** Everything between items and hidden states. */
export interface Activations {
  readonly capacity: Capacity;
  /** Item plus position, before its normalisation, and its moments. */
  readonly input: Matrix;
  readonly stats: F32Buffer;
  /** What each block reads, and behind the last what it gives. */
  readonly x: readonly Matrix[];
  readonly blocks: readonly BlockActivations[];
  readonly room: F32Buffer;
  /** null: nothing is dropped. */
  readonly factors: { readonly input: F32Buffer; readonly blocks: readonly BlockFactors[] } | null;
}

/** `scoring` keeps nothing from block to block; `training` keeps all of it. */
export type ActivationUse = 'scoring' | 'training' | 'training with dropout';

/** Room for batches up to a capacity, in a workspace that may only count. */
export function openActivations(
  workspace: Workspace,
  shape: SequenceShape,
  capacity: Capacity,
  use: ActivationUse,
): Activations {
  const { dim, blocks, inner } = shape;
  const rows = roundUp(capacity.rows, 8);
  const stride = unitStride(dim);
  const columns = headColumns(shape);
  const hidden = () => workspace.matrix(rows, dim, stride);
  const wide = (width: number) => workspace.matrix(rows, width, wideStride(width));
  const block = (): BlockActivations => ({
    ...{ qkv: wide(3 * columns), weights: workspace.f32(capacity.weights), mixed: wide(columns) },
    ...{ first: hidden(), stats1: workspace.f32(2 * rows), middle: hidden(), units: wide(inner) },
    ...{ active: wide(inner), second: hidden(), stats2: workspace.f32(2 * rows) },
  });
  const factors = (count: number) => workspace.f32(factorsLength(count));
  const shared = use === 'scoring';
  const each = <T>(count: number, make: () => T): T[] => {
    const one = shared ? make() : null;
    return Array.from({ length: count }, () => one ?? make());
  };
  return {
    capacity,
    ...{ input: hidden(), stats: workspace.f32(2 * rows), x: each(blocks + 1, hidden) },
    ...{ blocks: each(blocks, block), room: workspace.f32(attentionRoom(workspace, capacity.longest)) },
    factors:
      use !== 'training with dropout'
        ? null
        : {
            input: factors(rows * stride),
            blocks: Array.from({ length: blocks }, () => ({
              attention: factors(capacity.weights),
              ...{ out: factors(rows * stride), outer: factors(rows * stride) },
            })),
          },
  };
}

/** What so many sequences of at most `maxLength` rows may take, of one length after another. */
export function capacityOf(lengths: Iterable<number>, heads: number): Capacity {
  let [rows, weights, longest] = [0, 0, 1];
  for (const length of lengths) {
    rows += length;
    weights += attentionWeights(length, heads);
    longest = Math.max(longest, length);
  }
  return { rows, weights, longest };
}
