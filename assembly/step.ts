import { adam4 } from './optimizers';
import { assertTable } from './simd';
import { accumulateRow, collectSlots, touchFrom } from './spmm';

// The last backward propagation fused with the parameter update: a row of the gradient lives in one scratch
// row and never goes to memory as a table. For each row r
//   dE⁰[r] = scale · (G[r] + (Â Y)[r]) + decay[slot(r)] · E⁰[r]
// where G and decay have a row for each slot of the batch. Y is either the full table of the previous backward
// step (`y` ≠ 0), the batch gradient itself (`y` = 0, `layers` = 1), or nothing (rowPtr = 0, `layers` = 0).

/** Writes G[r] + (Â Y)[r] to `row` [stride]. */
@inline
function gradientRow(rowPtr: usize, colIdx: usize, values: usize, slots: usize, g: usize, y: usize, row: usize, hits: usize, weights: usize, r: usize, slot: i32, bytes: usize, touchEnd: usize): void {
  const own = slot >= 0 ? g + <usize>slot * bytes : 0;
  if (rowPtr == 0) {
    accumulateRow(row, own, g, hits, weights, 0, bytes, 0);
    return;
  }
  const from = load<i32>(rowPtr + (r << 2));
  const count = load<i32>(rowPtr + (r << 2), 4) - from;
  const at = <usize>from << 2;
  if (y != 0) {
    accumulateRow(row, own, y, colIdx + at, values + at, count, bytes, touchEnd);
  } else {
    const found = collectSlots(slots, colIdx + at, values + at, count, hits, weights);
    accumulateRow(row, own, g, hits, weights, found, bytes, 0);
  }
}

/** Last backward step and Adam.
 *  p, m, v [rows × stride] updated; g [numSlots × stride], decay [numSlots], slots [rows] read
 *  row [stride], hits and weights [maximal degree + 4]: scratch
 *  Aliasing: y must not be p, m or v. Reduction order as spmm_csr_f32. */
export function spmm_adam_f32(
  rowPtr: usize, colIdx: usize, values: usize, slots: usize, g: usize, y: usize, decay: usize,
  p: usize, m: usize, v: usize, row: usize, hits: usize, weights: usize,
  scale: f32, rate: f32, beta1: f32, rest1: f32, beta2: f32, rest2: f32, epsilon: f32, biasCorrection1: f32, biasCorrection2: f32,
  begin: i32, end: i32, stride: i32, touch: bool,
): void {
  assertTable(g, stride);
  assertTable(y, stride);
  assertTable(p, stride);
  assertTable(m, stride);
  assertTable(v, stride);
  assertTable(row, stride);
  assert(y == 0 || y != p);
  const bytes = <usize>stride << 2;
  const b1 = f32x4.splat(beta1);
  const r1 = f32x4.splat(rest1);
  const b2 = f32x4.splat(beta2);
  const r2 = f32x4.splat(rest2);
  const step = f32x4.splat(rate / biasCorrection1);
  const root = f32x4.splat(biasCorrection2);
  const eps = f32x4.splat(epsilon);
  const s = f32x4.splat(scale);
  const touchEnd = touch && y != 0 && rowPtr != 0 ? touchFrom(rowPtr, colIdx, begin, end) : 0;
  for (let r = begin; r < end; r++) {
    const slot = load<i32>(slots + (<usize>r << 2));
    gradientRow(rowPtr, colIdx, values, slots, g, y, row, hits, weights, <usize>r, slot, bytes, touchEnd);
    const at = <usize>r * bytes;
    const d = f32x4.splat(slot >= 0 ? load<f32>(decay + (<usize>slot << 2)) : 0);
    for (let o: usize = 0; o < bytes; o += 16) {
      const grad = f32x4.add(f32x4.mul(s, v128.load(row + o)), f32x4.mul(d, v128.load(p + at + o)));
      adam4(p + at + o, m + at + o, v + at + o, grad, b1, r1, b2, r2, step, root, eps);
    }
  }
}

/** Last backward step and SGD; arguments as spmm_adam_f32. */
export function spmm_sgd_f32(
  rowPtr: usize, colIdx: usize, values: usize, slots: usize, g: usize, y: usize, decay: usize,
  p: usize, row: usize, hits: usize, weights: usize,
  scale: f32, rate: f32, begin: i32, end: i32, stride: i32, touch: bool,
): void {
  assertTable(g, stride);
  assertTable(y, stride);
  assertTable(p, stride);
  assertTable(row, stride);
  assert(y == 0 || y != p);
  const bytes = <usize>stride << 2;
  const step = f32x4.splat(rate);
  const s = f32x4.splat(scale);
  const touchEnd = touch && y != 0 && rowPtr != 0 ? touchFrom(rowPtr, colIdx, begin, end) : 0;
  for (let r = begin; r < end; r++) {
    const slot = load<i32>(slots + (<usize>r << 2));
    gradientRow(rowPtr, colIdx, values, slots, g, y, row, hits, weights, <usize>r, slot, bytes, touchEnd);
    const at = p + <usize>r * bytes;
    const d = f32x4.splat(slot >= 0 ? load<f32>(decay + (<usize>slot << 2)) : 0);
    for (let o: usize = 0; o < bytes; o += 16) {
      const old = v128.load(at + o);
      const grad = f32x4.add(f32x4.mul(s, v128.load(row + o)), f32x4.mul(d, old));
      v128.store(at + o, f32x4.sub(old, f32x4.mul(step, grad)));
    }
  }
}
