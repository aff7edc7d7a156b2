import { assertTable, madd } from './simd';

// Gram matrices of tall tables.

/** Rows summed in f32 before they are folded into f64. */
const BLOCK: i32 = 128;

/** out[0…3][0…7] += Σ over rows of x[r][i+a] · x[r][j+b], f64. */
@inline
function fold4x8(x: usize, rows: i32, bytes: usize, i: usize, j: usize, out: usize, outBytes: usize): void {
  let s00 = f32x4.splat(0), s01 = f32x4.splat(0), s10 = f32x4.splat(0), s11 = f32x4.splat(0);
  let s20 = f32x4.splat(0), s21 = f32x4.splat(0), s30 = f32x4.splat(0), s31 = f32x4.splat(0);
  let a = x + i;
  let b = x + j;
  for (let r = 0; r < rows; r++) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load32_splat(a);
    s00 = madd(a0, b0, s00);
    s01 = madd(a0, b1, s01);
    const a1 = v128.load32_splat(a, 4);
    s10 = madd(a1, b0, s10);
    s11 = madd(a1, b1, s11);
    const a2 = v128.load32_splat(a, 8);
    s20 = madd(a2, b0, s20);
    s21 = madd(a2, b1, s21);
    const a3 = v128.load32_splat(a, 12);
    s30 = madd(a3, b0, s30);
    s31 = madd(a3, b1, s31);
    a += bytes;
    b += bytes;
  }
  foldVector(out, s00);
  foldVector(out + 32, s01);
  foldVector(out + outBytes, s10);
  foldVector(out + outBytes + 32, s11);
  foldVector(out + 2 * outBytes, s20);
  foldVector(out + 2 * outBytes + 32, s21);
  foldVector(out + 3 * outBytes, s30);
  foldVector(out + 3 * outBytes + 32, s31);
}

@inline
function foldVector(out: usize, sum: v128): void {
  v128.store(out, f64x2.add(v128.load(out), f64x2.promote_low_f32x4(sum)));
  const upper = i8x16.shuffle(sum, sum, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
  v128.store(out, f64x2.add(v128.load(out, 16), f64x2.promote_low_f32x4(upper)), 16);
}

/** Rows begin … end−1 of G ← Xᵀ X, multiples of 4, upper triangle in 4 × 8 tiles (elements below the diagonal of a tile
 *  row are left as computed; the caller mirrors the upper triangle).
 *  x [rows × stride], stride a multiple of 8, pad lanes 0; gram [stride × stride] f64 overwritten
 *  Accuracy: 1e-6 of Σ|terms| against float64 (f32 within 128 rows, f64 across) */
export function gram_f64(x: usize, rows: i32, stride: i32, gram: usize, begin: i32, end: i32): void {
  assertTable(x, stride);
  assert((stride & 7) == 0);
  const bytes = <usize>stride << 2;
  const gramBytes = <usize>stride << 3;
  memory.fill(gram + <usize>begin * gramBytes, 0, gramBytes * <usize>(end - begin));
  for (let first = 0; first < rows; first += BLOCK) {
    const count = min(BLOCK, rows - first);
    const block = x + <usize>first * bytes;
    for (let i = begin; i < end; i += 4) {
      for (let j = i & ~7; j < stride; j += 8) {
        fold4x8(
          block, count, bytes, <usize>i << 2, <usize>j << 2, gram + <usize>i * gramBytes + (<usize>j << 3), gramBytes,
        );
      }
    }
  }
}
