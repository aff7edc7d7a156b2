import { ShapeError } from '../errors.ts';
import type { CsrMatrix, F32Buffer, I32Buffer, Matrix } from './buffers.ts';
import type { KernelExports } from './kernelExports.ts';
import { type Chunks, chunkStart, evenChunks, type RowJob, type RowKernel } from './rowJobs.ts';
import type { ThreadPool } from './threads.ts';
import { TouchAhead } from './touchAhead.ts';

/** Listed rows in a chunk. */
const LISTED_ROWS = 256;

export interface AdamOptions {
  /** Learning rate. */
  rate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  /** Number of this update, from 1: for the bias correction. */
  step: number;
}

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
  /** One row a thread. */
  row: Matrix;
  /** `degree` entries a thread, at least maximal degree + 4; a multiple of 4. */
  hits: I32Buffer;
  weights: F32Buffer;
  degree: number;
}

/** The kernels that compute rows independently: cut into chunks, which threads share where there are any. */
export class RowKernels {
  protected readonly wasm: KernelExports;
  readonly #kernels: Record<RowKernel, (...args: number[]) => void>;
  readonly #pool: ThreadPool | null;
  readonly #workspace: number;
  readonly #touchAhead = new Map<RowKernel, TouchAhead>();

  constructor(exports: KernelExports, pool: ThreadPool | null, workspace: number) {
    this.wasm = exports;
    this.#kernels = exports as unknown as Record<RowKernel, (...args: number[]) => void>;
    this.#pool = pool;
    this.#workspace = workspace;
  }

  /** y ← scale · (addend + A x). */
  spmm(a: CsrMatrix, x: Matrix, y: Matrix, addend: Matrix | null = null, scale = 1): void {
    sameWidth('spmm', x, y);
    const args = [...csr(a), x.ptr, addend?.ptr ?? 0, y.ptr, scale, 0, 0, x.stride, 0];
    this.#gather(x, {
      kernel: 'spmm_csr_f32',
      args,
      beginAt: 7,
      chunks: a.chunks,
      scratch: [],
      work: a.nnz * x.stride,
    });
  }

  /** y[i] ← scale · (addend[rows[i]] + (A x)[rows[i]]) for the first `count` listed rows. */
  spmmRows(
    a: CsrMatrix,
    x: Matrix,
    rows: I32Buffer,
    count: number,
    y: Matrix,
    addend: Matrix | null = null,
    scale = 1,
  ): void {
    sameWidth('spmmRows', x, y);
    const args = [...csr(a), x.ptr, addend?.ptr ?? 0, rows.ptr, y.ptr, scale, 0, 0, x.stride, 0];
    const work = (a.nnz / a.rows) * count * x.stride;
    const chunks = evenChunks(count, LISTED_ROWS);
    this.#gather(x, { kernel: 'spmm_csr_rows_f32', args, beginAt: 8, chunks, scratch: [], work });
  }

  /** y ← G + A G, G given by the rows of a batch. */
  spmmSlots(a: CsrMatrix, batch: BatchGradient, y: Matrix, scratch: BackwardScratch): void {
    sameWidth('spmmSlots', batch.gradient, y);
    const args = [...csr(a), batch.slots.ptr, batch.gradient.ptr, y.ptr, ...lists(scratch), 0, 0, y.stride];
    const parts = [part(6, scratch.degree), part(7, scratch.degree)];
    this.run({
      kernel: 'spmm_csr_slots_f32',
      args,
      beginAt: 8,
      chunks: a.chunks,
      scratch: parts,
      work: a.nnz * y.stride,
    });
  }

  /**
   * The last backward propagation and Adam: gradient row = scale · (G + A y) + decay · parameters.
   * `a` null: no propagation (0 layers). `y` null: y = G (1 layer).
   */
  spmmAdam(
    a: CsrMatrix | null,
    y: Matrix | null,
    batch: BatchGradient,
    parameters: Matrix,
    m: Matrix,
    v: Matrix,
    scratch: BackwardScratch,
    scale: number,
    adam: AdamOptions,
  ): void {
    const tables = [parameters.ptr, m.ptr, v.ptr];
    const head = [...backward(a, y, batch), ...tables, scratch.row.ptr, ...lists(scratch)];
    const args = [...head, scale, ...adamConstants(adam), 0, 0, parameters.stride, 0];
    const scratchAt = head.length - 3;
    this.#update('spmm_adam_f32', args, args.length - 4, scratchAt, a, y, batch, parameters, scratch);
  }

  /** The last backward propagation and SGD; see `spmmAdam`. */
  spmmSgd(
    a: CsrMatrix | null,
    y: Matrix | null,
    batch: BatchGradient,
    parameters: Matrix,
    scratch: BackwardScratch,
    scale: number,
    rate: number,
  ): void {
    const head = [...backward(a, y, batch), parameters.ptr, scratch.row.ptr, ...lists(scratch)];
    const args = [...head, scale, rate, 0, 0, parameters.stride, 0];
    this.#update('spmm_sgd_f32', args, args.length - 4, head.length - 3, a, y, batch, parameters, scratch);
  }

  #update(
    kernel: RowKernel,
    args: number[],
    beginAt: number,
    scratchAt: number,
    a: CsrMatrix | null,
    y: Matrix | null,
    batch: BatchGradient,
    parameters: Matrix,
    { row, degree }: BackwardScratch,
  ): void {
    sameWidth(kernel, batch.gradient, parameters);
    this.#gather(y, {
      kernel,
      args,
      beginAt,
      chunks: a?.chunks ?? evenChunks(parameters.rows, 4 * LISTED_ROWS),
      scratch: [part(scratchAt, row.stride), part(scratchAt + 1, degree), part(scratchAt + 2, degree)],
      work: ((a?.nnz ?? 0) + parameters.rows) * parameters.stride,
    });
  }

  /** Runs a job that gathers rows of x; its last argument says whether to touch them ahead. */
  #gather(x: Matrix | null, job: RowJob): void {
    const { kernel, args } = job;
    const touchAhead = this.#touchAhead.get(kernel) ?? new TouchAhead();
    this.#touchAhead.set(kernel, touchAhead);
    touchAhead.run(x ? x.rows * x.stride * 4 : 0, (touch) => {
      args[args.length - 1] = touch;
      this.run(job);
    });
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
    if (this.#pool?.takes(job)) this.#pool.run(this.#workspace, job, run);
    else runAll(chunks, run);
  }
}

