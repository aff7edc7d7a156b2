import { OptionError, ShapeError, shown } from '../errors.ts';
import type { F32Buffer, F64Buffer, I32Buffer, Matrix } from './buffers.ts';
import { sameWidth } from './layout.ts';
import { evenChunks, type RowKernel } from './rowJobs.ts';
import { UnitKernels } from './unitKernels.ts';

/** As in assembly/blocks.ts: anchors in a block, candidates in a chunk. */
export const BLOCK = 64;
export const CHUNK = 512;

/** Unit rows' scores lie within 2/τ of each other; far below e^−64, quotients by their sums would leave f32. */
const WIDEST_SCORES = 64;

/** What the contrastive kernels need beside their tables; see `contrastiveScratch`. */
export interface ContrastiveScratch {
  /** The candidates in panels of 8. */
  readonly table: F32Buffer;
  /** A block's anchors and their columns, splatted. */
  readonly splats: F32Buffer;
  readonly columns: F32Buffer;
  readonly factors: F32Buffer;
  readonly scores: F32Buffer;
  readonly maxima: F32Buffer;
  readonly sums: F32Buffer;
  readonly partials: F32Buffer;
}

/** One side of the pairs in `sgcl`; see `contrastiveSide`. */
export interface ContrastiveSide {
  /** Distinct unit rows. */
  readonly unit: Matrix;
  /** How often each row stands in the pairs. */
  readonly weights: F32Buffer;
  /** The row of each pair. */
  readonly pairs: I32Buffer;
  /** dLoss/dUnit, overwritten. */
  readonly gradient: Matrix;
  readonly sums: F64Buffer;
  readonly shares: F32Buffer;
}

/** The kernels of the contrastive losses; see assembly/blocks.ts, infonce.ts and sgcl.ts. */
export class ContrastiveKernels extends UnitKernels {
  /**
   * InfoNCE of `count` anchors against the first `numCandidates` candidates, all unit rows:
   * losses[r] ← weight_r · −log( e^{⟨a_r, c_p⟩/τ} / Σ_j e^{⟨a_r, c_j⟩/τ} ), p = positives[r].
   * dAnchors is overwritten, dCandidates accumulated. Losses and gradients err by about dim · 2⁻²⁴ / τ of the largest.
   * @throws {OptionError} unless the temperature is a number of at least 0.01
   * @throws {ShapeError} unless dCandidates has rows up to a multiple of 8, as `unitTable` makes them
   */
  infoNce(
    anchors: Matrix,
    count: number,
    candidates: Matrix,
    numCandidates: number,
    positives: I32Buffer,
    weights: F32Buffer,
    temperature: number,
    scratch: ContrastiveScratch,
    losses: F32Buffer,
    dAnchors: Matrix,
    dCandidates: Matrix,
  ): void {
    checkTemperature('infoNce', temperature);
    for (const table of [candidates, dAnchors, dCandidates]) sameWidth('infoNce', anchors, table);
    const panels = panelRows('infoNce', dCandidates, numCandidates);
    const { table, splats, columns, factors, scores, maxima, sums, partials } = scratch;
    const wasm = this.wasm;
    const { dim, stride } = anchors;
    const inverse = 1 / temperature;
    const bounded = 2 * inverse <= WIDEST_SCORES;
    const chunks = Math.ceil(numCandidates / CHUNK);
    const power = inverse * Math.LOG2E;
    maxima.view.fill(power);
    wasm.pack_panels_f32(candidates.ptr, numCandidates, stride, stride, table.ptr);
    wasm.rows_to_panels_f32(dCandidates.ptr, panels, stride, columns.ptr);
    for (let first = 0; first < count; first += BLOCK) {
      const size = Math.min(BLOCK, count - first);
      const at = first * 4;
      const block = anchors.ptr + at * stride;
      const job = (kernel: RowKernel, ...head: number[]) =>
        this.#blockJob(kernel, head, numCandidates, size, anchors);
      wasm.splat_anchors_f32(block, size, dim, stride, power, splats.ptr);
      if (!bounded) {
        job('infonce_scores_f32', table.ptr, splats.ptr, scores.ptr, maxima.ptr);
        takeMaxima(maxima.view, chunks);
      }
      const shifted = [scores.ptr, maxima.ptr, sums.ptr, partials.ptr];
      job('infonce_weights_f32', table.ptr, bounded ? splats.ptr : 0, ...shifted);
      const inputs = [
        block,
        candidates.ptr,
        positives.ptr + at,
        weights.ptr + at,
        size,
        stride,
        inverse,
      ] as const;
      const summed = [maxima.ptr, sums.ptr, partials.ptr, chunks] as const;
      const outputs = [losses.ptr + at, factors.ptr, dAnchors.ptr + at * stride, dCandidates.ptr] as const;
      wasm.infonce_rows_f32(...inputs, ...summed, ...outputs);
      wasm.splat_columns_f32(block, size, dim, stride, factors.ptr, columns.ptr);
      job('infonce_candidates_f32', scores.ptr, columns.ptr, dCandidates.ptr);
    }
    wasm.panels_to_rows_f32(dCandidates.ptr, panels, stride, columns.ptr);
  }

