import { adam4 } from './optimizers';
import { assertTable, normOf } from './simd';
import { collectSlots, product_row, touchRows } from './spmm';

// The last backward propagation fused with the parameter update: a row of the gradient lives in one scratch
// row and never goes to memory as a table. For each row r of a panel
//   dE⁰[r] = scale · (G[r] + (Â Y)[r]) + decay[slot(r)] · E⁰[r]
// where G and decay have a row for each slot of the batch, G row-major. Y is either the full table of the previous
// backward step (`y` ≠ 0), times D^-½ where `values` = 0 (see spmm.ts), or the batch gradient itself (`y` = 0, one
// layer), or nothing (rowPtr = 0, no layers).

/** Writes G[r] + (Â Y)[r] to `row` [bytes]; `touch` as in spmm_csr_f32, for the row after r. */
@inline
function gradientRow(rowPtr: usize, colIdx: usize, values: usize, norms: usize, slots: usize, g: usize, gBytes: usize, y: usize, row: usize, hits: usize, weights: usize, r: usize, slot: i32, bytes: usize, touch: bool): void {
  const own = slot >= 0 ? g + <usize>slot * gBytes : 0;
  const from = rowPtr != 0 ? load<i32>(rowPtr + (r << 2)) : 0;
  let count = rowPtr != 0 ? load<i32>(rowPtr + (r << 2), 4) - from : 0;
  const at = <usize>from << 2;
  let x = y;
  let cols = colIdx + at;
  let vals = values != 0 ? values + at : 0;
  let xBytes = bytes;
  if (y == 0) {
    count = collectSlots(slots, cols, vals, count, hits, weights);
    x = g;
    cols = hits;
    vals = weights;
    xBytes = gBytes;
  } else if (touch) touchRows(x, rowPtr, colIdx, r + 1, bytes);
  product_row(row, own, x, cols, vals, normOf(norms, r), count, xBytes, bytes, 1);
}

/** Last backward step and Adam, for one panel.
 *  p, m, v, y [rows × stride], the first three updated; g [numSlots × gStride], decay [numSlots], slots [rows] read
 *  norms [rows], read where values = 0; row [stride], hits and weights [maximal degree + 4]: scratch
 *  touch as in spmm_csr_f32. Aliasing: y must not be p, m or v. Reduction order as spmm_csr_f32. */
export function spmm_adam_f32(
  rowPtr: usize, colIdx: usize, values: usize, norms: usize, slots: usize, g: usize, y: usize, decay: usize,
  p: usize, m: usize, v: usize, row: usize, hits: usize, weights: usize,
  scale: f32, rate: f32, beta1: f32, rest1: f32, beta2: f32, rest2: f32, epsilon: f32, biasCorrection1: f32, biasCorrection2: f32,
  touch: bool, begin: i32, end: i32, stride: i32, gStride: i32,
): void {
  assertTable(g, gStride);
  assertTable(y, stride);
  assertTable(p, stride);
  assertTable(m, stride);
  assertTable(v, stride);
  assertTable(row, stride);
  assert(y == 0 || y != p);
  const bytes = <usize>stride << 2;
  const gBytes = <usize>gStride << 2;
  const b1 = f32x4.splat(beta1);
  const r1 = f32x4.splat(rest1);
  const b2 = f32x4.splat(beta2);
  const r2 = f32x4.splat(rest2);
  const step = f32x4.splat((rate / biasCorrection1) * biasCorrection2);
  const eps = f32x4.splat(epsilon * biasCorrection2);
  const s = f32x4.splat(scale);
  for (let r = <usize>begin; r < <usize>end; r++) {
    const slot = load<i32>(slots + (r << 2));
    gradientRow(rowPtr, colIdx, values, norms, slots, g, gBytes, y, row, hits, weights, r, slot, bytes, touch && r + 1 < <usize>end);
    const at = r * bytes;
    const d = f32x4.splat(slot >= 0 ? load<f32>(decay + (<usize>slot << 2)) : 0);
    for (let o: usize = 0; o < bytes; o += 16) {
      const grad = f32x4.add(f32x4.mul(s, v128.load(row + o)), f32x4.mul(d, v128.load(p + at + o)));
      adam4(p + at + o, m + at + o, v + at + o, grad, b1, r1, b2, r2, step, eps);
    }
  }
}

/** Last backward step and SGD; arguments as spmm_adam_f32. */
export function spmm_sgd_f32(
  rowPtr: usize, colIdx: usize, values: usize, norms: usize, slots: usize, g: usize, y: usize, decay: usize,
  p: usize, row: usize, hits: usize, weights: usize,
  scale: f32, rate: f32, touch: bool, begin: i32, end: i32, stride: i32, gStride: i32,
): void {
  assertTable(g, gStride);
  assertTable(y, stride);
  assertTable(p, stride);
  assertTable(row, stride);
  assert(y == 0 || y != p);
  const bytes = <usize>stride << 2;
  const gBytes = <usize>gStride << 2;
  const step = f32x4.splat(rate);
  const s = f32x4.splat(scale);
  for (let r = <usize>begin; r < <usize>end; r++) {
    const slot = load<i32>(slots + (r << 2));
    gradientRow(rowPtr, colIdx, values, norms, slots, g, gBytes, y, row, hits, weights, r, slot, bytes, touch && r + 1 < <usize>end);
    const at = p + r * bytes;
    const d = f32x4.splat(slot >= 0 ? load<f32>(decay + (<usize>slot << 2)) : 0);
    for (let o: usize = 0; o < bytes; o += 16) {
      const old = v128.load(at + o);
      const grad = f32x4.add(f32x4.mul(s, v128.load(row + o)), f32x4.mul(d, old));
      v128.store(at + o, f32x4.sub(old, f32x4.mul(step, grad)));
    }
  }
}
