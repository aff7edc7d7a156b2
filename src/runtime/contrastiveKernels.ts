import { OptionError, ShapeError, shown } from '../errors.ts';
import type { F32Buffer, F64Buffer, I32Buffer, Matrix } from './buffers.ts';
import { sameWidth } from './layout.ts';
import { RankingKernels } from './rankingKernels.ts';
import { evenChunks, type RowKernel } from './rowJobs.ts';

/** As in assembly/blocks.ts: anchors in a block, candidates in a chunk. */
export const BLOCK = 32;
export const CHUNK = 512;

/** What the contrastive kernels need beside their tables; see `contrastiveScratch`. */
export interface ContrastiveScratch {
  readonly panels: F32Buffer;
  readonly columns: F32Buffer;
  readonly factors: F32Buffer;
  readonly scores: F32Buffer;
  readonly maxima: F32Buffer;
  readonly sums: F64Buffer;
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

/** The kernels of the contrastive losses; see assembly/blocks.ts, infonce.ts, sgcl.ts and unit.ts. */
export class ContrastiveKernels extends RankingKernels {
  /** unit[i] ← x[rows[i]] / ‖x[rows[i]]‖ for the first `count`, all rows in order when `rows` is null. */
  unitRows(x: Matrix, rows: I32Buffer | null, count: number, unit: Matrix, inverseNorms: F32Buffer): void {
    narrower('unitRows', x, unit);
    this.wasm.unit_rows_f32(x.ptr, rows?.ptr ?? 0, count, x.stride, unit.ptr, unit.stride, inverseNorms.ptr);
  }

  /** dx[i] += scale · the gradient of row i through `unitRows`. */
  unitRowsBackward(
    unit: Matrix,
    dUnit: Matrix,
    count: number,
    inverseNorms: F32Buffer,
    scale: number,
    dx: Matrix,
  ): void {
    narrower('unitRowsBackward', dx, unit);
    sameWidth('unitRowsBackward', unit, dUnit);
    this.wasm.unit_rows_backward_f32(
      unit.ptr,
      dUnit.ptr,
      count,
      unit.stride,
      inverseNorms.ptr,
      scale,
      dx.ptr,
      dx.stride,
    );
  }

  /**
   * InfoNCE of `count` anchors against the first `numCandidates` candidates, all unit rows:
   * losses[r] ← weight_r · −log( e^{⟨a_r, c_p⟩/τ} / Σ_j e^{⟨a_r, c_j⟩/τ} ), p = positives[r].
   * dAnchors is overwritten, dCandidates accumulated.
   * @throws {OptionError} unless the temperature is a number of at least 0.01
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
    const { panels, columns, factors, scores, maxima, sums, partials } = scratch;
    const wasm = this.wasm;
    const { dim, stride } = anchors;
    const inverse = 1 / temperature;
    const chunks = Math.ceil(numCandidates / CHUNK);
    const table = candidates.ptr;
    for (let first = 0; first < count; first += BLOCK) {
      const size = Math.min(BLOCK, count - first);
      const at = first * 4;
      const block = anchors.ptr + at * stride;
      wasm.pack_anchors_f32(block, size, dim, stride, inverse, panels.ptr);
      this.#blockJob(
        'infonce_scores_f32',
        numCandidates,
        dim,
        [table, panels.ptr, scores.ptr, maxima.ptr],
        [dim, stride],
      );
      wasm.infonce_maxima_f32(maxima.ptr, chunks);
      const weighing = [table, scores.ptr, maxima.ptr, sums.ptr, partials.ptr];
      this.#blockJob('infonce_weights_f32', numCandidates, dim, weighing, [dim, stride]);
      wasm.infonce_rows_f32(
        block,
        table,
        positives.ptr + at,
        weights.ptr + at,
        size,
        stride,
        inverse,
        maxima.ptr,
        sums.ptr,
        partials.ptr,
        chunks,
        losses.ptr + at,
        factors.ptr,
        dAnchors.ptr + at * stride,
        dCandidates.ptr,
      );
      wasm.pack_anchor_columns_f32(block, size, stride, factors.ptr, columns.ptr);
      const output = [scores.ptr, columns.ptr, dCandidates.ptr];
      this.#blockJob('infonce_candidates_f32', numCandidates, dim, output, [dim, stride]);
    }
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
      this.#sgclSums(side, rows, inverse, scratch);
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

  #sgclSums(side: ContrastiveSide, rows: number, inverse: number, scratch: ContrastiveScratch): void {
    const { dim, stride } = side.unit;
    const { panels, scores, sums } = scratch;
    for (let first = 0; first < rows; first += BLOCK) {
      const left = rows - first;
      const size = Math.min(BLOCK, left);
      const block = side.unit.ptr + first * stride * 4;
      this.wasm.pack_anchors_f32(block, size, dim, stride, inverse, panels.ptr);
      const total = side.sums.ptr + first * 8;
      const head = [block, panels.ptr, side.weights.ptr + first * 4, scores.ptr, sums.ptr, total, inverse];
      this.#blockJob('sgcl_sums_f32', left, dim, head, [dim, stride]);
      this.wasm.sgcl_add_sums(sums.ptr, Math.ceil(left / CHUNK), size, total);
    }
  }

  #sgclGradient(side: ContrastiveSide, rows: number, inverse: number, scratch: ContrastiveScratch): void {
    const { dim, stride } = side.unit;
    const { panels, columns, scores, partials } = scratch;
    for (let first = 0; first < rows; first += BLOCK) {
      const left = rows - first;
      const size = Math.min(BLOCK, left);
      const block = side.unit.ptr + first * stride * 4;
      const gradient = side.gradient.ptr + first * stride * 4;
      this.wasm.pack_anchors_f32(block, size, dim, stride, inverse, panels.ptr);
      this.wasm.pack_anchor_columns_f32(block, size, stride, 0, columns.ptr);
      const own = [side.weights.ptr + first * 4, side.shares.ptr + first * 4];
      const head = [block, panels.ptr, columns.ptr, ...own, scores.ptr, partials.ptr, gradient, inverse];
      this.#blockJob('sgcl_gradient_f32', left, dim, head, [dim, stride]);
      this.wasm.sgcl_add_partials_f32(partials.ptr, Math.ceil(left / CHUNK), size, stride, gradient);
    }
  }

  /** One kernel over the candidates of a block; its row range stands between `head` and `tail`. */
  #blockJob(kernel: RowKernel, candidates: number, dim: number, head: number[], tail: number[]): void {
    this.run({
      kernel,
      args: [...head, 0, 0, ...tail],
      beginAt: head.length,
      chunks: evenChunks(candidates, CHUNK),
      scratch: [],
      work: BLOCK * candidates * dim,
    });
  }
}

function narrower(kernel: string, x: Matrix, unit: Matrix): void {
  if (x.stride <= unit.stride && x.dim === unit.dim) return;
  throw new ShapeError(
    kernel,
    `expected rows of dim ${unit.dim}, received ${x.dim}`,
    'Make the unit table with unitTable for the same dim',
  );
}

function checkTemperature(kernel: string, temperature: number): void {
  if (temperature >= 0.01 && Number.isFinite(temperature)) return;
  throw new OptionError(
    kernel,
    `expected temperature to be a number ≥ 0.01, received ${shown(temperature)}`,
    'Pass e.g. 0.2',
  );
}
