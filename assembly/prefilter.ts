import { assertTable, madd } from './simd';
import { sift_down, sift_up, sort_heap } from './topk';

// Exact top-k with a 16-bit filter in front. A score s = ⟨u, v⟩ is first bounded in whole numbers: with q = round(scale · x)
// and e = scale · x − q, |e| ≤ ½, the scaled score is q_u·q_v + e_u·q_v + q_u·e_v + e_u·e_v, so that it differs from
// q_u·q_v by at most ½(‖q_u‖₁ + ‖q_v‖₁) + K/4. Only a pair whose upper bound reaches the user's worst kept score is computed
// in f32, in the order of gemm.ts; the result is the one of score_topk_f32, ties included.
//
// Items come in an order of the caller's choice: those of long rows first, which raises every user's worst kept score
// early. An item's place in that order is called its place here.

/** ½ and ¼ with room for the f32 rounding of scale · x (relative 2⁻²⁴, at most 2⁻⁹ of a unit). */
const HALF: f64 = 0.502;
const QUARTER: f64 = 0.255;
/** Panels scored before the next four users: about 64 KiB at dim 128. */
const BLOCK_PANELS: i32 = 32;
/** Candidates of a user that are computed together: two vectors of sums, as one would wait for its own additions. */
const PENDING: usize = 8;
/** Bytes of a user's state: limit, number of pending candidates, the candidates. */
const STATE_BYTES: usize = (2 + PENDING) << 2;

@inline
function quantized(x: usize, k: i32, dim: i32, scale: f32): i32 {
  return k < dim ? <i32>nearest<f32>(load<f32>(x + (<usize>k << 2)) * scale) : 0;
}

/** Items as 16-bit panels [⌈rows/8⌉ × ⌈dim/2⌉ × 8 × 2], and what each adds to its upper bounds.
 *  items [rows × stride] f32; order [rows] u32: the item of each place
 *  slack [⌈rows/8⌉ · 8] i32 overwritten: ⌈½‖q_v‖₁⌉, far below every bound for missing rows
 *  Requires: |scale · x| ≤ 32767 */
export function pack_panels_i16(items: usize, order: usize, rows: i32, dim: i32, stride: i32, scale: f32, panels: usize, slack: usize): void {
  assertTable(items, stride);
  const pairs = (dim + 1) >> 1;
  for (let first = 0; first < rows; first += 8) {
    const panel = panels + ((<usize>(first >> 3) * <usize>pairs) << 5);
    for (let lane = 0; lane < 8; lane++) {
      const present = first + lane < rows;
      const row = present ? items + ((<usize>load<u32>(order + (<usize>(first + lane) << 2)) * <usize>stride) << 2) : 0;
      let sum = 0;
      for (let p = 0; p < pairs; p++) {
        const a = present ? quantized(row, 2 * p, dim, scale) : 0;
        const b = present ? quantized(row, 2 * p + 1, dim, scale) : 0;
        const at = panel + (<usize>p << 5) + (<usize>lane << 2);
        store<i16>(at, <i16>a);
        store<i16>(at, <i16>b, 2);
        sum += abs(a) + abs(b);
      }
      store<i32>(slack + (<usize>(first + lane) << 2), present ? <i32>ceil<f64>(HALF * <f64>sum) : -(1 << 30));
    }
  }
}

/** Users as 16-bit rows [rows × ⌈dim/2⌉ × 2] and the terms of their bounds, two f64 each: the scale of a score, and the
 *  user's share of the slack: ½‖q_u‖₁ + K/4 + the rounding of the f32 score, (K + 2) · 2⁻²⁴ · ‖q_u‖₂ · max‖q_v‖₂.
 *  limit: largest |q|; itemScale: scale of the items; itemNorm: max‖q_v‖₂ */
export function quantize_rows_i16(users: usize, rows: i32, dim: i32, stride: i32, limit: f32, itemScale: f64, itemNorm: f64, q: usize, terms: usize): void {
  assertTable(users, stride);
  const pairs = (dim + 1) >> 1;
  for (let r = 0; r < rows; r++) {
    const row = users + ((<usize>r * <usize>stride) << 2);
    const out = q + ((<usize>r * <usize>pairs) << 2);
    let largest: f32 = 0;
    for (let k: usize = 0; k < <usize>dim; k++) largest = max(largest, abs(load<f32>(row + (k << 2))));
    // Below 1e-30 the scale would leave the range of f32.
    const scale: f32 = limit / max<f32>(largest, 1e-30);
    let sum: f64 = 0;
    let squares: f64 = 0;
    for (let p = 0; p < pairs; p++) {
      const a = quantized(row, 2 * p, dim, scale);
      const b = quantized(row, 2 * p + 1, dim, scale);
      store<i16>(out + (<usize>p << 2), <i16>a);
      store<i16>(out + (<usize>p << 2), <i16>b, 2);
      sum += <f64>(abs(a) + abs(b));
      squares += <f64>a * <f64>a + <f64>b * <f64>b;
    }
    const rounding = <f64>(dim + 2) * 6.0e-8 * (sqrt<f64>(squares) + <f64>dim) * (itemNorm + <f64>dim);
    store<f64>(terms + (<usize>r << 4), <f64>scale * itemScale);
    store<f64>(terms + (<usize>r << 4), HALF * sum + QUARTER * <f64>dim + rounding, 8);
  }
}

