import { gemmNt, packPanels } from '../kernels/gemm.ts';
import type { Matrix } from '../runtime/buffers.ts';
import { roundUp } from '../runtime/roundUp.ts';
import type { Turns } from '../runtime/turns.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** Terms taken at a time. */
const MOST_TERMS = 64;
/**
 * How much an entry of the diagonal may grow or shrink at a time: it loses as many times the rounding error of f32, 6e-8, and weights
 * are to be those of a new inverse within 1e-5.
 */
const MOST_CHANGE = 24;
/** Rows updated by one product; a multiple of 4. */
const CHUNK_ROWS = 256;

/** weight · u uᵀ, u by its entries that are not zero. */
export interface RankOneTerm {
  readonly weight: number;
  readonly indices: ArrayLike<number>;
  /** Default: ones. */
  readonly values?: ArrayLike<number>;
}

/**
 * p ← (p⁻¹ + Σ weight · u uᵀ)⁻¹ for a symmetric p [n × n], n a multiple of 8, by Woodbury's identity:
 * P − P U (S⁻¹ + Uᵀ P U)⁻¹ Uᵀ P, a few columns of U at a time. n² operations a term where a new inverse takes n³.
 *
 * @returns whether all steps were regular and kept the precision of f32; if not, `p` is lost
 */
export async function updateInverse(
  workspace: Workspace,
  p: Matrix,
  terms: readonly RankOneTerm[],
  turns: Turns,
): Promise<boolean> {
  const real = terms.filter(({ weight, indices }) => weight !== 0 && indices.length > 0);
  for (let first = 0; first < real.length; first += MOST_TERMS) {
    await turns.offer();
    const before = diagonalOf(p);
    if (!(await takeTerms(workspace, p, real.slice(first, first + MOST_TERMS), turns))) return false;
    if (!isPrecise(before, diagonalOf(p))) return false;
  }
  return true;
}

function diagonalOf({ view, rows, stride }: Matrix): Float32Array {
  return Float32Array.from({ length: rows }, (_, n) => view[n * (stride + 1)]);
}

/** Whether no entry of the diagonal is the small difference of large numbers, or came to be far larger than what it was made of. */
function isPrecise(before: Float32Array, after: Float32Array): boolean {
  return after.every((now, n) => {
    const ratio = now / before[n];
    return now === before[n] || (ratio < MOST_CHANGE && ratio > 1 / MOST_CHANGE);
  });
}

async function takeTerms(
  workspace: Workspace,
  p: Matrix,
  terms: readonly RankOneTerm[],
  turns: Turns,
): Promise<boolean> {
  const mark = workspace.mark();
  const width = roundUp(terms.length, 8);
  // P U; rows of P are its columns.
  const products = workspace.matrix(p.rows, width);
  const [from, to] = [p.view, products.view];
  for (const [t, { indices, values }] of terms.entries()) {
    for (let n = 0; n < indices.length; n++) {
      const row = indices[n] * p.stride;
      const value = values ? values[n] : 1;
      for (let i = 0; i < p.rows; i++) to[i * width + t] += value * from[row + i];
    }
  }
  const inverse = invertGeneral(middle(terms, to, width), terms.length);
  if (!inverse) {
    workspace.release(mark);
    return false;
  }
  const small = workspace.matrix(width, width);
  for (let r = 0; r < terms.length; r++)
    for (let c = 0; c < terms.length; c++) small.view[r * width + c] = -inverse[r * terms.length + c];
  const smallPanels = workspace.f32(width * width);
  packPanels(workspace, small, smallPanels);
  const scaled = workspace.matrix(p.rows, width);
  gemmNt(workspace, products, smallPanels, width, scaled);
  const panels = workspace.f32(p.rows * width);
  packPanels(workspace, products, panels);
  for (let row = 0; row < p.rows; row += CHUNK_ROWS) {
    await turns.offer();
    const rows = Math.min(CHUNK_ROWS, p.rows - row);
    gemmNt(workspace, scaled.slice(row, rows), panels, p.rows, p.slice(row, rows), true);
  }
  workspace.release(mark);
  return true;
}

/** S⁻¹ + Uᵀ P U */
function middle(terms: readonly RankOneTerm[], products: Float32Array, width: number): Float64Array {
  const count = terms.length;
  const out = new Float64Array(count * count);
  for (const [r, { weight, indices, values }] of terms.entries()) {
    for (let c = 0; c < count; c++) {
      let sum = r === c ? 1 / weight : 0;
      for (let n = 0; n < indices.length; n++)
        sum += (values ? values[n] : 1) * products[indices[n] * width + c];
      out[r * count + c] = sum;
    }
  }
  return out;
}

/** The inverse of a small matrix by Gauss–Jordan elimination with row exchanges; null when it is singular. */
function invertGeneral(a: Float64Array, size: number): Float64Array | null {
  const inverse = new Float64Array(size * size);
  for (let i = 0; i < size; i++) inverse[i * (size + 1)] = 1;
  for (let k = 0; k < size; k++) {
    let pivot = k;
    for (let i = k + 1; i < size; i++)
      if (Math.abs(a[i * size + k]) > Math.abs(a[pivot * size + k])) pivot = i;
    const value = a[pivot * size + k];
    if (!(Math.abs(value) > 0)) return null;
    for (const table of [a, inverse]) {
      for (let j = 0; j < size; j++) {
        const other = table[pivot * size + j];
        table[pivot * size + j] = table[k * size + j];
        table[k * size + j] = other / value;
      }
    }
    for (let i = 0; i < size; i++) {
      const factor = a[i * size + k];
      if (i === k || factor === 0) continue;
      for (let j = 0; j < size; j++) {
        a[i * size + j] -= factor * a[k * size + j];
        inverse[i * size + j] -= factor * inverse[k * size + j];
      }
    }
  }
  return inverse;
}
