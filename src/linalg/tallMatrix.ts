import { gram as gramUpper } from '../kernels/covariance.ts';
import { gemmNt, packPanels } from '../kernels/gemm.ts';
import type { F32Buffer, F64Buffer, Matrix } from '../runtime/buffers.ts';
import { roundUp } from '../runtime/roundUp.ts';
import type { Turns } from '../runtime/turns.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { orthonormalizer, PIVOT_FLOOR } from './orthonormalizer.ts';

/** Rows multiplied at a time; a multiple of 4, as `gemmNt` needs. */
const CHUNK_ROWS = 1024;
/** Each pass takes up to a factor of 300 off the condition number: after these, only rounding errors depend. */
const PATIENT_PASSES = 3;
const MAX_PASSES = 6;
/** Columns with such pivots are so nearly orthogonal that one pass makes them so to f32 accuracy. */
const NEARLY_ORTHOGONAL = 0.5;

/** Scratch for tall matrices of one width: [width × width] tables and one chunk of rows. */
export class TallScratch {
  readonly width: number;
  /** `width` rounded up to 8, as `gram` and `gemmNt` need. */
  readonly stride: number;
  readonly gram: F64Buffer;
  readonly transform: Matrix;
  readonly panels: F32Buffer;
  readonly chunk: Matrix;

  constructor(workspace: Workspace, width: number) {
    this.width = width;
    this.stride = roundUp(width, 8);
    this.gram = workspace.f64(this.stride * this.stride);
    this.transform = workspace.matrix(width, width, this.stride);
    this.panels = workspace.f32(this.stride * width);
    this.chunk = workspace.matrix(CHUNK_ROWS, width, this.stride);
  }
}

/** A rows × width table with many more rows than columns: a basis, or the image of one. */
export class TallMatrix {
  readonly rows: number;
  readonly width: number;
  /** The table itself; its stride is a multiple of 8. */
  readonly matrix: Matrix;
  readonly #padded: Matrix;
  readonly #workspace: Workspace;
  readonly #scratch: TallScratch;

  constructor(workspace: Workspace, rows: number, scratch: TallScratch) {
    this.rows = rows;
    this.width = scratch.width;
    this.#workspace = workspace;
    this.#scratch = scratch;
    this.#padded = workspace.matrix(roundUp(rows, 4), scratch.width, scratch.stride);
    this.matrix = this.#padded.slice(0, rows);
  }

  /** XᵀX, dense width × width. */
  gram(): Float64Array {
    const { width } = this;
    const { gram, stride } = this.#scratch;
    gramUpper(this.#workspace, this.matrix, gram);
    const upper = gram.view;
    const full = new Float64Array(width * width);
    for (let i = 0; i < width; i++) {
      for (let j = i; j < width; j++) {
        full[i * width + j] = upper[i * stride + j];
        full[j * width + i] = upper[i * stride + j];
      }
    }
    return full;
  }

  /** X ← X T, T dense width × width. */
  multiplyRight(transform: Float64Array): void {
    const { width } = this;
    const { transform: transposed, panels, chunk, stride } = this.#scratch;
    const view = transposed.view;
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) view[j * stride + i] = transform[i * width + j];
    }
    packPanels(this.#workspace, transposed, panels);
    for (let first = 0; first < this.#padded.rows; first += CHUNK_ROWS) {
      const rows = this.#padded.slice(first, Math.min(CHUNK_ROWS, this.#padded.rows - first));
      const product = chunk.slice(0, rows.rows);
      gemmNt(this.#workspace, rows, panels, width, product);
      rows.view.set(product.view);
    }
  }

  /**
   * Replaces the columns by orthonormal ones that span them, in the manner of Gram–Schmidt from left to right.
   * Zero columns stay zero; columns that depend on those before them become zero or, as rounding has it, some
   * direction orthogonal to these.
   * Source: Fukaya et al., "Shifted Cholesky QR" (SIAM J. Sci. Comput. 2020), Algorithm 4.2; deviation: a floor
   * under the pivots in place of the shift, and as many passes as that takes.
   *
   * @param precise whether to go on until the columns are orthogonal to f32 accuracy; otherwise they are well
   *   conditioned, which is all that a power iteration needs
   */
  async orthonormalize(precise: boolean, turns: Turns): Promise<void> {
    const enough = precise ? NEARLY_ORTHOGONAL : PIVOT_FLOOR;
    for (let pass = 0; pass < MAX_PASSES; pass++) {
      await turns.offer();
      const drop = pass >= PATIENT_PASSES;
      const { transform, smallestPivot } = orthonormalizer(this.gram(), this.width, drop);
      await turns.offer();
      this.multiplyRight(transform);
      if (smallestPivot >= enough) return;
    }
  }

  /** The first `count` columns, a dense rows × count copy. */
  readColumns(count: number): Float32Array {
    const { view, stride } = this.matrix;
    const values = new Float32Array(this.rows * count);
    for (let r = 0; r < this.rows; r++) {
      values.set(view.subarray(r * stride, r * stride + count), r * count);
    }
    return values;
  }
}