/** The least integer bound with which a pair can still beat the user's worst kept score. */
@inline
function limitOf(worst: f32, terms: usize): i32 {
  return <i32>max<f64>(floor<f64>(<f64>worst * load<f64>(terms) - load<f64>(terms, 8)) - 1, -2147483648.0);
}

/** Offers one exact score to a user's heap; returns the number of places used. */
@inline
function offer(score: f32, item: i32, topScores: usize, topItems: usize, count: i32, k: i32): i32 {
  if (count < k) {
    sift_up(topScores, topItems, count, score, item);
    return count + 1;
  }
  const worst = load<f32>(topScores);
  if (score > worst || (score == worst && item < load<i32>(topItems))) sift_down(topScores, topItems, k, score, item);
  return count;
}

/** sum + ⟨x, row⟩ of four rows over four columns, in ascending order: one running sum a row, as in gemm.ts. */
@inline
function addFour(sum: v128, x: v128, r0: v128, r1: v128, r2: v128, r3: v128): v128 {
  const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  sum = madd(v128.shuffle<f32>(x, x, 0, 0, 0, 0), v128.shuffle<f32>(low01, low23, 0, 1, 4, 5), sum);
  sum = madd(v128.shuffle<f32>(x, x, 1, 1, 1, 1), v128.shuffle<f32>(low01, low23, 2, 3, 6, 7), sum);
  sum = madd(v128.shuffle<f32>(x, x, 2, 2, 2, 2), v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), sum);
  return madd(v128.shuffle<f32>(x, x, 3, 3, 3, 3), v128.shuffle<f32>(high01, high23, 2, 3, 6, 7), sum);
}

/** Row of the pending candidate `n`, or of the last one. */
@inline
function pendingRow(items: usize, bytes: usize, pending: usize, n: i32, waiting: i32): usize {
  return items + <usize>load<u32>(pending + (<usize>min(n, waiting - 1) << 2)) * bytes;
}

/** Computes a user's pending candidates (1 … 8) in f32 and offers them; returns the user's new limit.
 *  scores [8] scratch */
function flush(user: usize, items: usize, stride: i32, pending: usize, waiting: i32, topScores: usize, topItems: usize, counts: usize, k: i32, terms: usize, scores: usize): i32 {
  const bytes = <usize>stride << 2;
  const a = pendingRow(items, bytes, pending, 0, waiting);
  const b = pendingRow(items, bytes, pending, 1, waiting);
  const c = pendingRow(items, bytes, pending, 2, waiting);
  const d = pendingRow(items, bytes, pending, 3, waiting);
  const e = pendingRow(items, bytes, pending, 4, waiting);
  const f = pendingRow(items, bytes, pending, 5, waiting);
  const g = pendingRow(items, bytes, pending, 6, waiting);
  const h = pendingRow(items, bytes, pending, 7, waiting);
  let low = f32x4.splat(0);
  let high = f32x4.splat(0);
  for (let o: usize = 0; o < bytes; o += 16) {
    const x = v128.load(user + o);
    low = addFour(low, x, v128.load(a + o), v128.load(b + o), v128.load(c + o), v128.load(d + o));
    high = addFour(high, x, v128.load(e + o), v128.load(f + o), v128.load(g + o), v128.load(h + o));
  }
  v128.store(scores, low);
  v128.store(scores, high, 16);
  let count = load<i32>(counts);
  for (let n: usize = 0; n < <usize>waiting; n++) {
    count = offer(load<f32>(scores + (n << 2)), load<i32>(pending + (n << 2)), topScores, topItems, count, k);
  }
  store<i32>(counts, count);
  return count < k ? i32.MIN_VALUE : limitOf(load<f32>(topScores), terms);
}

/** The k best items of users begin … end−1; arguments and result as score_topk_f32, found through the 16-bit filter.
 *  q, terms: quantize_rows_i16 of the users; panels, slack: pack_panels_i16 of the items
 *  users [users4 × stride], items [numItems × stride] f32, both 0 behind dim; begin and end multiples of 4
 *  order [numItems] u32: the item of each place in the panels
 *  state [users4 × 10] i32 scratch: a user's limit, the number of pending candidates, and up to eight of them
 *  tile [8] f32 scratch */
