// exp and log on four f32 lanes, without a call out of the module: the same bits in
// every runtime. Polynomials: Cephes expf and logf (Moshier).
// Accuracy against float64: exp ≤ 2 ulp on [−87, 88]; 2^x ≤ 2 ulp on [−126, 127); log ≤ 2 ulp on normal positive
// numbers (absolute 1e-7 near 1).

/** ln 2 */
export const LN2: f32 = 0.6931471805599453;

/** The constants of `exp4`: V8 makes a constant vector anew in every turn of a loop, at several instructions, where
 *  loading and splatting a number takes a single one. */
const EXP = memory.data<f32>([
  -87.33654, 88.0, 1.44269504088896341, 0.693359375, -2.12194440e-4,
  1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
  1, 12582912,
]);

/** e^x of each lane; x below −87.3 gives about 1.2e-38, above 88 about 1.65e38. */
@inline
export function exp4(x: v128): v128 {
  const clamped = f32x4.pmin(f32x4.pmax(x, v128.load32_splat(EXP)), v128.load32_splat(EXP, 4));
  // Added to 1.5 · 2²³, a number is rounded to an integer, which then stands in the lowest bits.
  const magic = v128.load32_splat(EXP, 48);
  const shifted = f32x4.add(f32x4.mul(clamped, v128.load32_splat(EXP, 8)), magic);
  const n = f32x4.sub(shifted, magic);
  let r = f32x4.sub(clamped, f32x4.mul(n, v128.load32_splat(EXP, 12)));
  r = f32x4.sub(r, f32x4.mul(n, v128.load32_splat(EXP, 16)));
  let p = f32x4.add(f32x4.mul(v128.load32_splat(EXP, 20), r), v128.load32_splat(EXP, 24));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(EXP, 28));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(EXP, 32));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(EXP, 36));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(EXP, 40));
  const one = v128.load32_splat(EXP, 44);
  p = f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), f32x4.add(r, one));
  // 2ⁿ: n added to the exponent of 1.
  return f32x4.mul(p, i32x4.add(i32x4.shl(shifted, 23), one));
}

/** The constants of `pow2x4`: the lowest exponent, the number that rounds, and the minimax polynomial of 2^x on
 *  [−½, ½] with relative error 2e-9. */
const POW2 = memory.data<f32>([
  -126, 12582912,
  1.53533619e-4, 1.33988744e-3, 9.61843736e-3, 5.55033247e-2, 2.40226479e-1, 6.93147182e-1, 1,
]);

/** 2^x of each lane for x < 127; x below −126 gives about 1.2e-38. Two thirds of the work of `exp4`. */
@inline
export function pow2x4(x: v128): v128 {
  const y = f32x4.pmax(x, v128.load32_splat(POW2));
  const magic = v128.load32_splat(POW2, 4);
  const shifted = f32x4.add(y, magic);
  const r = f32x4.sub(y, f32x4.sub(shifted, magic));
  let p = f32x4.add(f32x4.mul(v128.load32_splat(POW2, 8), r), v128.load32_splat(POW2, 12));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(POW2, 16));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(POW2, 20));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(POW2, 24));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(POW2, 28));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(POW2, 32));
  return i32x4.add(p, i32x4.shl(shifted, 23));
}

/** The polynomial of `log4`, its highest power first. */
const LOG = memory.data<f32>([
  7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1,
  1.4249322787e-1, -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
]);

/** Natural logarithm of each lane; x must be a normal positive number. */
function log4(x: v128): v128 {
  const bits = i32x4.sub(x, i32x4.splat(0x3f3504f3));
  const exponent = i32x4.shr_s(bits, 23);
  const e = f32x4.convert_i32x4_s(exponent);
  const mantissa = i32x4.sub(x, i32x4.shl(exponent, 23));
  const m = f32x4.sub(mantissa, f32x4.splat(1));
  const z = f32x4.mul(m, m);
  let p = v128.load32_splat(LOG);
  for (let at: usize = 4; at < 36; at += 4) p = f32x4.add(f32x4.mul(p, m), v128.load32_splat(LOG + at));
  let y = f32x4.mul(f32x4.mul(p, m), z);
  y = f32x4.add(y, f32x4.mul(e, f32x4.splat(-2.12194440e-4)));
  y = f32x4.sub(y, f32x4.mul(z, f32x4.splat(0.5)));
  y = f32x4.add(m, y);
  return f32x4.add(y, f32x4.mul(e, f32x4.splat(0.693359375)));
}

/** ln x of one number, as log4. */
export function log1(x: f32): f32 {
  return f32x4.extract_lane(log4(f32x4.splat(x)), 0);
}

/** y = ln x.  x, y  [count], padded to a multiple of 4; may be the same array */
export function log_f32(x: usize, y: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    const at = <usize>i << 2;
    v128.store(y + at, log4(v128.load(x + at)));
  }
}
