import { madd } from './simd';

// One row of a sparse product over a strip of 16 columns: the sums stay in four registers, and a neighbour is one
// cache line. On a table that fits the cache strips take about 10 % less time than four neighbours at a time with a
// store after each vector.

/** What is added where there is no addend: a strip of zeros. */
export const ZEROS = memory.data(64, 64);

/** y [16] ← scale · (addend + Σ_e vals[e] · x[cols[e]]), added in the order of e.
 *  cols up to `end`; y may be addend; rows of x are xBytes apart */
@inline
export function weightedStrip(
  y: usize, addend: usize, x: usize, cols: usize, vals: usize, end: usize, xBytes: usize, scale: f32,
): void {
  let s0 = v128.load(addend), s1 = v128.load(addend, 16), s2 = v128.load(addend, 32), s3 = v128.load(addend, 48);
  if (cols < end) do {
    const row = x + <usize>load<u32>(cols) * xBytes;
    const w = v128.load32_splat(vals);
    s0 = madd(w, v128.load(row), s0);
    s1 = madd(w, v128.load(row, 16), s1);
    s2 = madd(w, v128.load(row, 32), s2);
    s3 = madd(w, v128.load(row, 48), s3);
    cols += 4;
    vals += 4;
  } while (cols < end);
  const s = f32x4.splat(scale);
  v128.store(y, f32x4.mul(s, s0));
  v128.store(y, f32x4.mul(s, s1), 16);
  v128.store(y, f32x4.mul(s, s2), 32);
  v128.store(y, f32x4.mul(s, s3), 48);
}

/** y [16] ← scale · (addend + norm · Σ_e x[cols[e]]); arguments as weightedStrip. Half the arithmetic: the weights of
 *  D^-½ A D^-½ are products of two norms, one of which is in x and the other in `norm`. */
@inline
export function plainStrip(
  y: usize, addend: usize, x: usize, cols: usize, norm: f32, end: usize, xBytes: usize, scale: f32,
): void {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  if (cols < end) do {
    const row = x + <usize>load<u32>(cols) * xBytes;
    s0 = f32x4.add(s0, v128.load(row));
    s1 = f32x4.add(s1, v128.load(row, 16));
    s2 = f32x4.add(s2, v128.load(row, 32));
    s3 = f32x4.add(s3, v128.load(row, 48));
    cols += 4;
  } while (cols < end);
  const w = f32x4.splat(norm);
  const s = f32x4.splat(scale);
  v128.store(y, f32x4.mul(s, madd(w, s0, v128.load(addend))));
  v128.store(y, f32x4.mul(s, madd(w, s1, v128.load(addend, 16))), 16);
  v128.store(y, f32x4.mul(s, madd(w, s2, v128.load(addend, 32))), 32);
  v128.store(y, f32x4.mul(s, madd(w, s3, v128.load(addend, 48))), 48);
}

/** y [bytes] ← the same for the rest of a row, 4 columns at a time: as weightedStrip or, where vals is 0, plainStrip.
 *  addend: `step` bytes from those of 4 columns to the next */
export function restOfRow(
  y: usize, addend: usize, step: usize, x: usize, cols: usize, vals: usize, norm: f32, count: i32, xBytes: usize,
  bytes: usize, scale: f32,
): void {
  for (const end = y + bytes; y < end; y += 16, x += 16, addend += step) {
    const own = v128.load(addend);
    let sum = vals != 0 ? own : f32x4.splat(0);
    for (let e: usize = 0; e < <usize>count << 2; e += 4) {
      const row = v128.load(x + <usize>load<u32>(cols + e) * xBytes);
      sum = vals != 0 ? madd(v128.load32_splat(vals + e), row, sum) : f32x4.add(sum, row);
    }
    if (vals == 0) sum = madd(f32x4.splat(norm), sum, own);
    v128.store(y, f32x4.mul(f32x4.splat(scale), sum));
  }
}
