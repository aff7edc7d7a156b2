// Parameter updates. The caller computes once per step, in float64: `rest1` = 1 − β₁, `rest2` = 1 − β₂ (formed in f32
// they would be off by 1e-5), `biasCorrection1` = 1 − β₁ᵗ and `biasCorrection2` = √(1 − β₂ᵗ).

/** One vector of Adam: updates p, m and v. With c₂ = biasCorrection2 the rule
 *  p ← p − rate/biasCorrection1 · m / (√v/c₂ + ε) is taken as c₂ · rate/biasCorrection1 · m / (√v + c₂ε), which
 *  spares a division: `step` and `epsilon` hold the factor c₂. */
@inline
function adam4(
  p: usize, m: usize, v: usize, grad: v128, beta1: v128, rest1: v128, beta2: v128, rest2: v128, step: v128,
  epsilon: v128,
): void {
  const m1 = f32x4.add(f32x4.mul(beta1, v128.load(m)), f32x4.mul(rest1, grad));
  const v1 = f32x4.add(f32x4.mul(beta2, v128.load(v)), f32x4.mul(rest2, f32x4.mul(grad, grad)));
  v128.store(m, m1);
  v128.store(v, v1);
  const denominator = f32x4.add(f32x4.sqrt(v1), epsilon);
  v128.store(p, f32x4.sub(v128.load(p), f32x4.div(f32x4.mul(step, m1), denominator)));
}

/** Adam on a dense gradient.
 *  Source: Kingma & Ba 2015, Algorithm 1, as torch.optim.Adam computes it: denominator √v/√(1−β₂ᵗ) + ε.
 *  p, m, v  [count] updated; gradient [count] read; count a multiple of 4 */
export function adam_f32(
  p: usize, gradient: usize, m: usize, v: usize, count: i32,
  rate: f32, beta1: f32, rest1: f32, beta2: f32, rest2: f32, epsilon: f32, biasCorrection1: f32, biasCorrection2: f32,
): void {
  const b1 = f32x4.splat(beta1);
  const r1 = f32x4.splat(rest1);
  const b2 = f32x4.splat(beta2);
  const r2 = f32x4.splat(rest2);
  const step = f32x4.splat((rate / biasCorrection1) * biasCorrection2);
  const eps = f32x4.splat(epsilon * biasCorrection2);
  for (let i = 0; i < count; i += 4) {
    const at = <usize>i << 2;
    adam4(p + at, m + at, v + at, v128.load(gradient + at), b1, r1, b2, r2, step, eps);
  }
}

/** p ← p − rate · gradient.  p [count] updated, gradient [count]; count a multiple of 4 */
export function sgd_f32(p: usize, gradient: usize, count: i32, rate: f32): void {
  const step = f32x4.splat(rate);
  for (let i = 0; i < count; i += 4) {
    const at = <usize>i << 2;
    v128.store(p + at, f32x4.sub(v128.load(p + at), f32x4.mul(step, v128.load(gradient + at))));
  }
}
