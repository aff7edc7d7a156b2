import { ANCHOR_BLOCK, CANDIDATE_CHUNK } from './constants';
import { NOTHING, pack_panels_f32, splatTiles } from './gemm';
import { madd } from './simd';

// Contrastive losses in blocks of 64 anchors against all candidates. A candidate is a lane: tables of candidates, their
// scores and their gradients stand in panels of 8 (pack_panels_f32), so that all three products read and write them in
// storage order. What is not in lanes is splatted once for a block, [step][4 rows][4 lanes]:
//
//   scores[r][j] = ⟨a_r, c_j⟩ s        4 anchors, splatted, × a panel; a step is a column
//   dA[r] += Σ_j weight[r][j] c_j       2 anchors × 4 columns, a lane for every fourth j; summed per chunk, chunks in
//   order
//   dC[j] += Σ_r weight[r][j] a_r       4 columns of the anchors, splatted, × a panel; a step is an anchor
//
//   table, dPanels [⌈candidates/8⌉ × stride × 8]     scores [⌈candidates/8⌉ × (64 + 8) × 8]
//
// A panel is an odd multiple of 256 bytes, by strides that are odd multiples of 8: even ones alias in the cache. What
// is summed over candidates is summed by chunks of CHUNK, whatever the number of threads; `rows` are the anchors of a
// block, up to a multiple of 4.

/** Anchors in a block. */
export const BLOCK: usize = <usize>ANCHOR_BLOCK;
/** Bytes of a panel of scores. */
export const SCORE_PANEL_BYTES: usize = (BLOCK + 8) << 5;
/** What has been summed over a chunk of candidates stands in one place of `sums` and `partials`. */
const CHUNK: i32 = CANDIDATE_CHUNK;
/** Candidates whose panels and weights are used while they are in the second-level cache. */
const STRIP_CANDIDATES: i32 = 256;

/** A block's anchors, times `scale`, splatted.
 *  anchors [count × stride], count ≤ 64; splats [16 × dim × 4 × 4], missing anchors 0 */
export function splat_anchors_f32(anchors: usize, count: i32, dim: i32, stride: i32, scale: f32, splats: usize): void {
  for (let r: usize = 0; r < BLOCK; r++) {
    const row = anchors + ((r * <usize>stride) << 2);
    const out = splats + (((r >> 2) * <usize>dim) << 6) + ((r & 3) << 4);
    const factor: f32 = <i32>r < count ? scale : 0;
    for (let k: usize = 0; k < <usize>dim; k++) {
      v128.store(out + (k << 6), f32x4.splat(factor != 0 ? factor * load<f32>(row + (k << 2)) : 0));
    }
  }
}

/** The columns of a block's anchors, each anchor times its factor, splatted.
 *  anchors [count × stride], factors [count] or 0 for all 1; splats [⌈dim/4⌉ × 64 × 4 × 4], missing anchors 0 */
export function splat_columns_f32(
  anchors: usize, count: i32, dim: i32, stride: i32, factors: usize, splats: usize,
): void {
  for (let r: usize = 0; r < BLOCK; r++) {
    const row = anchors + ((r * <usize>stride) << 2);
    const present = <i32>r < count;
    const factor: f32 = present && factors != 0 ? load<f32>(factors + (r << 2)) : 1;
    for (let k: usize = 0; k < <usize>((dim + 3) & ~3); k++) {
      const out = splats + ((k >> 2) * (BLOCK << 6)) + (r << 6) + ((k & 3) << 4);
      v128.store(out, f32x4.splat(present ? factor * load<f32>(row + (k << 2)) : 0));
    }
  }
}

/** A table in place from rows to panels of 8.
 *  table [rows × stride], rows a multiple of 8; room [8 × stride] scratch */
export function rows_to_panels_f32(table: usize, rows: i32, stride: i32, room: usize): void {
  const bytes = <usize>stride << 5;
  for (let r = 0; r < rows; r += 8) {
    memory.copy(room, table, bytes);
    pack_panels_f32(room, 8, stride, stride, table);
    table += bytes;
  }
}

/** The way back from rows_to_panels_f32. */
export function panels_to_rows_f32(table: usize, rows: i32, stride: i32, room: usize): void {
  const bytes = <usize>stride << 5;
  for (let r = 0; r < rows; r += 8) {
    memory.copy(room, table, bytes);
    for (let lane: usize = 0; lane < 8; lane++) {
      for (let k: usize = 0; k < <usize>stride; k++) {
        store<f32>(table, load<f32>(room + (k << 5) + (lane << 2)));
        table += 4;
      }
    }
  }
}

/** Panels of candidates begin … end−1. */
@inline
function panelsOf(begin: i32, end: i32): i32 {
  return max((end - begin + 7) >> 3, 0);
}

/** Scores of candidates begin … end−1, and up to the next multiple of 8.  splats: the anchors, scaled */
export function scoreStrip(
  table: usize, splats: usize, scores: usize, begin: i32, end: i32, rows: i32, dim: i32, stride: i32,
): void {
  const first = <usize>(begin >> 3);
  const panelBytes = <usize>stride << 5;
  table += first * panelBytes;
  scores += first * SCORE_PANEL_BYTES;
  for (let r: usize = 0; r < <usize>rows; r += 4) {
    const own = splats + ((r * <usize>dim) << 4);
    splatTiles(
      own, table, <usize>dim, panelBytes, panelsOf(begin, end), NOTHING, 0, 0, scores + (r << 5), 32,
      SCORE_PANEL_BYTES,
    );
  }
}

