import { exp4 } from './math';

// GELU(x) = x Φ(x) (Hendrycks & Gimpel 2016) in its exact form, by the error function, which comes from Abramowitz &
// Stegun 7.1.26: with z = |x|/√2 and t = 1/(1 + p z), 1 − erf z = t (a₁ + t (a₂ + t (a₃ + t (a₄ + t a₅)))) e^(−z²),
// off by at most 1.5e-7. e^(−z²) is the density of x as well, which the derivative Φ(x) + x φ(x) needs.

/** −½, p/√2, a₅ … a₁, ½, 1/√(2π), 1. */
const GELU = memory.data<f32>([
  -0.5, 0.23164189, 1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592, 0.5, 0.39894228, 1,
]);

/** Φ(x), given e^(−x²/2). */
@inline
function distribution(x: v128, exponential: v128): v128 {
  const one = v128.load32_splat(GELU, 36);
  const z = f32x4.abs(x);
  const t = f32x4.div(one, f32x4.add(one, f32x4.mul(v128.load32_splat(GELU, 4), z)));
  let p = f32x4.add(f32x4.mul(v128.load32_splat(GELU, 8), t), v128.load32_splat(GELU, 12));
  p = f32x4.add(f32x4.mul(p, t), v128.load32_splat(GELU, 16));
  p = f32x4.add(f32x4.mul(p, t), v128.load32_splat(GELU, 20));
  p = f32x4.add(f32x4.mul(p, t), v128.load32_splat(GELU, 24));
  // Half of 1 − erf z: what lies beyond |x| on one side.
  const beyond = f32x4.mul(v128.load32_splat(GELU, 28), f32x4.mul(f32x4.mul(p, t), exponential));
  return v128.bitselect(beyond, f32x4.sub(one, beyond), f32x4.lt(x, f32x4.splat(0)));
}

@inline
function densityOf(x: v128): v128 {
  return exp4(f32x4.mul(f32x4.mul(x, x), v128.load32_splat(GELU)));
}

/** x ← x + bias, out ← GELU(x).
 *  x, out [rows × stride] for rows begin … end−1; bias [stride], 0 in the padding
 *  Accuracy: 3e-7 · max(1, |x|) */
export function gelu_f32(x: usize, bias: usize, stride: i32, out: usize, begin: i32, end: i32): void {
  const bytes = <usize>stride << 2;
  for (let r = <usize>begin; r < <usize>end; r++) {
    const row = x + r * bytes;
    const to = out + r * bytes;
    for (let o: usize = 0; o < bytes; o += 16) {
      const value = f32x4.add(v128.load(row + o), v128.load(bias + o));
      v128.store(row + o, value);
      v128.store(to + o, f32x4.mul(value, distribution(value, densityOf(value))));
    }
  }
}

/** d ← d · (Φ(x) + x φ(x)).  d, x [rows × stride] for rows begin … end−1; x with its bias, as gelu_f32 leaves it */
export function gelu_backward_f32(d: usize, x: usize, stride: i32, begin: i32, end: i32): void {
  const bytes = <usize>stride << 2;
  for (let at = <usize>begin * bytes; at < <usize>end * bytes; at += 16) {
    const value = v128.load(x + at);
    const exponential = densityOf(value);
    const density = f32x4.mul(v128.load32_splat(GELU, 32), exponential);
    const slope = f32x4.add(distribution(value, exponential), f32x4.mul(value, density));
    v128.store(d + at, f32x4.mul(v128.load(d + at), slope));
  }
}
