import { madd } from './simd';
import { clear_top, offer, sort_heap } from './topk';

// Exact top-k with a 16-bit filter in front. A score s = ⟨u, v⟩ is first bounded in whole numbers: with q = round(scale · x)
// and e = scale · x − q, |e| ≤ ½, the scaled score is q_u·q_v + e_u·q_v + q_u·e_v + e_u·e_v, so that it differs from
// q_u·q_v by at most ½(‖q_u‖₁ + ‖q_v‖₁) + K/4. A pair whose upper bound surpasses the user's limit becomes a candidate. When a
// user has as many as there is room for, the limit rises to what k of them reach with their lower bounds, and the others
// are dropped. Only those left in the end, or too many to drop, are computed in f32, in the order of gemm.ts; the result
// is the one of score_topk_f32, ties included.
//
// Items come in an order of the caller's choice: those of long rows first, which raises every user's limit early. An
// item's place in that order is called its place here.

/** The lowest limit: below all bounds of items, −32000² at least, and above those of missing rows, −2³⁰. */
const LOWEST: i32 = -1050000000;
/** Panels scored before the next four users: about 64 KiB at dim 128. */
const BLOCK_PANELS: i32 = 32;
/** Halvings of the range in which the limit is looked for. */
const HALVINGS: i32 = 12;

/** A limit that every integer bound of a scaled score from `score` on surpasses, by 2 at least where exact arithmetic asks
 *  for 1: `slacks` times the user's share of the slack below it. */
@inline
function limitOf(score: f64, slacks: f64, terms: usize): i32 {
  const limit = floor<f64>(score - slacks * load<f64>(terms, 8)) - 2;
  return limit > <f64>LOWEST ? <i32>limit : LOWEST;
}

/** sum + ⟨x, row⟩ of four rows over four columns, in ascending order: one running sum a row, as in gemm.ts. */
@inline
function addFour(sum: v128, x: usize, r0: v128, r1: v128, r2: v128, r3: v128): v128 {
  const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  sum = madd(v128.load32_splat(x), v128.shuffle<f32>(low01, low23, 0, 1, 4, 5), sum);
  sum = madd(v128.load32_splat(x, 4), v128.shuffle<f32>(low01, low23, 2, 3, 6, 7), sum);
  sum = madd(v128.load32_splat(x, 8), v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), sum);
  return madd(v128.load32_splat(x, 12), v128.shuffle<f32>(high01, high23, 2, 3, 6, 7), sum);
}

/** Computes a user's candidates in f32 and offers them, eight at a time: two vectors of sums, as one would wait for its
 *  own additions. Returns the user's new limit.
 *  candidates [count rounded up to 8, × 2] i32: places, replaced by items, and lower bounds, replaced by their rows
 *  scores [8] scratch */
function flush(user: usize, items: usize, stride: i32, order: usize, candidates: usize, count: i32, topScores: usize, topItems: usize, counts: usize, k: i32, terms: usize, scores: usize): i32 {
  const bytes = <usize>stride << 2;
  const stop = candidates + (<usize>count << 3);
  const end = candidates + (<usize>((count + 7) & ~7) << 3);
  let row: usize = 0;
  for (let at = candidates; at < end; at += 8) {
    if (at < stop) {
      const item = load<u32>(order + (<usize>load<u32>(at) << 2));
      store<u32>(at, item);
      row = items + <usize>item * bytes;
    }
    store<usize>(at, row, 4);
  }
  let kept = load<i32>(counts);
  for (let at = candidates; at < end; at += 64) {
    const a = load<usize>(at, 4), b = load<usize>(at, 12), c = load<usize>(at, 20), d = load<usize>(at, 28);
    const e = load<usize>(at, 36), f = load<usize>(at, 44), g = load<usize>(at, 52), h = load<usize>(at, 60);
    let low = f32x4.splat(0);
    let high = f32x4.splat(0);
    for (let o: usize = 0; o < bytes; o += 16) {
      low = addFour(low, user + o, v128.load(a + o), v128.load(b + o), v128.load(c + o), v128.load(d + o));
      high = addFour(high, user + o, v128.load(e + o), v128.load(f + o), v128.load(g + o), v128.load(h + o));
    }
    v128.store(scores, low);
    v128.store(scores, high, 16);
    for (let n: usize = 0; n < min<usize>(stop - at, 64); n += 8) {
      kept = offer(load<f32>(scores + (n >> 1)), load<i32>(at + n), topScores, topItems, kept, k);
    }
  }
  store<i32>(counts, kept);
  return kept < k ? LOWEST : limitOf(<f64>load<f32>(topScores) * load<f64>(terms), 1, terms);
}

/** Drops candidates that k others surpass for certain; returns how many are left.
 *  own: the user's state, whose limit rises; it has `count` candidates: places and lower bounds */
