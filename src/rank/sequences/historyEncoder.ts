import { attentionWeights } from '../../kernels/attention.ts';
import { unitStride } from '../../kernels/blocks.ts';
import type { I32Buffer, Matrix } from '../../runtime/buffers.ts';
import { roundUp } from '../../runtime/roundUp.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import { type Activations, type Capacity, capacityOf, openActivations } from './activations.ts';
import type { SequenceEncoder } from './encoder.ts';
import { headColumns, type SequenceShape, wideStride } from './weights.ts';

/** Turns ordered histories into rows whose inner products with rows of items score what comes next. */
export class HistoryEncoder {
  readonly #encoder: SequenceEncoder;
  readonly #activations: Activations;
  readonly #most: number;
  readonly #items: I32Buffer;
  readonly #positions: I32Buffer;
  readonly #starts: I32Buffer;
  readonly #places: I32Buffer;
  readonly #lastRows: I32Buffer;
  readonly #mixed: Matrix;
  readonly #out: Matrix;

  /** @param most histories that are encoded at a time; `activations` have room for one history at least */
  constructor(workspace: Workspace, encoder: SequenceEncoder, activations: Activations, most: number) {
    const { rows } = activations.capacity;
    const { dim } = encoder.shape;
    this.#encoder = encoder;
    this.#activations = { ...activations, factors: null };
    this.#most = most;
    [this.#items, this.#positions] = [0, 1].map(() => workspace.i32(rows)) as [I32Buffer, I32Buffer];
    this.#starts = workspace.i32(most + 1);
    this.#places = workspace.i32(most);
    this.#lastRows = workspace.i32(most);
    const columns = headColumns(encoder.shape);
    this.#mixed = workspace.matrix(roundUp(most, 4), columns, wideStride(columns));
    this.#out = workspace.matrix(roundUp(most, 4), dim, unitStride(dim));
  }

  /** A history encoder of its own room, for up to `most` histories of the longest kind at a time. */
  static open(workspace: Workspace, encoder: SequenceEncoder, most: number): HistoryEncoder {
    const activations = openActivations(
      workspace,
      encoder.shape,
      capacityFor(encoder.shape, most),
      'scoring',
    );
    return new HistoryEncoder(workspace, encoder, activations, most);
  }

  /**
   * visit(n, row) for each history, oldest item first, of which the last `maxLength` are read; zeros for an empty one. The
   * row [dim] is valid during the call.
   * @param items rows of all items, as wide as hidden states
   */
  encode(
    items: Matrix,
    histories: readonly ArrayLike<number>[],
    visit: (n: number, row: Float32Array) => void,
  ): void {
    for (let first = 0; first < histories.length; ) {
      const count = this.#batch(histories, first);
      const out = this.#encodeBatch(items, histories.slice(first, first + count));
      const { view, stride, dim } = out;
      for (let s = 0; s < count; s++) {
        const row = view.subarray(s * stride, s * stride + dim);
        visit(first + s, histories[first + s].length > 0 ? row : new Float32Array(dim));
      }
      first += count;
    }
  }

  /** How many histories from `first` on there is room for. */
  #batch(histories: readonly ArrayLike<number>[], first: number): number {
    const { rows, weights } = this.#activations.capacity;
    const { maxLength, heads } = this.#encoder.shape;
    let [usedRows, usedWeights, count] = [0, 0, 0];
    while (count < this.#most && first + count < histories.length) {
      const length = Math.min(maxLength, histories[first + count].length);
      usedRows += length;
      usedWeights += attentionWeights(length, heads);
      if (count > 0 && (usedRows > rows || usedWeights > weights)) break;
      count++;
    }
    return count;
  }

  #encodeBatch(items: Matrix, histories: readonly ArrayLike<number>[]): Matrix {
    const { maxLength, heads } = this.#encoder.shape;
    const [rows, positions, starts] = [this.#items.view, this.#positions.view, this.#starts.view];
    const [places, lastRows] = [this.#places.view, this.#lastRows.view];
    let [row, place, longest] = [0, 0, 1];
    for (const [s, history] of histories.entries()) {
      const length = Math.min(maxLength, history.length);
      const skipped = history.length - length;
      starts[s] = row;
      places[s] = place;
      for (let t = 0; t < length; t++, row++) {
        rows[row] = history[skipped + t];
        positions[row] = t;
      }
      // An empty history has no row; what stands there is not looked at.
      lastRows[s] = Math.max(0, row - 1);
      place += attentionWeights(length, heads);
      longest = Math.max(longest, length);
    }
    starts[histories.length] = row;
    const buffers = {
      items: this.#items,
      positions: this.#positions,
      starts: this.#starts,
      places: this.#places,
    };
    const sequences = { ...buffers, count: histories.length, rows: row, longest };
    this.#encoder.last(items, sequences, this.#activations, this.#lastRows, this.#mixed, this.#out);
    return this.#out;
  }
}

function capacityFor({ maxLength, heads }: SequenceShape, most: number): Capacity {
  return capacityOf(
    Array.from({ length: most }, () => maxLength),
    heads,
  );
}
