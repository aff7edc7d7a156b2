import {
  addToAnchors, addToCandidates, BLOCK, chunkBegin, chunkOf, SCORE_PANEL_BYTES, scoreStrip, stripEnd, totalOf,
} from './blocks';
import { LN2, log1, pow2x4 } from './math';
import { dot, rowAt } from './simd';

// InfoNCE of anchors against all candidates, for each block of 64 anchors (assembly/blocks.ts): exponentials, sums and
// dA in one pass over the candidates, then, with the sums over all candidates, dC in another. Unit rows have scores of
// at most 1/τ, which is subtracted from them unless e^(−2/τ) is too small; then the maxima are taken first.

/** Scores of a block and the largest of each chunk, for low temperatures.
 *  table: panels of the candidates; splats: the anchors times log₂e/τ; scores overwritten; maxima [chunks × 64]
 *  overwritten
 *  Accuracy: dim · 2⁻²⁴ · 1/τ; Cost: 2 · rows · candidates · dim flops */
export function infonce_scores_f32(
  table: usize, splats: usize, scores: usize, maxima: usize, begin: i32, end: i32, rows: i32, dim: i32, stride: i32,
): void {
  const out = maxima + ((chunkOf(begin) * BLOCK) << 2);
  scoreStrip(table, splats, scores, begin, end, rows, dim, stride);
  hidePadding(scores, end, rows);
  const first = scores + <usize>(begin >> 3) * SCORE_PANEL_BYTES;
  const last = scores + <usize>((end + 7) >> 3) * SCORE_PANEL_BYTES;
  for (let r: usize = 0; r < <usize>rows; r++) {
    let most = v128.load(first + (r << 5));
    for (let at = first + (r << 5); at < last; at += SCORE_PANEL_BYTES) {
      most = f32x4.pmax(f32x4.pmax(most, v128.load(at)), v128.load(at, 16));
    }
    const low = max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1));
    const high = max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3));
    store<f32>(out + (r << 2), max(low, high));
  }
}

/** Scores of the missing candidates of the last panel become so low that their exponentials do not count. */
function hidePadding(scores: usize, end: i32, rows: i32): void {
  for (let j = end; (j & 7) != 0; j++) {
    const lane = scores + <usize>(j >> 3) * SCORE_PANEL_BYTES + (<usize>(j & 7) << 2);
    for (let r: usize = 0; r < <usize>rows; r++) store<f32>(lane + (r << 5), -1e30);
  }
}

/** scores ← 2^(score − shift), their sums, and their products with the candidates, by chunks. Units begin … end−1: each
 *  is `part` anchors of the block against a chunk of candidates, those of the first chunk first. Units of one chunk are
 *  done together.
 *  splats: the anchors times log₂e/τ, or 0 when the scores are there; shifts [64]: log₂e/τ or the maximum of each
 *  anchor; rows, part: multiples of 4
 *  sums [chunks × 64 × 4] and partials [chunks × 64 × stride] overwritten
 *  Nothing overflows; terms below 2^−126 count as 1e-38.
 *  Reduction order: a lane for every fourth candidate; partials by strips of 256; the same for every `part`
 *  Cost: 4 · rows · candidates · dim flops and rows · candidates exponentials */
export function infonce_weights_f32(
  table: usize, splats: usize, scores: usize, shifts: usize, sums: usize, partials: usize,
  begin: i32, end: i32, candidates: i32, rows: i32, part: i32, dim: i32, stride: i32,
): void {
  const parts = (rows + part - 1) / part;
  for (let unit = begin; unit < end;) {
    const chunk = unit / parts;
    const next = min(end, (chunk + 1) * parts);
    const first = (unit - chunk * parts) * part;
    const last = min((next - chunk * parts) * part, rows);
    const r = <usize>chunk * BLOCK + <usize>first;
    weightsOfChunk(
      table, splats != 0 ? splats + ((<usize>first * <usize>dim) << 4) : 0, scores + (<usize>first << 5),
      shifts + (<usize>first << 2), sums + (r << 4), partials + ((r * <usize>stride) << 2), chunkBegin(chunk),
      min(chunkBegin(chunk + 1), candidates), last - first, dim, stride,
    );
    unit = next;
  }
}

