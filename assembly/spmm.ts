import { PANEL_COLUMNS } from './constants';
import { assertTable, normOf } from './simd';
import { plainStrip, restOfRow, weightedStrip, ZEROS } from './strip';

// Sparse (CSR) times dense, a strip of 16 columns at a time (strip.ts): its sums stay in registers over all neighbours.
// A table is either row-major or in panels: 16 columns of all rows, then the next 16, so that what one pass gathers
// from is an eighth of a table of 128 columns and stays in the cache. A call of
// spmm_csr_f32 computes one panel.
// What the next row gathers from a large row-major table is touched before a row is computed: a dense burst of loads
// stands in for the prefetch that WebAssembly has not.

/** Bytes of a row of a panel. */
const PANEL: usize = <usize>PANEL_COLUMNS << 2;
/** Rows of 512 bytes beyond this would leave the cache before they are used. */
const MOST_TOUCHED: usize = 1024;

/** One row, strip by strip: y ← scale · ((addend or 0) + Σ_e weight · x[cols[e]]), the weights vals[e], or `norm` where
 *  vals is 0.
 *  addend [bytes], row-major; rows of x are xBytes apart; the strips of y are yStep bytes apart, 64 where
 *  y is row-major.
 *  Reduction order: addend, then e ascending; with `norm` the sum over e, then addend */
function product_row(
  y: usize, yStep: usize, addend: usize, x: usize, cols: usize, vals: usize, norm: f32, count: i32, xBytes: usize,
  bytes: usize, scale: f32,
): void {
  const whole = x + (bytes & ~63);
  const step: usize = addend != 0 ? 64 : 0;
  const end = cols + (<usize>count << 2);
  let own = addend != 0 ? addend : ZEROS;
  const rest = x + bytes;
  if (vals != 0) {
    for (; x < whole; x += 64, y += yStep, own += step) weightedStrip(y, own, x, cols, vals, end, xBytes, scale);
  } else {
    for (; x < whole; x += 64, y += yStep, own += step) plainStrip(y, own, x, cols, norm, end, xBytes, scale);
  }
  if (x == rest) return;
  restOfRow(y, own, step >> 2, x, cols, vals, norm, count, xBytes, rest - x, scale);
}

/** Loads a number from every 64 bytes of the rows of x [bytes] that row r gathers, of the first MOST_TOUCHED at most: a
 *  dense burst of loads, which the processor fetches together. Of Gowalla and of a graph of amazon-book's size at dim
 *  128 SpMM takes a third less time with it; loads that are spread through the arithmetic gain nothing. */
function touchRows(x: usize, rowPtr: usize, colIdx: usize, r: usize, bytes: usize): void {
  const from = colIdx + (<usize>load<u32>(rowPtr + (r << 2)) << 2);
  const end = min(colIdx + (<usize>load<u32>(rowPtr + (r << 2), 4) << 2), from + (MOST_TOUCHED << 2));
  let o: usize = 0;
  for (; o + 256 <= bytes; o += 256) {
    for (let e = from; e < end; e += 4) {
      const row = x + o + <usize>load<u32>(e) * bytes;
      load<i32>(row);
      load<i32>(row, 64);
      load<i32>(row, 128);
      load<i32>(row, 192);
    }
  }
  for (; o < bytes; o += 64) {
    for (let e = from; e < end; e += 4) load<i32>(x + o + <usize>load<u32>(e) * bytes);
  }
}

/** spmm_csr_f32 for tables of other than 16 columns. */
function wholeRows(
  rowPtr: usize, colIdx: usize, values: usize, norms: usize, x: usize, addend: usize, list: usize, y: usize,
  scale: f32, scaled: bool, touch: bool, begin: usize, end: usize, bytes: usize, yBytes: usize,
): void {
  for (let i = begin; i < end; i++) {
    const r = list != 0 ? <usize>load<u32>(list + (i << 2)) : i;
    if (touch && i + 1 < end)
      touchRows(x, rowPtr, colIdx, list != 0 ? <usize>load<u32>(list + (i << 2), 4) : i + 1, bytes);
    const from = load<i32>(rowPtr + (r << 2));
    const at = <usize>from << 2;
    const count = load<i32>(rowPtr + (r << 2), 4) - from;
    const own = addend != 0 ? addend + r * bytes : 0;
    const norm = normOf(norms, r);
    const s = scaled ? scale * norm : scale;
    product_row(
      y + i * yBytes, PANEL, own, x, colIdx + at, values != 0 ? values + at : 0, norm, count, bytes, bytes, s,
    );
  }
}

/** spmm_csr_f32 for a panel, or a table of 16 columns, with weights: constants in the place of bytes, and one strip,
 *  take 10 % less time.
 *  norms 0 where Y is not to be scaled */
function weightedPanel(
  rowPtr: usize, colIdx: usize, toWeight: usize, norms: usize, x: usize, addend: usize, list: usize, y: usize,
  scale: f32, begin: usize, end: usize, yBytes: usize,
): void {
  for (let i = begin; i < end; i++) {
    const r = list != 0 ? <usize>load<u32>(list + (i << 2)) : i;
    const cols = colIdx + (<usize>load<u32>(rowPtr + (r << 2)) << 2);
    const last = colIdx + (<usize>load<u32>(rowPtr + (r << 2), 4) << 2);
    const s = norms != 0 ? scale * load<f32>(norms + (r << 2)) : scale;
    weightedStrip(y + i * yBytes, addend != 0 ? addend + r * PANEL : ZEROS, x, cols, cols + toWeight, last, PANEL, s);
  }
}

