import { assertTable, madd } from './simd';

// Sparse (CSR) times dense. Structure: the first one to three neighbours start the output row, the others are added
// four at a time with a store after each vector, which keeps V8 from hoisting more loads than there are registers.

/** Neighbours whose rows are touched at once; as many lie between a row's touch and its use. */
const BURST: usize = 32;

/** y  [stride] ← from [stride] + Σ of `count` (1 … 4) weighted rows; y may be from. `count` is a literal at every call,
 *  so that each call inlines to straight code. Four vectors to an address, as an address costs an instruction. */
@inline
function addRows(y: usize, from: usize, x: usize, cols: usize, vals: usize, count: i32, bytes: usize): void {
  const x0 = x + <usize>load<u32>(cols) * bytes;
  const x1 = count > 1 ? x + <usize>load<u32>(cols, 4) * bytes : 0;
  const x2 = count > 2 ? x + <usize>load<u32>(cols, 8) * bytes : 0;
  const x3 = count > 3 ? x + <usize>load<u32>(cols, 12) * bytes : 0;
  const v0 = v128.load32_splat(vals);
  const v1 = count > 1 ? v128.load32_splat(vals, 4) : v0;
  const v2 = count > 2 ? v128.load32_splat(vals, 8) : v0;
  const v3 = count > 3 ? v128.load32_splat(vals, 12) : v0;
  const whole = bytes & ~63;
  let o: usize = 0;
  for (; o < whole; o += 64) {
    let s0 = madd(v0, v128.load(x0 + o), v128.load(from + o));
    if (count > 1) s0 = madd(v1, v128.load(x1 + o), s0);
    if (count > 2) s0 = madd(v2, v128.load(x2 + o), s0);
    if (count > 3) s0 = madd(v3, v128.load(x3 + o), s0);
    v128.store(y + o, s0);
    let s1 = madd(v0, v128.load(x0 + o, 16), v128.load(from + o, 16));
    if (count > 1) s1 = madd(v1, v128.load(x1 + o, 16), s1);
    if (count > 2) s1 = madd(v2, v128.load(x2 + o, 16), s1);
    if (count > 3) s1 = madd(v3, v128.load(x3 + o, 16), s1);
    v128.store(y + o, s1, 16);
    let s2 = madd(v0, v128.load(x0 + o, 32), v128.load(from + o, 32));
    if (count > 1) s2 = madd(v1, v128.load(x1 + o, 32), s2);
    if (count > 2) s2 = madd(v2, v128.load(x2 + o, 32), s2);
    if (count > 3) s2 = madd(v3, v128.load(x3 + o, 32), s2);
    v128.store(y + o, s2, 32);
    let s3 = madd(v0, v128.load(x0 + o, 48), v128.load(from + o, 48));
    if (count > 1) s3 = madd(v1, v128.load(x1 + o, 48), s3);
    if (count > 2) s3 = madd(v2, v128.load(x2 + o, 48), s3);
    if (count > 3) s3 = madd(v3, v128.load(x3 + o, 48), s3);
    v128.store(y + o, s3, 48);
  }
  for (; o < bytes; o += 16) {
    let s0 = madd(v0, v128.load(x0 + o), v128.load(from + o));
    if (count > 1) s0 = madd(v1, v128.load(x1 + o), s0);
    if (count > 2) s0 = madd(v2, v128.load(x2 + o), s0);
    if (count > 3) s0 = madd(v3, v128.load(x3 + o), s0);
    v128.store(y + o, s0);
  }
}

/** Where the neighbours start whose rows have not been touched yet. */
let untouched: usize = 0;

/** Begins touching at row `begin`; returns where the neighbours of the rows begin … end−1 end. */
@inline
export function touchFrom(rowPtr: usize, colIdx: usize, begin: i32, end: i32): usize {
  untouched = colIdx + (<usize>load<i32>(rowPtr + (<usize>begin << 2)) << 2);
  return colIdx + (<usize>load<i32>(rowPtr + (<usize>end << 2)) << 2);
}

/** Reads one word per 64-byte line of the next BURST rows: the prefetch that WebAssembly lacks. Only as a dense burst
 *  does it overlap the misses. */
function touchBurst(x: usize, end: usize, bytes: usize): void {
  const stop = min(untouched + (BURST << 2), end);
  for (let c = untouched; c < stop; c += 4) {
    const row = x + <usize>load<u32>(c) * bytes;
    for (let line: usize = 0; line < bytes; line += 64) load<i32>(row + line);
  }
  untouched = stop;
}

/** Touches the next burst when the neighbour at `at` comes near the untouched ones; `end` 0 means never. */
@inline
function touchAhead(x: usize, at: usize, end: usize, bytes: usize): void {
  if (untouched < end && untouched < at + (BURST << 2)) touchBurst(x, end, bytes);
}

/** One output row: y ← (addend or 0) + Σ_e vals[e] · x[cols[e]], added in the order of e.
 *  `addend` 0 means none. Rows of x up to the neighbour at `touchEnd` are touched ahead; 0 means none. */
export function accumulateRow(y: usize, addend: usize, x: usize, cols: usize, vals: usize, count: i32, bytes: usize, touchEnd: usize): void {
  touchAhead(x, cols, touchEnd, bytes);
  let from = addend;
  if (addend == 0) {
    memory.fill(y, 0, bytes);
    from = y;
  }
  const single = count & 3;
  if (count == 0 && from != y) memory.copy(y, from, bytes);
  if (single == 1) addRows(y, from, x, cols, vals, 1, bytes);
  else if (single == 2) addRows(y, from, x, cols, vals, 2, bytes);
  else if (single == 3) addRows(y, from, x, cols, vals, 3, bytes);
  if (single != 0) from = y;
  for (let e = single; e < count; e += 4) {
    const at = <usize>e << 2;
    touchAhead(x, cols + at, touchEnd, bytes);
    addRows(y, from, x, cols + at, vals + at, 4, bytes);
    from = y;
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
 *  rowPtr [rows+1], colIdx [nnz], values [nnz]
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
  const touchEnd = touch ? touchFrom(rowPtr, colIdx, begin, end) : 0;
  for (let r = begin; r < end; r++) {
    const from = load<i32>(rowPtr + (<usize>r << 2));
    const count = load<i32>(rowPtr + (<usize>r << 2), 4) - from;
    const row = <usize>r * bytes;
    const at = <usize>from << 2;
    accumulateRow(y + row, addend != 0 ? addend + row : 0, x, colIdx + at, values + at, count, bytes, touchEnd);
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
    const r = load<i32>(rows + (<usize>i << 2));
    const from = load<i32>(rowPtr + (<usize>r << 2));
    const degree = load<i32>(rowPtr + (<usize>r << 2), 4) - from;
    const at = <usize>from << 2;
    const out = y + <usize>i * bytes;
    const touchEnd = touch ? touchFrom(rowPtr, colIdx, r, r + 1) : 0;
    accumulateRow(out, addend != 0 ? addend + <usize>r * bytes : 0, x, colIdx + at, values + at, degree, bytes, touchEnd);
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
    accumulateRow(y + <usize>r * bytes, own >= 0 ? g + <usize>own * bytes : 0, g, hits, weights, found, bytes, 0);
  }
}