function prune(own: usize, count: i32, k: i32, slack: usize, terms: usize): i32 {
  const candidates = own + 8;
  const end = candidates + (<usize>count << 3);
  let least = i32.MAX_VALUE;
  let most = i32.MIN_VALUE;
  for (let at = candidates; at < end; at += 8) {
    least = min(least, load<i32>(at, 4));
    most = max(most, load<i32>(at, 4));
  }
  for (let at = end; ((at - candidates) & 31) != 0; at += 8) store<i32>(at, i32.MIN_VALUE, 4);
  // At least k lower bounds reach `least`.
  for (let n = 0; n < HALVINGS; n++) {
    const middle = least + <i32>((<u32>(most - least) + 1) >> 1);
    const bound = i32x4.splat(middle);
    let reached = i32x4.splat(0);
    for (let at = candidates; at < end; at += 32) {
      const bounds = v128.shuffle<i32>(v128.load(at), v128.load(at, 16), 1, 3, 5, 7);
      reached = i32x4.sub(reached, i32x4.ge_s(bounds, bound));
    }
    const sum = i32x4.add(reached, v128.shuffle<i32>(reached, reached, 2, 3, 0, 1));
    if (i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1) >= k) least = middle;
    else most = middle - 1;
  }
  const limit = max(load<i32>(own), limitOf(<f64>least, 2, terms));
  store<i32>(own, limit);
  let to = candidates;
  for (let at = candidates; at < end; at += 8) {
    const place = load<i32>(at);
    const bound = load<i32>(at, 4);
    store<i32>(to, place);
    store<i32>(to, bound, 4);
    to += <usize>(bound + 2 * load<i32>(slack + (<usize>place << 2)) > limit) << 3;
  }
  return <i32>((to - candidates) >> 3);
}

/** Prunes a user's candidates, and computes them when more than `most` are left. Arguments as score_topk_i16. */
function settle(most: i32, user: usize, slack: usize, order: usize, terms: usize, users: usize, items: usize, stride: i32, k: i32, topScores: usize, topItems: usize, counts: usize, own: usize, scores: usize): void {
  let count = load<i32>(own, 4);
  terms += user << 4;
  if (k < count) count = prune(own, count, k, slack, terms);
  if (count > most) {
    const first = user * (<usize>k << 2);
    store<i32>(own, flush(users + ((user * <usize>stride) << 2), items, stride, order, own + 8, count, topScores + first, topItems + first, counts + (user << 2), k, terms, scores));
    count = 0;
  }
  store<i32>(own, count, 4);
}

/** The k best items of users begin … end−1; arguments and result as score_topk_f32, found through the 16-bit filter.
 *  q, terms: quantize_rows_i16 of the users; panels, slack: pack_panels_i16 of the items (see quantize.ts)
 *  users [users4 × stride], items [numItems × stride] f32, both 0 behind dim; begin and end multiples of 4
 *  order [numItems] u32: the item of each place in the panels
 *  state [users4 × (2 + 2 · room)] i32 scratch: a user's limit, the number of candidates, and the candidates; room a
 *  multiple of 8
 *  tile [32 + 8] i32 and f32 scratch */
