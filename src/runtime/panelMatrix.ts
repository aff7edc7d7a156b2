import { ShapeError } from '../errors.ts';
import { Matrix, type Memory, type Table } from './buffers.ts';
import { PANEL_COLUMNS } from './constants.ts';

/**
 * A table in panels of 16 columns, its dim a multiple of 16. A product with a sparse matrix gathers from one panel
 * at a time, which stays in the cache where the whole table does not.
 *
 * ```
 * ├ row 0, columns 0 … 15 ┼ row 1, columns 0 … 15 ┼ … ┼ row 0, columns 16 … 31 ┼ …
 * ├ panel 0 ──────────────────────────────────────────┼ panel 1 ───────────────────
 * ```
 */
export class PanelMatrix implements Table {
  readonly #memory: Memory;
  /** @internal address in bytes; only `runtime/` reads it */
  readonly ptr: number;
  readonly rows: number;
  readonly dim: number;
  readonly stride = PANEL_COLUMNS;
  readonly panels: number;
  readonly panelStride: number;

  /** @throws {ShapeError} unless dim is a multiple of 16 */
  constructor(memory: Memory, ptr: number, rows: number, dim: number) {
    if (dim % PANEL_COLUMNS !== 0) {
      throw new ShapeError('PanelMatrix', `expected a dim of 16n, received ${dim}`, 'Use a row-major table');
    }
    this.#memory = memory;
    this.ptr = ptr;
    this.rows = rows;
    this.dim = dim;
    this.panels = dim / this.stride;
    this.panelStride = rows * this.stride;
  }

  get view(): Float32Array<ArrayBuffer> {
    return new Float32Array(this.#memory.buffer, this.ptr, this.rows * this.dim);
  }

  write(values: Float32Array): void {
    if (values.length !== this.rows * this.dim) {
      throw new ShapeError(
        'PanelMatrix.write',
        `expected ${this.rows} rows of ${this.dim}, received ${values.length} numbers`,
        'Pass dense row-major values',
      );
    }
    const view = this.view;
    this.#eachPart((place, at) => {
      for (let c = 0; c < this.stride; c++) view[place + c] = values[at + c];
    });
  }

  writeColumns(values: Float32Array, columns: number): void {
    const { view, rows, stride, panelStride } = this;
    for (let first = 0, panel = 0; first < columns; first += stride, panel += panelStride) {
      const count = Math.min(stride, columns - first);
      for (let row = 0; row < rows; row++) {
        const from = row * columns + first;
        const to = panel + row * stride;
        for (let c = 0; c < count; c++) view[to + c] = values[from + c];
      }
    }
  }

  read(): Float32Array<ArrayBuffer> {
    const view = this.view;
    const values = new Float32Array(view.length);
    this.#eachPart((place, at) => {
      for (let c = 0; c < this.stride; c++) values[at + c] = view[place + c];
    });
    return values;
  }

  overlay(): Matrix {
    return new Matrix(this.#memory, this.ptr, this.rows, this.dim, this.dim);
  }

  /** The place of each part of a row in memory, and in a row-major table. */
  #eachPart(visit: (place: number, at: number) => void): void {
    for (let panel = 0, place = 0; panel < this.panels; panel++) {
      for (let row = 0; row < this.rows; row++, place += this.stride)
        visit(place, row * this.dim + panel * this.stride);
    }
  }
}
