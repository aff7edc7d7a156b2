// Dropout (Srivastava et al. 2014) by the counter-based generator of assembly/random.ts: the factor of an element
// depends on the seed, the update and the element's place alone. Four blocks of Philox4x32-10 stand in the lanes of a
// vector.

/** The low words of four products c · m. */
@inline
function low(even: v128, odd: v128): v128 {
  return v128.shuffle<u32>(even, odd, 0, 2, 4, 6);
}

/** The high words of four products c · m. */
@inline
function high(even: v128, odd: v128): v128 {
  return v128.shuffle<u32>(even, odd, 1, 3, 5, 7);
}

/** factors[n] ← 0 where word n of the sequence is below `threshold`, else `kept`.
 *  factors [count], count a multiple of 4 with room up to a multiple of 16, overwritten up to there
 *  threshold: the share that is dropped times 2³²; kept: 1/(1 − share) */
export function dropout_factors_f32(
  factors: usize, count: i32, threshold: u32, kept: f32, k0: u32, k1: u32, place: u32, purpose: u32, round: u32,
): void {
  const m0 = i32x4.splat(<i32>0xd2511f53);
  const m1 = i32x4.splat(<i32>0xcd9e8d57);
  const limit = i32x4.splat(threshold);
  const factor = f32x4.splat(kept);
  for (let n = 0; n < count; n += 16) {
    let c0 = i32x4.add(i32x4.splat(n >> 2), i32x4(0, 1, 2, 3));
    let c1 = i32x4.splat(place);
    let c2 = i32x4.splat(purpose);
    let c3 = i32x4.splat(round);
    let key0 = k0;
    let key1 = k1;
    for (let turn = 0; turn < 10; turn++) {
      const low0 = i64x2.extmul_low_i32x4_u(c0, m0);
      const high0 = i64x2.extmul_high_i32x4_u(c0, m0);
      const low1 = i64x2.extmul_low_i32x4_u(c2, m1);
      const high1 = i64x2.extmul_high_i32x4_u(c2, m1);
      c0 = v128.xor(v128.xor(high(low1, high1), c1), i32x4.splat(key0));
      c1 = low(low1, high1);
      c2 = v128.xor(v128.xor(high(low0, high0), c3), i32x4.splat(key1));
      c3 = low(low0, high0);
      key0 += 0x9e3779b9;
      key1 += 0xbb67ae85;
    }
    // Lane b of vector w holds word w of block b.
    const first01 = v128.shuffle<u32>(c0, c1, 0, 4, 1, 5);
    const first23 = v128.shuffle<u32>(c2, c3, 0, 4, 1, 5);
    const last01 = v128.shuffle<u32>(c0, c1, 2, 6, 3, 7);
    const last23 = v128.shuffle<u32>(c2, c3, 2, 6, 3, 7);
    const out = factors + (<usize>n << 2);
    keep(out, v128.shuffle<u32>(first01, first23, 0, 1, 4, 5), limit, factor);
    keep(out + 16, v128.shuffle<u32>(first01, first23, 2, 3, 6, 7), limit, factor);
    keep(out + 32, v128.shuffle<u32>(last01, last23, 0, 1, 4, 5), limit, factor);
    keep(out + 48, v128.shuffle<u32>(last01, last23, 2, 3, 6, 7), limit, factor);
  }
}

@inline
function keep(out: usize, words: v128, limit: v128, factor: v128): void {
  v128.store(out, v128.and(factor, i32x4.ge_u(words, limit)));
}

/** y ← x · factors, element by element.  x, factors, y [count], count a multiple of 4; y may be x */
export function multiply_f32(x: usize, factors: usize, y: usize, count: i32): void {
  for (let at: usize = 0; at < <usize>count << 2; at += 16)
    v128.store(y + at, f32x4.mul(v128.load(x + at), v128.load(factors + at)));
}

/** y ← x + factors · (y + bias): the end of a residual branch.
 *  x, y, factors [rows × stride], factors 0 for all 1; bias [stride] */
export function add_residual_f32(y: usize, bias: usize, factors: usize, x: usize, rows: i32, stride: i32): void {
  const bytes = <usize>stride << 2;
  for (let r: usize = 0; r < <usize>rows; r++) {
    const at = r * bytes;
    for (let o: usize = 0; o < bytes; o += 16) {
      let value = f32x4.add(v128.load(y + at + o), v128.load(bias + o));
      if (factors != 0) value = f32x4.mul(value, v128.load(factors + at + o));
      v128.store(y + at + o, f32x4.add(v128.load(x + at + o), value));
    }
  }
}

/** x ← x + bias, row by row.  x [rows × stride], bias [stride] */
export function add_bias_f32(x: usize, bias: usize, rows: i32, stride: i32): void {
  const bytes = <usize>stride << 2;
  for (let r = 0; r < rows; r++, x += bytes)
    for (let o: usize = 0; o < bytes; o += 16) v128.store(x + o, f32x4.add(v128.load(x + o), v128.load(bias + o)));
}

/** sums[c] += Σ_r x[r][c], rows ascending.  x [rows × stride], sums [stride] accumulated */
export function add_column_sums_f32(x: usize, rows: i32, stride: i32, sums: usize): void {
  const bytes = <usize>stride << 2;
  for (let o: usize = 0; o < bytes; o += 16) {
    let sum = v128.load(sums + o);
    for (let at = x + o, r = 0; r < rows; r++, at += bytes) sum = f32x4.add(sum, v128.load(at));
    v128.store(sums + o, sum);
  }
}

/** y[i] += table[rows[i]].  table [· × stride], rows [count] u32, y [count × stride] */
export function add_gathered_f32(table: usize, rows: usize, count: i32, stride: i32, y: usize): void {
  const bytes = <usize>stride << 2;
  for (let i: usize = 0; i < <usize>count; i++) {
    const from = table + <usize>load<u32>(rows + (i << 2)) * bytes;
    const to = y + i * bytes;
    for (let o: usize = 0; o < bytes; o += 16) v128.store(to + o, f32x4.add(v128.load(to + o), v128.load(from + o)));
  }
}
