import { ShapeError } from '../errors.ts';
import { type AdamOptions, adamConstants } from './adam.ts';
import type { CsrMatrix, F32Buffer, I32Buffer, Matrix, Table } from './buffers.ts';
import type { KernelExports } from './kernelExports.ts';
import {
  checkScaled,
  type InputOptions,
  type ProductOptions,
  panelPtr,
  sameKind,
  sameWidth,
  touchesAhead,
  touchesPanels,
} from './layout.ts';
import { type Chunks, chunkStart, evenChunks, type RowJob, type RowKernel } from './rowJobs.ts';
import type { ThreadPool } from './threads.ts';

/** Chunks of a matrix that a single thread takes in a call: a product of 5 million entries in panels has 16,000 calls else. */
const CHUNKS_A_CALL = 8;
/** Listed rows in a chunk. */
const LISTED_ROWS = 256;

/** What a batch leaves behind for the backward pass: a row of gradient and a decay factor for each slot. */
export interface BatchGradient {
  /** Slot of each node, −1 where it has none; [numNodes]. */
  slots: I32Buffer;
  /** dLoss/dZ of the batch's nodes; [numSlots × dim]. */
  gradient: Matrix;
  /** Factor of E⁽⁰⁾[node] that is added to its gradient; [numSlots]. */
  decay: F32Buffer;
}

/** Scratch of the sparse backward kernels, one part for each thread. */
export interface BackwardScratch {
  /** Rows of the gradient before they are used, `blockElements` a thread. */
  block: F32Buffer;
  /** `degree` entries a thread, at least maximal degree + 4; a multiple of 4. */
  hits: I32Buffer;
  weights: F32Buffer;
  degree: number;
}

/** Elements of `BackwardScratch.block` for each thread, for rows of `columns` columns; see assembly/step.ts. */
export function blockElements(columns: number): number {
  return Math.max(4096, Math.ceil(columns / 4) * 4);
}

/** The kernels that compute rows independently: cut into chunks, which threads share where there are any. */
export class RowKernels {
  protected readonly wasm: KernelExports;
  readonly #kernels: Record<RowKernel, (...args: number[]) => void>;
  readonly #pool: ThreadPool | null;
  readonly #workspace: number;
  /** Address of GEMM_SCRATCH_BYTES of scratch. */
  protected readonly gemmScratchPtr: number;

  constructor(exports: KernelExports, pool: ThreadPool | null, workspace: number, gemmScratchPtr: number) {
    this.gemmScratchPtr = gemmScratchPtr;
    this.wasm = exports;
    this.#kernels = exports as unknown as Record<RowKernel, (...args: number[]) => void>;
    this.#pool = pool;
    this.#workspace = workspace;
  }

  /**
   * y ← scale · (addend + A x). `scaledIn`: x holds D^-½ times a table, which spares the weights; `scaledOut`: y is to
   * hold D^-½ times its table, for the next product. y is x's kind of table or row-major. Where both are in panels, y is
   * not `addend` and A is normalised, x is taken times D^-½ on the way, so that the last bits are other ones than row-major.
   */
  spmm(a: CsrMatrix, x: Table, y: Table, addend: Table | null = null, options: ProductOptions = {}): void {
    if (y.panels > 1 && y.panels !== x.panels) {
      const problem = `expected a result that is row-major or has as many panels as x, ${x.panels}, received ${y.panels}`;
      throw new ShapeError('spmm', problem, 'Make it with workspace.tableLike');
    }
    this.#product('spmm', a, x, y, addend, options, 0, a.chunks, a.nnz);
  }

  /** y[i] ← scale · (addend[rows[i]] + (A x)[rows[i]]) for the first `count` listed rows; options as `spmm`. */
  spmmRows(
    a: CsrMatrix,
    x: Table,
    rows: I32Buffer,
    count: number,
    y: Matrix,
    addend: Table | null = null,
    options: InputOptions = {},
  ): void {
    const nnz = (a.nnz / a.rows) * count;
    this.#product('spmmRows', a, x, y, addend, options, rows.ptr, evenChunks(count, LISTED_ROWS), nnz);
  }

