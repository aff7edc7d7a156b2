import { assertTable } from './simd';

// Statistics and selection of embedding columns.

/** Rows whose sums are f32. */
const BLOCK: i32 = 64;

@inline
function sumOf(a: v128, b: v128, c: v128, d: v128): v128 {
  return f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
}

/** sums[c] ← Σ (x − shift), squares[c] ← Σ (x − shift)² over a block's rows, eight at a time, which halves what is
 *  loaded and stored beside them: ((x₀ + x₁) + (x₂ + x₃)) + ((x₄ + x₅) + (x₆ + x₇)), then the rest one by one.
 *  sums, squares [stride] f32, one behind the other */
function squareBlock(x: usize, rows: i32, bytes: usize, shift: usize, sums: usize): void {
  const squares = sums + bytes;
  memory.fill(sums, 0, bytes << 1);
  let row = x;
  const end = x + <usize>rows * bytes;
  for (; row + 8 * bytes <= end; row += 8 * bytes) {
    for (let at: usize = 0; at < bytes; at += 16) {
      const h = v128.load(shift + at);
      const p = row + at;
      const q = p + 4 * bytes;
      const a = f32x4.sub(v128.load(p), h);
      const b = f32x4.sub(v128.load(p + bytes), h);
      const c = f32x4.sub(v128.load(p + 2 * bytes), h);
      const d = f32x4.sub(v128.load(p + 3 * bytes), h);
      const e = f32x4.sub(v128.load(q), h);
      const f = f32x4.sub(v128.load(q + bytes), h);
      const g = f32x4.sub(v128.load(q + 2 * bytes), h);
      const i = f32x4.sub(v128.load(q + 3 * bytes), h);
      const sum = f32x4.add(sumOf(a, b, c, d), sumOf(e, f, g, i));
      const low = sumOf(f32x4.mul(a, a), f32x4.mul(b, b), f32x4.mul(c, c), f32x4.mul(d, d));
      const high = sumOf(f32x4.mul(e, e), f32x4.mul(f, f), f32x4.mul(g, g), f32x4.mul(i, i));
      v128.store(sums + at, f32x4.add(v128.load(sums + at), sum));
      v128.store(squares + at, f32x4.add(v128.load(squares + at), f32x4.add(low, high)));
    }
  }
  for (; row < end; row += bytes) {
    for (let at: usize = 0; at < bytes; at += 16) {
      const value = f32x4.sub(v128.load(row + at), v128.load(shift + at));
      v128.store(sums + at, f32x4.add(v128.load(sums + at), value));
      v128.store(squares + at, f32x4.add(v128.load(squares + at), f32x4.mul(value, value)));
    }
  }
}

/** Means and sums of squares of `before` rows, merged with those of a block of `size`.
 *  means, squares [stride] f64 updated; mean [stride] f32: the block's shift, overwritten with the new means; block:
 *  sums and squares about the shift */
function merge(means: usize, squares: usize, mean: usize, block: usize, bytes: usize, before: i32, size: i32): void {
  const share = <f64>size / <f64>(before + size);
  const inverse = f64x2.splat(1 / <f64>size);
  const between = f64x2.splat(<f64>before * share);
  for (let c: usize = 0; c < bytes; c += 8) {
    const rest = f64x2.promote_low_f32x4(v128.load64_zero(block + c));
    const correction = f64x2.mul(rest, inverse);
    const old = v128.load(means + 2 * c);
    const step = f64x2.sub(f64x2.add(f64x2.promote_low_f32x4(v128.load64_zero(mean + c)), correction), old);
    const merged = f64x2.add(old, f64x2.mul(f64x2.splat(share), step));
    v128.store(means + 2 * c, merged);
    v128.store64_lane(mean + c, f32x4.demote_f64x2_zero(merged), 0);
    const inside = f64x2.sub(f64x2.promote_low_f32x4(v128.load64_zero(block + bytes + c)), f64x2.mul(rest, correction));
    const total = f64x2.add(v128.load(squares + 2 * c), f64x2.add(inside, f64x2.mul(f64x2.mul(step, step), between)));
    v128.store(squares + 2 * c, total);
  }
}

