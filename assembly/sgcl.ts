import { addToAnchors, addToCandidates, addWide, BLOCK, chunkOf, clearPadding, ROW_BYTES, scoreRows, stripEnd } from './blocks';
import { exp4, log4 } from './math';
import { dot, rowAt } from './simd';

// The supervised contrastive loss in a batch (Zhang et al., SGCL, RecSys 2025) over distinct rows with multiplicities.
// With E[s][t] = e^{(⟨x_s,x_t⟩−1)/τ}, W the multiplicities and C_s = Σ 1/l_b over the pairs b of row s, the gradient is
//   dX_s = 1/τ · Σ_t E[s][t] (C_s W_t + W_s C_t) x_t − 1/τ · Σ_{b of s} y_b
// E is symmetric: blocks of 32 rows meet the rows from their own first one on, and each pair of rows is computed once,
// in a first pass for the sums l and again in a second for the gradient; E is never stored as a whole.
// The shift is 1/τ, since a row's product with itself is its largest; a sum is then at least 1 unless both rows of a
// pair are zero. Terms below e^−87 count as 1e-38.

/** First pass of a block, rows begin … end−1 counted from the block's first row: sums of E times multiplicity, for
 *  the block's rows by chunks, for the rows behind the block directly.
 *  x [rows × stride] and weights [rows, at least 32, 0 behind the last row] from the block's first row on
 *  scores [rows × 32] scratch; rowSums [chunks × 32] f64 overwritten; sums [rows] f64 accumulated */
export function sgcl_sums_f32(
  x: usize, panels: usize, weights: usize, scores: usize, rowSums: usize, sums: usize,
  shift: f32, begin: i32, end: i32, dim: i32, stride: i32,
): void {
  const sum = rowSums + chunkOf(begin) * (BLOCK << 3);
  const s = f32x4.splat(shift);
  memory.fill(sum, 0, BLOCK << 3);
  for (let j = begin; j < end; j = stripEnd(j, end)) {
    const next = stripEnd(j, end);
    scoreRows(x, panels, scores, j, next, dim, stride);
    for (let r: usize = 0; r < ROW_BYTES; r += 16) {
      let total = f32x4.splat(0);
      for (let i = j; i < next; i++) {
        const at = scores + <usize>i * ROW_BYTES + r;
        const e = exp4(f32x4.sub(v128.load(at), s));
        v128.store(at, e);
        total = f32x4.add(total, f32x4.mul(e, v128.load32_splat(weights + (<usize>i << 2))));
      }
      addWide(sum + (r << 1), total);
    }
    for (let i = max(j, <i32>BLOCK); i < next; i++) {
      const at = sums + (<usize>i << 3);
      store<f64>(at, load<f64>(at) + <f64>dot(scores + <usize>i * ROW_BYTES, weights, <i32>BLOCK));
    }
  }
}

/** sums[r] += Σ over the chunks of rowSums[·][r].  sums [count] f64 */
export function sgcl_add_sums(rowSums: usize, chunks: i32, count: i32, sums: usize): void {
  for (let r: usize = 0; r < <usize>count; r++) {
    let total = load<f64>(sums + (r << 3));
    for (let c: usize = 0; c < <usize>chunks; c++) total += load<f64>(rowSums + ((c * BLOCK + r) << 3));
    store<f64>(sums + (r << 3), total);
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
    const logarithm = f32x4.extract_lane(log4(f32x4.splat(<f32>l)), 0);
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
 *  x, weights, shares, dX from the block's first row on, weights and shares 0 behind the last row
 *  columns: panels of the block's rows; partials [chunks × 32 × stride] overwritten; dX accumulated */
export function sgcl_gradient_f32(
  x: usize, panels: usize, columns: usize, weights: usize, shares: usize, scores: usize,
  partials: usize, dX: usize, inverse: f32, begin: i32, end: i32, dim: i32, stride: i32,
): void {
  const bytes = <usize>stride << 2;
  const partial = partials + chunkOf(begin) * BLOCK * bytes;
  memory.fill(partial, 0, BLOCK * bytes);
  for (let j = begin; j < end; j = stripEnd(j, end)) {
    const next = stripEnd(j, end);
    const strip = scores + <usize>j * ROW_BYTES;
    scoreRows(x, panels, scores, j, next, dim, stride);
    coefficients(scores, weights, shares, inverse, j, next);
    clearPadding(scores, next);
    addToAnchors(strip, x + <usize>j * bytes, <usize>(next - j), partial, dim, bytes);
    const behind = max(j, <i32>BLOCK);
    if (behind < next) addToCandidates(scores, columns, dX, behind, next, dim, bytes);
  }
}

@inline
function coefficients(scores: usize, weights: usize, shares: usize, inverse: f32, j: i32, next: i32): void {
  const s = f32x4.splat(inverse);
  for (let r: usize = 0; r < ROW_BYTES; r += 16) {
    const w = f32x4.mul(s, v128.load(weights + r));
    const c = f32x4.mul(s, v128.load(shares + r));
    for (let i = j; i < next; i++) {
      const at = scores + <usize>i * ROW_BYTES + r;
      const e = exp4(f32x4.sub(v128.load(at), s));
      const own = v128.load32_splat(shares + (<usize>i << 2));
      const times = v128.load32_splat(weights + (<usize>i << 2));
      v128.store(at, f32x4.mul(e, f32x4.add(f32x4.mul(own, w), f32x4.mul(times, c))));
    }
  }
}

/** dX[r] += Σ over the chunks of partials[·][r].  dX [count × stride] */
export function sgcl_add_partials_f32(partials: usize, chunks: i32, count: i32, stride: i32, dX: usize): void {
  const bytes = <usize>stride << 2;
  for (let c: usize = 0; c < <usize>chunks; c++) {
    const partial = partials + c * BLOCK * bytes;
    const length = <usize>count * bytes;
    for (let o: usize = 0; o < length; o += 16) v128.store(dX + o, f32x4.add(v128.load(dX + o), v128.load(partial + o)));
  }
}
