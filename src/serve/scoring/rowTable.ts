import { addItemRows, type ItemRows } from '../../kernels/itemRows.ts';
import type { RowEntries } from '../../rank/inverseRows.ts';
import type { Block } from '../../runtime/blocks.ts';
import type { Matrix } from '../../runtime/buffers.ts';
import type { PlacedPart, RowsPart } from '../modelFile/parts.ts';
import { rowStarts } from '../modelFile/rows.ts';
import type { ImageTensor } from '../modelImage.ts';
import type { ModelMemory } from '../modelMemory.ts';
import type { LivingInverse } from './livingInverse.ts';

/** An entry of a row: the item that it is for, and its weight. */
export interface RowEntry {
  readonly item: number;
  readonly weight: number;
}

/**
 * Sparse rows of items: those of a model file, and beside them entries of items that came later. With an inverse that has
 * taken changes in, its rows stand in place of the file's.
 */
export class RowTable {
  /** What takes changes in; null where rows stay as training left them. */
  readonly inverse: LivingInverse | null;
  readonly #memory: ModelMemory;
  readonly #base: ItemRows;
  readonly #baseItems: number;
  /** Entries by row that the file does not have. */
  readonly #added = new Map<number, RowEntry[]>();
  #extra: { readonly rows: ItemRows; readonly block: Block } | null = null;

  /** @param inverse what takes changes in @param placed what new items add to its rows */
  constructor(
    memory: ModelMemory,
    part: RowsPart,
    numItems: number,
    inverse: LivingInverse | null = null,
    placed: PlacedPart | null = null,
  ) {
    const entries = part.indices.shape[0];
    const block = memory.allocate((numItems + 1 + entries) * 4);
    const rowPtr = block.i32(0, numItems + 1);
    const indices = block.i32((numItems + 1) * 4, entries);
    rowPtr.view.set(rowStarts(part, numItems));
    indices.view.set(part.indices.data);
    this.#memory = memory;
    this.inverse = inverse;
    if (placed) this.#addPlaced(placed, numItems);
    this.#baseItems = numItems;
    this.#base = { rowPtr, indices, weights: (part.weights as ImageTensor<'F32'>).f32 };
  }

  /** The entries of a row, ascending by item. */
  row(item: number): RowEntry[] {
    if (this.inverse?.isChanged) return summed(this.inverse.row(item), this.added(item));
    const added = this.inverse ? [] : this.added(item);
    if (item >= this.#baseItems) return [...added];
    const { rowPtr, indices, weights } = this.#base;
    const [begin, end] = [rowPtr.view[item], rowPtr.view[item + 1]];
    const [items, values] = [indices.view, weights.view];
    const own = Array.from({ length: end - begin }, (_, n) => ({
      item: items[begin + n],
      weight: values[begin + n],
    }));
    return [...own, ...added];
  }

  /** Entries of a row that came with new items. */
  added(item: number): readonly RowEntry[] {
    return this.#added.get(item) ?? [];
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
    if (this.inverse?.isChanged) {
      this.#addOwnRows(history, factor, scores);
      return;
    }
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

  /** The same with rows that are made for it. */
  #addOwnRows(history: ArrayLike<number>, factor: number, scores: Matrix): void {
    const { workspace } = this.#memory;
    const rows = Array.from(history, (item) => this.row(item));
    const starts = [0];
    for (const [n, row] of rows.entries()) starts.push(starts[n] + row.length);
    const entries = rows.flat();
    const mark = workspace.mark();
    const weights = workspace.f32(entries.length);
    const table = {
      rowPtr: workspace.i32From(starts),
      indices: workspace.i32From(entries.map(({ item }) => item)),
      weights,
    };
    weights.view.set(entries.map(({ weight }) => weight));
    const histories = {
      ptr: workspace.i32From([0, rows.length]),
      items: workspace.i32From([...rows.keys()]),
    };
    addItemRows(workspace, table, histories, 1, factor, scores);
    workspace.release(mark);
  }

  #addPlaced({ rowPtr, indices, weights }: PlacedPart, numItems: number): void {
    const [starts, items, values] = [rowPtr.data, indices.data, weights.data];
    for (let row = 0; row < numItems; row++) {
      const entries: RowEntry[] = [];
      for (let at = starts[row]; at < starts[row + 1]; at++)
        entries.push({ item: items[at], weight: values[at] });
      if (entries.length > 0) this.#added.set(row, entries);
    }
  }

  /** Lays the added entries out as rows of all items: before memory is taken that is given back. */
  prepare(numItems: number): void {
    if (this.inverse || this.#added.size === 0 || this.#extra?.rows.rowPtr.length === numItems + 1) return;
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

/** A row and what is added to it, in f32; ascending. */
function summed({ indices, weights }: RowEntries, added: readonly RowEntry[]): RowEntry[] {
  const own = Array.from(indices, (item, n) => ({ item, weight: weights[n] }));
  if (added.length === 0) return own;
  const sums = new Map(own.map(({ item, weight }) => [item, weight]));
  for (const { item, weight } of added) sums.set(item, Math.fround((sums.get(item) ?? 0) + weight));
  return [...sums].map(([item, weight]) => ({ item, weight })).sort((a, b) => a.item - b.item);
}
