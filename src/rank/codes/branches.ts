import { attentionWeights, type Sequences } from '../../kernels/attention.ts';
import type { I32Buffer, Matrix } from '../../runtime/buffers.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import { type Activations, type Capacity, openActivations } from '../sequences/activations.ts';
import type { SequenceEncoder } from '../sequences/encoder.ts';
import { headColumns, type SequenceShape, wideStride } from '../sequences/weights.ts';

/** Branches that are computed at a time. */
export const BRANCHES = 16;

/** A token behind a history and the tokens of its ancestors, oldest first: each by its number among those of its depth. */
export interface Branch {
  readonly token: number;
  readonly ancestors: readonly number[];
}

/**
 * Hidden states of many continuations of one history, which share its queries, keys and values.
 *
 * Each branch has a slot in a table of rows: those of the history, which are copied once, of its ancestors, and its own. Rows
 * of a slot that are not used yet count as a sequence that nobody reads.
 */
export class Branches {
  /** [blocks][columns − 1]: queries, keys and values of the branches of each depth. */
  readonly #kept: readonly (readonly Matrix[])[];
  readonly #encoder: SequenceEncoder;
  readonly #shape: SequenceShape;
  /** Rows behind a history, at most. */
  readonly #depth: number;
  readonly #cache: readonly Matrix[];
  readonly #mixed: Matrix;
  readonly #activations: Activations;
  readonly #items: I32Buffer;
  readonly #positions: I32Buffer;
  readonly #rows: I32Buffer;
  readonly #starts: I32Buffer;
  readonly #places: I32Buffer;
  #length = 0;

  /** @param depth rows behind a history, at most @param most branches of one depth that are kept */
  constructor(workspace: Workspace, encoder: SequenceEncoder, depth: number, most: number) {
    const { shape } = encoder;
    const columns = 3 * headColumns(shape);
    const rows = BRANCHES * shape.maxLength;
    const wide = (count: number, width: number) => workspace.matrix(count, width, wideStride(width));
    this.#encoder = encoder;
    this.#shape = shape;
    this.#depth = depth;
    this.#cache = Array.from({ length: shape.blocks }, () => wide(rows, columns));
    this.#kept = this.#cache.map(() => Array.from({ length: depth - 1 }, () => wide(most, columns)));
    this.#mixed = wide(rows, headColumns(shape));
    this.#activations = openActivations(workspace, shape, branchCapacity(shape, depth), 'scoring');
    [this.#items, this.#positions, this.#rows] = [0, 1, 2].map(() => workspace.i32(BRANCHES)) as [
      I32Buffer,
      I32Buffer,
      I32Buffer,
    ];
    this.#starts = workspace.i32(2 * BRANCHES + 1);
    this.#places = workspace.i32(2 * BRANCHES);
  }

  /** Takes over the rows of a history: the first `length` of these tables, block by block. */
  begin(qkv: readonly Matrix[], length: number): void {
    this.#length = length;
    const slot = length + this.#depth;
    for (const [n, cache] of this.#cache.entries()) {
      const source = qkv[n].view.subarray(0, length * cache.stride);
      const { view } = cache;
      for (let s = 0; s < BRANCHES; s++) view.set(source, s * slot * cache.stride);
    }
  }

  /**
   * Hidden states of some branches of one depth, at most `BRANCHES`.
   * @param tokens rows of all tokens
   * @param first number of the first of them among those of their depth, under which its rows are kept
   * @param out a row each, rounded up to 4
   */
  extend(tokens: Matrix, branches: readonly Branch[], first: number, out: Matrix): void {
    const depth = branches[0].ancestors.length;
    const count = branches.length;
    for (const [s, { token, ancestors }] of branches.entries()) {
      this.#items.view[s] = token;
      this.#positions.view[s] = this.#length + depth;
      this.#rows.view[s] = s * (this.#length + this.#depth) + this.#length + depth;
      for (const [n, ancestor] of ancestors.entries()) this.#restore(s, n, ancestor);
    }
    const sequences = this.#sequences(count, depth);
    const added = { items: this.#items, positions: this.#positions, rows: this.#rows, count, sequences };
    this.#encoder.extend(tokens, added, this.#cache, this.#mixed, this.#activations, out);
    if (depth < this.#depth - 1)
      for (const [n, cache] of this.#cache.entries())
        for (let s = 0; s < count; s++)
          this.#kept[n][depth].row(first + s).view.set(cache.row(this.#rows.view[s]).view);
  }

  /** Puts the row of an ancestor into a slot. */
  #restore(slot: number, depth: number, ancestor: number): void {
    const row = slot * (this.#length + this.#depth) + this.#length + depth;
    for (const [n, cache] of this.#cache.entries())
      cache.row(row).view.set(this.#kept[n][depth].row(ancestor).view);
  }

  /** A sequence for each slot up to its branch, and one for what is behind. */
  #sequences(count: number, depth: number): Sequences {
    const { heads } = this.#shape;
    const [slot, length] = [this.#length + this.#depth, this.#length + depth + 1];
    const behind = slot - length;
    const [starts, places] = [this.#starts.view, this.#places.view];
    let place = 0;
    for (let s = 0; s < count; s++) {
      starts[2 * s] = s * slot;
      starts[2 * s + 1] = s * slot + length;
      places[2 * s] = place;
      places[2 * s + 1] = place + attentionWeights(length, heads);
      place = places[2 * s + 1] + attentionWeights(behind, heads);
    }
    starts[2 * count] = count * slot;
    return {
      count: 2 * count,
      rows: count * slot,
      starts: this.#starts,
      places: this.#places,
      longest: length,
    };
  }
}

/** A few rows, but the weights of whole sequences. */
function branchCapacity({ heads, maxLength }: SequenceShape, depth: number): Capacity {
  const weights = attentionWeights(maxLength, heads) + attentionWeights(depth, heads);
  return { rows: BRANCHES, weights: BRANCHES * weights, longest: maxLength };
}
