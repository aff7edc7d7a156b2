import { addFour, addTail, dotFour, load4 } from './gather';
import { clear_top, offer, sort_heap } from './topk';

// One query against all rows of a table. The heaps of the best items (topk.ts) stay between calls, so that a table
// may lie in several pieces: clear_topk, a scan of each piece, sort_topk.

/** Four bits of a bitmap from bit `item` on. */
@inline
export function bitsAt(bitmap: usize, item: i32): i32 {
  return (<i32>load<u16>(bitmap + (<usize>item >> 3)) >> (item & 7)) & 15;
}

/** Offers those of four scores that `open` has a bit for; returns the heap's count.  scores [4] */
@inline
export function offerOpen(
  scores: usize, open: i32, first: i32, topScores: usize, topItems: usize, count: i32, k: i32,
): i32 {
  while (open != 0) {
    const lane = ctz(open);
    open &= open - 1;
    const score = load<f32>(scores + (<usize>lane << 2));
    // Items arrive in ascending order: an equal score is a later item and does not displace.
    if (count == k && !(score > load<f32>(topScores))) continue;
    count = offer(score, first + lane, topScores, topItems, count, k);
  }
  return count;
}

/** The sums of four rows; while they are computed, one line of the next four rows is touched for each of theirs: four
 *  streams, a row apart, are not what the processor fetches ahead by itself. */
@inline
function nextFour<T>(query: usize, dim: usize, a: usize, bytes: usize, next: usize): v128 {
  const whole = dim & ~3;
  const b = a + bytes;
  const c = b + bytes;
  const d = c + bytes;
  let sum = f32x4.splat(0);
  for (let k: usize = 0; k < whole; k += 4) {
    const o = k * sizeof<T>();
    sum = addFour(sum, query + (k << 2), load4<T>(a + o), load4<T>(b + o), load4<T>(c + o), load4<T>(d + o));
    load<u8>(next);
    next += 4 * 4 * sizeof<T>();
  }
  return addTail<T>(sum, query, whole, dim, a, b, c, d);
}

/** scores [4] times the factors of rows `row`, `row` + 1 …, `rows` of them. */
function scaleScores(scores: usize, factors: usize, row: i32, rows: i32): void {
  for (let lane: usize = 0; lane < <usize>rows; lane++) {
    const p = scores + (lane << 2);
    store<f32>(p, load<f32>(p) * load<f32>(factors + ((<usize>row + lane) << 2)));
  }
}

@inline
function scan<T>(
  query: usize, dim: i32, rows: usize, stride: i32, numRows: i32, first: i32, factors: usize, excluded: usize, k: i32,
  topScores: usize, topItems: usize, counts: usize, scores: usize,
): void {
  const bytes = <usize>stride * sizeof<T>();
  const four: usize = 4 * bytes;
  const stop = rows + <usize>numRows * bytes;
  let count = load<i32>(counts);
  let row = 0;
  for (let at = rows; row + 4 <= numRows; row += 4, at += four) {
    let open = ~bitsAt(excluded, first + row) & 15;
    if (open == 0) continue;
    v128.store(scores, nextFour<T>(query, <usize>dim, at, bytes, at + 2 * four <= stop ? at + four : at));
    if (factors != 0) scaleScores(scores, factors, row, 4);
    if (count == k) open &= i32x4.bitmask(f32x4.gt(v128.load(scores), v128.load32_splat(topScores)));
    if (open != 0) count = offerOpen(scores, open, first + row, topScores, topItems, count, k);
  }
  const left = numRows - row;
  if (left > 0) {
    const a = rows + <usize>row * bytes;
    v128.store(scores, dotFour<T>(query, <usize>dim, a, left > 1 ? a + bytes : a, left > 2 ? a + 2 * bytes : a, a));
    if (factors != 0) scaleScores(scores, factors, row, left);
    const open = ~bitsAt(excluded, first + row) & ((1 << left) - 1);
    count = offerOpen(scores, open, first + row, topScores, topItems, count, k);
  }
  store<i32>(counts, count);
}

/** Empties the heaps of queries begin … end−1.  topScores, topItems [· × k], counts [·] overwritten */
export function clear_topk(begin: i32, end: i32, k: i32, topScores: usize, topItems: usize, counts: usize): void {
  clear_top(begin, end, k, topScores, topItems, counts);
}

