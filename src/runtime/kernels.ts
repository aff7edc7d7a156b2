import { ShapeError } from '../errors.ts';
import type { CsrMatrix, F32Buffer, F64Buffer, I32Buffer, Matrix } from './buffers.ts';
import { sameWidth } from './layout.ts';
import { type Purpose, seedWords } from './random.ts';
import { TableKernels } from './tableKernels.ts';

/**
 * The kernels with handles in place of addresses.
 * See `assembly/` for what each computes, its accuracy and its reduction order.
 */
export class Kernels extends TableKernels {
  /** Gives each distinct node of a batch a slot; returns the number of slots in use. */
  planBatch(
    nodes: I32Buffer,
    count: number,
    slots: I32Buffer,
    rows: I32Buffer,
    nodeSlots: I32Buffer,
    used: number,
  ): number {
    return this.wasm.plan_batch(nodes.ptr, count, slots.ptr, rows.ptr, nodeSlots.ptr, used);
  }

  /** Takes the slots of the listed nodes back. */
  clearSlots(rows: I32Buffer, count: number, slots: I32Buffer): void {
    this.wasm.clear_slots(rows.ptr, count, slots.ptr);
  }

  bprMargins(
    z: Matrix,
    users: I32Buffer,
    positives: I32Buffer,
    negatives: I32Buffer,
    count: number,
    margins: F32Buffer,
  ): void {
    this.wasm.bpr_margins_f32(z.ptr, users.ptr, positives.ptr, negatives.ptr, count, z.stride, margins.ptr);
  }

  /** losses ← −log(γ + σ(margin)), slopes ← scale · its derivative. */
  bprLoss(
    margins: F32Buffer,
    count: number,
    scale: number,
    losses: F32Buffer,
    slopes: F32Buffer,
    gamma = 1e-10,
  ): void {
    this.wasm.bpr_loss_f32(margins.ptr, count, scale, gamma, losses.ptr, slopes.ptr);
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
    this.wasm.bpr_gradient_f32(
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
    this.wasm.sample_negatives(
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
    this.wasm.shuffle_i32(values.ptr, values.length, key0, key1, purpose, round);
  }

  /** Words 0 … n−1 of a Philox sequence, as signed 32-bit. */
  randomWords(out: I32Buffer, seed: number, purpose: Purpose, round: number): void {
    const [key0, key1] = seedWords(seed);
    this.wasm.philox_u32(out.ptr, out.length, key0, key1, purpose, round);
  }

  /** Fills a table with numbers uniform over [low, high). */
  randomUniform(out: Matrix, low: number, high: number, seed: number, purpose: Purpose, round: number): void {
    const [key0, key1] = seedWords(seed);
    this.wasm.random_uniform_f32(
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

  /** Column means and variances [x.stride]; `divisor` is rows or rows − 1; `sums` [3 · x.stride] is scratch. */
  columnMoments(x: Matrix, divisor: number, mean: F32Buffer, variance: F32Buffer, sums: F64Buffer): void {
    this.wasm.column_moments_f32(x.ptr, x.rows, x.stride, divisor, mean.ptr, variance.ptr, sums.ptr);
  }

  /** x −= mean, row by row. */
  centerColumns(x: Matrix, mean: F32Buffer): void {
    this.wasm.center_columns_f32(x.ptr, x.rows, x.stride, mean.ptr);
  }

  /** out[r][k] ← x[r][columns[k]]. */
  gatherColumns(x: Matrix, columns: I32Buffer, out: Matrix): void {
    this.wasm.gather_columns_f32(x.ptr, x.rows, x.stride, columns.ptr, columns.length, out.ptr, out.stride);
  }

  /** y[r] ← element-wise maximum of the rows x[c] over the neighbours c of r. */
  poolMax(a: CsrMatrix, x: Matrix, y: Matrix): void {
    sameWidth('poolMax', x, y);
    this.wasm.pool_max_csr_f32(a.rowPtr.ptr, a.colIdx.ptr, x.ptr, y.ptr, a.rows, x.stride);
  }

  /** gram ← xᵀ x, upper triangle; x.stride must be a multiple of 8, gram [stride × stride]. */
  gram(x: Matrix, gram: F64Buffer): void {
    if (x.stride % 8 !== 0)
      throw new ShapeError('gram', `expected a stride of 8n, received ${x.stride}`, 'Pad the table');
    this.wasm.gram_f64(x.ptr, x.rows, x.stride, gram.ptr);
  }

  /** Packs the rows of b for `gemmNt` and `scoreTopK`; panels [⌈rows/8⌉ · 8 · dim]. */
  packPanels(b: Matrix, panels: F32Buffer): void {
    this.wasm.pack_panels_f32(b.ptr, b.rows, b.dim, b.stride, panels.ptr);
  }

  /** c ← a bᵀ, b packed (n rows); a.rows a multiple of 4, c.stride ≥ n rounded up to 8. */
  gemmNt(a: Matrix, panels: F32Buffer, n: number, c: Matrix): void {
    if (a.rows % 4 !== 0)
      throw new ShapeError('gemmNt', `expected 4n rows, received ${a.rows}`, 'Pad with zero rows');
    const width = Math.ceil(n / 8) * 8;
    if (c.rows < a.rows || c.stride < width || panels.length < width * a.dim) {
      const problem = `expected a result of ${a.rows} rows with stride ${width} and panels of ${width * a.dim} values`;
      const received = `received ${c.rows} rows with stride ${c.stride} and ${panels.length} values`;
      throw new ShapeError('gemmNt', `${problem}, ${received}`, 'Round the width up to 8');
    }
    this.wasm.gemm_nt_f32(
      a.ptr,
      a.rows,
      a.dim,
      a.stride,
      panels.ptr,
      n,
      c.ptr,
      c.stride,
      this.gemmScratchPtr,
    );
  }

  /** y ← ln x, element by element; x normal and positive. */
  log(x: F32Buffer, y: F32Buffer): void {
    this.wasm.log_f32(x.ptr, y.ptr, x.length);
  }
}
