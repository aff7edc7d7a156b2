import {
  addToAnchors, addToCandidates, BLOCK, chunkOf, SCORE_PANEL_BYTES, scoreStrip, stripEnd, totalOf,
} from './blocks';
import { log1, pow2x4 } from './math';
import { dot, rowAt } from './simd';

// The supervised contrastive loss in a batch (Zhang et al., SGCL, RecSys 2025) over distinct rows with multiplicities.
// With E[s][t] = e^{(⟨x_s,x_t⟩−1)/τ}, W the multiplicities and C_s = Σ 1/l_b over the pairs b of row s, the gradient is
//   dX_s = 1/τ · Σ_t E[s][t] (C_s W_t + W_s C_t) x_t − 1/τ · Σ_{b of s} y_b
// E is symmetric: blocks of 64 rows meet the rows from their own first one on, and each pair of rows is computed once,
// in a first pass for the sums l and again in a second for the gradient; E is never stored as a whole.
// Powers are of 2, and scores are times log₂e/τ. That is the shift, too, since a row's product with itself is its
// largest; a sum is then at least 1 unless both rows of a pair are zero. Terms below 2^−126 count as 1e-38. Rows
// missing in the last panel have multiplicity and share 0.

/** First pass of a block, rows begin … end−1 counted from the block's first row: sums of E times multiplicity, for
 *  the block's rows by chunks, for the rows behind the block directly.
 *  table: panels of the rows from the block's first one on; weights [rows] likewise, 0 behind the last row
 *  scores scratch; rowSums [chunks × 64 × 4] overwritten; sums [rows] f64 accumulated */
export function sgcl_sums_f32(
  table: usize, splats: usize, weights: usize, scores: usize, rowSums: usize, sums: usize,
  shift: f32, begin: i32, end: i32, rows: i32, dim: i32, stride: i32,
): void {
  const sum = rowSums + ((chunkOf(begin) * BLOCK) << 4);
  memory.fill(sum, 0, BLOCK << 4);
  for (let j = begin; j < end; j = stripEnd(j, end)) {
    const next = stripEnd(j, end);
    scoreStrip(table, splats, scores, j, next, rows, dim, stride);
    sumStrip(scores, weights, shift, j, next, rows, sum, sums);
  }
}

/** Four candidates at a time: their exponentials, summed over the anchors and added to the anchors' sums. */
function sumStrip(
  scores: usize, weights: usize, shift: f32, begin: i32, end: i32, rows: i32, rowSums: usize, sums: usize,
): void {
  const s = f32x4.splat(shift);
  for (let j = begin; j < end; j += 4) {
    const own = v128.load(weights + (<usize>j << 2));
    const panel = scores + <usize>(j >> 3) * SCORE_PANEL_BYTES + (<usize>(j & 4) << 2);
    let total = f32x4.splat(0);
    for (let r: usize = 0; r < <usize>rows; r++) {
      const e = pow2x4(f32x4.sub(v128.load(panel + (r << 5)), s));
      const to = rowSums + (r << 4);
      v128.store(to, f32x4.add(v128.load(to), f32x4.mul(e, own)));
      total = f32x4.add(total, f32x4.mul(e, v128.load32_splat(weights + (r << 2))));
    }
    if (j >= <i32>BLOCK) addWide(sums + (<usize>j << 3), total);
  }
}

/** Four f64 at `to` += four f32. */
@inline
function addWide(to: usize, x: v128): void {
  const high = i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
  v128.store(to, f64x2.add(v128.load(to), f64x2.promote_low_f32x4(x)));
  v128.store(to, f64x2.add(v128.load(to, 16), f64x2.promote_low_f32x4(high)), 16);
}

/** sums[r] += Σ over the chunks of rowSums[·][r].  sums [count] f64 */
export function sgcl_add_sums(rowSums: usize, chunks: i32, count: i32, sums: usize): void {
  for (let r: usize = 0; r < <usize>count; r++) {
    store<f64>(sums + (r << 3), load<f64>(sums + (r << 3)) + totalOf(rowSums, r, chunks));
  }
}

/** The losses of the pairs, C of both sides, and the pull of a pair on its rows.
 *  losses[b] ← log(l_b) + 1/τ − ⟨x, y⟩/τ with l_b = sumsX[x_b] + sumsY[y_b]
 *  xs, ys [count] u32; sumsX, sumsY f64; sharesX, sharesY f32, dX, dY: accumulated in the order of b */