/** Turns the heaps of queries begin … end−1 into lists, best first; ties go to the lower item index. */
export function sort_topk(begin: i32, end: i32, k: i32, topScores: usize, topItems: usize, counts: usize): void {
  for (let n = <usize>begin; n < <usize>end; n++) {
    const places = n * (<usize>k << 2);
    sort_heap(topScores + places, topItems + places, load<i32>(counts + (n << 2)));
  }
}

/** Offers all rows of a table of f32 to the heap of the k best: ⟨query, row⟩, times the row's factor unless
 *  factors = 0.
 *  query [dim] f32; rows [numRows × stride], stride ≥ dim, aligned to its elements; they are items first, first + 1 …
 *  factors [numRows] f32 or 0; excluded: bitmap, bit i = item i, readable one byte beyond that of the last item
 *  topScores, topItems [k], counts [1] updated: a heap; scores [4] scratch
 *  Accuracy: dim · 2⁻²⁴ relative to Σ|terms|; reduction order: k ascending, one running sum
 *  Cost: one reading of the rows, 2 · dim flops each */
export function scan_rows_f32(
  query: usize, dim: i32, rows: usize, stride: i32, numRows: i32, first: i32, factors: usize, excluded: usize, k: i32,
  topScores: usize, topItems: usize, counts: usize, scores: usize,
): void {
  scan<f32>(query, dim, rows, stride, numRows, first, factors, excluded, k, topScores, topItems, counts, scores);
}

/** As scan_rows_f32, for rows of finite f16, whose f32 values are the terms. */
export function scan_rows_f16(
  query: usize, dim: i32, rows: usize, stride: i32, numRows: i32, first: i32, factors: usize, excluded: usize, k: i32,
  topScores: usize, topItems: usize, counts: usize, scores: usize,
): void {
  scan<u16>(query, dim, rows, stride, numRows, first, factors, excluded, k, topScores, topItems, counts, scores);
}

/** Address of row n of a list, or of row n itself where there is no list. */
@inline
function listed(rows: usize, list: usize, n: usize, bytes: usize): usize {
  return rows + (list != 0 ? <usize>load<u32>(list + (n << 2)) : n) * bytes;
}

@inline
function put(at: usize, score: f32, add: i32): void {
  store<f32>(at, add ? load<f32>(at) + score : score);
}

@inline
function scoreListed<T>(
  query: usize, dim: i32, rows: usize, stride: i32, list: usize, count: i32, add: i32, out: usize,
): void {
  const bytes = <usize>stride * sizeof<T>();
  for (let n: usize = 0; n < <usize>count; n += 4) {
    const left = <usize>count - n;
    const a = listed(rows, list, n, bytes);
    const b = left > 1 ? listed(rows, list, n + 1, bytes) : a;
    const c = left > 2 ? listed(rows, list, n + 2, bytes) : a;
    const d = left > 3 ? listed(rows, list, n + 3, bytes) : a;
    const at = out + (n << 2);
    const scores = dotFour<T>(query, <usize>dim, a, b, c, d);
    if (left > 3) {
      v128.store(at, add ? f32x4.add(v128.load(at), scores) : scores);
      continue;
    }
    put(at, f32x4.extract_lane(scores, 0), add);
    if (left > 1) put(at + 4, f32x4.extract_lane(scores, 1), add);
    if (left > 2) put(at + 8, f32x4.extract_lane(scores, 2), add);
  }
}

/** out[n] ← ⟨query, rows[list[n]]⟩, added to what is there where `add`.
 *  list [count] u32, or 0 for rows 0 … count−1; out [count]; the rest as scan_rows_f32 */
export function score_listed_f32(
  query: usize, dim: i32, rows: usize, stride: i32, list: usize, count: i32, add: i32, out: usize,
): void {
  scoreListed<f32>(query, dim, rows, stride, list, count, add, out);
}

/** As score_listed_f32, for rows of finite f16. */
export function score_listed_f16(
  query: usize, dim: i32, rows: usize, stride: i32, list: usize, count: i32, add: i32, out: usize,
): void {
  scoreListed<u16>(query, dim, rows, stride, list, count, add, out);
}
