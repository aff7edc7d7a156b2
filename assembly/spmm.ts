import { assertTable, madd, normOf } from './simd';
import { plainStrip, STRIP, weightedStrip } from './strip';

// Sparse (CSR) times dense. A table is either row-major or in panels: 16 columns of all rows, then the next 16, so that
// what one pass gathers from is an eighth of a table of 128 columns and stays in the cache. A call computes one panel.
// Whole rows: the first one to three neighbours start the output row, the others are added four at a time with a store
// after each vector, which keeps V8 from hoisting more loads than there are registers.

/** y  [bytes] ← from [bytes] + Σ of `count` (1, 2 or 4) weighted rows; y may be from. `count` is a literal at every call, so
 *  that each call inlines to straight code. Four vectors to an address, as an address costs an instruction. */
@inline
function addRows(y: usize, from: usize, x: usize, cols: usize, vals: usize, count: i32, bytes: usize): void {
  const x0 = x + <usize>load<u32>(cols) * bytes;
  const x1 = count > 1 ? x + <usize>load<u32>(cols, 4) * bytes : 0;
  const x2 = count > 2 ? x + <usize>load<u32>(cols, 8) * bytes : 0;
  const x3 = count > 2 ? x + <usize>load<u32>(cols, 12) * bytes : 0;
  const v0 = v128.load32_splat(vals);
  const v1 = count > 1 ? v128.load32_splat(vals, 4) : v0;
  const v2 = count > 2 ? v128.load32_splat(vals, 8) : v0;
  const v3 = count > 2 ? v128.load32_splat(vals, 12) : v0;
  const whole = bytes & ~63;
  let o: usize = 0;
  for (; o < whole; o += 64) {
    let s0 = madd(v0, v128.load(x0 + o), v128.load(from + o));
    if (count > 1) s0 = madd(v1, v128.load(x1 + o), s0);
    if (count > 2) s0 = madd(v2, v128.load(x2 + o), s0);
    if (count > 2) s0 = madd(v3, v128.load(x3 + o), s0);
    v128.store(y + o, s0);
    let s1 = madd(v0, v128.load(x0 + o, 16), v128.load(from + o, 16));
    if (count > 1) s1 = madd(v1, v128.load(x1 + o, 16), s1);
    if (count > 2) s1 = madd(v2, v128.load(x2 + o, 16), s1);
    if (count > 2) s1 = madd(v3, v128.load(x3 + o, 16), s1);
    v128.store(y + o, s1, 16);
    let s2 = madd(v0, v128.load(x0 + o, 32), v128.load(from + o, 32));
    if (count > 1) s2 = madd(v1, v128.load(x1 + o, 32), s2);
    if (count > 2) s2 = madd(v2, v128.load(x2 + o, 32), s2);
    if (count > 2) s2 = madd(v3, v128.load(x3 + o, 32), s2);
    v128.store(y + o, s2, 32);
    let s3 = madd(v0, v128.load(x0 + o, 48), v128.load(from + o, 48));
    if (count > 1) s3 = madd(v1, v128.load(x1 + o, 48), s3);
    if (count > 2) s3 = madd(v2, v128.load(x2 + o, 48), s3);
    if (count > 2) s3 = madd(v3, v128.load(x3 + o, 48), s3);
    v128.store(y + o, s3, 48);
  }
  for (; o < bytes; o += 16) {
    let s0 = madd(v0, v128.load(x0 + o), v128.load(from + o));
    if (count > 1) s0 = madd(v1, v128.load(x1 + o), s0);
    if (count > 2) s0 = madd(v2, v128.load(x2 + o), s0);
    if (count > 2) s0 = madd(v3, v128.load(x3 + o), s0);
    v128.store(y + o, s0);
  }
}

/** y ← scale · ((addend or 0) + Σ_e vals[e] · x[cols[e]]) over rows of `bytes`, added in the order of e. */
function wholeRow(y: usize, addend: usize, x: usize, cols: usize, vals: usize, count: i32, bytes: usize, scale: f32): void {
  let from = addend;
  if (addend == 0) {
    memory.fill(y, 0, bytes);
    from = y;
  }
  if (count == 0 && from != y) memory.copy(y, from, bytes);
  if ((count & 1) != 0) {
    addRows(y, from, x, cols, vals, 1, bytes);
    cols += 4;
    vals += 4;
    from = y;
  }
  if ((count & 2) != 0) {
    addRows(y, from, x, cols, vals, 2, bytes);
    cols += 8;
    vals += 8;
    from = y;
  }
  for (let e = count >> 2; e > 0; e--) {
    addRows(y, from, x, cols, vals, 4, bytes);
    cols += 16;
    vals += 16;
    from = y;
  }
  if (scale == 1) return;
  const s = f32x4.splat(scale);
  for (let o: usize = 0; o < bytes; o += 16) v128.store(y + o, f32x4.mul(v128.load(y + o), s));
}

/** One row of a panel: y ← scale · ((addend or 0) + Σ_e weight · x[cols[e]]), the weights vals[e], or `norm` where vals
 *  is 0, which panels of 16 columns alone allow.
 *  y, addend [bytes]; rows of x are xBytes apart, in row-major tables `bytes`. Reduction order: addend, then e ascending;
 *  with `norm` the sum over e, then addend */
