import { madd } from './simd';

// One row of a sparse product over a strip of 16 columns: the sums stay in four registers, and a neighbour is one
// cache line.

/** Columns of a strip: those of a panel. */
export const STRIP: i32 = 16;

/** y [16] ← scale · ((addend or 0) + Σ_e vals[e] · x[cols[e]]), added in the order of e.
 *  addend 0 means none; y may be addend; rows of x are xBytes apart */
@inline
export function weightedStrip(y: usize, addend: usize, x: usize, cols: usize, vals: usize, count: i32, xBytes: usize, scale: f32): void {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  if (addend != 0) {
    s0 = v128.load(addend);
    s1 = v128.load(addend, 16);
    s2 = v128.load(addend, 32);
    s3 = v128.load(addend, 48);
  }
  const toWeight = vals - cols;
  for (const end = cols + (<usize>count << 2); cols < end; cols += 4) {
    const row = x + <usize>load<u32>(cols) * xBytes;
    const w = v128.load32_splat(cols + toWeight);
    s0 = madd(w, v128.load(row), s0);
    s1 = madd(w, v128.load(row, 16), s1);
    s2 = madd(w, v128.load(row, 32), s2);
    s3 = madd(w, v128.load(row, 48), s3);
  }
  const s = f32x4.splat(scale);
  v128.store(y, f32x4.mul(s, s0));
  v128.store(y, f32x4.mul(s, s1), 16);
  v128.store(y, f32x4.mul(s, s2), 32);
  v128.store(y, f32x4.mul(s, s3), 48);
}

/** y [16] ← scale · (addend + norm · Σ_e x[cols[e]]); arguments as weightedStrip. Half the arithmetic: the weights of
 *  D^-½ A D^-½ are products of two norms, one of which is in x and the other in `norm`. */
@inline
export function plainStrip(y: usize, addend: usize, x: usize, cols: usize, norm: f32, count: i32, xBytes: usize, scale: f32): void {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  for (const end = cols + (<usize>count << 2); cols < end; cols += 4) {
    const row = x + <usize>load<u32>(cols) * xBytes;
    s0 = f32x4.add(s0, v128.load(row));
    s1 = f32x4.add(s1, v128.load(row, 16));
    s2 = f32x4.add(s2, v128.load(row, 32));
    s3 = f32x4.add(s3, v128.load(row, 48));
  }
  const w = f32x4.splat(norm);
  const s = f32x4.splat(scale);
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0;
  if (addend != 0) {
    a0 = v128.load(addend);
    a1 = v128.load(addend, 16);
    a2 = v128.load(addend, 32);
    a3 = v128.load(addend, 48);
  }
  v128.store(y, f32x4.mul(s, madd(w, s0, a0)));
  v128.store(y, f32x4.mul(s, madd(w, s1, a1)), 16);
  v128.store(y, f32x4.mul(s, madd(w, s2, a2)), 32);
  v128.store(y, f32x4.mul(s, madd(w, s3, a3)), 48);
}
