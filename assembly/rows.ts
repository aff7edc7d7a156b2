import { assertTable, dot, normOf, rowAt } from './simd';

/** y[i] ← x[rows[i]].  x [· × stride], rows [count] u32, y [count × yStride] overwritten; stride ≤ yStride */
export function gather_rows_f32(x: usize, rows: usize, count: i32, stride: i32, y: usize, yStride: i32): void {
  assertTable(x, stride);
  assertTable(y, yStride);
  const bytes = (<usize>stride) << 2;
  const yBytes = (<usize>yStride) << 2;
  for (let i: usize = 0; i < <usize>count; i++) memory.copy(y + i * yBytes, rowAt(x, rows, i, stride), bytes);
}

/** y[rows[i]] += x[i], times norms[rows[i]] unless norms = 0; rows distinct.
 *  x [count × xStride], rows [count] u32, y [· × stride] accumulated; stride ≤ xStride */
export function add_rows_f32(
  x: usize, rows: usize, count: i32, xStride: i32, norms: usize, y: usize, stride: i32,
): void {
  assertTable(x, xStride);
  assertTable(y, stride);
  const bytes = (<usize>stride) << 2;
  const xBytes = (<usize>xStride) << 2;
  for (let i: usize = 0; i < <usize>count; i++) {
    const from = x + i * xBytes;
    const to = rowAt(y, rows, i, stride);
    const factor = f32x4.splat(normOf(norms, <usize>load<u32>(rows + (i << 2))));
    for (let o: usize = 0; o < bytes; o += 16)
      v128.store(to + o, f32x4.add(v128.load(to + o), f32x4.mul(factor, v128.load(from + o))));
  }
}

/** y[to[i]] += factors[i] · x[from[i]], in the order of i.
 *  from, to [count] u32, or 0 for 0 … count−1; factors [count]; x, y [· × stride], y accumulated, never x */
export function add_scaled_rows_f32(
  x: usize, from: usize, factors: usize, count: i32, stride: i32, y: usize, to: usize,
): void {
  assertTable(x, stride);
  assertTable(y, stride);
  const bytes = (<usize>stride) << 2;
  for (let i: usize = 0; i < <usize>count; i++) {
    const source = from != 0 ? rowAt(x, from, i, stride) : x + i * bytes;
    const target = to != 0 ? rowAt(y, to, i, stride) : y + i * bytes;
    const factor = v128.load32_splat(factors + (i << 2));
    for (let o: usize = 0; o < bytes; o += 16) {
      v128.store(target + o, f32x4.add(v128.load(target + o), f32x4.mul(factor, v128.load(source + o))));
    }
  }
}

/** out[i] ← ‖x[rows[i]]‖², panel by panel.
 *  x [panels × panelBytes], in each [· × stride]; rows [count] u32; out [count] overwritten */
export function squared_norms_f32(
  x: usize, rows: usize, count: i32, stride: i32, panels: i32, panelBytes: usize, out: usize,
): void {
  assertTable(x, stride);
  for (let i: usize = 0; i < <usize>count; i++) {
    let row = rowAt(x, rows, i, stride);
    let sum: f32 = 0;
    for (let p = 0; p < panels; p++, row += panelBytes) sum += dot(row, row, stride);
    store<f32>(out + (i << 2), sum);
  }
}

/** Σ x² over a padded row in float64, so that no square leaves the range of f32. */
function squaredNorm(row: usize, bytes: usize): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let o: usize = 0; o < bytes; o += 16) {
    const x = v128.load(row + o);
    const a = f64x2.promote_low_f32x4(x);
    const b = f64x2.promote_low_f32x4(
      i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15),
    );
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  const sum = f64x2.add(low, high);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** Divides every row by its L2 norm; a zero row stays zero.  x [rows × stride] updated */
export function normalize_rows_f32(x: usize, rows: i32, stride: i32): void {
  assertTable(x, stride);
  const bytes = (<usize>stride) << 2;
  for (let r = 0; r < rows; r++) {
    const row = x + <usize>r * bytes;
    const norm = <f32>sqrt<f64>(squaredNorm(row, bytes));
    if (norm == 0) continue;
    const n = f32x4.splat(norm);
    for (let o: usize = 0; o < bytes; o += 16) v128.store(row + o, f32x4.div(v128.load(row + o), n));
  }
}
