import { ShapeError } from '../errors.ts';
import { CsrMatrix, type F32Buffer, type I32Buffer } from './buffers.ts';
import type { Csr } from './csr.ts';

/** Rows of a chunk at most: V8 replaces a kernel's first, slow compilation only between calls. */
const CHUNK_ROWS = 1024;
/** Entries of a chunk, roughly: small enough that threads end together, large enough to hide a call. */
const CHUNK_ENTRIES = 8192;

interface Buffers {
  readonly rowPtr: I32Buffer;
  readonly colIdx: I32Buffer;
  readonly values: F32Buffer;
  readonly norms: F32Buffer;
  readonly bounds: I32Buffer;
}

/** Memory for sparse matrices of one size, which is filled again and again. */
export class CsrRoom {
  readonly #rows: number;
  readonly #cols: number;
  readonly #capacity: number;
  readonly #buffers: Buffers;

  constructor(rows: number, cols: number, capacity: number, buffers: Buffers) {
    this.#rows = rows;
    this.#cols = cols;
    this.#capacity = capacity;
    this.#buffers = buffers;
  }

  /**
   * A copy of a sparse matrix, which replaces the one before; without values every entry is 1.
   * @throws {ShapeError} when it has other sizes or more entries than there is room for
   */
  fill(arrays: Csr): CsrMatrix {
    const { rows, cols, rowPtr } = arrays;
    const nnz = rowPtr[rows];
    if (rows !== this.#rows || cols !== this.#cols || nnz > this.#capacity) {
      throw new ShapeError(
        'CsrRoom.fill',
        `expected ${this.#rows} × ${this.#cols} with at most ${this.#capacity} entries, received ${rows} × ${cols} with ${nnz}`,
        'Make room for the largest matrix',
      );
    }
    const { colIdx, values } = this.#buffers;
    this.#buffers.rowPtr.view.set(rowPtr.subarray(0, rows + 1));
    colIdx.view.set(arrays.colIdx.subarray(0, nnz));
    if (arrays.values) values.view.set(arrays.values.subarray(0, nnz));
    else values.view.fill(1, 0, nnz);
    if (arrays.norms) this.#buffers.norms.view.set(arrays.norms);
    const bounds = balancedBounds(arrays);
    this.#buffers.bounds.view.set(bounds);
    const chunks = {
      count: bounds.length - 1,
      boundsPtr: this.#buffers.bounds.ptr,
      bounds,
      rows: 0,
      total: rows,
    };
    return new CsrMatrix(
      rows,
      cols,
      nnz,
      this.#buffers.rowPtr,
      colIdx,
      values,
      arrays.norms ? this.#buffers.norms : null,
      maximalDegree(arrays),
      chunks,
    );
  }
}

/** The most bounds that a matrix of this size can have. */
export function mostBounds(rows: number, nnz: number): number {
  return Math.floor(rows / CHUNK_ROWS) + Math.floor(nnz / CHUNK_ENTRIES) + 3;
}

/** Row numbers that cut a matrix into chunks of at most CHUNK_ROWS rows and about CHUNK_ENTRIES entries. */
function balancedBounds({ rows, rowPtr }: Csr): Int32Array {
  const bounds = [0];
  let start = 0;
  for (let r = 1; r <= rows; r++) {
    if (r < rows && r - start < CHUNK_ROWS && rowPtr[r] - rowPtr[start] < CHUNK_ENTRIES) continue;
    bounds.push(r);
    start = r;
  }
  return Int32Array.from(bounds);
}

function maximalDegree({ rows, rowPtr }: Csr): number {
  let most = 0;
  for (let r = 0; r < rows; r++) most = Math.max(most, rowPtr[r + 1] - rowPtr[r]);
  return most;
}
