import { tile4x8 } from './gemm';
import { exp4, log4 } from './math';
import { dot, rowAt } from './simd';

// Contrastive losses in blocks of 32 anchors against all candidates. The scores of a block stand transposed,
// [candidates × 32], so that a lane is an anchor: maxima, sums and exponentials run down the lanes, and all three
// products read their operands in storage order:
//
//   scores[j][r] = ⟨c_j, a_r⟩/τ        4 candidates × a panel of 8 anchors
//   dA[r] += Σ_j weight[j][r] c_j       4 anchors × 8 columns, summed per chunk, chunks added in order
//   dC[j] += Σ_r weight[j][r] a_r       4 candidates × a panel of 8 columns
//
// Tables are of unit rows with a stride that is an odd multiple of 8: an even one aliases in the cache. They have
// rows up to a multiple of 4. A row kernel's chunks are CHUNK candidates each, whatever the number of threads.

/** Anchors in a block. */
export const BLOCK: usize = 32;
const ROW_BYTES: usize = BLOCK << 2;
/** Candidates in a chunk: what has been summed over them stands in one place of `sums` and `partials`. */
const CHUNK: i32 = 512;
/** Candidates whose weights are used while they are in the first-level cache. */
const STRIP: i32 = 128;

/** Panels of a block's anchors, times `scale`.
 *  anchors [count × stride], count ≤ 32; panels [4 × dim × 8], missing anchors 0 */
export function pack_anchors_f32(anchors: usize, count: i32, dim: i32, stride: i32, scale: f32, panels: usize): void {
  for (let lane: usize = 0; lane < BLOCK; lane++) {
    const row = anchors + ((lane * <usize>stride) << 2);
    const out = panels + (((lane >> 3) * <usize>dim) << 5) + ((lane & 7) << 2);
    const present = <i32>lane < count;
    for (let k: usize = 0; k < <usize>dim; k++) {
      store<f32>(out + (k << 5), present ? scale * load<f32>(row + (k << 2)) : 0);
    }
  }
}

/** Panels of 8 columns of a block's anchors, each anchor times its factor.
 *  anchors [count × stride], factors [count] or 0 for all 1; panels [stride/8 × 32 × 8], missing anchors 0 */
export function pack_anchor_columns_f32(anchors: usize, count: i32, stride: i32, factors: usize, panels: usize): void {
  const panelBytes = BLOCK << 5;
  for (let lane: usize = 0; lane < BLOCK; lane++) {
    const present = <i32>lane < count;
    const factor: f32 = !present ? 0 : factors != 0 ? load<f32>(factors + (lane << 2)) : 1;
    const f = f32x4.splat(factor);
    let row = anchors + ((lane * <usize>stride) << 2);
    let out = panels + (lane << 5);
    for (let c = 0; c < stride; c += 8) {
      v128.store(out, present ? f32x4.mul(f, v128.load(row)) : f32x4.splat(0));
      v128.store(out, present ? f32x4.mul(f, v128.load(row, 16)) : f32x4.splat(0), 16);
      row += 32;
      out += panelBytes;
    }
  }
}

/** scores[j][0 … 31] ← ⟨c_j, a_r⟩/τ for candidates begin … end−1, and up to the next multiple of 4. */
@inline
export function scoreRows(candidates: usize, panels: usize, scores: usize, begin: i32, end: i32, dim: i32, stride: i32): void {
  const bytes = <usize>stride << 2;
  const panelBytes = <usize>dim << 5;
  for (let j = begin; j < end; j += 4) {
    const row = candidates + <usize>j * bytes;
    const out = scores + <usize>j * ROW_BYTES;
    for (let p: usize = 0; p < BLOCK >> 3; p++) {
      tile4x8(row, bytes, panels + p * panelBytes, dim, out + (p << 5), ROW_BYTES);
    }
  }
}

/** out [4 × outBytes] += a four-row, k-column operand times k rows of 8 numbers.
 *  a: element (i, k) at i·aRow + k·aStep; b: row k at k·bStep. Reduction order: k ascending, then added to out. */
