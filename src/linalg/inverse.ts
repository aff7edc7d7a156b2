import { gemmNt, packPanels } from '../kernels/gemm.ts';
import type { Matrix } from '../runtime/buffers.ts';
import type { Turns } from '../runtime/turns.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { invertSmall } from './cholesky.ts';

/** Columns swept at a time; a multiple of 8. */
const BLOCK = 128;
/** Rows updated by one product, as far as the diagonal; a multiple of 8. */
const CHUNK_ROWS = 256;
/** Below this share of a diagonal entry that its predecessors leave, f32 has lost it. */
const PIVOT_FLOOR = 1e-6;

/**
 * a ← a⁻¹ for a symmetric positive definite a [n × n], n a multiple of 8, by the sweep operator in blocks (Goodnight, The
 * American Statistician 1979): n³ operations, half of Gauss–Jordan's, since the matrix stays symmetric up to signs and
 * only its lower triangle is computed. Blocks of the diagonal are inverted in float64, products are f32: errors of about
 * 1e-7 times the condition number.
 *
 * @param turns gives the event loop its turns, and stops the work when aborted; `a` is then lost
 * @returns whether there is an inverse: if a block is singular in f32, `a` is lost
 */
export async function invertPositiveDefinite(
  workspace: Workspace,
  a: Matrix,
  turns: Turns,
): Promise<boolean> {
  const mark = workspace.mark();
  const n = a.rows;
  const { column, scaled, panels, inversePanels, small } = inverseRoom(workspace, n);
  const diagonal = Float64Array.from({ length: n }, (_, i) => a.view[i * (a.stride + 1)]);
  let regular = true;
  for (let first = 0; first < n && regular; first += BLOCK) {
    await turns.offer();
    const size = Math.min(BLOCK, n - first);
    const inverse = invertBlock(a, first, size, diagonal);
    if (!inverse) {
      regular = false;
      break;
    }
    readColumn(a, first, size, column);
    packPanels(workspace, column, panels);
    // The negative inverse, so that products are added.
    small.view.fill(0);
    for (let r = 0; r < size; r++)
      for (let c = 0; c < size; c++) small.view[r * BLOCK + c] = -inverse[r * size + c];
    packPanels(workspace, small, inversePanels);
    gemmNt(workspace, column, inversePanels, BLOCK, scaled);
    for (let row = 0; row < n; row += CHUNK_ROWS) {
      await turns.offer();
      const rows = Math.min(CHUNK_ROWS, n - row);
      gemmNt(workspace, scaled.slice(row, rows), panels, row + rows, a.slice(row, rows), true);
    }
    writeColumn(a, first, size, scaled);
    for (let r = 0; r < size; r++)
      for (let c = 0; c < size; c++) a.view[(first + r) * a.stride + first + c] = small.view[r * BLOCK + c];
  }
  workspace.release(mark);
  if (regular) await negateAndMirror(a, turns);
  return regular;
}

/** What `invertPositiveDefinite` allocates for n rows, in a workspace that may only count. */
export function inverseRoom(workspace: Workspace, n: number) {
  return {
    column: workspace.matrix(n, BLOCK),
    scaled: workspace.matrix(n, BLOCK),
    panels: workspace.f32(n * BLOCK),
    inversePanels: workspace.f32(BLOCK * BLOCK),
    small: workspace.matrix(BLOCK, BLOCK),
  };
}

/** The inverse of a diagonal block, dense size × size in float64; null when f32 has lost it. */
function invertBlock(
  { view, stride }: Matrix,
  first: number,
  size: number,
  diagonal: Float64Array,
): Float64Array | null {
  const block = new Float64Array(size * size);
  for (let r = 0; r < size; r++) {
    for (let c = 0; c <= r; c++) block[r * size + c] = view[(first + r) * stride + first + c];
    if (!(block[r * size + r] > PIVOT_FLOOR * diagonal[first + r])) return null;
  }
  return invertSmall(block, size) > PIVOT_FLOOR ? block : null;
}

/** out ← the block's columns of the symmetric matrix, from its lower triangle; the block's own rows are 0. */
function readColumn({ view, stride, rows: n }: Matrix, first: number, size: number, out: Matrix): void {
  const target = out.view.fill(0);
  for (let r = 0; r < size; r++) {
    const row = (first + r) * stride;
    for (let i = 0; i < first; i++) target[i * BLOCK + r] = view[row + i];
  }
  for (let i = first + size; i < n; i++) {
    const at = i * stride + first;
    target.set(view.subarray(at, at + size), i * BLOCK);
  }
}

/** The block's columns below the diagonal ← −values, and its rows left of it ← −valuesᵀ. */
function writeColumn({ view, stride, rows: n }: Matrix, first: number, size: number, values: Matrix): void {
  const source = values.view;
  for (let r = 0; r < size; r++) {
    const row = (first + r) * stride;
    for (let i = 0; i < first; i++) view[row + i] = -source[i * BLOCK + r];
  }
  for (let i = first + size; i < n; i++) {
    const at = i * stride + first;
    for (let c = 0; c < size; c++) view[at + c] = -source[i * BLOCK + c];
  }
}

async function negateAndMirror(a: Matrix, turns: Turns): Promise<void> {
  const { stride, rows: n } = a;
  for (let i = 0; i < n; i++) {
    if (i % CHUNK_ROWS === 0) await turns.offer();
    const { view } = a;
    for (let j = 0; j <= i; j++) view[i * stride + j] = -view[i * stride + j];
  }
  // In tiles, so that the columns that are written stay in the cache.
  const TILE = 32;
  for (let top = 0; top < n; top += TILE) {
    await turns.offer();
    const { view } = a;
    for (let left = 0; left <= top; left += TILE) {
      for (let i = top; i < Math.min(top + TILE, n); i++)
        for (let j = left; j < Math.min(left + TILE, i); j++) view[j * stride + i] = view[i * stride + j];
    }
  }
}
