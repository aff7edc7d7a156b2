import { assertTable } from './simd';

// Statistics and selection of embedding columns.

/** Rows summed in f32 before they are folded into f64. */
const BLOCK: i32 = 64;

/** out [4] f64 += the four f32 lanes. */
@inline
function fold(out: usize, sum: v128): void {
  v128.store(out, f64x2.add(v128.load(out), f64x2.promote_low_f32x4(sum)));
  const upper = i8x16.shuffle(sum, sum, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
  v128.store(out, f64x2.add(v128.load(out, 16), f64x2.promote_low_f32x4(upper)), 16);
}

/** sums[c] += block[c] for all columns, f32 into f64; the block starts anew. */
function foldBlock(block: usize, bytes: usize, sums: usize): void {
  for (let at: usize = 0; at < bytes; at += 16) fold(sums + (at << 1), v128.load(block + at));
  memory.fill(block, 0, bytes);
}

/** sums[c] ← Σ x over all rows. Rows are read as they lie, four at a time: (x₀ + x₁) + (x₂ + x₃).
 *  block [stride] f32 scratch */
function sumColumns(x: usize, rows: i32, stride: i32, sums: usize, block: usize): void {
  const bytes = <usize>stride << 2;
  memory.fill(sums, 0, bytes << 1);
  memory.fill(block, 0, bytes);
  let r = 0;
  for (; r + 4 <= rows; r += 4) {
    const row = x + <usize>r * bytes;
    for (let at: usize = 0; at < bytes; at += 16) {
      const p = row + at;
      const low = f32x4.add(v128.load(p), v128.load(p + bytes));
      const high = f32x4.add(v128.load(p + 2 * bytes), v128.load(p + 3 * bytes));
      v128.store(block + at, f32x4.add(v128.load(block + at), f32x4.add(low, high)));
    }
    if (((r + 4) & (BLOCK - 1)) == 0) foldBlock(block, bytes, sums);
  }
  for (; r < rows; r++) {
    const row = x + <usize>r * bytes;
    for (let at: usize = 0; at < bytes; at += 16) v128.store(block + at, f32x4.add(v128.load(block + at), v128.load(row + at)));
  }
  foldBlock(block, bytes, sums);
}

/** sums[c] ← Σ (x − shift), squares[c] ← Σ (x − shift)² over all rows, in the order of sumColumns.
 *  block [2 · stride] f32 scratch */
function squareColumns(x: usize, rows: i32, stride: i32, shift: usize, sums: usize, squares: usize, block: usize): void {
  const bytes = <usize>stride << 2;
  const squareBlock = block + bytes;
  memory.fill(sums, 0, bytes << 1);
  memory.fill(squares, 0, bytes << 1);
  memory.fill(block, 0, bytes << 1);
  let r = 0;
  for (; r + 4 <= rows; r += 4) {
    const row = x + <usize>r * bytes;
    for (let at: usize = 0; at < bytes; at += 16) {
      const h = v128.load(shift + at);
      const p = row + at;
      const a = f32x4.sub(v128.load(p), h);
      const b = f32x4.sub(v128.load(p + bytes), h);
      const c = f32x4.sub(v128.load(p + 2 * bytes), h);
      const d = f32x4.sub(v128.load(p + 3 * bytes), h);
      const sum = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
      const low = f32x4.add(f32x4.mul(a, a), f32x4.mul(b, b));
      const high = f32x4.add(f32x4.mul(c, c), f32x4.mul(d, d));
      v128.store(block + at, f32x4.add(v128.load(block + at), sum));
      v128.store(squareBlock + at, f32x4.add(v128.load(squareBlock + at), f32x4.add(low, high)));
    }
    if (((r + 4) & (BLOCK - 1)) == 0) {
      foldBlock(block, bytes, sums);
      foldBlock(squareBlock, bytes, squares);
    }
  }
  for (; r < rows; r++) {
    const row = x + <usize>r * bytes;
    for (let at: usize = 0; at < bytes; at += 16) {
      const value = f32x4.sub(v128.load(row + at), v128.load(shift + at));
      v128.store(block + at, f32x4.add(v128.load(block + at), value));
      v128.store(squareBlock + at, f32x4.add(v128.load(squareBlock + at), f32x4.mul(value, value)));
    }
  }
  foldBlock(block, bytes, sums);
  foldBlock(squareBlock, bytes, squares);
}

/** Mean and variance of every column in two passes: a first mean, then the sums of (x − mean) and of its square, which
 *  mend what the first mean lost to rounding (Chan, Golub & LeVeque 1983, "corrected two-pass"). Sums are f32 within 64
 *  rows and f64 across.
 *  x [rows × stride]; mean, variance [stride] overwritten; sums [3 · stride] f64 scratch
 *  divisor: rows (population variance) or rows − 1 (unbiased)
 *  Accuracy: 1e-6 relative to float64 for the variance, 1e-6 of Σ|x|/rows for the mean */
export function column_moments_f32(x: usize, rows: i32, stride: i32, divisor: f64, mean: usize, variance: usize, sums: usize): void {
  assertTable(x, stride);
  assertTable(mean, stride);
  assertTable(variance, stride);
  assertTable(sums, stride);
  const squares = sums + (<usize>stride << 3);
  const block = squares + (<usize>stride << 3);
  sumColumns(x, rows, stride, sums, block);
  for (let c: usize = 0; c < <usize>stride; c++) store<f32>(mean + (c << 2), <f32>(load<f64>(sums + (c << 3)) / <f64>rows));
  squareColumns(x, rows, stride, mean, sums, squares, block);
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
