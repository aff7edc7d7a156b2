import { SCAN_TERMS } from './constants';
import { load1, load4 } from './gather';
import { sum4 } from './simd';

// Rows in 8 bits, as a filter in front of exact scores (scanCodes.ts) or as all that a file keeps of them.
//
// A row v is scale · code + e with code in −127 … 127, a query q is a · Q + f with Q in 16 bits. Then
// ⟨q, v⟩ = a · scale · ⟨Q, code⟩ + ⟨q, e⟩ + a' with |⟨q, e⟩| ≤ min(‖q‖₂ ‖e‖₂, ‖q‖₁ · scale/2) and
// |a'| = |⟨f, scale · code⟩| ≤ ‖f‖₂ · scale · 127 √dim. The exact score that the bound is for is a sum in f32, which
// differs from ⟨q, v⟩ by (dim + 2) · 2⁻²⁴ · ‖q‖₂ ‖v‖₂ at most.

/** Elements of a query in 16 bits are a multiple of this many, the last of them 0. */
const STEP: usize = 16;
/** Room for the rounding of f32 in a bound: of sums of `dim` terms, and of everything else. */
const ROOM: f64 = 1 + 1e-5;

/** Rows whose largest element lies outside are not encoded: squares and sums of their errors would leave the normal
 *  numbers of f32. */
const LEAST: f32 = 1e-12;
const MOST: f32 = 1e17;

