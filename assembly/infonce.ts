import { addToAnchors, addToCandidates, addWide, BLOCK, chunkOf, clearPadding, ROW_BYTES, scoreRows, stripEnd } from './blocks';
import { exp4, log4 } from './math';
import { dot, rowAt } from './simd';

// InfoNCE of anchors against all candidates, in three phases for each block of 32 anchors (assembly/blocks.ts). The
// third needs the sums of the second over all candidates, and the second the maxima of the first.

/** First phase of a block: its scores, and the largest of each chunk.
 *  candidates [rows × stride]; panels of the anchors times 1/τ; scores [rows × 32] overwritten;
 *  maxima [chunks × 32] overwritten
 *  Accuracy: dim · 2⁻²⁴ · 1/τ; Cost: 64 · rows · dim flops */
export function infonce_scores_f32(candidates: usize, panels: usize, scores: usize, maxima: usize, begin: i32, end: i32, dim: i32, stride: i32): void {
  const out = maxima + chunkOf(begin) * ROW_BYTES;
  const first = scores + <usize>begin * ROW_BYTES;
  for (let j = begin; j < end; j = stripEnd(j, end)) {
    const next = stripEnd(j, end);
    scoreRows(candidates, panels, scores, j, next, dim, stride);
    const last = scores + <usize>next * ROW_BYTES;
    for (let r: usize = 0; r < ROW_BYTES; r += 16) {
      let most = v128.load(j == begin ? first + r : out + r);
      for (let at = scores + <usize>j * ROW_BYTES + r; at < last; at += ROW_BYTES) most = f32x4.pmax(most, v128.load(at));
      v128.store(out + r, most);
    }
  }
}

/** maxima[0] ← the maximum of all chunks, lane by lane. */
export function infonce_maxima_f32(maxima: usize, chunks: i32): void {
  for (let r: usize = 0; r < ROW_BYTES; r += 16) {
    let most = v128.load(maxima + r);
    for (let c: usize = 1; c < <usize>chunks; c++) most = f32x4.pmax(most, v128.load(maxima + c * ROW_BYTES + r));
    v128.store(maxima + r, most);
  }
}

/** Second phase: scores ← e^(score − maximum), their sums, and their products with the candidates, by chunks.
 *  The largest term of a lane is 1, so that nothing overflows; terms below e^−87 count as 1e-38.
 *  maxima [32]; sums [chunks × 32] f64 and partials [chunks × 32 × stride] overwritten
 *  Reduction order: strips of 128 candidates in f32, strips in float64 (sums) or f32 (partials)
 *  Cost: 64 · rows · dim flops and 32 · rows exponentials */
export function infonce_weights_f32(candidates: usize, scores: usize, maxima: usize, sums: usize, partials: usize, begin: i32, end: i32, dim: i32, stride: i32): void {
  const bytes = <usize>stride << 2;
  const chunk = chunkOf(begin);
  const sum = sums + chunk * (BLOCK << 3);
  const partial = partials + chunk * BLOCK * bytes;
  memory.fill(sum, 0, BLOCK << 3);
  memory.fill(partial, 0, BLOCK * bytes);
  clearPadding(scores, end);
  for (let j = begin; j < end; j = stripEnd(j, end)) {
    const next = stripEnd(j, end);
    const strip = scores + <usize>j * ROW_BYTES;
    exponentials(strip, scores + <usize>next * ROW_BYTES, maxima, sum);
    addToAnchors(strip, candidates + <usize>j * bytes, <usize>(next - j), partial, dim, bytes);
  }
}

/** Strip ← e^(strip − shift), and its lane sums added to `sum`. */
function exponentials(strip: usize, last: usize, shift: usize, sum: usize): void {
  for (let r: usize = 0; r < ROW_BYTES; r += 16) {
    const s = v128.load(shift + r);
    let total = f32x4.splat(0);
    for (let at = strip + r; at < last; at += ROW_BYTES) {
      const e = exp4(f32x4.sub(v128.load(at), s));
      v128.store(at, e);
      total = f32x4.add(total, e);
    }
    addWide(sum + (r << 1), total);
  }
}

/** Ends a block: its losses, the gradient of its anchors, what its positives get, and each anchor's factor in the
 *  third phase, weight/(τ · Σe).
 *  losses[r] ← weight_r · (log Σ_j e^{⟨a_r,c_j⟩/τ} − ⟨a_r, c_p⟩/τ)
 *  anchors [count × stride], positives [count] u32, weights [count]
 *  losses, factors [count] and dAnchors [count × stride] overwritten; dCandidates[p] accumulated in the order of r */
export function infonce_rows_f32(
  anchors: usize, candidates: usize, positives: usize, weights: usize, count: i32, stride: i32, inverse: f32,
  maxima: usize, sums: usize, partials: usize, chunks: i32,
  losses: usize, factors: usize, dAnchors: usize, dCandidates: usize,
): void {
  const bytes = <usize>stride << 2;
  for (let r: usize = 0; r < <usize>count; r++) {
    let total: f64 = 0;
    for (let c: usize = 0; c < <usize>chunks; c++) total += load<f64>(sums + ((c * BLOCK + r) << 3));
    const a = anchors + r * bytes;
    const positive = rowAt(candidates, positives, r, stride);
    const weight = load<f32>(weights + (r << 2));
    const logarithm = f32x4.extract_lane(log4(f32x4.splat(<f32>total)), 0);
    const highest = load<f32>(maxima + (r << 2));
    store<f32>(losses + (r << 2), weight * (logarithm + (highest - inverse * dot(a, positive, stride))));
    store<f32>(factors + (r << 2), <f32>(<f64>(weight * inverse) / total));
    const share = f32x4.splat(<f32>(1 / total));
    const scale = f32x4.splat(weight * inverse);
    const da = dAnchors + r * bytes;
    const dp = rowAt(dCandidates, positives, r, stride);
    for (let o: usize = 0; o < bytes; o += 16) {
      let pulled = f32x4.splat(0);
      for (let c: usize = 0; c < <usize>chunks; c++) {
        pulled = f32x4.add(pulled, v128.load(partials + (c * BLOCK + r) * bytes + o));
      }
      v128.store(da + o, f32x4.mul(scale, f32x4.sub(f32x4.mul(share, pulled), v128.load(positive + o))));
      v128.store(dp + o, f32x4.sub(v128.load(dp + o), f32x4.mul(scale, v128.load(a + o))));
    }
  }
}

/** Third phase: dC[j] += Σ_r e_jr · factor_r · a_r.
 *  scores: the exponentials; columns: panels of the anchors times their factors; dCandidates [rows × stride]
 *  Cost: 64 · rows · dim flops */
export function infonce_candidates_f32(scores: usize, columns: usize, dCandidates: usize, begin: i32, end: i32, dim: i32, stride: i32): void {
  addToCandidates(scores, columns, dCandidates, begin, end, dim, <usize>stride << 2);
}
