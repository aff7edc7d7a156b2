import { ShapeError } from '../errors.ts';

/** A memory that may grow, which replaces its buffer. */
export interface Memory {
  readonly buffer: ArrayBuffer;
}

/** Numbers in a workspace. `view` is another one after the memory has grown: keep the buffer, never the view. */
abstract class NumberBuffer<V extends ArrayBufferView> {
  protected readonly memory: Memory;
  /** @internal address in bytes; only `runtime/` reads it */
  readonly ptr: number;
  readonly length: number;
  #view: V | null = null;

  constructor(memory: Memory, ptr: number, length: number) {
    this.memory = memory;
    this.ptr = ptr;
    this.length = length;
  }

  get view(): V {
    if (this.#view?.buffer !== this.memory.buffer) this.#view = this.makeView();
    return this.#view;
  }

  protected abstract makeView(): V;
}

/** Bytes, for what the kernels read as they please. */
export class ByteBuffer extends NumberBuffer<Uint8Array<ArrayBuffer>> {
  protected makeView(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.memory.buffer, this.ptr, this.length);
  }
}

export class F32Buffer extends NumberBuffer<Float32Array<ArrayBuffer>> {
  /** The numbers from the n-th on. */
  from(n: number): F32Buffer {
    return new F32Buffer(this.memory, this.ptr + 4 * n, this.length - n);
  }

  protected makeView(): Float32Array<ArrayBuffer> {
    return new Float32Array(this.memory.buffer, this.ptr, this.length);
  }
}

export class F64Buffer extends NumberBuffer<Float64Array<ArrayBuffer>> {
  protected makeView(): Float64Array<ArrayBuffer> {
    return new Float64Array(this.memory.buffer, this.ptr, this.length);
  }
}

/** What whole numbers stand for: nodes of the graph (users first), slots of a batch, items, or anything else. */
export type IndexKind = 'node' | 'slot' | 'item' | 'other';

export class I32Buffer<K extends IndexKind = IndexKind> extends NumberBuffer<Int32Array<ArrayBuffer>> {
  /** Only for the compiler: a buffer of nodes is no buffer of slots. */
  declare readonly kind: K;

  protected makeView(): Int32Array<ArrayBuffer> {
    return new Int32Array(this.memory.buffer, this.ptr, this.length);
  }
}

/** A rows × dim table of f32 in a workspace, in one panel of all columns (`Matrix`) or in several (`PanelMatrix`). */
export interface Table {
  /** @internal address in bytes; only `runtime/` reads it */
  readonly ptr: number;
  readonly rows: number;
  readonly dim: number;
  /** Elements from one row of a panel to the next: the columns of a panel. */
  readonly stride: number;
  readonly panels: number;
  /** Elements from one panel to the next. */
  readonly panelStride: number;
  /** All elements with their padding, as they lie in memory. */
  readonly view: Float32Array<ArrayBuffer>;
  /** Overwrites all rows with dense values. @throws {ShapeError} when they do not fit */
  write(values: Float32Array): void;
  /** Overwrites the first columns of all rows with dense rows × columns values. */
  writeColumns(values: Float32Array, columns: number): void;
  /** A dense copy, rows × dim. */
  read(): Float32Array<ArrayBuffer>;
  /** The same memory as a row-major table, for when what the table holds is not needed any more. */
  overlay(): Matrix;
}

/** A row-major table, row stride a multiple of 4, pad lanes zero. */
export class Matrix implements Table {
  readonly #memory: Memory;
  /** @internal address in bytes; only `runtime/` reads it */
  readonly ptr: number;
  readonly rows: number;
  readonly dim: number;
  /** Elements from one row to the next. */
  readonly stride: number;
  readonly panels = 1;
  readonly panelStride = 0;
  #view: Float32Array<ArrayBuffer> | null = null;

  constructor(memory: Memory, ptr: number, rows: number, dim: number, stride: number) {
    this.#memory = memory;
    this.ptr = ptr;
    this.rows = rows;
    this.dim = dim;
    this.stride = stride;
  }

  /** All rows with their padding, rows × stride. */
  get view(): Float32Array<ArrayBuffer> {
    const { buffer } = this.#memory;
    if (this.#view?.buffer !== buffer)
      this.#view = new Float32Array(buffer, this.ptr, this.rows * this.stride);
    return this.#view;
  }

  /** The numbers of a row. */
  row(n: number): F32Buffer {
    return new F32Buffer(this.#memory, this.ptr + n * this.stride * 4, this.dim);
  }

  /** The first `rows` rows of the same memory, or `rows` rows from `first` on. */
  slice(first: number, rows: number): Matrix {
    return new Matrix(this.#memory, this.ptr + first * this.stride * 4, rows, this.dim, this.stride);
  }

  /** The first `dim` columns of the same memory. */
  columns(dim: number): Matrix {
    return new Matrix(this.#memory, this.ptr, this.rows, dim, this.stride);
  }

  /** Overwrites rows from `firstRow` on with dense values. @throws {ShapeError} when they do not fit */
  write(values: Float32Array, firstRow = 0): void {
    const rows = values.length / this.dim;
    if (!Number.isInteger(rows) || firstRow + rows > this.rows) {
      throw new ShapeError(
        'Matrix.write',
        `expected at most ${this.rows - firstRow} rows of ${this.dim}, received ${values.length} numbers`,
        'Pass dense row-major values',
      );
    }
    const view = this.view;
    if (this.stride === this.dim) {
      view.set(values, firstRow * this.dim);
      return;
    }
    for (let r = 0; r < rows; r++) {
      view.set(values.subarray(r * this.dim, (r + 1) * this.dim), (firstRow + r) * this.stride);
    }
  }

  writeColumns(values: Float32Array, columns: number): void {
    const { view, stride } = this;
    for (let r = 0; r < this.rows; r++) view.set(values.subarray(r * columns, (r + 1) * columns), r * stride);
  }

  overlay(): Matrix {
    return this;
  }

  /** A dense copy, rows × dim. */
  read(): Float32Array<ArrayBuffer> {
    const view = this.view;
    if (this.stride === this.dim) return view.slice();
    const values = new Float32Array(this.rows * this.dim);
    for (let r = 0; r < this.rows; r++) {
      values.set(view.subarray(r * this.stride, r * this.stride + this.dim), r * this.dim);
    }
    return values;
  }
}

/** A row-major table of finite f16, without padding. */
export class HalfMatrix {
  readonly #memory: Memory;
  /** @internal address in bytes; only `runtime/` reads it */
  readonly ptr: number;
  readonly rows: number;
  readonly dim: number;
  /** Elements from one row to the next. */
  readonly stride: number;
  #view: Uint16Array<ArrayBuffer> | null = null;

  constructor(memory: Memory, ptr: number, rows: number, dim: number) {
    this.#memory = memory;
    this.ptr = ptr;
    this.rows = rows;
    this.dim = dim;
    this.stride = dim;
  }

  /** The bits of all elements. */
  get view(): Uint16Array<ArrayBuffer> {
    const { buffer } = this.#memory;
    if (this.#view?.buffer !== buffer)
      this.#view = new Uint16Array(buffer, this.ptr, this.rows * this.stride);
    return this.#view;
  }
}
