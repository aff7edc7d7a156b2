import { assertTable, madd } from './simd';

// Sparse (CSR) times dense. Structure: the first one to four neighbours start the output row, the others are
// added four at a time with a store between, which keeps V8 from hoisting more loads than there are registers.

/** Neighbours between two bursts of touches; colIdx must be readable 2·BURST entries past its end. */
const BURST: usize = 32;

/** y  [stride] ← (addend or 0) + Σ of the first `count` (0 … 4) weighted rows. `count` and `withAddend` are
 *  literals at every call, so that each call inlines to straight code. */
@inline
function startRow(y: usize, addend: usize, withAddend: bool, x: usize, cols: usize, vals: usize, count: i32, bytes: usize): void {
  const x0 = count > 0 ? x + <usize>load<u32>(cols) * bytes : 0;
  const x1 = count > 1 ? x + <usize>load<u32>(cols, 4) * bytes : 0;
  const x2 = count > 2 ? x + <usize>load<u32>(cols, 8) * bytes : 0;
  const x3 = count > 3 ? x + <usize>load<u32>(cols, 12) * bytes : 0;
  const v0 = count > 0 ? v128.load32_splat(vals) : f32x4.splat(0);
  const v1 = count > 1 ? v128.load32_splat(vals, 4) : f32x4.splat(0);
  const v2 = count > 2 ? v128.load32_splat(vals, 8) : f32x4.splat(0);
  const v3 = count > 3 ? v128.load32_splat(vals, 12) : f32x4.splat(0);
  for (let o: usize = 0; o < bytes; o += 16) {
    let sum = withAddend ? v128.load(addend + o) : f32x4.splat(0);
    if (count > 0) sum = withAddend ? madd(v0, v128.load(x0 + o), sum) : f32x4.mul(v0, v128.load(x0 + o));
    if (count > 1) sum = madd(v1, v128.load(x1 + o), sum);
    if (count > 2) sum = madd(v2, v128.load(x2 + o), sum);
    if (count > 3) sum = madd(v3, v128.load(x3 + o), sum);
    v128.store(y + o, sum);
  }
}

/** y  [stride] += four weighted rows, in strips of two vectors. */
@inline
function addFour(y: usize, x: usize, cols: usize, vals: usize, bytes: usize): void {
  const x0 = x + <usize>load<u32>(cols) * bytes;
  const x1 = x + <usize>load<u32>(cols, 4) * bytes;
  const x2 = x + <usize>load<u32>(cols, 8) * bytes;
  const x3 = x + <usize>load<u32>(cols, 12) * bytes;
  const v0 = v128.load32_splat(vals);
  const v1 = v128.load32_splat(vals, 4);
  const v2 = v128.load32_splat(vals, 8);
  const v3 = v128.load32_splat(vals, 12);
  const even = bytes & ~31;
  let o: usize = 0;
  for (; o < even; o += 32) {
    let s0 = v128.load(y + o);
    let s1 = v128.load(y + o, 16);
    s0 = madd(v0, v128.load(x0 + o), s0);
    s1 = madd(v0, v128.load(x0 + o, 16), s1);
    s0 = madd(v1, v128.load(x1 + o), s0);
    s1 = madd(v1, v128.load(x1 + o, 16), s1);
    s0 = madd(v2, v128.load(x2 + o), s0);
    s1 = madd(v2, v128.load(x2 + o, 16), s1);
    s0 = madd(v3, v128.load(x3 + o), s0);
    s1 = madd(v3, v128.load(x3 + o, 16), s1);
    v128.store(y + o, s0);
    v128.store(y + o, s1, 16);
  }
  if (o < bytes) {
    let s0 = v128.load(y + o);
    s0 = madd(v0, v128.load(x0 + o), s0);
    s0 = madd(v1, v128.load(x1 + o), s0);
    s0 = madd(v2, v128.load(x2 + o), s0);
    s0 = madd(v3, v128.load(x3 + o), s0);
    v128.store(y + o, s0);
  }
}

/** Reads one word per 64-byte line of the BURST rows that come BURST neighbours later: the prefetch that
 *  WebAssembly lacks. Only as a dense burst does it overlap the misses. */
function touchAhead(x: usize, cols: usize, bytes: usize): void {
  const end = cols + ((2 * BURST) << 2);
  for (let c = cols + (BURST << 2); c < end; c += 4) {
    const row = x + <usize>load<u32>(c) * bytes;
    for (let line: usize = 0; line < bytes; line += 64) load<i32>(row + line);
  }
}

/** One output row: y ← (addend or 0) + Σ_e vals[e] · x[cols[e]], added in the order of e.
 *  `addend` 0 means none. With `touch`, rows further on are touched every BURST neighbours. */