export function product_row(y: usize, addend: usize, x: usize, cols: usize, vals: usize, norm: f32, count: i32, xBytes: usize, bytes: usize, scale: f32): void {
  if (bytes != STRIP << 2) wholeRow(y, addend, x, cols, vals, count, bytes, scale);
  else if (vals != 0) weightedStrip(y, addend, x, cols, vals, count, xBytes, scale);
  else plainStrip(y, addend, x, cols, norm, count, xBytes, scale);
}

/** Y ← s · (addend + A X) for the rows begin … end−1 of one panel, or for the rows that are listed there: with addend = E⁽⁰⁾
 *  the Horner step of LightGCN's mean of layers, forward and backward (A is symmetric).
 *  Source: He et al., LightGCN (SIGIR 2020), Eq. 7–8; deviation: layer weights 1/(L+1) enter as `scale`.
 *  rowPtr [rows+1], colIdx [nnz]
 *  values [nnz], or 0: A is diag(norms) times the pattern, which is D^-½ A D^-½ where X holds D^-½ times a table
 *  norms  [rows], d^-½ of each row; read where values = 0 or scaled
 *  list   [end] u32: y[i] is row list[i] of the product; 0: y[i] is row i
 *  scaled s = scale · norm of the row, so that Y is D^-½ times a table in its turn; else s = scale
 *  x      [cols × stride], addend [rows × stride] or 0, y [end × yStride] overwritten; 16-byte aligned
 *  Requires: strides multiples of 4, yStride ≥ stride, stride = 16 where values = 0; aliasing: y may be addend where
 *  the strides are one and there is no list, never x
 *  Accuracy: ≤ (degree + 4) · 2⁻²⁴ relative to Σ|terms|; reduction order: product_row
 *  Cost: 2 · nnz · dim flops (nnz · dim where values = 0), nnz · dim · 4 bytes gathered */
export function spmm_csr_f32(
  rowPtr: usize, colIdx: usize, values: usize, norms: usize, x: usize, addend: usize, list: usize, y: usize,
  scale: f32, scaled: bool, begin: i32, end: i32, stride: i32, yStride: i32,
): void {
  assertTable(x, stride);
  assertTable(addend, stride);
  assertTable(y, yStride);
  assert(x != y);
  const bytes = <usize>stride << 2;
  const yBytes = <usize>yStride << 2;
  for (let i = <usize>begin; i < <usize>end; i++) {
    const r = list != 0 ? <usize>load<u32>(list + (i << 2)) : i;
    const from = load<i32>(rowPtr + (r << 2));
    const count = load<i32>(rowPtr + (r << 2), 4) - from;
    const at = <usize>from << 2;
    const own = addend != 0 ? addend + r * bytes : 0;
    const norm = normOf(norms, r);
    const s = scaled ? scale * norm : scale;
    const out = y + i * yBytes;
    // The strips are inlined here, where most of the time goes.
    if (stride == STRIP) {
      if (values != 0) weightedStrip(out, own, x, colIdx + at, values + at, count, STRIP << 2, s);
      else plainStrip(out, own, x, colIdx + at, norm, count, STRIP << 2, s);
    } else {
      wholeRow(out, own, x, colIdx + at, values + at, count, bytes, s);
    }
  }
}

/** Collects the neighbours of one row that have a slot; returns how many.
 *  Writes their slots to hits and their weights to weights, in the order of e. */
export function collectSlots(slots: usize, cols: usize, vals: usize, count: i32, hits: usize, weights: usize): i32 {
  let found: usize = 0;
  for (let e: usize = 0; e < <usize>count; e++) {
    const slot = load<i32>(slots + (<usize>load<u32>(cols + (e << 2)) << 2));
    store<i32>(hits + (found << 2), slot);
    store<f32>(weights + (found << 2), load<f32>(vals + (e << 2)));
    found += <usize>(slot >= 0);
  }
  return <i32>found;
}

/** Y ← s · (G + A G) for a sparse G, of which only the rows with a slot are stored: the first backward step from a
 *  batch, for all panels of Y. Pulls, so that the order of addition does not depend on how rows are shared between
 *  threads.
 *  slots [rows] i32, −1 = no row; g [numSlots × gStride] row-major
 *  y [panels × panelBytes], in each [rows × stride], overwritten; panels · stride ≤ gStride
 *  norms, scaled as in spmm_csr_f32 with scale 1; hits, weights: scratch, [maximal degree + 4] each */
export function spmm_csr_slots_f32(
  rowPtr: usize, colIdx: usize, values: usize, norms: usize, slots: usize, g: usize, y: usize, scaled: bool,
  hits: usize, weights: usize, begin: i32, end: i32, stride: i32, gStride: i32, panels: i32, panelBytes: usize,
): void {
  assertTable(g, gStride);
  assertTable(y, stride);
  const bytes = <usize>stride << 2;
  const gBytes = <usize>gStride << 2;
  for (let r = <usize>begin; r < <usize>end; r++) {
    const from = load<i32>(rowPtr + (r << 2));
    const count = load<i32>(rowPtr + (r << 2), 4) - from;
    const at = <usize>from << 2;
    const found = collectSlots(slots, colIdx + at, values + at, count, hits, weights);
    const slot = load<i32>(slots + (r << 2));
    const scale = scaled ? normOf(norms, r) : 1;
    let out = y + r * bytes;
    let panel = g;
    for (let p = 0; p < panels; p++) {
      product_row(out, slot >= 0 ? panel + <usize>slot * gBytes : 0, panel, hits, weights, 1, found, gBytes, bytes, scale);
      out += panelBytes;
      panel += bytes;
    }
  }
}
