import { SCAN_STATE_BYTES, SCAN_TERMS } from './constants';
import { dotFour } from './gather';
import { bitsAt, offerOpen } from './scan';
import { offer } from './topk';

// Queries against rows in 8 bits (codes.ts). With the rows themselves beside them the result is exact: an item is
// scored in f32, in the order of scan.ts, unless a bound of its score proves that it cannot be among the best. A bound
// that is NaN proves nothing.

/** Rows that wait to be scored together. */
const WAITING: i32 = 8;
/** What a query keeps, two cache lines: the rows that wait, their scores, four at a time, how many wait, and of the
 *  first of four queries a tile of sums. */
const SCORES: usize = 32;
const WAIT: usize = 48;
const TILE: usize = 64;
const STATE_BYTES: usize = SCAN_STATE_BYTES;
/** Bytes of the terms of four queries, see encode_queries_i16, and where among them stand the limits that bounds must
 *  pass. */
const TERMS_BYTES: usize = SCAN_TERMS * 4;
const LIMIT: usize = 80;
/** Bytes of codes that four queries after the other go over: they stay in the cache of the core. */
const BLOCK_BYTES: usize = 65536;

/** ⟨Q, code⟩ over 16 columns in four lanes.  x, y: Q's; code: address of the row's */
@inline
function dots(x: v128, y: v128, code: usize): v128 {
  return i32x4.add(i32x4.dot_i16x8_s(x, v128.load8x8_s(code)), i32x4.dot_i16x8_s(y, v128.load8x8_s(code, 8)));
}

/** Lane n: the sum of the four lanes of vector n. */
@inline
function sumsOf(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return i32x4.add(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7));
}

/** What is added to a score in 8 bits for an upper bound of the exact one: see codes.ts, and encode_queries_i16 for the
 *  terms. */
@inline
function slackOf(scale: v128, error: v128, norm: v128, half: v128, share: v128, top: v128): v128 {
  const rounded = f32x4.pmin(f32x4.mul(error, norm), f32x4.mul(scale, half));
  return f32x4.add(rounded, f32x4.add(f32x4.mul(scale, share), top));
}

/** `slackOf` for one row and the four queries of `terms`. */
@inline
function slackOfFour(scale: v128, error: v128, terms: usize): v128 {
  return slackOf(scale, error, v128.load(terms, 16), v128.load(terms, 32), v128.load(terms, 48), v128.load(terms, 64));
}

/** Scores the waiting items of a query, offers them and raises its limit.  state: see STATE_BYTES */
function settle(
  query: usize, dim: usize, rows: usize, rowBytes: usize, half: i32, factors: usize, first: i32, state: usize,
  terms: usize, topScores: usize, topItems: usize, counts: usize, k: i32,
): void {
  const waiting = load<i32>(state, WAIT);
  let count = load<i32>(counts);
  for (let n = 0; n < waiting; n += 4) {
    const at = state + (<usize>n << 2);
    const left = waiting - n;
    const a = rows + <usize>load<u32>(at) * rowBytes;
    const b = left > 1 ? rows + <usize>load<u32>(at, 4) * rowBytes : a;
    const c = left > 2 ? rows + <usize>load<u32>(at, 8) * rowBytes : a;
    const d = left > 3 ? rows + <usize>load<u32>(at, 12) * rowBytes : a;
    const scores = state + SCORES;
    v128.store(scores, half ? dotFour<u16>(query, dim, a, b, c, d) : dotFour<f32>(query, dim, a, b, c, d));
    for (let m: usize = 0; m < <usize>min(left, 4); m++) {
      const row = load<i32>(at + (m << 2));
      let score = load<f32>(scores + (m << 2));
      if (factors != 0) score *= load<f32>(factors + (<usize>row << 2));
      count = offer(score, first + row, topScores, topItems, count, k);
    }
  }
  store<i32>(state, 0, WAIT);
  store<i32>(counts, count);
  if (count == k) store<f32>(terms, load<f32>(topScores), LIMIT);
}

/** Begins a scan: nothing waits, and a heap that is full gives the limit. */
@inline
function open(state: usize, terms: usize, topScores: usize, counts: usize, k: i32): void {
  store<i32>(state, 0, WAIT);
  store<f32>(terms, load<i32>(counts) == k ? load<f32>(topScores) : -<f32>Infinity, LIMIT);
}

