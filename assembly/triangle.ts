// Lower triangles of symmetric matrices, row by row without padding.
import { madd } from './simd';

/** values ← values − Σ_s divisor_s⁻¹ · x_s x_sᵀ on rows begin … end−1 of a lower triangle.
 *  values [end (end + 1) / 2]; x [steps, stride]; divisors [steps], x and divisors apart from values.
 *  f32 throughout, two roundings a step, the steps in their order: at most steps · 2⁻²³ relative to the largest
 *  summand. */
export function subtract_outer_f32(
  values: usize, x: usize, stride: i32, divisors: usize, steps: usize, begin: usize, end: usize,
): void {
  const step = <usize>stride << 2;
  for (let i = begin; i < end; i++) {
    const row = values + ((i * (i + 1)) >> 1 << 2);
    const bytes = (i + 1) << 2;
    const whole = bytes & ~15;
    for (let s: usize = 0; s < steps; s++) {
      const own = x + s * step;
      const factor = -load<f32>(own + (i << 2)) / load<f32>(divisors + (s << 2));
      if (factor == 0) continue;
      const factors = f32x4.splat(factor);
      let at: usize = 0;
      for (; at < whole; at += 16) v128.store(row + at, madd(factors, v128.load(own + at), v128.load(row + at)));
      for (; at < bytes; at += 4) store<f32>(row + at, load<f32>(row + at) + factor * load<f32>(own + at));
    }
  }
}