  /** All rows of A x, or those of a list; `nnz` entries, roughly. */
  #product(
    name: string,
    a: CsrMatrix,
    x: Table,
    y: Table,
    addend: Table | null,
    options: ProductOptions,
    listPtr: number,
    chunks: Chunks,
    nnz: number,
  ): void {
    const { scale = 1, scaledIn, scaledOut = false } = options;
    sameWidth(name, x, y);
    checkScaled(name, a, options);
    if (addend) sameKind(name, x, addend);
    // The last panel of a result is made last: until then it holds D^-½ times a panel of x, which spares the weights.
    const ownPanels = y.panels > 1 && y !== addend && listPtr === 0;
    const norms = ownPanels && !scaledIn ? a.norms : null;
    for (let p = 0; p < x.panels; p++) {
      const scaled = norms && p + 1 < x.panels ? this.#scaledPanel(x, p, norms, y, chunks) : 0;
      if (scaled === 0) this.#touchPanel(x, p, nnz);
      const tables = [addend ? panelPtr(addend, p) : 0, listPtr, panelPtr(y, p, x.stride)];
      const from = [...csr(a, scaledIn || scaled !== 0), scaled || panelPtr(x, p)];
      const head = [...from, ...tables, scale, Number(scaledOut), Number(touchesAhead(x))];
      this.run({
        kernel: 'spmm_csr_f32',
        args: [...head, 0, 0, x.stride, y.stride],
        beginAt: head.length,
        chunks,
        scratch: [],
        work: nnz * x.stride,
      });
    }
  }

  /** Brings panel p of x into the cache, where a product gathers its rows once or more each; `nnz` entries, roughly. */
  #touchPanel(x: Table, p: number, nnz: number): void {
    if (touchesPanels(x) && nnz >= x.rows) this.wasm.touch_rows_f32(panelPtr(x, p), x.rows, x.stride);
  }

  /** Last panel of y ← D^-½ times panel p of x; returns its address. */
  #scaledPanel(x: Table, p: number, norms: F32Buffer, y: Table, chunks: Chunks): number {
    const out = panelPtr(y, y.panels - 1);
    this.run({
      kernel: 'scale_panel_f32',
      args: [panelPtr(x, p), norms.ptr, out, 0, 0, x.stride],
      beginAt: 3,
      chunks,
      scratch: [],
      work: x.rows * x.stride,
    });
    return out;
  }

  /** y ← G + A G, times D^-½ where `scaledOut`, G given by the rows of a batch. */
  spmmSlots(
    a: CsrMatrix,
    { slots, gradient }: BatchGradient,
    y: Table,
    scratch: BackwardScratch,
    scaledOut = false,
  ): void {
    sameWidth('spmmSlots', gradient, y);
    checkScaled('spmmSlots', a, { scaledOut });
    const tables = [slots.ptr, gradient.ptr, y.ptr, 1, Number(scaledOut)];
    const head = [...csr(a), ...tables, scratch.hits.ptr, scratch.weights.ptr];
    this.run({
      kernel: 'spmm_csr_slots_f32',
      args: [...head, 0, 0, y.stride, gradient.stride, y.panels, y.panelStride * 4],
      beginAt: head.length,
      chunks: a.chunks,
      scratch: [part(head.length - 2, scratch.degree), part(head.length - 1, scratch.degree)],
      work: a.nnz * gradient.stride,
    });
  }

  /**
   * The last backward propagation and Adam: gradient row = scale · (G + A y) + decay · parameters.
   * `a` null: no propagation (0 layers). `y` null: y = G (1 layer). `scaledIn`: y holds D^-½ times its table.
   */
  spmmAdam(
    a: CsrMatrix | null,
    y: Table | null,
    batch: BatchGradient,
    parameters: Table,
    m: Table,
    v: Table,
    scratch: BackwardScratch,
    options: InputOptions,
    adam: AdamOptions,
  ): void {
    for (const table of [m, v]) sameKind('spmm_adam_f32', parameters, table);
    const tables = [parameters, m, v];
    this.#update('spmm_adam_f32', a, y, batch, tables, scratch, options, adamConstants(adam));
  }

  /** The last backward propagation and SGD; see `spmmAdam`. */
  spmmSgd(
    a: CsrMatrix | null,
    y: Table | null,
    batch: BatchGradient,
    parameters: Table,
    scratch: BackwardScratch,
    options: InputOptions,
    rate: number,
  ): void {
    this.#update('spmm_sgd_f32', a, y, batch, [parameters], scratch, options, [rate]);
  }

  #update(
    kernel: RowKernel,
    a: CsrMatrix | null,
    y: Table | null,
    { slots, gradient, decay }: BatchGradient,
    tables: readonly Table[],
    { block, hits, weights, degree }: BackwardScratch,
    options: InputOptions,
    rates: readonly number[],
  ): void {
    const { scale = 1, scaledIn } = options;
    const [parameters] = tables;
    sameWidth(kernel, gradient, parameters);
    if (y) {
      checkScaled(kernel, a, options);
      sameKind(kernel, parameters, y);
    }
    const { rows, stride } = parameters;
    const touch = Number(a !== null && y !== null && touchesAhead(y));
    for (let p = 0; p < parameters.panels; p++) {
      if (y) this.#touchPanel(y, p, a?.nnz ?? 0);
      const sources = [slots.ptr, panelPtr(gradient, p, stride), y ? panelPtr(y, p) : 0, decay.ptr];
      const updated = tables.map((table) => panelPtr(table, p));
      const head = [...csr(a, scaledIn), ...sources, ...updated, block.ptr, hits.ptr, weights.ptr];
      const at = head.length - 3;
      this.run({
        kernel,
        args: [...head, scale, ...rates, touch, 0, 0, stride, gradient.stride],
        beginAt: head.length + 2 + rates.length,
        chunks: a?.chunks ?? evenChunks(rows, 4 * LISTED_ROWS),
        scratch: [part(at, blockElements(gradient.stride)), part(at + 1, degree), part(at + 2, degree)],
        work: ((a?.nnz ?? 0) + rows) * stride,
      });
    }
  }

  /** Runs a job's chunks, with the threads where they help. */
  protected run(job: RowJob): void {
    const { args, beginAt, chunks } = job;
    const kernel = this.#kernels[job.kernel];
    const run = (begin: number, end: number) => {
      args[beginAt] = begin;
      args[beginAt + 1] = end;
      kernel(...args);
    };
    if (this.#pool?.takes(job)) this.#pool.run(this.#workspace, this.wasm.memory.buffer.byteLength, job, run);
    else runAll(chunks, run);
  }
}

function runAll(chunks: Chunks, run: (begin: number, end: number) => void): void {
  const step = chunks.bounds ? CHUNKS_A_CALL : 1;
  for (let n = 0; n < chunks.count; n += step)
    run(chunkStart(chunks, n), chunkStart(chunks, Math.min(n + step, chunks.count)));
}

/** rowPtr, colIdx, values and norms; no values where the table that is multiplied holds D^-½ already. */
function csr(a: CsrMatrix | null, scaledIn = false): number[] {
  if (!a) return [0, 0, 0, 0];
  return [a.rowPtr.ptr, a.colIdx.ptr, scaledIn ? 0 : a.values.ptr, a.norms?.ptr ?? 0];
}

/** Argument `at` points to scratch of `elements` 4-byte elements a thread. */
export function part(at: number, elements: number): readonly [at: number, bytes: number] {
  return [at, elements * 4];
}
