import { tile4x8 } from './gemm';

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
export const ROW_BYTES: usize = BLOCK << 2;
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

/** partial [32 × stride] += Σ weights[j][r] c_j over `count` candidates, for the columns below `dim`. */
export function addToAnchors(weights: usize, candidates: usize, count: usize, partial: usize, dim: i32, bytes: usize): void {
  const end = columnBytes(dim);
  for (let c: usize = 0; c < end; c += 32) {
    for (let r: usize = 0; r < ROW_BYTES; r += 16) {
      addTile(weights + r, 4, ROW_BYTES, candidates + c, bytes, count, partial + (r >> 2) * bytes + c, bytes);
    }
  }
}

/** Bytes of `dim` columns, in whole panels of 8: what a row holds before its padding against aliasing. */
@inline
function columnBytes(dim: i32): usize {
  return <usize>((dim + 7) & ~7) << 2;
}

/** dC[j] += Σ_r weights[j][r] a_r for candidates begin … end−1, and up to the next multiple of 4. */
export function addToCandidates(weights: usize, columns: usize, dCandidates: usize, begin: i32, end: i32, dim: i32, bytes: usize): void {
  const width = columnBytes(dim);
  const panelBytes = BLOCK << 5;
  for (let j = begin; j < end; j += 4) {
    const row = weights + <usize>j * ROW_BYTES;
    const out = dCandidates + <usize>j * bytes;
    let panel = columns;
    for (let c: usize = 0; c < width; c += 32) {
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

/** Four f64 at `to` += four f32. */
@inline
export function addWide(to: usize, x: v128): void {
  const high = i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
  v128.store(to, f64x2.add(v128.load(to), f64x2.promote_low_f32x4(x)));
  v128.store(to, f64x2.add(v128.load(to, 16), f64x2.promote_low_f32x4(high)), 16);
}