@inline
function addTile(a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, count: usize, out: usize, outBytes: usize): void {
  let s00 = f32x4.splat(0), s01 = f32x4.splat(0), s10 = f32x4.splat(0), s11 = f32x4.splat(0);
  let s20 = f32x4.splat(0), s21 = f32x4.splat(0), s30 = f32x4.splat(0), s31 = f32x4.splat(0);
  let a0 = a;
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let a3 = a2 + aRow;
  const end = b + count * bStep;
  for (; b < end; b += bStep) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const x0 = v128.load32_splat(a0);
    s00 = f32x4.add(s00, f32x4.mul(x0, b0));
    s01 = f32x4.add(s01, f32x4.mul(x0, b1));
    const x1 = v128.load32_splat(a1);
    s10 = f32x4.add(s10, f32x4.mul(x1, b0));
    s11 = f32x4.add(s11, f32x4.mul(x1, b1));
    const x2 = v128.load32_splat(a2);
    s20 = f32x4.add(s20, f32x4.mul(x2, b0));
    s21 = f32x4.add(s21, f32x4.mul(x2, b1));
    const x3 = v128.load32_splat(a3);
    s30 = f32x4.add(s30, f32x4.mul(x3, b0));
    s31 = f32x4.add(s31, f32x4.mul(x3, b1));
    a0 += aStep;
    a1 += aStep;
    a2 += aStep;
    a3 += aStep;
  }
  addTo(out, s00, s01);
  addTo(out + outBytes, s10, s11);
  addTo(out + 2 * outBytes, s20, s21);
  addTo(out + 3 * outBytes, s30, s31);
}

@inline
function addTo(out: usize, low: v128, high: v128): void {
  v128.store(out, f32x4.add(v128.load(out), low));
  v128.store(out, f32x4.add(v128.load(out, 16), high), 16);
}

/** partial [32 × stride] += Σ weights[j][r] c_j over `count` candidates. */
export function addToAnchors(weights: usize, candidates: usize, count: usize, partial: usize, bytes: usize): void {
  for (let c: usize = 0; c < bytes; c += 32) {
    for (let r: usize = 0; r < ROW_BYTES; r += 16) {
      addTile(weights + r, 4, ROW_BYTES, candidates + c, bytes, count, partial + (r >> 2) * bytes + c, bytes);
    }
  }
}

/** dC[j] += Σ_r weights[j][r] a_r for candidates begin … end−1, and up to the next multiple of 4. */
export function addToCandidates(weights: usize, columns: usize, dCandidates: usize, begin: i32, end: i32, bytes: usize): void {
  const panelBytes = BLOCK << 5;
  for (let j = begin; j < end; j += 4) {
    const row = weights + <usize>j * ROW_BYTES;
    const out = dCandidates + <usize>j * bytes;
    let panel = columns;
    for (let c: usize = 0; c < bytes; c += 32) {
      addTile(row, ROW_BYTES, 4, panel, 32, BLOCK, out + c, bytes);
      panel += panelBytes;
    }
  }
}

/** Place of a chunk's partial results. */
@inline
export function chunkOf(begin: i32): usize {
  return <usize>(begin / CHUNK);
}

/** End of the strip that begins at j. */
@inline
export function stripEnd(j: i32, end: i32): i32 {
  return min(j + STRIP, end);
}

/** The weights of rows that only fill up the last tile become 0. */
@inline
export function clearPadding(scores: usize, end: i32): void {
  const from = <usize>end * ROW_BYTES;
  memory.fill(scores + from, 0, <usize>((end + 3) & ~3) * ROW_BYTES - from);
}

/** First phase of a block: its scores, and the largest of each chunk.
 *  candidates [rows × stride]; panels of the anchors times 1/τ; scores [rows × 32] overwritten;
 *  maxima [chunks × 32] overwritten
 *  Accuracy: dim · 2⁻²⁴ · 1/τ; Cost: 64 · rows · dim flops */
export function infonce_scores_f32(candidates: usize, panels: usize, scores: usize, maxima: usize, begin: i32, end: i32, dim: i32, stride: i32): void {
  scoreRows(candidates, panels, scores, begin, end, dim, stride);
  const out = maxima + chunkOf(begin) * ROW_BYTES;
  const last = scores + <usize>end * ROW_BYTES;
  for (let r: usize = 0; r < ROW_BYTES; r += 16) {
    let most = v128.load(scores + <usize>begin * ROW_BYTES + r);
    for (let at = scores + <usize>begin * ROW_BYTES + r; at < last; at += ROW_BYTES) most = f32x4.max(most, v128.load(at));
    v128.store(out + r, most);
  }
}