/** The same without weights. */
function plainPanel(
  rowPtr: usize, colIdx: usize, norms: usize, x: usize, addend: usize, list: usize, y: usize, scale: f32,
  scaled: bool, begin: usize, end: usize, yBytes: usize,
): void {
  for (let i = begin; i < end; i++) {
    const r = list != 0 ? <usize>load<u32>(list + (i << 2)) : i;
    const cols = colIdx + (<usize>load<u32>(rowPtr + (r << 2)) << 2);
    const last = colIdx + (<usize>load<u32>(rowPtr + (r << 2), 4) << 2);
    const norm = load<f32>(norms + (r << 2));
    const s = scaled ? scale * norm : scale;
    plainStrip(y + i * yBytes, addend != 0 ? addend + r * PANEL : ZEROS, x, cols, norm, last, PANEL, s);
  }
}

/** Y ← s · (addend + A X) for the rows begin … end−1 of one panel, or for the rows that are listed there: with addend =
 *  E⁽⁰⁾ the Horner step of LightGCN's mean of layers, forward and backward (A is symmetric).
 *  Source: He et al., LightGCN (SIGIR 2020), Eq. 7–8; deviation: layer weights 1/(L+1) enter as `scale`.
 *  rowPtr [rows+1], colIdx [nnz]
 *  values [nnz], or 0: A is diag(norms) times the pattern, which is D^-½ A D^-½ where X holds D^-½ times a table
 *  norms  [rows], d^-½ of each row; read where values = 0 or scaled
 *  list   [end] u32: y[i] is row list[i] of the product; 0: y[i] is row i
 *  scaled s = scale · norm of the row, so that Y is D^-½ times a table in its turn; else s = scale
 *  x      [cols × stride], addend [rows × stride] or 0, y [end × yStride] overwritten; 16-byte aligned
 *  touch  whether to load what the next row gathers before a row is computed: pays where x is larger than the caches
 *  Requires: strides multiples of 4, yStride ≥ stride; aliasing: y may be addend where the strides are one and there is
 *  no list, never x
 *  Accuracy: ≤ (degree + 4) · 2⁻²⁴ relative to Σ|terms|; reduction order: product_row
 *  Cost: 2 · nnz · dim flops (nnz · dim where values = 0), nnz · dim · 4 bytes gathered */
export function spmm_csr_f32(
  rowPtr: usize, colIdx: usize, values: usize, norms: usize, x: usize, addend: usize, list: usize, y: usize,
  scale: f32, scaled: bool, touch: bool, begin: i32, end: i32, stride: i32, yStride: i32,
): void {
  assertTable(x, stride);
  assertTable(addend, stride);
  assertTable(y, yStride);
  assert(x != y);
  const bytes = <usize>stride << 2;
  const yBytes = <usize>yStride << 2;
  if (bytes != PANEL)
    wholeRows(rowPtr, colIdx, values, norms, x, addend, list, y, scale, scaled, touch, begin, end, bytes, yBytes);
  else if (values != 0)
    weightedPanel(rowPtr, colIdx, values - colIdx, scaled ? norms : 0, x, addend, list, y, scale, begin, end, yBytes);
  else plainPanel(rowPtr, colIdx, norms, x, addend, list, y, scale, scaled, begin, end, yBytes);
}

/** Y ← diag(norms) X for the rows begin … end−1 of a panel, of which a product without weights gathers then.
 *  x, y [rows × stride], norms [rows] */
export function scale_panel_f32(x: usize, norms: usize, y: usize, begin: i32, end: i32, stride: i32): void {
  assertTable(x, stride);
  assertTable(y, stride);
  const bytes = <usize>stride << 2;
  for (let r = <usize>begin; r < <usize>end; r++) {
    const norm = v128.load32_splat(norms + (r << 2));
    const last = (r + 1) * bytes;
    for (let at = r * bytes; at < last; at += 16) v128.store(y + at, f32x4.mul(norm, v128.load(x + at)));
  }
}

/** Collects the neighbours of one row that have a slot; returns how many.
 *  Writes their slots to hits and their weights to weights, in the order of e. */
function collectSlots(slots: usize, cols: usize, vals: usize, count: i32, hits: usize, weights: usize): i32 {
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
 *  y [panels × panelBytes], in each [rows × stride], overwritten; of several panels stride is 16; panels · stride ≤
 *  gStride
 *  norms, scale, scaled as in spmm_csr_f32; hits, weights: scratch, [maximal degree + 4] each */
export function spmm_csr_slots_f32(
  rowPtr: usize, colIdx: usize, values: usize, norms: usize, slots: usize, g: usize, y: usize, scale: f32, scaled: bool,
  hits: usize, weights: usize, begin: i32, end: i32, stride: i32, gStride: i32, panels: i32, panelBytes: usize,
): void {
  assertTable(g, gStride);
  assertTable(y, stride);
  const bytes = <usize>stride << 2;
  const gBytes = <usize>gStride << 2;
  const step: usize = panels > 1 ? panelBytes : PANEL;
  for (let r = <usize>begin; r < <usize>end; r++) {
    const from = load<i32>(rowPtr + (r << 2));
    const count = load<i32>(rowPtr + (r << 2), 4) - from;
    const at = <usize>from << 2;
    const found = collectSlots(slots, colIdx + at, values + at, count, hits, weights);
    const slot = load<i32>(slots + (r << 2));
    const s = scaled ? scale * load<f32>(norms + (r << 2)) : scale;
    const own = slot >= 0 ? g + <usize>slot * gBytes : 0;
    product_row(y + r * bytes, step, own, g, hits, weights, 1, found, gBytes, <usize>panels * bytes, s);
  }
}
