import { addItemRows, type ItemRows } from '../../kernels/itemRows.ts';
import type { Block } from '../../runtime/blocks.ts';
import type { Matrix } from '../../runtime/buffers.ts';
import type { RowsPart } from '../modelFile/parts.ts';
import { rowStarts } from '../modelFile/rows.ts';
import type { ImageTensor } from '../modelImage.ts';
import type { ModelMemory } from '../modelMemory.ts';

/** An entry of a row: the item that it is for, and its weight. */
export interface RowEntry {
  readonly item: number;
  readonly weight: number;
}

/** Sparse rows of items: those of a model file, and beside them entries of items that came later. */
export class RowTable {
  readonly #memory: ModelMemory;
  readonly #base: ItemRows;
  readonly #baseItems: number;
  /** Entries by row that the file does not have. */
  readonly #added = new Map<number, RowEntry[]>();
  #extra: { readonly rows: ItemRows; readonly block: Block } | null = null;

  constructor(memory: ModelMemory, part: RowsPart, numItems: number) {
    const entries = part.indices.shape[0];
    const block = memory.allocate((numItems + 1 + entries) * 4);
    const rowPtr = block.i32(0, numItems + 1);
    const indices = block.i32((numItems + 1) * 4, entries);
    rowPtr.view.set(rowStarts(part, numItems));
    indices.view.set(part.indices.data);
    this.#memory = memory;
    this.#baseItems = numItems;
    this.#base = { rowPtr, indices, weights: (part.weights as ImageTensor<'F32'>).f32 };
  }

  /** The entries of a row, ascending by item. */
  row(item: number): RowEntry[] {
    const added = this.#added.get(item) ?? [];
    if (item >= this.#baseItems) return added;
    const { rowPtr, indices, weights } = this.#base;
    const [begin, end] = [rowPtr.view[item], rowPtr.view[item + 1]];
    const [items, values] = [indices.view, weights.view];
    const own = Array.from({ length: end - begin }, (_, n) => ({
      item: items[begin + n],
      weight: values[begin + n],
    }));
    return [...own, ...added];
  }

  /** Adds entries to a row; the items are none that it has. */
  add(row: number, entries: readonly RowEntry[]): void {
    const known = this.#added.get(row) ?? [];
    this.#added.set(
      row,
      [...known, ...entries].sort((a, b) => a.item - b.item),
    );
    if (this.#extra) this.#memory.free(this.#extra.block);
    this.#extra = null;
  }

  /** scores[0] += factor · Σ of the rows of a history, times their weights where there are any; after `prepare`. */
  addScores(
    history: ArrayLike<number>,
    weights: ArrayLike<number> | null,
    factor: number,
    scores: Matrix,
  ): void {
    if (!weights) {
      this.#addRows(history, factor, scores);
      return;
    }
    for (let n = 0; n < history.length; n++)
      this.#addRows([history[n]], Math.fround(factor * weights[n]), scores);
  }

  #addRows(history: ArrayLike<number>, factor: number, scores: Matrix): void {
    const { workspace } = this.#memory;
    const extra = this.#extra?.rows ?? null;
    const mark = workspace.mark();
    const known = Array.from(history).filter((item) => item < this.#baseItems);
    for (const [rows, items] of [
      [this.#base, known],
      [extra, history],
    ] as const) {
      if (!rows) continue;
      const histories = { ptr: workspace.i32From([0, items.length]), items: workspace.i32From(items) };
      addItemRows(workspace, rows, histories, 1, factor, scores);
    }
    workspace.release(mark);
  }

  /** Lays the added entries out as rows of all items: before memory is taken that is given back. */
  prepare(numItems: number): void {
    if (this.#added.size === 0 || this.#extra?.rows.rowPtr.length === numItems + 1) return;
    if (this.#extra) this.#memory.free(this.#extra.block);
    const entries = [...this.#added.values()].reduce((sum, row) => sum + row.length, 0);
    const block = this.#memory.allocate((numItems + 1 + 2 * entries) * 4);
    const rows = {
      rowPtr: block.i32(0, numItems + 1),
      indices: block.i32((numItems + 1) * 4, entries),
      weights: block.f32((numItems + 1 + entries) * 4, entries),
    };
    const [starts, items, weights] = [rows.rowPtr.view, rows.indices.view, rows.weights.view];
    starts[0] = 0;
    for (let row = 0, at = 0; row < numItems; row++) {
      for (const { item, weight } of this.#added.get(row) ?? []) {
        items[at] = item;
        weights[at++] = weight;
      }
      starts[row + 1] = at;
    }
    this.#extra = { rows, block };
  }
}