/** dPanels[j] += Σ_r weights[r][j] a_r for candidates begin … end−1, and up to the next multiple of 8. */
export function addToCandidates(
  weights: usize, columns: usize, dPanels: usize, begin: i32, end: i32, rows: i32, dim: i32, stride: i32,
): void {
  const first = <usize>(begin >> 3);
  const panelBytes = <usize>stride << 5;
  weights += first * SCORE_PANEL_BYTES;
  for (let k: usize = 0; k < <usize>dim; k += 4) {
    const tile = dPanels + first * panelBytes + (k << 5);
    splatTiles(
      columns + k * (BLOCK << 4), weights, <usize>rows, SCORE_PANEL_BYTES, panelsOf(begin, end), tile, 32, panelBytes,
      tile, 32, panelBytes,
    );
  }
}

/** partial [rows × stride] += Σ_j weights[r][j] c_j over candidates begin … end−1; rows of the table that are
 *  missing in the last panel are zero. 16 columns at a time, which stay in the first-level cache.
 *  Reduction order: every fourth j in a lane, its first four of 8 before its last, j ascending; (l0 + l2) +
 *  (l1 + l3). */
export function addToAnchors(
  weights: usize, table: usize, partial: usize, begin: i32, end: i32, rows: i32, dim: i32, stride: i32,
): void {
  const first = <usize>(begin >> 3);
  const bytes = <usize>stride << 2;
  const length = <usize>panelsOf(begin, end) * SCORE_PANEL_BYTES;
  for (let some: usize = 0; some < <usize>dim; some += 16) {
    const behind = min(some + 16, <usize>dim);
    for (let r: usize = 0; r < <usize>rows; r += 2) {
      const from = weights + first * SCORE_PANEL_BYTES + (r << 5);
      for (let k = some; k < behind; k += 4) {
        laneTile(
          from, from + length, table + ((first * <usize>stride + k) << 5), bytes << 3, partial + r * bytes + (k << 2),
          bytes,
        );
      }
    }
  }
}

/** Two rows of weights times four columns of a table, over the panels from `w` to `end`, added to out [2 × 4].
 *  The exit within a turn is never taken; it keeps V8 from loading both halves at once, as in splatTiles. */
@inline
function laneTile(w: usize, end: usize, table: usize, panelBytes: usize, out: usize, outBytes: usize): void {
  let s00 = f32x4.splat(0), s01 = f32x4.splat(0), s02 = f32x4.splat(0), s03 = f32x4.splat(0);
  let s10 = f32x4.splat(0), s11 = f32x4.splat(0), s12 = f32x4.splat(0), s13 = f32x4.splat(0);
  for (; w < end; w += SCORE_PANEL_BYTES) {
    let w0 = v128.load(w);
    let w1 = v128.load(w, 32);
    let x = v128.load(table);
    s00 = madd(x, w0, s00);
    s10 = madd(x, w1, s10);
    x = v128.load(table, 32);
    s01 = madd(x, w0, s01);
    s11 = madd(x, w1, s11);
    x = v128.load(table, 64);
    s02 = madd(x, w0, s02);
    s12 = madd(x, w1, s12);
    x = v128.load(table, 96);
    s03 = madd(x, w0, s03);
    s13 = madd(x, w1, s13);
    if (w == end) break;
    w0 = v128.load(w, 16);
    w1 = v128.load(w, 48);
    x = v128.load(table, 16);
    s00 = madd(x, w0, s00);
    s10 = madd(x, w1, s10);
    x = v128.load(table, 48);
    s01 = madd(x, w0, s01);
    s11 = madd(x, w1, s11);
    x = v128.load(table, 80);
    s02 = madd(x, w0, s02);
    s12 = madd(x, w1, s12);
    x = v128.load(table, 112);
    s03 = madd(x, w0, s03);
    s13 = madd(x, w1, s13);
    table += panelBytes;
  }
  v128.store(out, f32x4.add(v128.load(out), sums4(s00, s01, s02, s03)));
  v128.store(out + outBytes, f32x4.add(v128.load(out + outBytes), sums4(s10, s11, s12, s13)));
}

/** The sums of the lanes of four vectors, (l0 + l2) + (l1 + l3) each. */
@inline
function sums4(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}

/** Place of a chunk's partial results. */
@inline
export function chunkOf(begin: i32): usize {
  return <usize>(begin / CHUNK);
}

/** The first candidate of a chunk. */
@inline
export function chunkBegin(chunk: i32): i32 {
  return chunk * CHUNK;
}

/** End of the strip that begins at j. */
@inline
export function stripEnd(j: i32, end: i32): i32 {
  return min(j + STRIP_CANDIDATES, end);
}

/** Σ over the chunks and their four lanes of sums[·][r], in float64.  sums [chunks × 64 × 4] */
export function totalOf(sums: usize, r: usize, chunks: i32): f64 {
  let total: f64 = 0;
  for (let c: usize = 0; c < <usize>chunks; c++) {
    const at = sums + ((c * BLOCK + r) << 4);
    for (let lane: usize = 0; lane < 16; lane += 4) total += <f64>load<f32>(at + lane);
  }
  return total;
}