/** Lets an item wait, and settles the query when there is no more room. */
function wait(
  row: i32, query: usize, dim: usize, rows: usize, rowBytes: usize, half: i32, factors: usize, first: i32,
  state: usize, terms: usize, topScores: usize, topItems: usize, counts: usize, k: i32,
): void {
  const waiting = load<i32>(state, WAIT);
  store<i32>(state + (<usize>waiting << 2), row);
  store<i32>(state, waiting + 1, WAIT);
  if (waiting + 1 == WAITING)
    settle(query, dim, rows, rowBytes, half, factors, first, state, terms, topScores, topItems, counts, k);
}

/** Offers scores [4] as they are. */
@inline
function offerAll(
  scores: usize, open: i32, first: i32, topScores: usize, topItems: usize, counts: usize, k: i32,
): void {
  const count = load<i32>(counts);
  if (count == k) open &= i32x4.bitmask(f32x4.gt(v128.load(scores), v128.load32_splat(topScores)));
  if (open != 0) store<i32>(counts, offerOpen(scores, open, first, topScores, topItems, count, k));
}

/** One query against all codes.  The arguments are those of scan_codes. */
@inline
function scanOne(
  query: usize, d: usize, q: usize, terms: usize, rows: usize, rowBytes: usize, half: i32, codes: usize,
  scales: usize, errors: usize, numRows: i32, first: i32, factors: usize, excluded: usize, k: i32, topScores: usize,
  topItems: usize, counts: usize, state: usize,
): void {
  const a = v128.load32_splat(terms);
  const norm = v128.load32_splat(terms, 16);
  const halfSum = v128.load32_splat(terms, 32);
  const share = v128.load32_splat(terms, 48);
  const top = v128.load32_splat(terms, 64);
  for (let row = 0; row < numRows; row += 4) {
    const left = numRows - row;
    let lanes = ~bitsAt(excluded, first + row) & (left < 4 ? (1 << left) - 1 : 15);
    if (lanes == 0) continue;
    const r0 = codes + <usize>row * d;
    const r1 = left > 1 ? r0 + d : r0;
    const r2 = left > 2 ? r1 + d : r0;
    const r3 = left > 3 ? r2 + d : r0;
    let s0 = i32x4.splat(0), s1 = i32x4.splat(0), s2 = i32x4.splat(0), s3 = i32x4.splat(0);
    // What stands behind a row's last column meets zeros.
    for (let o: usize = 0; o < d; o += 16) {
      const x = v128.load(q + (o << 1)), y = v128.load(q + (o << 1), 16);
      s0 = i32x4.add(s0, dots(x, y, r0 + o));
      s1 = i32x4.add(s1, dots(x, y, r1 + o));
      s2 = i32x4.add(s2, dots(x, y, r2 + o));
      s3 = i32x4.add(s3, dots(x, y, r3 + o));
    }
    const at = <usize>row << 2;
    const scale = v128.load(scales + at);
    const score = f32x4.mul(f32x4.mul(f32x4.convert_i32x4_s(sumsOf(s0, s1, s2, s3)), scale), a);
    if (rows == 0) {
      v128.store(state, score, SCORES);
      offerAll(state + SCORES, lanes, first + row, topScores, topItems, counts, k);
      continue;
    }
    const bound = f32x4.add(score, slackOf(scale, v128.load(errors + at), norm, halfSum, share, top));
    lanes &= ~i32x4.bitmask(f32x4.le(bound, v128.load32_splat(terms, LIMIT)));
    while (lanes != 0) {
      const lane = ctz(lanes);
      lanes &= lanes - 1;
      wait(row + lane, query, d, rows, rowBytes, half, factors, first, state, terms, topScores, topItems, counts, k);
    }
  }
}

/** ⟨Q, code⟩ of four queries and two rows, bounded. Returns a bit for each pair that may be among the best: query n
 *  and the first row are bit n, the second row bit 4 + n. A function of its own: the sums and what they are made of
 *  take all registers.
 *  q [4 × columns] i16, bytes = 2 · columns; r0, r1 [dim] i8; terms: of the four queries; scales, errors [2], 0 in
 *  the place of errors for scores that are not bounded; scores [2 × 4] f32 overwritten: a · scale · ⟨Q, code⟩ */