/** Mean and variance of every column, block by block of 64 rows: the sums of (x − shift) and of its square (Chan, Golub
 *  & LeVeque 1983), merged in order by their updating formula. Sums are f32 within a block and f64 across. The shift is
 *  the mean so far, of the first block its own: where a block lies far from it, so does it from the final mean, and
 *  what the sums lose to rounding is small against the variance.
 *  x [rows × stride]; mean, variance [stride] overwritten; sums [3 · stride] f64 scratch
 *  divisor: rows (population variance) or rows − 1 (unbiased)
 *  Accuracy: 1e-6 relative to float64 for the variance, 1e-6 of Σ|x|/rows for the mean
 *  Cost: one reading of x */
export function column_moments_f32(
  x: usize, rows: i32, stride: i32, divisor: f64, mean: usize, variance: usize, sums: usize,
): void {
  assertTable(x, stride);
  assertTable(mean, stride);
  assertTable(variance, stride);
  assertTable(sums, stride);
  const bytes = <usize>stride << 2;
  const means = sums;
  const squares = sums + (bytes << 1);
  const block = squares + (bytes << 1);
  memory.fill(sums, 0, bytes << 2);
  memory.fill(mean, 0, bytes);
  for (let first = 0; first < rows; first += BLOCK) {
    const size = min(BLOCK, rows - first);
    const part = x + <usize>first * bytes;
    squareBlock(part, size, bytes, mean, block);
    if (first == 0) {
      for (let c: usize = 0; c < bytes; c += 4) store<f32>(mean + c, load<f32>(block + c) / <f32>size);
      squareBlock(part, size, bytes, mean, block);
    }
    merge(means, squares, mean, block, bytes, first, size);
  }
  for (let c: usize = 0; c < bytes; c += 4) {
    store<f32>(variance + c, <f32>(max<f64>(load<f64>(squares + 2 * c), 0) / divisor));
  }
}

/** x[r] −= mean.  x [rows × stride] updated, mean [stride] */
export function center_columns_f32(x: usize, rows: i32, stride: i32, mean: usize): void {
  assertTable(x, stride);
  assertTable(mean, stride);
  const bytes = <usize>stride << 2;
  for (let r = 0; r < rows; r++) {
    const row = x + <usize>r * bytes;
    for (let o: usize = 0; o < bytes; o += 16) v128.store(row + o, f32x4.sub(v128.load(row + o), v128.load(mean + o)));
  }
}

/** out[r][k] ← x[r][columns[k]].  columns [count] u32; out [rows × outStride] overwritten, pad lanes 0
 *  Four rows at a time: their lines, which lie on pages of their own, are fetched together. */
export function gather_columns_f32(
  x: usize, rows: i32, stride: i32, columns: usize, count: i32, out: usize, outStride: i32,
): void {
  const bytes = <usize>stride << 2;
  const outBytes = <usize>outStride << 2;
  const used = <usize>count << 2;
  if (used < outBytes) memory.fill(out, 0, <usize>rows * outBytes);
  let r: usize = 0;
  for (; r + 4 <= <usize>rows; r += 4) {
    for (let k: usize = 0; k < used; k += 4) {
      const from = x + r * bytes + (<usize>load<u32>(columns + k) << 2);
      const to = out + r * outBytes + k;
      const a = load<f32>(from);
      const b = load<f32>(from + bytes);
      const c = load<f32>(from + 2 * bytes);
      const d = load<f32>(from + 3 * bytes);
      store<f32>(to, a);
      store<f32>(to + outBytes, b);
      store<f32>(to + 2 * outBytes, c);
      store<f32>(to + 3 * outBytes, d);
    }
  }
  for (; r < <usize>rows; r++) {
    for (let k: usize = 0; k < used; k += 4) {
      store<f32>(out + r * outBytes + k, load<f32>(x + r * bytes + (<usize>load<u32>(columns + k) << 2)));
    }
  }
}
