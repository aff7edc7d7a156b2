import type { Table } from '../runtime/buffers.ts';

/** The first columns of a table as they were, to be put back after every update. */
export class FrozenColumns {
  readonly #values: Float32Array;
  readonly #columns: number;

  /** @param table dense rows × dim */
  constructor(table: Float32Array, dim: number, columns: number) {
    const rows = table.length / dim;
    this.#columns = columns;
    this.#values = new Float32Array(rows * columns);
    for (let row = 0; row < rows; row++)
      this.#values.set(table.subarray(row * dim, row * dim + columns), row * columns);
  }

  restore({ view, rows, stride, panelStride }: Table): void {
    const columns = this.#columns;
    for (let first = 0, panel = 0; first < columns; first += stride, panel += panelStride) {
      const end = Math.min(first + stride, columns);
      for (let row = 0; row < rows; row++) {
        const values = this.#values.subarray(row * columns + first, row * columns + end);
        view.set(values, panel + row * stride);
      }
    }
  }
}
