import { exp4, log1 } from './math';
import { dot, rowAt } from './simd';

/** Binary cross entropy of one positive and one negative item a row (Kang & McAuley 2018, Eq. 6):
 *  losses[r] ← weight_r (log(1 + e^(−s⁺)) + log(1 + e^(s⁻))), s = ⟨h_r, item⟩.
 *  hidden [count × stride]; items [· × stride]; positives, negatives [count] u32; weights, losses [count]
 *  dHidden [count × stride] overwritten; dItems [· × stride] accumulated, in the order of r, the positive first
 *  Accuracy: dim · 2⁻²⁴ of Σ|terms| of a score */
export function bce_rows_f32(
  hidden: usize, items: usize, positives: usize, negatives: usize, weights: usize, count: i32, stride: i32,
  losses: usize, dHidden: usize, dItems: usize,
): void {
  const bytes = <usize>stride << 2;
  for (let r: usize = 0; r < <usize>count; r++) {
    const h = hidden + r * bytes;
    const d = dHidden + r * bytes;
    const weight = load<f32>(weights + (r << 2));
    memory.fill(d, 0, bytes);
    const up = side(
      h, rowAt(items, positives, r, stride), -1, weight, bytes, stride, d, rowAt(dItems, positives, r, stride),
    );
    const down = side(
      h, rowAt(items, negatives, r, stride), 1, weight, bytes, stride, d, rowAt(dItems, negatives, r, stride),
    );
    store<f32>(losses + (r << 2), weight * (up + down));
  }
}

/** log(1 + e^(sign · s)), with sign · weight · σ(sign · s) times each row added to the other's gradient. */
function side(
  h: usize, item: usize, sign: f32, weight: f32, bytes: usize, stride: i32, dHidden: usize, dItem: usize,
): f32 {
  const x = sign * dot(h, item, stride);
  const e = f32x4.extract_lane(exp4(f32x4.splat(-abs(x))), 0);
  const sigma: f32 = (x < 0 ? e : <f32>1) / (<f32>1 + e);
  const factor = f32x4.splat(sign * weight * sigma);
  for (let o: usize = 0; o < bytes; o += 16) {
    v128.store(dHidden + o, f32x4.add(v128.load(dHidden + o), f32x4.mul(factor, v128.load(item + o))));
    v128.store(dItem + o, f32x4.add(v128.load(dItem + o), f32x4.mul(factor, v128.load(h + o))));
  }
  return max(x, 0) + log1(<f32>1 + e);
}