export function score_topk_i16(
  q: usize, begin: i32, end: i32, dim: i32, panels: usize, slack: usize, order: usize, numItems: i32, terms: usize,
  users: usize, items: usize, stride: i32, excluded: usize, maskBytes: i32,
  k: i32, topScores: usize, topItems: usize, counts: usize, state: usize, tile: usize,
): void {
  const pairs = (dim + 1) >> 1;
  const qBytes = <usize>pairs << 2;
  const panelBytes = <usize>pairs << 5;
  const rowBytes = <usize>stride << 2;
  const kBytes = <usize>k << 2;
  memory.fill(counts + (<usize>begin << 2), 0, <usize>(end - begin) << 2);
  for (let i = <usize>begin * <usize>k; i < <usize>end * <usize>k; i++) {
    store<f32>(topScores + (i << 2), -<f32>Infinity);
    store<i32>(topItems + (i << 2), -1);
  }
  for (let u = <usize>begin; u < <usize>end; u++) {
    store<i32>(state + u * STATE_BYTES, i32.MIN_VALUE);
    store<i32>(state + u * STATE_BYTES, 0, 4);
  }
  const numPanels = (numItems + 7) >> 3;
  for (let block = 0; block < numPanels; block += BLOCK_PANELS) {
    const last = min(block + BLOCK_PANELS, numPanels);
    for (let u = <usize>begin; u < <usize>end; u += 4) {
      for (let p = block; p < last; p++) {
        const panel = panels + <usize>p * panelBytes;
        const add0 = v128.load(slack + (<usize>p << 5));
        const add1 = v128.load(slack + (<usize>p << 5), 16);
        let s00 = add0, s01 = add1, s10 = add0, s11 = add1, s20 = add0, s21 = add1, s30 = add0, s31 = add1;
        let a0 = q + u * qBytes;
        let a1 = a0 + qBytes;
        let a2 = a1 + qBytes;
        let a3 = a2 + qBytes;
        const stop = panel + panelBytes;
        for (let b = panel; b < stop; b += 32) {
          const b0 = v128.load(b);
          const b1 = v128.load(b, 16);
          const x0 = v128.load32_splat(a0);
          s00 = i32x4.add(s00, i32x4.dot_i16x8_s(x0, b0));
          s01 = i32x4.add(s01, i32x4.dot_i16x8_s(x0, b1));
          const x1 = v128.load32_splat(a1);
          s10 = i32x4.add(s10, i32x4.dot_i16x8_s(x1, b0));
          s11 = i32x4.add(s11, i32x4.dot_i16x8_s(x1, b1));
          const x2 = v128.load32_splat(a2);
          s20 = i32x4.add(s20, i32x4.dot_i16x8_s(x2, b0));
          s21 = i32x4.add(s21, i32x4.dot_i16x8_s(x2, b1));
          const x3 = v128.load32_splat(a3);
          s30 = i32x4.add(s30, i32x4.dot_i16x8_s(x3, b0));
          s31 = i32x4.add(s31, i32x4.dot_i16x8_s(x3, b1));
          a0 += 4;
          a1 += 4;
          a2 += 4;
          a3 += 4;
        }
        let hits: u32 = reached(s00, s01, state + u * STATE_BYTES);
        hits |= reached(s10, s11, state + (u + 1) * STATE_BYTES) << 8;
        hits |= reached(s20, s21, state + (u + 2) * STATE_BYTES) << 16;
        hits |= reached(s30, s31, state + (u + 3) * STATE_BYTES) << 24;
        while (hits != 0) {
          const bit = ctz(hits);
          hits &= hits - 1;
          const user = u + <usize>(bit >> 3);
          const place = (p << 3) + <i32>(bit & 7);
          if (place >= numItems) continue;
          const item = load<i32>(order + (<usize>place << 2));
          if ((load<u8>(excluded + user * <usize>maskBytes + <usize>(item >> 3)) >> <u8>(item & 7)) & 1) continue;
          const own = state + user * STATE_BYTES;
          const waiting = load<i32>(own, 4);
          store<i32>(own + 8 + (<usize>waiting << 2), item);
          store<i32>(own, waiting + 1, 4);
          if (waiting + 1 == <i32>PENDING) {
            store<i32>(own, 0, 4);
            store<i32>(own, flush(users + user * rowBytes, items, stride, own + 8, waiting + 1, topScores + user * kBytes, topItems + user * kBytes, counts + (user << 2), k, terms + (user << 4), tile));
          }
        }
      }
    }
  }
  for (let user = <usize>begin; user < <usize>end; user++) {
    const own = state + user * STATE_BYTES;
    const waiting = load<i32>(own, 4);
    if (waiting > 0) flush(users + user * rowBytes, items, stride, own + 8, waiting, topScores + user * kBytes, topItems + user * kBytes, counts + (user << 2), k, terms + (user << 4), tile);
    sort_heap(topScores + user * kBytes, topItems + user * kBytes, load<i32>(counts + (user << 2)));
  }
}

/** Bits of the eight upper bounds that reach the user's limit. */
@inline
function reached(low: v128, high: v128, limit: usize): u32 {
  const least = v128.load32_splat(limit);
  return i32x4.bitmask(i32x4.ge_s(low, least)) | (i32x4.bitmask(i32x4.ge_s(high, least)) << 4);
}