  /**
   * The supervised contrastive loss of `count` pairs (x, y) of unit rows, over the first `xRows` and `yRows` distinct
   * rows: losses[b] ← −log( e^{⟨x_b, y_b⟩/τ} / (Σ_j e^{⟨x_b, x_j⟩/τ} + Σ_j e^{⟨y_b, y_j⟩/τ}) ), j over all pairs.
   * @throws {OptionError} unless the temperature is a number of at least 0.01
   */
  sgcl(
    x: ContrastiveSide,
    xRows: number,
    y: ContrastiveSide,
    yRows: number,
    count: number,
    temperature: number,
    scratch: ContrastiveScratch,
    losses: F32Buffer,
  ): void {
    checkTemperature('sgcl', temperature);
    const inverse = 1 / temperature;
    for (const [side, rows] of [
      [x, xRows],
      [y, yRows],
    ] as const) {
      side.weights.view.fill(0, rows);
      side.shares.view.fill(0);
      side.sums.view.fill(0);
      side.gradient.view.fill(0);
      this.#sgclSums(side, rows, inverse * Math.LOG2E, scratch);
    }
    this.wasm.sgcl_pairs_f32(
      x.unit.ptr,
      y.unit.ptr,
      x.pairs.ptr,
      y.pairs.ptr,
      count,
      x.unit.stride,
      inverse,
      x.sums.ptr,
      y.sums.ptr,
      losses.ptr,
      x.shares.ptr,
      y.shares.ptr,
      x.gradient.ptr,
      y.gradient.ptr,
    );
    this.#sgclGradient(x, xRows, inverse, scratch);
    this.#sgclGradient(y, yRows, inverse, scratch);
  }

  #sgclSums(side: ContrastiveSide, rows: number, power: number, scratch: ContrastiveScratch): void {
    const { unit } = side;
    const { table, splats, scores, sums } = scratch;
    this.wasm.pack_panels_f32(unit.ptr, rows, unit.stride, unit.stride, table.ptr);
    for (let first = 0; first < rows; first += BLOCK) {
      const left = rows - first;
      const size = Math.min(BLOCK, left);
      const offset = first * unit.stride * 4;
      this.wasm.splat_anchors_f32(unit.ptr + offset, size, unit.dim, unit.stride, power, splats.ptr);
      const total = side.sums.ptr + first * 8;
      const weights = side.weights.ptr + first * 4;
      const head = [table.ptr + offset, splats.ptr, weights, scores.ptr, sums.ptr, total, power];
      this.#blockJob('sgcl_sums_f32', head, left, size, unit);
      this.wasm.sgcl_add_sums(sums.ptr, Math.ceil(left / CHUNK), size, total);
    }
  }

  #sgclGradient(side: ContrastiveSide, rows: number, inverse: number, scratch: ContrastiveScratch): void {
    const { unit, gradient } = side;
    const { dim, stride } = unit;
    const { table, splats, columns, scores, partials } = scratch;
    const { wasm } = this;
    const power = inverse * Math.LOG2E;
    const panels = panelRows('sgcl', gradient, rows);
    wasm.pack_panels_f32(unit.ptr, rows, stride, stride, table.ptr);
    wasm.rows_to_panels_f32(gradient.ptr, panels, stride, columns.ptr);
    for (let first = 0; first < rows; first += BLOCK) {
      const left = rows - first;
      const size = Math.min(BLOCK, left);
      const offset = first * stride * 4;
      wasm.splat_anchors_f32(unit.ptr + offset, size, dim, stride, power, splats.ptr);
      wasm.splat_columns_f32(unit.ptr + offset, size, dim, stride, 0, columns.ptr);
      const own = [side.weights.ptr + first * 4, side.shares.ptr + first * 4];
      const tables = [table.ptr + offset, splats.ptr, columns.ptr, ...own, scores.ptr, partials.ptr];
      this.#blockJob(
        'sgcl_gradient_f32',
        [...tables, gradient.ptr + offset, inverse, power],
        left,
        size,
        unit,
      );
      const chunks = Math.ceil(left / CHUNK);
      wasm.sgcl_add_partials_f32(partials.ptr, chunks, size, stride, gradient.ptr + offset);
    }
    wasm.panels_to_rows_f32(gradient.ptr, panels, stride, columns.ptr);
  }

  /** One kernel over the candidates of a block of `size` anchors; its row range stands behind `head`. */
  #blockJob(
    kernel: RowKernel,
    head: number[],
    candidates: number,
    size: number,
    { dim, stride }: Matrix,
  ): void {
    const rows = 4 * Math.ceil(size / 4);
    this.run({
      kernel,
      args: [...head, 0, 0, rows, dim, stride],
      beginAt: head.length,
      chunks: evenChunks(candidates, CHUNK),
      scratch: [],
      work: rows * candidates * dim,
    });
  }
}

/** Rows of a table that stand in panels for `count` candidates. */
function panelRows(kernel: string, table: Matrix, count: number): number {
  const rows = 8 * Math.ceil(count / 8);
  if (table.rows >= rows) return rows;
  throw new ShapeError(
    kernel,
    `expected a gradient of at least ${rows} rows for ${count} candidates, received ${table.rows}`,
    'Make it with unitTable',
  );
}

/** Each anchor's maximum over the chunks, in the place of the first. */
function takeMaxima(maxima: Float32Array, chunks: number): void {
  for (let n = BLOCK; n < chunks * BLOCK; n++) {
    const anchor = n % BLOCK;
    maxima[anchor] = Math.max(maxima[anchor], maxima[n]);
  }
}

function checkTemperature(kernel: string, temperature: number): void {
  if (temperature >= 0.01 && Number.isFinite(temperature)) return;
  throw new OptionError(
    kernel,
    `expected temperature to be a number ≥ 0.01, received ${shown(temperature)}`,
    'Pass e.g. 0.2',
  );
}
