import { sum4 } from './simd';

// Layer normalisation (Ba, Kiros & Hinton 2016) of rows whose padding is zero and stays so. All sums are f32: four lane
// sums over the columns, then sum4.

/** Ones in the lanes of a row's last vector that hold columns, zeros behind. */
@inline
function lastLanes(dim: i32): v128 {
  const left = ((dim - 1) & 3) + 1;
  let mask = f32x4.splat(1);
  if (left < 2) mask = f32x4.replace_lane(mask, 1, 0);
  if (left < 3) mask = f32x4.replace_lane(mask, 2, 0);
  if (left < 4) mask = f32x4.replace_lane(mask, 3, 0);
  return mask;
}

/** out ← gamma (x − μ) ρ + beta with ρ = 1/√(σ² + epsilon), row by row; σ² divides by dim.
 *  x, out [rows × stride], may be the same; gamma, beta [stride], 0 behind dim; stats [rows × 2] ← μ, ρ
 *  Accuracy: 4 · dim · 2⁻²⁴ of the largest |x − μ| ρ */
export function layer_norm_f32(
  x: usize, gamma: usize, beta: usize, dim: i32, stride: i32, epsilon: f32, out: usize, stats: usize, begin: i32,
  end: i32,
): void {
  const bytes = <usize>stride << 2;
  const last = <usize>((dim - 1) & ~3) << 2;
  const mask = lastLanes(dim);
  const share: f32 = <f32>1 / <f32>dim;
  for (let r = <usize>begin; r < <usize>end; r++) {
    const row = x + r * bytes;
    let sum = f32x4.splat(0);
    for (let o: usize = 0; o <= last; o += 16) sum = f32x4.add(sum, v128.load(row + o));
    const mean = sum4(sum) * share;
    const mu = f32x4.splat(mean);
    let squares = f32x4.splat(0);
    for (let o: usize = 0; o < last; o += 16) {
      const d = f32x4.sub(v128.load(row + o), mu);
      squares = f32x4.add(squares, f32x4.mul(d, d));
    }
    const tail = f32x4.mul(mask, f32x4.sub(v128.load(row + last), mu));
    squares = f32x4.add(squares, f32x4.mul(tail, tail));
    const rho: f32 = <f32>1 / sqrt<f32>(sum4(squares) * share + epsilon);
    store<f32>(stats + (r << 3), mean);
    store<f32>(stats + (r << 3), rho, 4);
    const scale = f32x4.splat(rho);
    const to = out + r * bytes;
    // gamma and beta are 0 behind dim.
    for (let o: usize = 0; o <= last; o += 16) {
      const unit = f32x4.mul(f32x4.sub(v128.load(row + o), mu), scale);
      v128.store(to + o, f32x4.add(f32x4.mul(unit, v128.load(gamma + o)), v128.load(beta + o)));
    }
  }
}

/** The way back: with u = (x − μ) ρ and g = gamma · dOut, dX ← ρ (g − mean g − u · mean(g u)); dGamma += dOut · u and
 *  dBeta += dOut, rows in ascending order.
 *  dOut, x, dX [rows × stride], dX and dOut may be the same; gamma, dGamma, dBeta [stride]; stats of the forward
 *  pass */
export function layer_norm_backward_f32(
  dOut: usize, x: usize, gamma: usize, stats: usize, rows: i32, dim: i32, stride: i32, dX: usize, dGamma: usize,
  dBeta: usize,
): void {
  const bytes = <usize>stride << 2;
  const last = <usize>((dim - 1) & ~3) << 2;
  const mask = lastLanes(dim);
  const share: f32 = <f32>1 / <f32>dim;
  for (let r: usize = 0; r < <usize>rows; r++) {
    const mu = v128.load32_splat(stats + (r << 3));
    const rho = v128.load32_splat(stats + (r << 3), 4);
    const from = dOut + r * bytes;
    const row = x + r * bytes;
    let sum = f32x4.splat(0);
    let product = f32x4.splat(0);
    for (let o: usize = 0; o <= last; o += 16) {
      const d = v128.load(from + o);
      const g = f32x4.mul(d, v128.load(gamma + o));
      const u = f32x4.mul(f32x4.sub(v128.load(row + o), mu), rho);
      const du = f32x4.mul(d, u);
      sum = f32x4.add(sum, g);
      product = f32x4.add(product, f32x4.mul(g, u));
      v128.store(dGamma + o, f32x4.add(v128.load(dGamma + o), o == last ? f32x4.mul(mask, du) : du));
      v128.store(dBeta + o, f32x4.add(v128.load(dBeta + o), d));
    }
    const mean = f32x4.splat(sum4(sum) * share);
    const slope = f32x4.splat(sum4(product) * share);
    const to = dX + r * bytes;
    for (let o: usize = 0; o <= last; o += 16) {
      const g = f32x4.mul(v128.load(from + o), v128.load(gamma + o));
      const u = f32x4.mul(f32x4.sub(v128.load(row + o), mu), rho);
      const d = f32x4.mul(rho, f32x4.sub(f32x4.sub(g, mean), f32x4.mul(u, slope)));
      v128.store(to + o, o == last ? f32x4.mul(mask, d) : d);
    }
  }
}
