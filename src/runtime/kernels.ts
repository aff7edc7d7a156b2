import { ShapeError } from '../errors.ts';
import type { CsrMatrix, F32Buffer, F64Buffer, I32Buffer, Matrix } from './buffers.ts';
import { type Purpose, seedWords } from './random.ts';
import type { KernelExports } from './workspace.ts';

/** Rows per call: V8 replaces a kernel's first, slow compilation only between calls. */
const CHUNK_ROWS = 1024;
/** Tables above this size leave the last-level cache; there, touching rows ahead pays. */
const TOUCH_BYTES = 16 * 2 ** 20;

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

/** Scratch rows that the sparse backward kernels need. */
export interface BackwardScratch {
  /** One row. */
  row: Matrix;
  /** [maximal degree + 4] each. */
  hits: I32Buffer;
  weights: F32Buffer;
}

/**
 * The kernels with handles in place of addresses: this file is the only one that reads a pointer.
 * See `assembly/` for what each computes, its accuracy and its reduction order.
 */
export class Kernels {
  readonly #wasm: KernelExports;

  constructor(exports: KernelExports) {
    this.#wasm = exports;
  }

  /** y ← scale · (addend + A x). */
  spmm(a: CsrMatrix, x: Matrix, y: Matrix, addend: Matrix | null = null, scale = 1): void {
    sameWidth('spmm', x, y);
    inChunks(a.rows, (begin, end) =>
      this.#wasm.spmm_csr_f32(
        a.rowPtr.ptr,
        a.colIdx.ptr,
        a.values.ptr,
        x.ptr,
        addend?.ptr ?? 0,
        y.ptr,
        scale,
        begin,
        end,
        x.stride,
        touches(x),
      ),
    );
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
    this.#wasm.spmm_csr_rows_f32(
      a.rowPtr.ptr,
      a.colIdx.ptr,
      a.values.ptr,
      x.ptr,
      addend?.ptr ?? 0,
      rows.ptr,
      y.ptr,
      scale,
      count,
      x.stride,
      touches(x),
    );
  }

  /** y ← G + A G, G given by the rows of a batch. */
  spmmSlots(a: CsrMatrix, batch: BatchGradient, y: Matrix, scratch: BackwardScratch): void {
    sameWidth('spmmSlots', batch.gradient, y);
    inChunks(a.rows, (begin, end) =>
      this.#wasm.spmm_csr_slots_f32(
        a.rowPtr.ptr,
        a.colIdx.ptr,
        a.values.ptr,
        batch.slots.ptr,
        batch.gradient.ptr,
        y.ptr,
        scratch.hits.ptr,
        scratch.weights.ptr,
        begin,
        end,
        y.stride,
      ),
    );
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
    sameWidth('spmmAdam', batch.gradient, parameters);
    inChunks(parameters.rows, (begin, end) =>
      this.#wasm.spmm_adam_f32(
        a?.rowPtr.ptr ?? 0,
        a?.colIdx.ptr ?? 0,
        a?.values.ptr ?? 0,
        batch.slots.ptr,
        batch.gradient.ptr,
        y?.ptr ?? 0,
        batch.decay.ptr,
        parameters.ptr,
        m.ptr,
        v.ptr,
        scratch.row.ptr,
        scratch.hits.ptr,
        scratch.weights.ptr,
        scale,
        adam.rate,
        adam.beta1,
        1 - adam.beta1,
        adam.beta2,
        1 - adam.beta2,
        adam.epsilon,
        1 - power(adam.beta1, adam.step),
        Math.sqrt(1 - power(adam.beta2, adam.step)),
        begin,
        end,
        parameters.stride,
        y !== null && touches(y),
      ),
    );
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
    sameWidth('spmmSgd', batch.gradient, parameters);
    inChunks(parameters.rows, (begin, end) =>
      this.#wasm.spmm_sgd_f32(
        a?.rowPtr.ptr ?? 0,
        a?.colIdx.ptr ?? 0,
        a?.values.ptr ?? 0,
        batch.slots.ptr,
        batch.gradient.ptr,
        y?.ptr ?? 0,
        batch.decay.ptr,
        parameters.ptr,
        scratch.row.ptr,
        scratch.hits.ptr,
        scratch.weights.ptr,
        scale,
        rate,
        begin,
        end,
        parameters.stride,
        y !== null && touches(y),
      ),
    );
  }

  /** Adam on a dense gradient. */
  adam(parameters: Matrix, gradient: Matrix, m: Matrix, v: Matrix, adam: AdamOptions): void {
    sameWidth('adam', gradient, parameters);
    this.#wasm.adam_f32(
      parameters.ptr,
      gradient.ptr,
      m.ptr,
      v.ptr,
      parameters.rows * parameters.stride,
      adam.rate,
      adam.beta1,
      1 - adam.beta1,
      adam.beta2,
      1 - adam.beta2,
      adam.epsilon,
      1 - power(adam.beta1, adam.step),
      Math.sqrt(1 - power(adam.beta2, adam.step)),
    );
  }

  /** parameters ← parameters − rate · gradient. */
  sgd(parameters: Matrix, gradient: Matrix, rate: number): void {
    sameWidth('sgd', gradient, parameters);
    this.#wasm.sgd_f32(parameters.ptr, gradient.ptr, parameters.rows * parameters.stride, rate);
  }

  /** Gives each distinct node of a batch a slot; returns the number of slots in use. */
  planBatch(
    nodes: I32Buffer,
    count: number,
    slots: I32Buffer,
    rows: I32Buffer,
    nodeSlots: I32Buffer,
    used: number,
  ): number {
    return this.#wasm.plan_batch(nodes.ptr, count, slots.ptr, rows.ptr, nodeSlots.ptr, used);
  }

  /** Takes the slots of the listed nodes back. */
  clearSlots(rows: I32Buffer, count: number, slots: I32Buffer): void {
    this.#wasm.clear_slots(rows.ptr, count, slots.ptr);
  }

  bprMargins(
    z: Matrix,
    users: I32Buffer,
    positives: I32Buffer,
    negatives: I32Buffer,
    count: number,
    margins: F32Buffer,
  ): void {
    this.#wasm.bpr_margins_f32(z.ptr, users.ptr, positives.ptr, negatives.ptr, count, z.stride, margins.ptr);
  }

  bprLoss(margins: F32Buffer, count: number, scale: number, losses: F32Buffer, slopes: F32Buffer): void {
    this.#wasm.bpr_loss_f32(margins.ptr, count, scale, losses.ptr, slopes.ptr);
  }

  bprGradient(
    z: Matrix,
    users: I32Buffer,
    positives: I32Buffer,
    negatives: I32Buffer,
    slopes: F32Buffer,
    count: number,
    dz: Matrix,
  ): void {
    sameWidth('bprGradient', z, dz);
    this.#wasm.bpr_gradient_f32(
      z.ptr,
      users.ptr,
      positives.ptr,
      negatives.ptr,
      slopes.ptr,
      count,
      z.stride,
      dz.ptr,
    );
  }

  /** out[i] ← x[rows[i]]. */
  gatherRows(x: Matrix, rows: I32Buffer, count: number, out: Matrix): void {
    sameWidth('gatherRows', x, out);
    this.#wasm.gather_rows_f32(x.ptr, rows.ptr, count, x.stride, out.ptr);
  }

  /** out[i] ← ‖x[rows[i]]‖². */
  squaredNorms(x: Matrix, rows: I32Buffer, count: number, out: F32Buffer): void {
    this.#wasm.squared_norms_f32(x.ptr, rows.ptr, count, x.stride, out.ptr);
  }

  /** Divides every row by its L2 norm; zero rows stay. */
  normalizeRows(x: Matrix): void {
    this.#wasm.normalize_rows_f32(x.ptr, x.rows, x.stride);
  }

  /** y[rows[i]] += x[i], rows distinct. */
  addRows(x: Matrix, rows: I32Buffer, count: number, y: Matrix): void {
    sameWidth('addRows', x, y);
    this.#wasm.add_rows_f32(x.ptr, rows.ptr, count, x.stride, y.ptr);
  }

  /**
   * Negatives of interactions `first` … `first + count − 1` of an epoch's order. Users, positives and negatives are
   * nodes: items stand behind the users.
   */
  sampleNegatives(
    interactions: CsrMatrix,
    users: I32Buffer,
    positives: I32Buffer,
    negatives: I32Buffer,
    count: number,
    options: { verify: boolean; seed: number; purpose: Purpose; epoch: number; first: number },
  ): void {
    const [key0, key1] = seedWords(options.seed);
    this.#wasm.sample_negatives(
      interactions.rowPtr.ptr,
      interactions.colIdx.ptr,
      users.ptr,
      positives.ptr,
      negatives.ptr,
      count,
      interactions.cols,
      interactions.rows,
      options.verify ? 1 : 0,
      key0,
      key1,
      options.purpose,
      options.epoch,
      options.first,
    );
  }

  /** Fisher–Yates in place. */
  shuffle(values: I32Buffer, seed: number, purpose: Purpose, round: number): void {
    const [key0, key1] = seedWords(seed);
    this.#wasm.shuffle_i32(values.ptr, values.length, key0, key1, purpose, round);
  }

  /** Words 0 … n−1 of a Philox sequence, as signed 32-bit. */
  randomWords(out: I32Buffer, seed: number, purpose: Purpose, round: number): void {
    const [key0, key1] = seedWords(seed);
    this.#wasm.philox_u32(out.ptr, out.length, key0, key1, purpose, round);
  }

  /** Fills a table with numbers uniform over [low, high). */
  randomUniform(out: Matrix, low: number, high: number, seed: number, purpose: Purpose, round: number): void {
    const [key0, key1] = seedWords(seed);
    this.#wasm.random_uniform_f32(
      out.ptr,
      out.rows,
      out.dim,
      out.stride,
      low,
      high,
      key0,
      key1,
      purpose,
      round,
    );
  }

  /** Column means and variances [x.stride]; `divisor` is rows or rows − 1; `sums` [2 · x.stride] is scratch. */
  columnMoments(x: Matrix, divisor: number, mean: F32Buffer, variance: F32Buffer, sums: F64Buffer): void {
    this.#wasm.column_moments_f32(x.ptr, x.rows, x.stride, divisor, mean.ptr, variance.ptr, sums.ptr);
  }

  /** x −= mean, row by row. */
  centerColumns(x: Matrix, mean: F32Buffer): void {
    this.#wasm.center_columns_f32(x.ptr, x.rows, x.stride, mean.ptr);
  }

  /** out[r][k] ← x[r][columns[k]]. */
  gatherColumns(x: Matrix, columns: I32Buffer, out: Matrix): void {
    this.#wasm.gather_columns_f32(x.ptr, x.rows, x.stride, columns.ptr, columns.length, out.ptr, out.stride);
  }

  /** y[r] ← element-wise maximum of the rows x[c] over the neighbours c of r. */
  poolMax(a: CsrMatrix, x: Matrix, y: Matrix): void {
    sameWidth('poolMax', x, y);
    this.#wasm.pool_max_csr_f32(a.rowPtr.ptr, a.colIdx.ptr, x.ptr, y.ptr, a.rows, x.stride);
  }

  /** gram ← xᵀ x, upper triangle; x.stride must be a multiple of 8, gram [stride × stride]. */
  gram(x: Matrix, gram: F64Buffer): void {
    if (x.stride % 8 !== 0)
      throw new ShapeError('gram', `expected a stride of 8n, received ${x.stride}`, 'Pad the table');
    this.#wasm.gram_f64(x.ptr, x.rows, x.stride, gram.ptr);
  }

  /** Packs the rows of b for `gemmNt` and `scoreTopK`; panels [⌈rows/8⌉ · 8 · dim]. */
  packPanels(b: Matrix, panels: F32Buffer): void {
    this.#wasm.pack_panels_f32(b.ptr, b.rows, b.dim, b.stride, panels.ptr);
  }

  /** c ← a bᵀ, b packed (n rows); a.rows a multiple of 4, c.stride ≥ n rounded up to 8. */
  gemmNt(a: Matrix, panels: F32Buffer, n: number, c: Matrix): void {
    if (a.rows % 4 !== 0)
      throw new ShapeError('gemmNt', `expected 4n rows, received ${a.rows}`, 'Pad with zero rows');
    this.#wasm.gemm_nt_f32(a.ptr, a.rows, a.dim, a.stride, panels.ptr, n, c.ptr, c.stride);
  }

  /** The k best items of each user row, excluded items left out; see assembly/score.ts. */
  scoreTopK(
    users: Matrix,
    panels: F32Buffer,
    numItems: number,
    excluded: I32Buffer,
    maskBytes: number,
    k: number,
    top: { scores: F32Buffer; items: I32Buffer; counts: I32Buffer; tile: F32Buffer },
  ): void {
    if (users.rows % 4 !== 0)
      throw new ShapeError('scoreTopK', `expected 4n rows, received ${users.rows}`, 'Pad with zero rows');
    this.#wasm.score_topk_f32(
      users.ptr,
      users.rows,
      users.dim,
      users.stride,
      panels.ptr,
      numItems,
      excluded.ptr,
      maskBytes,
      k,
      top.scores.ptr,
      top.items.ptr,
      top.counts.ptr,
      top.tile.ptr,
    );
  }

  exp(x: F32Buffer, y: F32Buffer): void {
    this.#wasm.exp_f32(x.ptr, y.ptr, x.length);
  }

  log(x: F32Buffer, y: F32Buffer): void {
    this.#wasm.log_f32(x.ptr, y.ptr, x.length);
  }

  sigmoid(x: F32Buffer, y: F32Buffer): void {
    this.#wasm.sigmoid_f32(x.ptr, y.ptr, x.length);
  }
}

/** base^exponent by repeated squaring: `**` may differ in its last bit from one engine to another. */
function power(base: number, exponent: number): number {
  let result = 1;
  for (let n = exponent, square = base; n > 0; n = Math.floor(n / 2), square *= square)
    if (n % 2 === 1) result *= square;
  return result;
}

function touches(x: Matrix): boolean {
  return x.rows * x.stride * 4 > TOUCH_BYTES;
}

function inChunks(rows: number, run: (begin: number, end: number) => void): void {
  for (let begin = 0; begin < rows; begin += CHUNK_ROWS) run(begin, Math.min(begin + CHUNK_ROWS, rows));
}

function sameWidth(kernel: string, a: Matrix, b: Matrix): void {
  if (a.stride !== b.stride) {
    throw new ShapeError(
      kernel,
      `expected tables of one stride, received ${a.stride} and ${b.stride}`,
      'Use one dim',
    );
  }
}