export function score_topk_i16(
  q: usize, begin: i32, end: i32, dim: i32, panels: usize, slack: usize, order: usize, numItems: i32, terms: usize,
  users: usize, items: usize, stride: i32, excluded: usize, maskBytes: i32,
  k: i32, topScores: usize, topItems: usize, counts: usize, state: usize, room: i32, tile: usize,
): void {
  const pairs = (dim + 1) >> 1;
  const qBytes = <usize>pairs << 4;
  const panelBytes = <usize>pairs << 5;
  const kBytes = <usize>k << 2;
  const stateBytes = <usize>(1 + room) << 3;
  clear_top(begin, end, k, topScores, topItems, counts);
  for (let u = <usize>begin; u < <usize>end; u++) {
    store<i64>(state + u * stateBytes, <u32>LOWEST);
  }
  const numPanels = (numItems + 7) >> 3;
  for (let block = 0; block < numPanels; block += BLOCK_PANELS) {
    const last = min(block + BLOCK_PANELS, numPanels);
    for (let u = <usize>begin; u < <usize>end; u += 4) {
      const own = state + u * stateBytes;
      for (let p = block; p < last; p++) {
        let s00 = v128.load(slack + (<usize>p << 5));
        let s01 = v128.load(slack + (<usize>p << 5), 16);
        let s10 = s00, s11 = s01, s20 = s00, s21 = s01, s30 = s00, s31 = s01;
        let x = q + u * qBytes;
        const panel = panels + <usize>p * panelBytes;
        const stop = panel + panelBytes;
        // Two pairs of columns a turn, with an exit between them, as in gemm.ts.
        for (let b = panel; b < stop; b += 64) {
          let b0 = v128.load(b);
          let b1 = v128.load(b, 16);
          let y = v128.load(x);
          s00 = i32x4.add(s00, i32x4.dot_i16x8_s(y, b0));
          s01 = i32x4.add(s01, i32x4.dot_i16x8_s(y, b1));
          y = v128.load(x, 16);
          s10 = i32x4.add(s10, i32x4.dot_i16x8_s(y, b0));
          s11 = i32x4.add(s11, i32x4.dot_i16x8_s(y, b1));
          y = v128.load(x, 32);
          s20 = i32x4.add(s20, i32x4.dot_i16x8_s(y, b0));
          s21 = i32x4.add(s21, i32x4.dot_i16x8_s(y, b1));
          y = v128.load(x, 48);
          s30 = i32x4.add(s30, i32x4.dot_i16x8_s(y, b0));
          s31 = i32x4.add(s31, i32x4.dot_i16x8_s(y, b1));
          if (b + 32 >= stop) break;
          b0 = v128.load(b, 32);
          b1 = v128.load(b, 48);
          y = v128.load(x, 64);
          s00 = i32x4.add(s00, i32x4.dot_i16x8_s(y, b0));
          s01 = i32x4.add(s01, i32x4.dot_i16x8_s(y, b1));
          y = v128.load(x, 80);
          s10 = i32x4.add(s10, i32x4.dot_i16x8_s(y, b0));
          s11 = i32x4.add(s11, i32x4.dot_i16x8_s(y, b1));
          y = v128.load(x, 96);
          s20 = i32x4.add(s20, i32x4.dot_i16x8_s(y, b0));
          s21 = i32x4.add(s21, i32x4.dot_i16x8_s(y, b1));
          y = v128.load(x, 112);
          s30 = i32x4.add(s30, i32x4.dot_i16x8_s(y, b0));
          s31 = i32x4.add(s31, i32x4.dot_i16x8_s(y, b1));
          x += 128;
        }
        let any = surpass(s00, s01, own);
        any = v128.or(any, surpass(s10, s11, own + stateBytes));
        any = v128.or(any, surpass(s20, s21, own + 2 * stateBytes));
        any = v128.or(any, surpass(s30, s31, own + 3 * stateBytes));
        if (!v128.any_true(any)) continue;
        let hits: u32 = bitsOf(s00, s01, own);
        hits |= bitsOf(s10, s11, own + stateBytes) << 8;
        hits |= bitsOf(s20, s21, own + 2 * stateBytes) << 16;
        hits |= bitsOf(s30, s31, own + 3 * stateBytes) << 24;
        v128.store(tile, s00);
        v128.store(tile, s01, 16);
        v128.store(tile, s10, 32);
        v128.store(tile, s11, 48);
        v128.store(tile, s20, 64);
        v128.store(tile, s21, 80);
        v128.store(tile, s30, 96);
        v128.store(tile, s31, 112);
        do {
          const bit = ctz(hits);
          hits &= hits - 1;
          const user = u + <usize>(bit >> 3);
          const place = (p << 3) + <i32>(bit & 7);
          const item = load<i32>(order + (<usize>place << 2));
          if ((load<u8>(excluded + user * <usize>maskBytes + <usize>(item >> 3)) >> <u8>(item & 7)) & 1) continue;
          const mine = state + user * stateBytes;
          const count = load<i32>(mine, 4);
          const at = mine + 8 + (<usize>count << 3);
          store<i32>(at, place);
          store<i32>(at, load<i32>(tile + (<usize>bit << 2)) - 2 * load<i32>(slack + (<usize>place << 2)), 4);
          store<i32>(mine, count + 1, 4);
          if (count + 1 == room) settle(room - 8, user, slack, order, terms, users, items, stride, k, topScores, topItems, counts, mine, tile + 128);
        } while (hits != 0);
      }
    }
  }
  for (let user = <usize>begin; user < <usize>end; user++) {
    settle(0, user, slack, order, terms, users, items, stride, k, topScores, topItems, counts, state + user * stateBytes, tile + 128);
    sort_heap(topScores + user * kBytes, topItems + user * kBytes, load<i32>(counts + (user << 2)));
  }
}

/** Lanes that are not 0 where one of eight upper bounds surpasses the user's limit. */
@inline
function surpass(low: v128, high: v128, limit: usize): v128 {
  const most = v128.load32_splat(limit);
  return v128.or(i32x4.gt_s(low, most), i32x4.gt_s(high, most));
}

/** Bits of the eight upper bounds that surpass the user's limit. */
@inline
function bitsOf(low: v128, high: v128, limit: usize): u32 {
  const most = v128.load32_splat(limit);
  return i32x4.bitmask(i32x4.gt_s(low, most)) | (i32x4.bitmask(i32x4.gt_s(high, most)) << 4);
}