function boundPair(
  q: usize, bytes: usize, r0: usize, r1: usize, dim: usize, terms: usize, scales: usize, errors: usize, scores: usize,
): i32 {
  let a0 = i32x4.splat(0), a1 = i32x4.splat(0), a2 = i32x4.splat(0), a3 = i32x4.splat(0);
  let b0 = i32x4.splat(0), b1 = i32x4.splat(0), b2 = i32x4.splat(0), b3 = i32x4.splat(0);
  const q1 = q + bytes, q2 = q1 + bytes, q3 = q2 + bytes;
  for (let o: usize = 0; o < dim; o += 8) {
    const x = v128.load8x8_s(r0 + o), y = v128.load8x8_s(r1 + o);
    const p = o << 1;
    let v = v128.load(q + p);
    a0 = i32x4.add(a0, i32x4.dot_i16x8_s(x, v));
    b0 = i32x4.add(b0, i32x4.dot_i16x8_s(y, v));
    v = v128.load(q1 + p);
    a1 = i32x4.add(a1, i32x4.dot_i16x8_s(x, v));
    b1 = i32x4.add(b1, i32x4.dot_i16x8_s(y, v));
    v = v128.load(q2 + p);
    a2 = i32x4.add(a2, i32x4.dot_i16x8_s(x, v));
    b2 = i32x4.add(b2, i32x4.dot_i16x8_s(y, v));
    v = v128.load(q3 + p);
    a3 = i32x4.add(a3, i32x4.dot_i16x8_s(x, v));
    b3 = i32x4.add(b3, i32x4.dot_i16x8_s(y, v));
  }
  const limits = v128.load(terms, LIMIT);
  const s0 = v128.load32_splat(scales);
  const s1 = v128.load32_splat(scales, 4);
  let x = f32x4.mul(f32x4.mul(f32x4.convert_i32x4_s(sumsOf(a0, a1, a2, a3)), s0), v128.load(terms));
  let y = f32x4.mul(f32x4.mul(f32x4.convert_i32x4_s(sumsOf(b0, b1, b2, b3)), s1), v128.load(terms));
  if (errors != 0) {
    x = f32x4.add(x, slackOfFour(s0, v128.load32_splat(errors), terms));
    y = f32x4.add(y, slackOfFour(s1, v128.load32_splat(errors, 4), terms));
  } else {
    v128.store(scores, x);
    v128.store(scores, y, 16);
  }
  return ~(i32x4.bitmask(f32x4.le(x, limits)) | (i32x4.bitmask(f32x4.le(y, limits)) << 4)) & 255;
}

/** Four queries from `u` on against codes begin … end−1. Arguments as scan_codes. */
function scanFour(
  queries: usize, u: usize, numQueries: usize, dim: usize, stride: i32, q: usize, columns: usize, terms: usize,
  rows: usize, rowBytes: usize, half: i32, codes: usize, scales: usize, errors: usize, begin: i32, end: i32,
  first: i32, factors: usize, excluded: usize, maskBytes: i32, k: i32, topScores: usize, topItems: usize,
  counts: usize, states: usize,
): void {
  q += u * (columns << 1);
  terms += (u >> 2) * TERMS_BYTES;
  const mine = states + u * STATE_BYTES;
  const present = (numQueries - u < 4 ? (1 << <i32>(numQueries - u)) - 1 : 15) * 17;
  const used = rows != 0 ? errors : 0;
  for (let row = begin; row < end; row += 2) {
    const code = codes + <usize>row * dim;
    const pair = row + 1 < end;
    const at = <usize>row << 2;
    let hits = boundPair(
      q, columns << 1, code, pair ? code + dim : code, dim, terms, scales + at, used == 0 ? 0 : used + at,
      mine + TILE,
    );
    hits &= pair ? present : present & 15;
    while (hits != 0) {
      const bit = <usize>ctz(hits);
      hits &= hits - 1;
      const lane = bit & 3;
      const user = u + lane;
      const n = row + <i32>(bit >> 2);
      const item = first + n;
      if ((load<u8>(excluded + user * <usize>maskBytes + (<usize>item >> 3)) >> <u8>(item & 7)) & 1) continue;
      const places = user * (<usize>k << 2);
      const own = terms + (lane << 2);
      if (rows != 0) {
        wait(
          n, queries + ((user * <usize>stride) << 2), dim, rows, rowBytes, half, factors, first,
          states + user * STATE_BYTES, own, topScores + places, topItems + places, counts + (user << 2), k,
        );
      } else {
        const count = offer(
          load<f32>(mine + TILE + (bit << 2)), item, topScores + places, topItems + places,
          load<i32>(counts + (user << 2)), k,
        );
        store<i32>(counts + (user << 2), count);
        if (count == k) store<f32>(own, load<f32>(topScores + places), LIMIT);
      }
    }
  }
}

