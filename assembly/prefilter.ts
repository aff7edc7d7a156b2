import { quantizeUsers } from './quantize';
import { assertTable, madd } from './simd';
import { C12, C21, C22, multiply_tile, OPERANDS, paddedColumns } from './strassen';
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

/** The lowest limit: far below all bounds of items, −8000² and more, and above those of missing rows, −2³⁰. */
const LOWEST: i32 = -1050000000;
/** Halvings of the range in which the limit is looked for. */
const HALVINGS: i32 = 8;

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
      // All their lines at once, before the sums wait for them one by one.
      for (let o: usize = 0; o < bytes; o += 64) load<i32>(row + o);
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

/** Drops excluded candidates, and those that k others surpass for certain; returns how many are left.
 *  own: the user's state, whose limit rises; it has `count` candidates: places and lower bounds
 *  excluded: the user's bitmap */
function prune(own: usize, count: i32, k: i32, slack: usize, order: usize, excluded: usize, terms: usize): i32 {
  const candidates = own + 8;
  let end = candidates;
  let least = i32.MAX_VALUE;
  let most = i32.MIN_VALUE;
  for (let at = candidates, stop = candidates + (<usize>count << 3); at < stop; at += 8) {
    const item = load<u32>(order + (<usize>load<u32>(at) << 2));
    if ((load<u8>(excluded + <usize>(item >> 3)) >> <u8>(item & 7)) & 1) continue;
    const bound = load<i32>(at, 4);
    least = min(least, bound);
    most = max(most, bound);
    store<i64>(end, load<i64>(at));
    end += 8;
  }
  if (<i32>((end - candidates) >> 3) <= k) return <i32>((end - candidates) >> 3);
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
function settle(most: i32, user: usize, slack: usize, order: usize, terms: usize, users: usize, items: usize, stride: i32, excluded: usize, maskBytes: i32, k: i32, topScores: usize, topItems: usize, counts: usize, own: usize, scores: usize): void {
  terms += user << 4;
  let count = prune(own, load<i32>(own, 4), k, slack, order, excluded + user * <usize>maskBytes, terms);
  if (count > most) {
    const first = user * (<usize>k << 2);
    store<i32>(own, flush(users + ((user * <usize>stride) << 2), items, stride, order, own + 8, count, topScores + first, topItems + first, counts + (user << 2), k, terms, scores));
    count = 0;
  }
  store<i32>(own, count, 4);
}

/** The k best items of users begin … end−1; arguments and result as score_topk_f32, found through the 16-bit filter.
 *  users [users8 × stride], items [numItems × stride] f32, both 0 behind dim; begin and end multiples of 8; users from
 *  numUsers on are padding: nothing is ranked for them
 *  itemScale, panels, slack, order: those of pack_panels_i16 (see quantize.ts)
 *  q [users8/8 × 7 × columns/4 × 4 × 2] i16, terms [users8 × 2] f64: scratch, see quantizeUsers
 *  state [users8 × (2 + 2 · room)] i32 scratch: a user's limit, the number of candidates, and the candidates; room a
 *  multiple of 8
 *  unpacked [8 × columns] i16, tiles [8 × 32 + 8] i32 and f32: scratch */
export function score_topk_i16(
  users: usize, begin: i32, end: i32, numUsers: i32, dim: i32, stride: i32, items: usize, numItems: i32,
  itemScale: f64, panels: usize, slack: usize, order: usize, excluded: usize, maskBytes: i32,
  k: i32, topScores: usize, topItems: usize, counts: usize,
  q: usize, terms: usize, state: usize, room: i32, unpacked: usize, tiles: usize,
): void {
  assertTable(users, stride);
  assertTable(items, stride);
  const half = paddedColumns(dim) << 3;
  const panelBytes = OPERANDS * half;
  const stateBytes = <usize>(1 + room) << 3;
  // Behind the tiles; all of it is TILE_WORDS (constants.ts).
  const scores = tiles + 1024;
  clear_top(begin, end, k, topScores, topItems, counts);
  for (let u = <usize>begin; u < <usize>end; u++) {
    store<i64>(state + u * stateBytes, <u32>(<i32>u < numUsers ? LOWEST : i32.MAX_VALUE));
    if ((u & 7) == 0) quantizeUsers(users + ((u * <usize>stride) << 2), dim, stride, itemScale, q + (u >> 3) * (panelBytes >> 1), terms + (u << 4), unpacked);
  }
  const numPanels = (numItems + 15) >> 4;
  for (let p = 0; p < numPanels; p++) {
    const panel = panels + <usize>p * panelBytes;
    for (let u = <usize>begin; u < <usize>end; u += 8) {
      const x = q + (u >> 3) * (panelBytes >> 1);
      const own = state + u * stateBytes;
      let flags = multiply_tile(x, panel, half, slack + (<usize>p << 6), own, stateBytes, tiles);
      while (flags != 0) {
        const n = <usize>ctz(flags);
        flags &= flags - 1;
        const tile = tiles + (n << 7);
        const firstUser = u + (n < C21 ? 0 : 4);
        const firstPlace = (p << 4) + (n == C12 || n == C22 ? 8 : 0);
        const first = state + firstUser * stateBytes;
        let hits: u32 = 0;
        for (let r: u32 = 0; r < 4; r++) hits |= bitsOf(tile + <usize>(r << 5), first + <usize>r * stateBytes) << (r << 3);
        while (hits != 0) {
          const bit = ctz(hits);
          hits &= hits - 1;
          const user = firstUser + <usize>(bit >> 3);
          const place = firstPlace + <i32>(bit & 7);
          const mine = state + user * stateBytes;
          const count = load<i32>(mine, 4);
          const at = mine + 8 + (<usize>count << 3);
          store<i32>(at, place);
          store<i32>(at, load<i32>(tile + (<usize>bit << 2)) - 2 * load<i32>(slack + (<usize>place << 2)), 4);
          store<i32>(mine, count + 1, 4);
          if (count + 1 == room) settle(room - 8, user, slack, order, terms, users, items, stride, excluded, maskBytes, k, topScores, topItems, counts, mine, scores);
        }
      }
    }
  }
  for (let user = <usize>begin; user < <usize>end; user++) {
    settle(0, user, slack, order, terms, users, items, stride, excluded, maskBytes, k, topScores, topItems, counts, state + user * stateBytes, scores);
    sort_heap(topScores + user * (<usize>k << 2), topItems + user * (<usize>k << 2), load<i32>(counts + (user << 2)));
  }
}

/** Bits of the eight upper bounds that surpass the user's limit. */
@inline
function bitsOf(bounds: usize, limit: usize): u32 {
  const most = v128.load32_splat(limit);
  return i32x4.bitmask(i32x4.gt_s(v128.load(bounds), most)) | (i32x4.bitmask(i32x4.gt_s(v128.load(bounds, 16), most)) << 4);
}
