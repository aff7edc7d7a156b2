import type { Table } from '../../runtime/buffers.ts';

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
    const values = this.#values;
    for (let first = 0, panel = 0; first < columns; first += stride, panel += panelStride) {
      const count = Math.min(stride, columns - first);
      for (let row = 0; row < rows; row++) {
        const from = row * columns + first;
        const to = panel + row * stride;
        for (let c = 0; c < count; c++) view[to + c] = values[from + c];
      }
    }
  }
}
