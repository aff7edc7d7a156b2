import { madd } from './simd';

// Dense products with a packed right-hand side: panels of 8 rows of B, transposed, so that one k-step of a tile
// reads 8 neighbouring numbers. A 4 × 8 tile with one k-step per iteration needs 8 sums + 2 + 4 loads: 14
// registers, the most that V8 keeps without spilling.

/** B [rows × stride] → panels [⌈rows/8⌉ × dim × 8]; missing rows of the last panel become 0. */
export function pack_panels_f32(b: usize, rows: i32, dim: i32, stride: i32, panels: usize): void {
  for (let first = 0; first < rows; first += 8) {
    for (let lane = 0; lane < 8; lane++) {
      const row = b + ((<usize>(first + lane) * <usize>stride) << 2);
      const out = panels + ((<usize>first * <usize>dim + <usize>lane) << 2);
      const present = first + lane < rows;
      for (let k: usize = 0; k < <usize>dim; k++) {
        store<f32>(out + (k << 5), present ? load<f32>(row + (k << 2)) : 0);
      }
    }
  }
}

/** out [4 × outBytes] ← four rows of A times one panel. Reduction order: k ascending, one running sum per element,
 *  so that every score equals the plain scalar loop in f32.
 *  a: first of four rows, aBytes apart; panel [dim × 8] */
@inline
export function tile4x8(a: usize, aBytes: usize, panel: usize, dim: i32, out: usize, outBytes: usize): void {
  let s00 = f32x4.splat(0), s01 = f32x4.splat(0), s10 = f32x4.splat(0), s11 = f32x4.splat(0);
  let s20 = f32x4.splat(0), s21 = f32x4.splat(0), s30 = f32x4.splat(0), s31 = f32x4.splat(0);
  let a0 = a;
  let a1 = a + aBytes;
  let a2 = a1 + aBytes;
  let a3 = a2 + aBytes;
  const end = panel + (<usize>dim << 5);
  for (let b = panel; b < end; b += 32) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const x0 = v128.load32_splat(a0);
    s00 = madd(x0, b0, s00);
    s01 = madd(x0, b1, s01);
    const x1 = v128.load32_splat(a1);
    s10 = madd(x1, b0, s10);
    s11 = madd(x1, b1, s11);
    const x2 = v128.load32_splat(a2);
    s20 = madd(x2, b0, s20);
    s21 = madd(x2, b1, s21);
    const x3 = v128.load32_splat(a3);
    s30 = madd(x3, b0, s30);
    s31 = madd(x3, b1, s31);
    a0 += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
  }
  v128.store(out, s00);
  v128.store(out, s01, 16);
  v128.store(out + outBytes, s10);
  v128.store(out + outBytes, s11, 16);
  v128.store(out + 2 * outBytes, s20);
  v128.store(out + 2 * outBytes, s21, 16);
  v128.store(out + 3 * outBytes, s30);
  v128.store(out + 3 * outBytes, s31, 16);
}

/** C ← A Bᵀ.
 *  a [rows4 × aStride], rows4 = rows rounded up to 4; panels: packed B of n rows; c [rows4 × cStride] overwritten,
 *  cStride ≥ n rounded up to 8 (columns n … are 0)
 *  Accuracy: dim · 2⁻²⁴ relative to Σ|terms|; reduction order: k ascending */
export function gemm_nt_f32(a: usize, rows4: i32, dim: i32, aStride: i32, panels: usize, n: i32, c: usize, cStride: i32): void {
  const aBytes = <usize>aStride << 2;
  const cBytes = <usize>cStride << 2;
  const panelBytes = <usize>dim << 5;
  for (let first = 0; first < n; first += 8) {
    const panel = panels + <usize>(first >> 3) * panelBytes;
    for (let r = 0; r < rows4; r += 4) {
      tile4x8(a + <usize>r * aBytes, aBytes, panel, dim, c + <usize>r * cBytes + (<usize>first << 2), cBytes);
    }
  }
}
