import { madd } from './simd';

// One row of a sparse product, strip by strip: 32 columns whose sums stay in eight registers, then 16, then 4 at a time.
// The inner loop has one neighbour a turn and no store: fewer instructions surround a cache line than where sums go
// to memory and back.

/** The addend where there is none. */
const ZEROS = memory.data(128, 16);

/** `vectors` (8, 4 or 1) vectors of y ← scale · (addend + Σ …); `vectors` and `weighted` are literals at every call, so
 *  that each call inlines to straight code. */
@inline
function strip(y: usize, addend: usize, x: usize, cols: usize, vals: usize, norm: f32, count: i32, xBytes: usize, scale: f32, vectors: i32, weighted: bool): void {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
  if (weighted) {
    s0 = v128.load(addend);
    if (vectors > 1) s1 = v128.load(addend, 16);
    if (vectors > 1) s2 = v128.load(addend, 32);
    if (vectors > 1) s3 = v128.load(addend, 48);
    if (vectors > 4) s4 = v128.load(addend, 64);
    if (vectors > 4) s5 = v128.load(addend, 80);
    if (vectors > 4) s6 = v128.load(addend, 96);
    if (vectors > 4) s7 = v128.load(addend, 112);
  }
  const toWeight = vals - cols;
  for (const end = cols + (<usize>count << 2); cols < end; cols += 4) {
    const row = x + <usize>load<u32>(cols) * xBytes;
    const w = weighted ? v128.load32_splat(cols + toWeight) : s0;
    s0 = term(s0, w, v128.load(row), weighted);
    if (vectors > 1) s1 = term(s1, w, v128.load(row, 16), weighted);
    if (vectors > 1) s2 = term(s2, w, v128.load(row, 32), weighted);
    if (vectors > 1) s3 = term(s3, w, v128.load(row, 48), weighted);
    if (vectors > 4) s4 = term(s4, w, v128.load(row, 64), weighted);
    if (vectors > 4) s5 = term(s5, w, v128.load(row, 80), weighted);
    if (vectors > 4) s6 = term(s6, w, v128.load(row, 96), weighted);
    if (vectors > 4) s7 = term(s7, w, v128.load(row, 112), weighted);
  }
  const n = f32x4.splat(norm);
  const s = f32x4.splat(scale);
  v128.store(y, f32x4.mul(s, weighted ? s0 : madd(n, s0, v128.load(addend))));
  if (vectors > 1) v128.store(y, f32x4.mul(s, weighted ? s1 : madd(n, s1, v128.load(addend, 16))), 16);
  if (vectors > 1) v128.store(y, f32x4.mul(s, weighted ? s2 : madd(n, s2, v128.load(addend, 32))), 32);
  if (vectors > 1) v128.store(y, f32x4.mul(s, weighted ? s3 : madd(n, s3, v128.load(addend, 48))), 48);
  if (vectors > 4) v128.store(y, f32x4.mul(s, weighted ? s4 : madd(n, s4, v128.load(addend, 64))), 64);
  if (vectors > 4) v128.store(y, f32x4.mul(s, weighted ? s5 : madd(n, s5, v128.load(addend, 80))), 80);
  if (vectors > 4) v128.store(y, f32x4.mul(s, weighted ? s6 : madd(n, s6, v128.load(addend, 96))), 96);
  if (vectors > 4) v128.store(y, f32x4.mul(s, weighted ? s7 : madd(n, s7, v128.load(addend, 112))), 112);
}

/** sum + weight · x, or sum + x */
@inline
function term(sum: v128, weight: v128, x: v128, weighted: bool): v128 {
  return weighted ? madd(weight, x, sum) : f32x4.add(sum, x);
}

/** y ← scale · ((addend or 0) + Σ_e vals[e] · x[cols[e]]), added in the order of e.
 *  y, addend [bytes], addend 0 means none, y may be addend; rows of x are xBytes apart; bytes a multiple of 16 */
function weightedRow(y: usize, addend: usize, x: usize, cols: usize, vals: usize, count: i32, xBytes: usize, bytes: usize, scale: f32): void {
  let o: usize = 0;
  for (; o + 128 <= bytes; o += 128) strip(y + o, addend != 0 ? addend + o : ZEROS, x + o, cols, vals, 1, count, xBytes, scale, 8, true);
  for (; o + 64 <= bytes; o += 64) strip(y + o, addend != 0 ? addend + o : ZEROS, x + o, cols, vals, 1, count, xBytes, scale, 4, true);
  for (; o < bytes; o += 16) strip(y + o, addend != 0 ? addend + o : ZEROS, x + o, cols, vals, 1, count, xBytes, scale, 1, true);
}

/** y ← scale · ((addend or 0) + norm · Σ_e x[cols[e]]); arguments as weightedRow. Half the arithmetic: the weights of
 *  D^-½ A D^-½ are products of two norms, one of which is in x and the other in `norm`. */
function plainRow(y: usize, addend: usize, x: usize, cols: usize, norm: f32, count: i32, xBytes: usize, bytes: usize, scale: f32): void {
  let o: usize = 0;
  for (; o + 128 <= bytes; o += 128) strip(y + o, addend != 0 ? addend + o : ZEROS, x + o, cols, 0, norm, count, xBytes, scale, 8, false);
  for (; o + 64 <= bytes; o += 64) strip(y + o, addend != 0 ? addend + o : ZEROS, x + o, cols, 0, norm, count, xBytes, scale, 4, false);
  for (; o < bytes; o += 16) strip(y + o, addend != 0 ? addend + o : ZEROS, x + o, cols, 0, norm, count, xBytes, scale, 1, false);
}

/** One row of a panel: y ← scale · ((addend or 0) + Σ_e weight · x[cols[e]]), the weights vals[e], or `norm` where vals
 *  is 0.
 *  y, addend [bytes]; rows of x are xBytes apart. Reduction order: with vals addend, then e ascending; else the sum
 *  over e ascending, then addend */
export function product_row(y: usize, addend: usize, x: usize, cols: usize, vals: usize, norm: f32, count: i32, xBytes: usize, bytes: usize, scale: f32): void {
  if (vals == 0) plainRow(y, addend, x, cols, norm, count, xBytes, bytes, scale);
  else weightedRow(y, addend, x, cols, vals, count, xBytes, bytes, scale);
}