/** infonce_weights_f32 for `rows` anchors and the candidates begin … end−1 of a chunk. */
function weightsOfChunk(
  table: usize, splats: usize, scores: usize, shifts: usize, sum: usize, partial: usize, begin: i32, end: i32,
  rows: i32, dim: i32, stride: i32,
): void {
  memory.fill(sum, 0, <usize>rows << 4);
  memory.fill(partial, 0, (<usize>rows * <usize>stride) << 2);
  for (let j = begin; j < end; j = stripEnd(j, end)) {
    const next = stripEnd(j, end);
    if (splats != 0) {
      scoreStrip(table, splats, scores, j, next, rows, dim, stride);
      hidePadding(scores, next, rows);
    }
    exponentials(scores, j, next, shifts, sum, rows);
    addToAnchors(scores, table, partial, j, next, rows, dim, stride);
  }
}

/** Strip ← 2^(strip − shift), and its sums over every fourth candidate added to `sum` [rows × 4]. */
function exponentials(scores: usize, begin: i32, end: i32, shifts: usize, sum: usize, rows: i32): void {
  const first = scores + <usize>(begin >> 3) * SCORE_PANEL_BYTES;
  const last = scores + <usize>((end + 7) >> 3) * SCORE_PANEL_BYTES;
  for (let half: usize = 0; half < <usize>rows << 5; half += 16) {
    const r = half >> 5;
    const s = v128.load32_splat(shifts + (r << 2));
    let total = v128.load(sum + (r << 4));
    for (let at = first + half; at < last; at += SCORE_PANEL_BYTES) {
      const e = pow2x4(f32x4.sub(v128.load(at), s));
      v128.store(at, e);
      total = f32x4.add(total, e);
    }
    v128.store(sum + (r << 4), total);
  }
}

/** Ends a block: its losses, the gradient of its anchors, what its positives get, and each anchor's factor of dC,
 *  weight/(τ · Σe).
 *  losses[r] ← weight_r · (log Σ_j e^{⟨a_r,c_j⟩/τ} − ⟨a_r, c_p⟩/τ)
 *  anchors [count × stride], candidates [· × stride], positives [count] u32, weights [count]
 *  losses, factors [count] and dAnchors [count × stride] overwritten; dPanels[p] accumulated in the order of r */
export function infonce_rows_f32(
  anchors: usize, candidates: usize, positives: usize, weights: usize, count: i32, stride: i32, inverse: f32,
  shifts: usize, sums: usize, partials: usize, chunks: i32,
  losses: usize, factors: usize, dAnchors: usize, dPanels: usize,
): void {
  const bytes = <usize>stride << 2;
  for (let r: usize = 0; r < <usize>count; r++) {
    const total = totalOf(sums, r, chunks);
    const a = anchors + r * bytes;
    const positive = rowAt(candidates, positives, r, stride);
    const weight = load<f32>(weights + (r << 2));
    const logarithm = log1(<f32>total);
    const shift = load<f32>(shifts + (r << 2));
    store<f32>(losses + (r << 2), weight * (logarithm + (LN2 * shift - inverse * dot(a, positive, stride))));
    store<f32>(factors + (r << 2), <f32>(<f64>(weight * inverse) / total));
    const share = f32x4.splat(<f32>(1 / total));
    const scale = weight * inverse;
    const da = dAnchors + r * bytes;
    for (let o: usize = 0; o < bytes; o += 16) {
      let pulled = f32x4.splat(0);
      for (let c: usize = 0; c < <usize>chunks; c++) {
        pulled = f32x4.add(pulled, v128.load(partials + (c * BLOCK + r) * bytes + o));
      }
      v128.store(da + o, f32x4.mul(f32x4.splat(scale), f32x4.sub(f32x4.mul(share, pulled), v128.load(positive + o))));
    }
    const p = <usize>load<u32>(positives + (r << 2));
    const dp = dPanels + (p >> 3) * (bytes << 3) + ((p & 7) << 2);
    for (let o: usize = 0; o < bytes; o += 4)
      store<f32>(dp + (o << 3), load<f32>(dp + (o << 3)) - scale * load<f32>(a + o));
  }
}

/** dC[j] += Σ_r e_jr · factor_r · a_r.
 *  scores: the exponentials; columns: the anchors' columns times their factors; dPanels accumulated
 *  Cost: 2 · rows · candidates · dim flops */
export function infonce_candidates_f32(
  scores: usize, columns: usize, dPanels: usize, begin: i32, end: i32, rows: i32, dim: i32, stride: i32,
): void {
  for (let j = begin; j < end; j = stripEnd(j, end)) {
    addToCandidates(scores, columns, dPanels, j, stripEnd(j, end), rows, dim, stride);
  }
}