/** Offers all rows to the heaps of queries begin … end−1, with the result of scan_rows_f32 for each: found through the
 *  codes.
 *  queries [· × stride] f32, of which `numQueries` are real; q, terms: see encode_queries_i16, both for whole groups of
 *  four; begin a multiple of 4
 *  rows [numRows × rowStride] f32, finite f16 where `half`, or 0: then scores are a · scale · ⟨Q, code⟩, in this order,
 *  and nothing is exact
 *  codes [numRows × dim] i8, scales, errors [numRows] f32: see encode_rows_f32, times the factors where there are any;
 *  codes readable 15 bytes and scales and errors 12 bytes behind their end
 *  factors [numRows] f32 ≥ 0 or 0; excluded [· × maskBytes] bitmaps, the last readable one byte behind its end
 *  topScores, topItems [· × k], counts [·] updated: heaps; states [· × 128 bytes] scratch
 *  Requires: ⟨Q, code⟩ in 31 bits, as encode_queries_i16 has it */
export function scan_codes(
  queries: usize, begin: i32, end: i32, numQueries: i32, dim: i32, stride: i32, q: usize, terms: usize, rows: usize,
  rowStride: i32, half: i32, codes: usize, scales: usize, errors: usize, numRows: i32, first: i32, factors: usize,
  excluded: usize, maskBytes: i32, k: i32, topScores: usize, topItems: usize, counts: usize, states: usize,
): void {
  const d = <usize>dim;
  const columns = (d + 15) & ~15;
  const rowBytes = <usize>rowStride << (half ? 1 : 2);
  const last = <usize>min(end, numQueries);
  for (let u = <usize>begin; u < last; u++)
    open(
      states + u * STATE_BYTES, terms + (u >> 2) * TERMS_BYTES + ((u & 3) << 2), topScores + u * (<usize>k << 2),
      counts + (u << 2), k,
    );
  if (last == <usize>begin + 1) {
    const u = <usize>begin;
    const places = u * (<usize>k << 2);
    scanOne(
      queries + ((u * <usize>stride) << 2), d, q + u * (columns << 1),
      terms + (u >> 2) * TERMS_BYTES + ((u & 3) << 2), rows, rowBytes, half, codes, scales, errors, numRows, first,
      factors, excluded + u * <usize>maskBytes, k, topScores + places, topItems + places, counts + (u << 2),
      states + u * STATE_BYTES,
    );
  } else {
    // Whole pairs of rows.
    const block = max<i32>(2, (<i32>(BLOCK_BYTES / d)) & ~1);
    for (let row = 0; row < numRows; row += block) {
      for (let u = <usize>begin; u < last; u += 4)
        scanFour(
          queries, u, <usize>numQueries, d, stride, q, columns, terms, rows, rowBytes, half, codes, scales, errors,
          row, min(row + block, numRows), first, factors, excluded, maskBytes, k, topScores, topItems, counts, states,
        );
    }
  }
  if (rows == 0) return;
  for (let u = <usize>begin; u < last; u++) {
    const places = u * (<usize>k << 2);
    settle(
      queries + ((u * <usize>stride) << 2), d, rows, rowBytes, half, factors, first, states + u * STATE_BYTES,
      terms + (u >> 2) * TERMS_BYTES + ((u & 3) << 2), topScores + places, topItems + places, counts + (u << 2), k,
    );
  }
}

/** out[n] ← a · scale · ⟨Q, code⟩ of row list[n], as scan_codes without rows scores it; added to what is there where
 *  `add`.
 *  q [columns] i16, terms: of one query; list [count] u32, or 0 for rows 0 … count−1; out [count] f32 */
export function score_codes_i8(
  q: usize, terms: usize, dim: i32, codes: usize, scales: usize, list: usize, count: i32, add: i32, out: usize,
): void {
  const a = load<f32>(terms);
  for (let n: usize = 0; n < <usize>count; n++) {
    const row = list != 0 ? <usize>load<u32>(list + (n << 2)) : n;
    const code = codes + row * <usize>dim;
    let sums = i32x4.splat(0);
    for (let o: usize = 0; o < <usize>dim; o += 16)
      sums = i32x4.add(sums, dots(v128.load(q + (o << 1)), v128.load(q + (o << 1), 16), code + o));
    const low = i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1);
    const sum = low + (i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3));
    const score = <f32>sum * load<f32>(scales + (row << 2)) * a;
    const at = out + (n << 2);
    store<f32>(at, add ? load<f32>(at) + score : score);
  }
}
