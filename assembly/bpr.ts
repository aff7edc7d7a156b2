import { exp4, log_f32 } from './math';
import { assertTable, dot, rowAt } from './simd';

// Bayesian personalised ranking (Rendle et al., UAI 2009) on compact rows: for a batch of (user, positive,
// negative) the margin x = ⟨u, i⟩ − ⟨u, j⟩ and the loss −log(γ + σ(x)), γ = 1e-10 as in RecBole's BPRLoss, or 0.

/** margins[b] ← ⟨z[u_b], z[i_b]⟩ − ⟨z[u_b], z[j_b]⟩
 *  z [numSlots × stride]; users, positives, negatives [count] slots; margins [count] overwritten */
export function bpr_margins_f32(
  z: usize,
  users: usize,
  positives: usize,
  negatives: usize,
  count: i32,
  stride: i32,
  margins: usize,
): void {
  assertTable(z, stride);
  for (let b: usize = 0; b < <usize>count; b++) {
    const u = rowAt(z, users, b, stride);
    const positive = dot(u, rowAt(z, positives, b, stride), stride);
    const negative = dot(u, rowAt(z, negatives, b, stride), stride);
    store<f32>(margins + (b << 2), positive - negative);
  }
}

/** losses[b] ← −log(γ + σ(x_b)) and slopes[b] ← scale · d loss / d x_b = −scale · σ(1−σ)/(γ + σ)
 *  margins, losses, slopes [count], readable and writable up to a multiple of 4; shift: γ
 *  Accuracy against float64: losses 3e-7 · max(1, loss), slopes 3e-7 · scale */
export function bpr_loss_f32(margins: usize, count: i32, scale: f32, shift: f32, losses: usize, slopes: usize): void {
  const gamma = f32x4.splat(shift);
  const one = f32x4.splat(1);
  for (let b = 0; b < count; b += 4) {
    const at = (<usize>b) << 2;
    const x = v128.load(margins + at);
    const t = exp4(f32x4.neg(f32x4.abs(x)));
    const large = f32x4.div(one, f32x4.add(one, t));
    const small = f32x4.mul(t, large);
    const positive = f32x4.ge(x, f32x4.splat(0));
    const sigma = v128.bitselect(large, small, positive);
    const rest = v128.bitselect(small, large, positive);
    const shifted = f32x4.add(gamma, sigma);
    v128.store(losses + at, shifted);
    log_f32(losses + at, losses + at, 4);
    v128.store(losses + at, f32x4.neg(v128.load(losses + at)));
    const slope = f32x4.div(f32x4.mul(sigma, rest), shifted);
    v128.store(slopes + at, f32x4.mul(slope, f32x4.splat(-scale)));
  }
}

/** dZ += slope_b · d x_b / dZ for every b in order: dz[u] += s (z[i] − z[j]), dz[i] += s z[u], dz[j] −= s z[u].
 *  z, dz [numSlots × stride], dz accumulated; not aliased */
export function bpr_gradient_f32(
  z: usize,
  users: usize,
  positives: usize,
  negatives: usize,
  slopes: usize,
  count: i32,
  stride: i32,
  dz: usize,
): void {
  assertTable(z, stride);
  assertTable(dz, stride);
  assert(z != dz);
  const bytes = (<usize>stride) << 2;
  for (let b: usize = 0; b < <usize>count; b++) {
    const u = rowAt(z, users, b, stride);
    const i = rowAt(z, positives, b, stride);
    const j = rowAt(z, negatives, b, stride);
    const du = rowAt(dz, users, b, stride);
    const di = rowAt(dz, positives, b, stride);
    const dj = rowAt(dz, negatives, b, stride);
    const s = v128.load32_splat(slopes + (b << 2));
    for (let o: usize = 0; o < bytes; o += 16) {
      const user = f32x4.mul(s, v128.load(u + o));
      v128.store(
        du + o,
        f32x4.add(v128.load(du + o), f32x4.mul(s, f32x4.sub(v128.load(i + o), v128.load(j + o)))),
      );
      v128.store(di + o, f32x4.add(v128.load(di + o), user));
      v128.store(dj + o, f32x4.sub(v128.load(dj + o), user));
    }
  }
}