/** The largest |x| of a row; NaN and infinities pass as infinity. */
function largest<T>(row: usize, dim: usize): f32 {
  const whole = dim & ~3;
  let most = f32x4.splat(0);
  let finite = f32x4.splat(0);
  for (let k: usize = 0; k < whole; k += 4) {
    const x = load4<T>(row + k * sizeof<T>());
    most = f32x4.max(most, f32x4.abs(x));
    finite = f32x4.add(finite, f32x4.mul(x, f32x4.splat(0)));
  }
  let result = max<f32>(
    max<f32>(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
    max<f32>(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
  );
  let rest = sum4(finite);
  for (let k = whole; k < dim; k++) {
    const x = load1<T>(row + k * sizeof<T>());
    result = max<f32>(result, abs<f32>(x));
    rest += x * 0;
  }
  return rest == 0 ? result : Infinity;
}

/** code ← round(row / scale), columns 0 … dim−1; returns ‖row − scale · code‖₂ with room for its own rounding. */
function encodeRow<T>(row: usize, dim: usize, scale: f32, code: usize): f32 {
  const whole = dim & ~3;
  const inverse: f32 = scale > 0 ? <f32>1 / scale : 0;
  let squares = f32x4.splat(0);
  for (let k: usize = 0; k < whole; k += 4) {
    const x = load4<T>(row + k * sizeof<T>());
    const q = f32x4.nearest(f32x4.mul(x, f32x4.splat(inverse)));
    const e = f32x4.sub(x, f32x4.mul(q, f32x4.splat(scale)));
    squares = f32x4.add(squares, f32x4.mul(e, e));
    const words = i32x4.trunc_sat_f32x4_s(q);
    const halves = i16x8.narrow_i32x4_s(words, words);
    v128.store32_lane(code + k, i8x16.narrow_i16x8_s(halves, halves), 0);
  }
  let sum = sum4(squares);
  for (let k = whole; k < dim; k++) {
    const x = load1<T>(row + k * sizeof<T>());
    const q = nearest<f32>(x * inverse);
    const e = x - q * scale;
    sum += e * e;
    store<i8>(code + k, <i8>q);
  }
  // Each e is rounded twice, by 2⁻²⁴ of at most 128 scale.
  return <f32>((sqrt<f64>(<f64>sum) + <f64>scale * 128 * 1.2e-7 * sqrt<f64>(<f64>dim)) * ROOM);
}

@inline
function encode<T>(
  rows: usize, begin: i32, end: i32, dim: i32, stride: i32, codes: usize, scales: usize, errors: usize,
): void {
  for (let r = <usize>begin; r < <usize>end; r++) {
    const row = rows + r * <usize>stride * sizeof<T>();
    const code = codes + r * <usize>dim;
    const most = largest<T>(row, <usize>dim);
    if (most == 0 || (most >= LEAST && most <= MOST)) {
      const scale = most / 127;
      store<f32>(scales + (r << 2), scale);
      store<f32>(errors + (r << 2), encodeRow<T>(row, <usize>dim, scale, code));
    } else {
      memory.fill(code, 0, <usize>dim);
      store<f32>(scales + (r << 2), NaN);
      store<f32>(errors + (r << 2), Infinity);
    }
  }
}

/** Rows begin … end−1 in 8 bits.
 *  rows [· × stride] f32; codes [· × dim] i8, without padding, overwritten; scales, errors [·] f32 overwritten: the
 *  largest |x| / 127, and ‖row − scale · code‖₂ with room for rounding; NaN and infinity where a row is not encoded:
 *  its bounds are NaN, which no limit keeps out */
export function encode_rows_f32(
  rows: usize, begin: i32, end: i32, dim: i32, stride: i32, codes: usize, scales: usize, errors: usize,
): void {
  encode<f32>(rows, begin, end, dim, stride, codes, scales, errors);
}

/** As encode_rows_f32, for rows of finite f16. */
export function encode_rows_f16(
  rows: usize, begin: i32, end: i32, dim: i32, stride: i32, codes: usize, scales: usize, errors: usize,
): void {
  encode<u16>(rows, begin, end, dim, stride, codes, scales, errors);
}

/** The most that an element of a query may be, so that a sum of dim products with codes stays in 31 bits: a multiple of
 *  127, with which the row of a user in 8 bits is exact again. */
@inline
function mostOf(dim: i32): i32 {
  return 127 * min<i32>(258, i32.MAX_VALUE / (127 * 127) / dim);
}

/** Queries begin … end−1 in 16 bits, and the terms of their bounds.
 *  queries [· × stride] f32; q [· × columns] i16 overwritten, columns = dim rounded up to 16, 0 behind dim
 *  terms [⌈·/4⌉ × 6 × 4] f32, lane n of a group for query n: a, ‖q‖₂, ‖q‖₁/2, the factor of a row's scale, and
 *  what every bound has on top; the sixth is scratch of the scan
 *  Requires: dim ≤ 133,000, so that an element has a value at all */
export function encode_queries_i16(
  queries: usize, begin: i32, end: i32, dim: i32, stride: i32, q: usize, terms: usize,
): void {
  const columns = (<usize>dim + STEP - 1) & ~(STEP - 1);
  const most = mostOf(dim);
  const root = sqrt<f64>(<f64>dim);
  for (let n = <usize>begin; n < <usize>end; n++) {
    const row = queries + ((n * <usize>stride) << 2);
    const out = q + ((n * columns) << 1);
    const size = largest<f32>(row, <usize>dim);
    const a = size < Infinity ? size / <f32>most : 0;
    const inverse: f32 = a > 0 ? <f32>1 / a : 0;
    memory.fill(out, 0, columns << 1);
    let squares: f64 = 0;
    let sum: f64 = 0;
    let rest: f64 = 0;
    for (let k: usize = 0; k < <usize>dim; k++) {
      const x = load<f32>(row + (k << 2));
      const whole = inverse < Infinity ? <i32>nearest<f32>(x * inverse) : 0;
      store<i16>(out + (k << 1), <i16>whole);
      const f = <f64>x - <f64>a * <f64>whole;
      squares += <f64>x * <f64>x;
      sum += abs<f64>(<f64>x);
      rest += f * f;
    }
    const norm = sqrt<f64>(squares);
    const at = terms + (n >> 2) * (SCAN_TERMS << 2) + ((n & 3) << 2);
    store<f32>(at, a);
    store<f32>(at, <f32>(norm * ROOM), 16);
    store<f32>(at, <f32>(sum * 0.5001 * ROOM), 32);
    store<f32>(at, <f32>((sqrt<f64>(rest) + norm * (<f64>(dim + 12) * 6.0e-8)) * 128 * root * ROOM), 48);
    store<f32>(
      at, size <= MOST && inverse < Infinity ? <f32>(<f64>(dim + 8) * 1.5e-45 * max<f64>(1, <f64>a)) : NaN, 64,
    );
  }
}
