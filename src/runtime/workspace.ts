import { Arena, align } from './arena.ts';
import {
  ByteBuffer,
  F32Buffer,
  F64Buffer,
  I32Buffer,
  type IndexKind,
  Matrix,
  type Table,
} from './buffers.ts';
import { GEMM_SCRATCH_BYTES, PANEL_COLUMNS } from './constants.ts';
import type { Csr } from './csr.ts';
import { CsrMatrix, mostBounds } from './csrMatrix.ts';
import type { KernelExports } from './kernelExports.ts';
import { PanelMatrix } from './panelMatrix.ts';
import { type Chunks, chunkStart, type RowJob, type RowKernel } from './rowJobs.ts';
import type { ThreadPool } from './threads.ts';

/** Up to this size the caches of one core hold most of a table; larger ones lie in panels, since what others leave of a
 *  shared cache changes by the second. */
const CORE_TABLE_BYTES = 2 ** 20;
/** Chunks of a matrix that a single thread takes in a call: a product of 5 million entries in panels has 16,000 calls else. */
const CHUNKS_A_CALL = 8;

/** Of a workspace that only counts: nothing can be computed where there is no memory. */
const NO_KERNELS = Object.freeze({}) as KernelExports;

/**
 * Bytes that `layout` allocates at the most at a time, in a workspace of so many threads, without any being allocated: what a
 * job says before it starts. What lays a job's memory out is therefore kept apart from what fills it.
 */
export function countBytes(layout: (workspace: Workspace) => unknown, threads = 1): number {
  const workspace = new Workspace(null, Number.POSITIVE_INFINITY, null, threads);
  layout(workspace);
  return workspace.peakBytes;
}

/** One linear memory, what lies in it, and its kernels. */
export class Workspace extends Arena {
  /** @internal The compiled kernels, which take addresses: `kernels/` calls them, with handles. */
  readonly wasm: KernelExports;
  /** @internal What `gemm_nt_f32` works in: no static data of the module, which a thread that starts writes anew. */
  readonly gemmScratchPtr: number;
  readonly #pool: ThreadPool | null;
  readonly #number: number;

  /** Threads that share this memory, the calling one included. */
  readonly threads: number;

  /** @param exports null: a workspace that only counts what is allocated in it, for so many `threads` */
  constructor(
    exports: KernelExports | null,
    maxBytes: number,
    pool: ThreadPool | null = null,
    threads = pool?.size ?? 1,
  ) {
    const scratchPtr = exports ? align(exports.heap_base()) : 0;
    // Below it is no static data of the module, which a thread that starts writes anew.
    super(exports?.memory ?? null, maxBytes, scratchPtr + GEMM_SCRATCH_BYTES * threads);
    this.wasm = exports ?? NO_KERNELS;
    this.gemmScratchPtr = scratchPtr;
    this.threads = threads;
    this.#pool = pool;
    this.#number = exports && pool ? pool.open(exports.memory, this) : 0;
  }

  /** @internal Runs the chunks of a row kernel, with the threads where they help. */
  run(job: RowJob): void {
    const { args, beginAt, chunks } = job;
    const kernel = (this.wasm as unknown as Record<RowKernel, (...args: number[]) => void>)[job.kernel];
    const run = (begin: number, end: number) => {
      args[beginAt] = begin;
      args[beginAt + 1] = end;
      kernel(...args);
    };
    if (this.#pool?.takes(job)) this.#pool.run(this.#number, this.buffer.byteLength, job, run);
    else runAll(chunks, run);
  }

  /** Lets the threads forget this memory; without threads there is nothing to do. */
  close(): void {
    this.#pool?.close(this.#number, this);
  }

  bytes(length: number): ByteBuffer {
    return new ByteBuffer(this, this.allocate(length), length);
  }

  f32(length: number): F32Buffer {
    return new F32Buffer(this, this.allocate(padded(length) * 4), length);
  }

  f64(length: number): F64Buffer {
    return new F64Buffer(this, this.allocate(length * 8), length);
  }

  /** Zeros. `K` says what the numbers stand for, so that nodes, slots and items are not mixed up; without it the buffer fits anywhere. */
  i32<K extends IndexKind = never>(length: number): I32Buffer<K> {
    return new I32Buffer(this, this.allocate(padded(length) * 4), length);
  }

  /** A copy of the host's values. */
  i32From<K extends IndexKind = never>(values: ArrayLike<number>): I32Buffer<K> {
    const buffer = this.i32<K>(values.length);
    buffer.view.set(values);
    return buffer;
  }

  /** A rows × dim table of zeros; `stride` is dim rounded up to a multiple of 4. */
  matrix(rows: number, dim: number, stride = padded(dim)): Matrix {
    return new Matrix(this, this.allocate(rows * stride * 4), rows, dim, stride);
  }

  /** A table with the host's dense rows × dim values. */
  matrixFrom(values: Float32Array, rows: number, dim: number, stride = padded(dim)): Matrix {
    const matrix = this.matrix(rows, dim, stride);
    matrix.write(values);
    return matrix;
  }

  /** A rows × dim table of zeros, in panels. @throws {ShapeError} unless dim is a multiple of 16 */
  panelMatrix(rows: number, dim: number): PanelMatrix {
    return new PanelMatrix(this, this.allocate(rows * dim * 4), rows, dim);
  }

  /** A table of zeros that sparse products gather from: in panels where it is large and its dim a multiple of 16. */
  table(rows: number, dim: number): Table {
    const inPanels = dim % PANEL_COLUMNS === 0 && dim > PANEL_COLUMNS && rows * dim * 4 > CORE_TABLE_BYTES;
    return inPanels ? this.panelMatrix(rows, dim) : this.matrix(rows, dim);
  }

  /** A table of zeros in the layout of another. */
  tableLike(table: Table): Table {
    const { rows, dim } = table;
    return table instanceof PanelMatrix ? this.panelMatrix(rows, dim) : this.matrix(rows, dim);
  }

  /** A copy of a sparse matrix; without values every entry is 1. */
  csr(arrays: Csr): CsrMatrix {
    return this.csrRoom(arrays.rows, arrays.cols, arrays.rowPtr[arrays.rows]).fill(arrays);
  }

  /** A sparse matrix of this size without entries, to be filled with up to `capacity` of them, as often as one likes. */
  csrRoom(rows: number, cols: number, capacity: number): CsrMatrix {
    return new CsrMatrix(rows, cols, capacity, {
      rowPtr: this.i32(rows + 1),
      colIdx: this.i32(capacity),
      values: this.f32(capacity),
      norms: this.f32(rows),
      bounds: this.i32(mostBounds(rows, capacity)),
    });
  }
}

function runAll(chunks: Chunks, run: (begin: number, end: number) => void): void {
  const step = chunks.bounds ? CHUNKS_A_CALL : 1;
  for (let n = 0; n < chunks.count; n += step)
    run(chunkStart(chunks, n), chunkStart(chunks, Math.min(n + step, chunks.count)));
}

function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}