/** maxima[0] ← the maximum of all chunks, lane by lane. */
export function infonce_maxima_f32(maxima: usize, chunks: i32): void {
  for (let r: usize = 0; r < ROW_BYTES; r += 16) {
    let most = v128.load(maxima + r);
    for (let c: usize = 1; c < <usize>chunks; c++) most = f32x4.max(most, v128.load(maxima + c * ROW_BYTES + r));
    v128.store(maxima + r, most);
  }
}

/** Second phase: scores ← e^(score − maximum), their sums, and their products with the candidates, by chunks.
 *  The largest term of a lane is 1, so that nothing overflows; terms below e^−87 count as 1e-38.
 *  maxima [32]; sums [chunks × 32] f64 and partials [chunks × 32 × stride] overwritten
 *  Reduction order: strips of 128 candidates in f32, strips in float64 (sums) or f32 (partials)
 *  Cost: 64 · rows · dim flops and 32 · rows exponentials */
export function infonce_weights_f32(candidates: usize, scores: usize, maxima: usize, sums: usize, partials: usize, begin: i32, end: i32, stride: i32): void {
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
    addToAnchors(strip, candidates + <usize>j * bytes, <usize>(next - j), partial, bytes);
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

/** Four f64 at `to` += four f32. */
@inline
export function addWide(to: usize, x: v128): void {
  const high = i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
  v128.store(to, f64x2.add(v128.load(to), f64x2.promote_low_f32x4(x)));
  v128.store(to, f64x2.add(v128.load(to, 16), f64x2.promote_low_f32x4(high)), 16);
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
export function infonce_candidates_f32(scores: usize, columns: usize, dCandidates: usize, begin: i32, end: i32, stride: i32): void {
  addToCandidates(scores, columns, dCandidates, begin, end, <usize>stride << 2);
}

/** Rows of length 1: out[i] ← x[rows[i]]/‖x[rows[i]]‖, and the inverse norms. A row whose norm is below 1e-12 becomes
 *  a zero row with inverse norm 0, so that it takes no gradient (PyTorch's F.normalize divides it by 1e-12).
 *  x [· × stride]; rows [count] u32, or 0 for 0 … count−1; out [count × outStride], inverseNorms [count] overwritten */
export function unit_rows_f32(x: usize, rows: usize, count: i32, stride: i32, out: usize, outStride: i32, inverseNorms: usize): void {
  const bytes = <usize>stride << 2;
  for (let i: usize = 0; i < <usize>count; i++) {
    const row = rows != 0 ? rowAt(x, rows, i, stride) : x + i * bytes;
    const to = out + ((i * <usize>outStride) << 2);
    const norm = sqrt<f32>(dot(row, row, stride));
    const inverse: f32 = norm < 1e-12 ? 0 : 1 / norm;
    store<f32>(inverseNorms + (i << 2), inverse);
    const s = f32x4.splat(inverse);
    for (let o: usize = 0; o < bytes; o += 16) v128.store(to + o, f32x4.mul(s, v128.load(row + o)));
    memory.fill(to + bytes, 0, ((<usize>outStride) << 2) - bytes);
  }
}

/** The gradient through unit_rows_f32: dx[i] += scale/‖x_i‖ · (du_i − u_i ⟨u_i, du_i⟩).
 *  unit, dUnit [count × unitStride]; dx [count × stride] accumulated */
export function unit_rows_backward_f32(
  unit: usize, dUnit: usize, count: i32, unitStride: i32, inverseNorms: usize, scale: f32, dx: usize, stride: i32,
): void {
  const bytes = <usize>stride << 2;
  const unitBytes = <usize>unitStride << 2;
  for (let i: usize = 0; i < <usize>count; i++) {
    const u = unit + i * unitBytes;
    const du = dUnit + i * unitBytes;
    const to = dx + i * bytes;
    const along = f32x4.splat(dot(u, du, unitStride));
    const s = f32x4.splat(scale * load<f32>(inverseNorms + (i << 2)));
    for (let o: usize = 0; o < bytes; o += 16) {
      const across = f32x4.sub(v128.load(du + o), f32x4.mul(along, v128.load(u + o)));
      v128.store(to + o, f32x4.add(v128.load(to + o), f32x4.mul(s, across)));
    }
  }
}
