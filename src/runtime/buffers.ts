import { ShapeError } from '../errors.ts';
import type { Chunks } from './rowJobs.ts';

interface Memory {
  readonly buffer: ArrayBuffer;
}

/** Numbers in a workspace. `view` is made anew at each access: keep the buffer, never the view. */
abstract class NumberBuffer {
  protected readonly memory: Memory;
  /** @internal address in bytes; only `kernels.ts` reads it */
  readonly ptr: number;
  readonly length: number;

  constructor(memory: Memory, ptr: number, length: number) {
    this.memory = memory;
    this.ptr = ptr;
    this.length = length;
  }
}

export class F32Buffer extends NumberBuffer {
  get view(): Float32Array<ArrayBuffer> {
    return new Float32Array(this.memory.buffer, this.ptr, this.length);
  }
}

export class F64Buffer extends NumberBuffer {
  get view(): Float64Array<ArrayBuffer> {
    return new Float64Array(this.memory.buffer, this.ptr, this.length);
  }
}

export class I32Buffer extends NumberBuffer {
  get view(): Int32Array<ArrayBuffer> {
    return new Int32Array(this.memory.buffer, this.ptr, this.length);
  }
}

/** A rows × dim table of f32 in a workspace, row stride a multiple of 4, pad lanes zero. */
export class Matrix {
  readonly #memory: Memory;
  /** @internal address in bytes; only `kernels.ts` reads it */
  readonly ptr: number;
  readonly rows: number;
  readonly dim: number;
  /** Elements from one row to the next. */
  readonly stride: number;

  constructor(memory: Memory, ptr: number, rows: number, dim: number, stride: number) {
    this.#memory = memory;
    this.ptr = ptr;
    this.rows = rows;
    this.dim = dim;
    this.stride = stride;
  }

  /** All rows with their padding, rows × stride. */
  get view(): Float32Array<ArrayBuffer> {
    return new Float32Array(this.#memory.buffer, this.ptr, this.rows * this.stride);
  }

  /** The first `rows` rows of the same memory, or `rows` rows from `first` on. */
  slice(first: number, rows: number): Matrix {
    return new Matrix(this.#memory, this.ptr + first * this.stride * 4, rows, this.dim, this.stride);
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

/** A sparse matrix in a workspace; columns ascend within a row. */
export class CsrMatrix {
  readonly rows: number;
  readonly cols: number;
  readonly nnz: number;
  readonly rowPtr: I32Buffer;
  readonly colIdx: I32Buffer;
  readonly values: F32Buffer;
  /** Entries of the longest row. */
  readonly maxDegree: number;
  /** How the rows are shared out: balanced by entries. */
  readonly chunks: Chunks;

  constructor(
    rows: number,
    cols: number,
    nnz: number,
    rowPtr: I32Buffer,
    colIdx: I32Buffer,
    values: F32Buffer,
    maxDegree: number,
    chunks: Chunks,
  ) {
    this.rows = rows;
    this.cols = cols;
    this.nnz = nnz;
    this.rowPtr = rowPtr;
    this.colIdx = colIdx;
    this.values = values;
    this.maxDegree = maxDegree;
    this.chunks = chunks;
  }
}