/** @throws {ShapeError} unless both tables have the same row stride */
export function sameWidth(kernel: string, a: Matrix, b: Matrix): void {
  if (a.stride !== b.stride) {
    throw new ShapeError(
      kernel,
      `expected tables of one stride, received ${a.stride} and ${b.stride}`,
      'Use one dim',
    );
  }
}

/** The kernels' constants of one Adam update, in their order. */
export function adamConstants({ rate, beta1, beta2, epsilon, step }: AdamOptions) {
  const correction2 = Math.sqrt(1 - power(beta2, step));
  return [rate, beta1, 1 - beta1, beta2, 1 - beta2, epsilon, 1 - power(beta1, step), correction2] as const;
}

/** base^exponent by repeated squaring: `**` may differ in its last bit from one engine to another. */
function power(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let n = exponent; n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}

function runAll(chunks: Chunks, run: (begin: number, end: number) => void): void {
  for (let n = 0; n < chunks.count; n++) run(chunkStart(chunks, n), chunkStart(chunks, n + 1));
}

function csr(a: CsrMatrix | null): number[] {
  return a ? [a.rowPtr.ptr, a.colIdx.ptr, a.values.ptr] : [0, 0, 0];
}

function lists({ hits, weights }: BackwardScratch): number[] {
  return [hits.ptr, weights.ptr];
}

function backward(
  a: CsrMatrix | null,
  y: Matrix | null,
  { slots, gradient, decay }: BatchGradient,
): number[] {
  return [...csr(a), slots.ptr, gradient.ptr, y?.ptr ?? 0, decay.ptr];
}

/** Argument `at` points to scratch of `elements` 4-byte elements a thread. */
export function part(at: number, elements: number): readonly [at: number, bytes: number] {
  return [at, elements * 4];
}
