import { assertTable } from './simd';

// Statistics and selection of embedding columns.

/** Rows summed in f32 before they are folded into f64. */
const BLOCK: i32 = 64;

/** sums [2] f64x2 pairs: out += the four f32 lanes. */
@inline
function fold(out: usize, sum: v128): void {
  v128.store(out, f64x2.add(v128.load(out), f64x2.promote_low_f32x4(sum)));
  const upper = i8x16.shuffle(sum, sum, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
  v128.store(out, f64x2.add(v128.load(out, 16), f64x2.promote_low_f32x4(upper)), 16);
}

/** sums[c] ← Σ (x − shift) and, unless 0, squares[c] ← Σ (x − shift)², over all rows; shift 0 means none. */
function foldRows(x: usize, rows: i32, stride: i32, shift: usize, sums: usize, squares: usize): void {
  const bytes = <usize>stride << 2;
  memory.fill(sums, 0, bytes << 1);
  if (squares != 0) memory.fill(squares, 0, bytes << 1);
  for (let first = 0; first < rows; first += BLOCK) {
    const count = min(BLOCK, rows - first);
    const block = x + <usize>first * bytes;
    for (let at: usize = 0; at < bytes; at += 16) {
      const offset = shift != 0 ? v128.load(shift + at) : f32x4.splat(0);
      let sum = f32x4.splat(0);
      let square = f32x4.splat(0);
      for (let r = 0; r < count; r++) {
        const value = f32x4.sub(v128.load(block + <usize>r * bytes + at), offset);
        sum = f32x4.add(sum, value);
        square = f32x4.add(square, f32x4.mul(value, value));
      }
      fold(sums + (at << 1), sum);
      if (squares != 0) fold(squares + (at << 1), square);
    }
  }
}

/** Mean and variance of every column in two passes: a first mean, then the sums of (x − mean) and of its square, which
 *  mend what the first mean lost to rounding (Chan, Golub & LeVeque 1983, "corrected two-pass"). Sums are f32 within 64
 *  rows and f64 across.
 *  x [rows × stride]; mean, variance [stride] overwritten; sums [2 · stride] f64 scratch
 *  divisor: rows (population variance) or rows − 1 (unbiased)
 *  Accuracy: 1e-6 relative to float64 for the variance, 1e-6 of Σ|x|/rows for the mean */
export function column_moments_f32(x: usize, rows: i32, stride: i32, divisor: f64, mean: usize, variance: usize, sums: usize): void {
  assertTable(x, stride);
  assertTable(mean, stride);
  assertTable(variance, stride);
  assertTable(sums, stride);
  const squares = sums + (<usize>stride << 3);
  foldRows(x, rows, stride, 0, sums, 0);
  for (let c: usize = 0; c < <usize>stride; c++) store<f32>(mean + (c << 2), <f32>(load<f64>(sums + (c << 3)) / <f64>rows));
  foldRows(x, rows, stride, mean, sums, squares);
  for (let c: usize = 0; c < <usize>stride; c++) {
    const rest = load<f64>(sums + (c << 3));
    const m = mean + (c << 2);
    store<f32>(m, <f32>(<f64>load<f32>(m) + rest / <f64>rows));
    const total = load<f64>(squares + (c << 3)) - (rest * rest) / <f64>rows;
    store<f32>(variance + (c << 2), <f32>(max<f64>(total, 0) / divisor));
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

/** out[r][k] ← x[r][columns[k]].  columns [count] u32; out [rows × outStride] overwritten, pad lanes 0 */
export function gather_columns_f32(x: usize, rows: i32, stride: i32, columns: usize, count: i32, out: usize, outStride: i32): void {
  for (let r = 0; r < rows; r++) {
    const from = x + ((<usize>r * <usize>stride) << 2);
    const to = out + ((<usize>r * <usize>outStride) << 2);
    for (let k: usize = 0; k < <usize>count; k++) {
      store<f32>(to + (k << 2), load<f32>(from + (<usize>load<u32>(columns + (k << 2)) << 2)));
    }
    for (let k = <usize>count; k < <usize>outStride; k++) store<f32>(to + (k << 2), 0);
  }
}
