import { ShapeError } from '../errors.ts';
import type { F32Buffer, I32Buffer } from './buffers.ts';
import type { Csr } from './csr.ts';
import { type Chunks, evenChunks } from './rowJobs.ts';

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

/** A sparse matrix in a workspace; columns ascend within a row. It has no entries until it is filled. */
export class CsrMatrix {
  readonly rows: number;
  readonly cols: number;
  readonly rowPtr: I32Buffer;
  readonly colIdx: I32Buffer;
  readonly values: F32Buffer;
  /** The most entries that it has room for. */
  readonly capacity: number;
  readonly #norms: F32Buffer;
  readonly #bounds: I32Buffer;
  #nnz = 0;
  #hasNorms = false;
  #maxDegree = 0;
  #chunks: Chunks;

  constructor(rows: number, cols: number, capacity: number, buffers: Buffers) {
    this.rows = rows;
    this.cols = cols;
    this.capacity = capacity;
    this.rowPtr = buffers.rowPtr;
    this.colIdx = buffers.colIdx;
    this.values = buffers.values;
    this.#norms = buffers.norms;
    this.#bounds = buffers.bounds;
    this.#chunks = evenChunks(rows, CHUNK_ROWS);
  }

  get nnz(): number {
    return this.#nnz;
  }

  /** d^-½ of each row where the matrix is D^-½ A D^-½, else null. */
  get norms(): F32Buffer | null {
    return this.#hasNorms ? this.#norms : null;
  }

  /** Entries of the longest row. */
  get maxDegree(): number {
    return this.#maxDegree;
  }

  /** How the rows are shared out: balanced by entries. */
  get chunks(): Chunks {
    return this.#chunks;
  }

  /**
   * Takes a copy of a sparse matrix, in place of the one before; without values every entry is 1.
   * @throws {ShapeError} when it has other sizes or more entries than there is room for
   */
  fill(arrays: Csr): this {
    const { rows, cols, rowPtr } = arrays;
    const nnz = rowPtr[rows];
    if (rows !== this.rows || cols !== this.cols || nnz > this.capacity) {
      throw new ShapeError(
        'CsrMatrix.fill',
        `expected ${this.rows} × ${this.cols} with at most ${this.capacity} entries, received ${rows} × ${cols} with ${nnz}`,
        'Make room for the largest matrix',
      );
    }
    this.rowPtr.view.set(rowPtr.subarray(0, rows + 1));
    this.colIdx.view.set(arrays.colIdx.subarray(0, nnz));
    if (arrays.values) this.values.view.set(arrays.values.subarray(0, nnz));
    else this.values.view.fill(1, 0, nnz);
    if (arrays.norms) this.#norms.view.set(arrays.norms);
    const bounds = balancedBounds(arrays);
    this.#bounds.view.set(bounds);
    this.#nnz = nnz;
    this.#hasNorms = arrays.norms !== undefined;
    this.#maxDegree = maximalDegree(arrays);
    this.#chunks = { count: bounds.length - 1, boundsPtr: this.#bounds.ptr, bounds, rows: 0, total: rows };
    return this;
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