export function sgcl_pairs_f32(
  x: usize, y: usize, xs: usize, ys: usize, count: i32, stride: i32, inverse: f32, sumsX: usize, sumsY: usize,
  losses: usize, sharesX: usize, sharesY: usize, dX: usize, dY: usize,
): void {
  const bytes = <usize>stride << 2;
  const scale = f32x4.splat(inverse);
  for (let b: usize = 0; b < <usize>count; b++) {
    const s = <usize>load<u32>(xs + (b << 2));
    const t = <usize>load<u32>(ys + (b << 2));
    const l = load<f64>(sumsX + (s << 3)) + load<f64>(sumsY + (t << 3));
    const row = rowAt(x, xs, b, stride);
    const other = rowAt(y, ys, b, stride);
    const logarithm = log1(<f32>l);
    store<f32>(losses + (b << 2), logarithm + inverse * (1 - dot(row, other, stride)));
    const share = <f32>(1 / l);
    store<f32>(sharesX + (s << 2), load<f32>(sharesX + (s << 2)) + share);
    store<f32>(sharesY + (t << 2), load<f32>(sharesY + (t << 2)) + share);
    const dx = rowAt(dX, xs, b, stride);
    const dy = rowAt(dY, ys, b, stride);
    for (let o: usize = 0; o < bytes; o += 16) {
      v128.store(dx + o, f32x4.sub(v128.load(dx + o), f32x4.mul(scale, v128.load(other + o))));
      v128.store(dy + o, f32x4.sub(v128.load(dy + o), f32x4.mul(scale, v128.load(row + o))));
    }
  }
}

/** Second pass of a block: scores ← E · 1/τ · (C_j W_r + W_j C_r), their products with the rows, for the block's rows
 *  by chunks, for the rows behind the block directly.
 *  table, weights, shares, dPanels from the block's first row on, weights and shares 0 behind the last row
 *  columns: the columns of the block's rows; partials [chunks × 64 × stride] overwritten; dPanels accumulated */
export function sgcl_gradient_f32(
  table: usize, splats: usize, columns: usize, weights: usize, shares: usize, scores: usize,
  partials: usize, dPanels: usize, inverse: f32, shift: f32, begin: i32, end: i32, rows: i32, dim: i32, stride: i32,
): void {
  const bytes = BLOCK * (<usize>stride << 2);
  const partial = partials + chunkOf(begin) * bytes;
  memory.fill(partial, 0, bytes);
  for (let j = begin; j < end; j = stripEnd(j, end)) {
    const next = stripEnd(j, end);
    scoreStrip(table, splats, scores, j, next, rows, dim, stride);
    coefficients(scores, weights, shares, inverse, shift, j, next, rows);
    addToAnchors(scores, table, partial, j, next, rows, dim, stride);
    addToCandidates(scores, columns, dPanels, max(j, <i32>BLOCK), next, rows, dim, stride);
  }
}

function coefficients(
  scores: usize, weights: usize, shares: usize, inverse: f32, shift: f32, begin: i32, end: i32, rows: i32,
): void {
  const scale = f32x4.splat(inverse);
  const s = f32x4.splat(shift);
  for (let j = begin; j < end; j += 4) {
    const times = f32x4.mul(scale, v128.load(weights + (<usize>j << 2)));
    const own = f32x4.mul(scale, v128.load(shares + (<usize>j << 2)));
    const panel = scores + <usize>(j >> 3) * SCORE_PANEL_BYTES + (<usize>(j & 4) << 2);
    for (let r: usize = 0; r < <usize>rows; r++) {
      const at = panel + (r << 5);
      const e = pow2x4(f32x4.sub(v128.load(at), s));
      const w = v128.load32_splat(weights + (r << 2));
      const c = v128.load32_splat(shares + (r << 2));
      v128.store(at, f32x4.mul(e, f32x4.add(f32x4.mul(own, w), f32x4.mul(times, c))));
    }
  }
}

/** dX[r] += Σ over the chunks of partials[·][r].  dPanels: dX in panels, from the block's first row on */
export function sgcl_add_partials_f32(partials: usize, chunks: i32, count: i32, stride: i32, dPanels: usize): void {
  for (let r: usize = 0; r < <usize>count; r++) {
    let to = dPanels + ((((r >> 3) * <usize>stride) << 3) + (r & 7) << 2);
    for (let k: usize = 0; k < <usize>stride; k++) {
      let total = load<f32>(to);
      for (let c: usize = 0; c < <usize>chunks; c++)
        total += load<f32>(partials + (((c * BLOCK + r) * <usize>stride + k) << 2));
      store<f32>(to, total);
      to += 32;
    }
  }
}
