import { UPDATE_BLOCK_ELEMENTS } from './constants';
import { adam_f32, sgd_f32 } from './optimizers';
import { assertTable } from './simd';
import { spmm_csr_f32, spmm_csr_slots_f32 } from './spmm';

// The last backward propagation fused with the parameter update. The gradient is never a table in memory: a block
// of its rows at a time is made in scratch, which stays in the cache, and used up. (With blocks of one row an update
// would wait for the row's sums, and the sums of the next row for the update.) For each row r of a panel
//   dE⁰[r] = scale · (G[r] + (Â Y)[r]) + decay[slot(r)] · E⁰[r]
// where G and decay have a row for each slot of the batch, G row-major. Y is either the full table of the previous
// backward step (`y` ≠ 0), times D^-½ where `values` = 0 (see spmm.ts), or the batch gradient itself (`y` = 0, one
// layer), or nothing (rowPtr = 0, no layers).

/** Bytes of a block. */
const BLOCK: usize = <usize>UPDATE_BLOCK_ELEMENTS << 2;

/** Rows of a block: one at least. */
@inline
function blockRows(stride: i32): usize {
  return max<usize>(BLOCK / (<usize>stride << 2), 1);
}

/** block ← dE⁰[begin … end−1]; arguments as spmm_adam_f32. */
function gradientBlock(
  rowPtr: usize, colIdx: usize, values: usize, norms: usize, slots: usize, g: usize, y: usize, decay: usize, p: usize,
  block: usize, hits: usize, weights: usize, scale: f32, touch: bool, begin: usize, end: usize, stride: i32,
  gStride: i32,
): void {
  assertTable(p, stride);
  assert(y == 0 || y != p);
  const bytes = <usize>stride << 2;
  const first = block - begin * bytes;
  const slotted = y == 0 && rowPtr != 0;
  if (slotted)
    spmm_csr_slots_f32(
      rowPtr, colIdx, values, norms, slots, g, first, scale, false, hits, weights, <i32>begin, <i32>end, stride,
      gStride, 1, 0,
    );
  else if (rowPtr != 0)
    spmm_csr_f32(
      rowPtr, colIdx, values, norms, y, 0, 0, first, scale, false, touch, <i32>begin, <i32>end, stride, stride,
    );
  else memory.fill(block, 0, (end - begin) * bytes);
  const s = f32x4.splat(slotted ? 0 : scale);
  for (let r = begin; r < end; r++) {
    const slot = <usize>load<i32>(slots + (r << 2));
    if (<i32>slot < 0) continue;
    const own = g + ((slot * <usize>gStride) << 2);
    const d = v128.load32_splat(decay + (slot << 2));
    const at = r * bytes;
    for (let o: usize = 0; o < bytes; o += 16) {
      const sum = f32x4.add(v128.load(first + at + o), f32x4.mul(s, v128.load(own + o)));
      v128.store(first + at + o, f32x4.add(sum, f32x4.mul(d, v128.load(p + at + o))));
    }
  }
}

/** Last backward step and Adam, for one panel.
 *  p, m, v, y [rows × stride], the first three updated; g [numSlots × gStride], decay [numSlots], slots [rows] read
 *  norms [rows], read where values = 0; block [4096, or stride where that is more], hits and weights [maximal
 *  degree + 4]: scratch
 *  touch as in spmm_csr_f32. Aliasing: y must not be p, m or v. Reduction order: as spmm_csr_f32 and then G or, where
 *  y = 0, G first; decay last. What the first row of a block gathers is not touched ahead. */
export function spmm_adam_f32(
  rowPtr: usize, colIdx: usize, values: usize, norms: usize, slots: usize, g: usize, y: usize, decay: usize,
  p: usize, m: usize, v: usize, block: usize, hits: usize, weights: usize,
  scale: f32, rate: f32, beta1: f32, rest1: f32, beta2: f32, rest2: f32, epsilon: f32, biasCorrection1: f32,
  biasCorrection2: f32,
  touch: bool, begin: i32, end: i32, stride: i32, gStride: i32,
): void {
  assertTable(m, stride);
  assertTable(v, stride);
  const rows = blockRows(stride);
  for (let from = <usize>begin; from < <usize>end; from += rows) {
    const to = min(from + rows, <usize>end);
    gradientBlock(
      rowPtr, colIdx, values, norms, slots, g, y, decay, p, block, hits, weights, scale, touch, from, to, stride,
      gStride,
    );
    const at = (from * <usize>stride) << 2;
    adam_f32(
      p + at, block, m + at, v + at, <i32>(to - from) * stride, rate, beta1, rest1, beta2, rest2, epsilon,
      biasCorrection1, biasCorrection2,
    );
  }
}

/** Last backward step and SGD; arguments as spmm_adam_f32. */
export function spmm_sgd_f32(
  rowPtr: usize, colIdx: usize, values: usize, norms: usize, slots: usize, g: usize, y: usize, decay: usize,
  p: usize, block: usize, hits: usize, weights: usize,
  scale: f32, rate: f32, touch: bool, begin: i32, end: i32, stride: i32, gStride: i32,
): void {
  const rows = blockRows(stride);
  for (let from = <usize>begin; from < <usize>end; from += rows) {
    const to = min(from + rows, <usize>end);
    gradientBlock(
      rowPtr, colIdx, values, norms, slots, g, y, decay, p, block, hits, weights, scale, touch, from, to, stride,
      gStride,
    );
    sgd_f32(p + ((from * <usize>stride) << 2), block, <i32>(to - from) * stride, rate);
  }
}
