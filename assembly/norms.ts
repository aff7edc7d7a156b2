import { load1, load4 } from './gather';

// Lengths of rows, for cosines.

/** 1 / ‖x‖ from ‖x‖², 0 for a row of zeros. */
@inline
function inverseRoot(squares: f64): f32 {
  return squares > 0 ? <f32>(1 / sqrt<f64>(squares)) : 0;
}

@inline
function inverseNorms<T>(rows: usize, stride: i32, dim: i32, count: i32, out: usize): void {
  const whole = <usize>dim & ~3;
  for (let r: usize = 0; r < <usize>count; r++) {
    const row = rows + r * <usize>stride * sizeof<T>();
    let sums = f64x2.splat(0);
    for (let k: usize = 0; k < whole; k += 4) {
      const x = load4<T>(row + k * sizeof<T>());
      const low = f64x2.promote_low_f32x4(x);
      const high = f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 0, 1));
      sums = f64x2.add(sums, f64x2.add(f64x2.mul(low, low), f64x2.mul(high, high)));
    }
    let squares = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
    for (let k = whole; k < <usize>dim; k++) {
      const x = <f64>load1<T>(row + k * sizeof<T>());
      squares += x * x;
    }
    store<f32>(out + (r << 2), inverseRoot(squares));
  }
}

/** out[r] ← 1 / ‖row r‖₂, 0 where the row is 0.  rows [count × stride] f32; out [count] overwritten; sums in float64 */
export function inverse_norms_f32(rows: usize, stride: i32, dim: i32, count: i32, out: usize): void {
  inverseNorms<f32>(rows, stride, dim, count, out);
}

/** As inverse_norms_f32, for rows of finite f16. */
export function inverse_norms_f16(rows: usize, stride: i32, dim: i32, count: i32, out: usize): void {
  inverseNorms<u16>(rows, stride, dim, count, out);
}

/** out[r] ← 1 / ‖scale r · code r‖₂, 0 where the row is 0.  codes [count × dim] i8; scales, out [count] */
export function inverse_norms_i8(codes: usize, scales: usize, dim: i32, count: i32, out: usize): void {
  for (let r: usize = 0; r < <usize>count; r++) {
    let squares: i64 = 0;
    const end = codes + <usize>dim;
    for (; codes < end; codes++) {
      const code = <i64>load<i8>(codes);
      squares += code * code;
    }
    const scale = <f64>load<f32>(scales + (r << 2));
    store<f32>(out + (r << 2), inverseRoot(<f64>squares * scale * scale));
  }
}