export function accumulateRow(y: usize, addend: usize, x: usize, cols: usize, vals: usize, count: i32, bytes: usize, touch: bool): void {
  let first = count & 3;
  if (first == 0 && count > 0) first = 4;
  if (touch && count > 0) touchAhead(x, cols, bytes);
  if (addend != 0) {
    if (first == 0) startRow(y, addend, true, x, cols, vals, 0, bytes);
    else if (first == 1) startRow(y, addend, true, x, cols, vals, 1, bytes);
    else if (first == 2) startRow(y, addend, true, x, cols, vals, 2, bytes);
    else if (first == 3) startRow(y, addend, true, x, cols, vals, 3, bytes);
    else startRow(y, addend, true, x, cols, vals, 4, bytes);
  } else {
    if (first == 0) startRow(y, 0, false, x, cols, vals, 0, bytes);
    else if (first == 1) startRow(y, 0, false, x, cols, vals, 1, bytes);
    else if (first == 2) startRow(y, 0, false, x, cols, vals, 2, bytes);
    else if (first == 3) startRow(y, 0, false, x, cols, vals, 3, bytes);
    else startRow(y, 0, false, x, cols, vals, 4, bytes);
  }
  for (let e = first; e < count; e += 4) {
    const at = <usize>e << 2;
    if (touch && ((e - first) & 31) == 28) touchAhead(x, cols + at, bytes);
    addFour(y, x, cols + at, vals + at, bytes);
  }
}

/** y ← scale · y for one row. */
@inline
export function scaleRow(y: usize, scale: f32, bytes: usize): void {
  const s = f32x4.splat(scale);
  for (let o: usize = 0; o < bytes; o += 16) v128.store(y + o, f32x4.mul(v128.load(y + o), s));
}

/** Y ← scale · (addend + A X) for rows begin … end−1: with addend = E⁽⁰⁾ the Horner step of LightGCN's mean of
 *  layers, forward and backward (A is symmetric).
 *  Source: He et al., LightGCN (SIGIR 2020), Eq. 7–8; deviation: layer weights 1/(L+1) enter as `scale`.
 *  rowPtr [rows+1], colIdx [nnz + 64 readable], values [nnz]
 *  x      [cols × stride], addend [rows × stride] or 0, y [rows × stride] overwritten; 16-byte aligned
 *  Requires: stride a multiple of 4; aliasing: y may be addend, never x
 *  Accuracy: ≤ (degree + 2) · 2⁻²⁴ relative to Σ|terms|; reduction order: addend, then e ascending
 *  Cost: 2 · nnz · dim flops, nnz · dim · 4 bytes gathered */
export function spmm_csr_f32(
  rowPtr: usize, colIdx: usize, values: usize, x: usize, addend: usize, y: usize,
  scale: f32, begin: i32, end: i32, stride: i32, touch: bool,
): void {
  assertTable(x, stride);
  assertTable(addend, stride);
  assertTable(y, stride);
  assert(x != y);
  const bytes = <usize>stride << 2;
  for (let r = begin; r < end; r++) {
    const from = load<i32>(rowPtr + (<usize>r << 2));
    const count = load<i32>(rowPtr + (<usize>r << 2), 4) - from;
    const row = <usize>r * bytes;
    const at = <usize>from << 2;
    accumulateRow(y + row, addend != 0 ? addend + row : 0, x, colIdx + at, values + at, count, bytes, touch);
    if (scale != 1) scaleRow(y + row, scale, bytes);
  }
}

/** The same for the listed rows begin … end−1 only, output compact: y[i] ← scale · (addend[rows[i]] + (A X)[rows[i]]).
 *  rows [count] i32; y [count × stride] overwritten */
export function spmm_csr_rows_f32(
  rowPtr: usize, colIdx: usize, values: usize, x: usize, addend: usize, rows: usize, y: usize,
  scale: f32, begin: i32, end: i32, stride: i32, touch: bool,
): void {
  assertTable(x, stride);
  assertTable(addend, stride);
  assertTable(y, stride);
  assert(x != y);
  const bytes = <usize>stride << 2;
  for (let i = begin; i < end; i++) {
    const r = <usize>load<u32>(rows + (<usize>i << 2));
    const from = load<i32>(rowPtr + (r << 2));
    const degree = load<i32>(rowPtr + (r << 2), 4) - from;
    const at = <usize>from << 2;
    const out = y + <usize>i * bytes;
    accumulateRow(out, addend != 0 ? addend + r * bytes : 0, x, colIdx + at, values + at, degree, bytes, touch);
    if (scale != 1) scaleRow(out, scale, bytes);
  }
}

/** Collects the neighbours of one row that have a slot; returns how many.
 *  Writes their slots to hits and their weights to weights, in the order of e. */
@inline
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

/** Y ← G + A G for a sparse G, of which only the rows with a slot are stored: the first backward step from a
 *  batch. Pulls, so that the order of addition does not depend on how rows are shared between threads.
 *  slots [rows] i32, −1 = no row; g [numSlots × stride]; y [rows × stride] overwritten
 *  hits, weights: scratch, [maximal degree + 4] each */
export function spmm_csr_slots_f32(
  rowPtr: usize, colIdx: usize, values: usize, slots: usize, g: usize, y: usize,
  hits: usize, weights: usize, begin: i32, end: i32, stride: i32,
): void {
  assertTable(g, stride);
  assertTable(y, stride);
  const bytes = <usize>stride << 2;
  for (let r = begin; r < end; r++) {
    const from = load<i32>(rowPtr + (<usize>r << 2));
    const count = load<i32>(rowPtr + (<usize>r << 2), 4) - from;
    const at = <usize>from << 2;
    const found = collectSlots(slots, colIdx + at, values + at, count, hits, weights);
    const own = load<i32>(slots + (<usize>r << 2));
    accumulateRow(y + <usize>r * bytes, own >= 0 ? g + <usize>own * bytes : 0, g, hits, weights, found, bytes, false);
  }
}
