import { adam4 } from './optimizers';
import { assertTable, normOf } from './simd';
import { collectSlots } from './spmm';
import { product_row } from './strip';

// The last backward propagation fused with the parameter update: the gradient of a few rows at a time lives in
// scratch and never goes to memory as a table. For each row r of a panel
//   dE⁰[r] = scale · (G[r] + (Â Y)[r]) + decay[slot(r)] · E⁰[r]
// where G and decay have a row for each slot of the batch, G row-major. Y is either the full table of the previous
// backward step (`y` ≠ 0), times D^-½ where `values` = 0 (see spmm.ts), or the batch gradient itself (`y` = 0, one
// layer), or nothing (rowPtr = 0, no layers).

/** Bytes of gradient that are made before they are used: they stay in the first-level cache. */
const GROUP_BYTES: usize = 4096;

/** Rows of a group. */
@inline
function groupRows(bytes: usize): i32 {
  return max(1, <i32>(GROUP_BYTES / bytes));
}

/** gradient [end − begin rows of `bytes`] ← dE⁰ / scale of the rows begin … end−1 */
function gradientRows(rowPtr: usize, colIdx: usize, values: usize, norms: usize, slots: usize, g: usize, gBytes: usize, y: usize, decay: usize, p: usize, gradient: usize, hits: usize, weights: usize, scale: f32, begin: i32, end: i32, bytes: usize): void {
  for (let r = <usize>begin; r < <usize>end; r++, gradient += bytes) {
    const slot = load<i32>(slots + (r << 2));
    const own = slot >= 0 ? g + <usize>slot * gBytes : 0;
    const from = rowPtr != 0 ? load<i32>(rowPtr + (r << 2)) : 0;
    const count = rowPtr != 0 ? load<i32>(rowPtr + (r << 2), 4) - from : 0;
    const at = <usize>from << 2;
    if (y != 0) {
      product_row(gradient, own, y, colIdx + at, values != 0 ? values + at : 0, normOf(norms, r), count, bytes, bytes, 1);
    } else {
      const found = collectSlots(slots, colIdx + at, values + at, count, hits, weights);
      product_row(gradient, own, g, hits, weights, 1, found, gBytes, bytes, 1);
    }
    if (slot < 0) continue;
    const d = f32x4.splat(load<f32>(decay + (<usize>slot << 2)) / scale);
    const row = p + r * bytes;
    for (let o: usize = 0; o < bytes; o += 16)
      v128.store(gradient + o, f32x4.add(v128.load(gradient + o), f32x4.mul(d, v128.load(row + o))));
  }
}

/** Last backward step and Adam, for one panel.
 *  p, m, v, y [rows × stride], the first three updated; g [numSlots × gStride], decay [numSlots], slots [rows] read
 *  norms [rows], read where values = 0; hits and weights [maximal degree + 4], gradient [max(1024, stride)]: scratch
 *  Requires: scale ≠ 0; aliasing: y must not be p, m or v. Reduction order as spmm_csr_f32. */
export function spmm_adam_f32(
  rowPtr: usize, colIdx: usize, values: usize, norms: usize, slots: usize, g: usize, y: usize, decay: usize,
  p: usize, m: usize, v: usize, gradient: usize, hits: usize, weights: usize,
  scale: f32, rate: f32, beta1: f32, rest1: f32, beta2: f32, rest2: f32, epsilon: f32, biasCorrection1: f32, biasCorrection2: f32,
  begin: i32, end: i32, stride: i32, gStride: i32,
): void {
  assertTable(g, gStride);
  assertTable(y, stride);
  assertTable(p, stride);
  assertTable(m, stride);
  assertTable(v, stride);
  assertTable(gradient, stride);
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
  const group = groupRows(bytes);
  for (let r = begin; r < end; r += group) {
    const last = min(r + group, end);
    gradientRows(rowPtr, colIdx, values, norms, slots, g, gBytes, y, decay, p, gradient, hits, weights, scale, r, last, bytes);
    const at = <usize>r * bytes;
    const length = <usize>(last - r) * bytes;
    for (let o: usize = 0; o < length; o += 16) {
      const grad = f32x4.mul(s, v128.load(gradient + o));
      adam4(p + at + o, m + at + o, v + at + o, grad, b1, r1, b2, r2, step, eps);
    }
  }
}

/** Last backward step and SGD; arguments as spmm_adam_f32. */
export function spmm_sgd_f32(
  rowPtr: usize, colIdx: usize, values: usize, norms: usize, slots: usize, g: usize, y: usize, decay: usize,
  p: usize, gradient: usize, hits: usize, weights: usize,
  scale: f32, rate: f32, begin: i32, end: i32, stride: i32, gStride: i32,
): void {
  assertTable(g, gStride);
  assertTable(y, stride);
  assertTable(p, stride);
  assertTable(gradient, stride);
  assert(y == 0 || y != p);
  const bytes = <usize>stride << 2;
  const gBytes = <usize>gStride << 2;
  const step = f32x4.splat(rate * scale);
  const group = groupRows(bytes);
  for (let r = begin; r < end; r += group) {
    const last = min(r + group, end);
    gradientRows(rowPtr, colIdx, values, norms, slots, g, gBytes, y, decay, p, gradient, hits, weights, scale, r, last, bytes);
    const at = p + <usize>r * bytes;
    const length = <usize>(last - r) * bytes;
    for (let o: usize = 0; o < length; o += 16) {
      const old = v128.load(at + o);
      v128.store(at + o, f32x4.sub(old, f32x4.mul(step, v128.load(gradient + o))));
    }
  }
}
