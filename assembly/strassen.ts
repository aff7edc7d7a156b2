import { FILTER_OPERANDS } from './constants';

// Products of 16-bit numbers in blocks, by Strassen's scheme in Winograd's form (V. Strassen, Gaussian elimination is not
// optimal, 1969; S. Winograd, On multiplication of 2 × 2 matrices, 1971): two blocks of users by two blocks of items in seven
// products over half of the columns each, where eight would be plain. Whole numbers lose nothing by it: sums wrap around
// modulo 2³² on the way and are exact in the end.
//
// A tile is 8 users, two blocks of four rows, by 16 items, two blocks of eight. The first block's columns are the halves
// f₁ and f₂, the second's g₁ and g₂; those of the items have a dash. What is multiplied, the operands, are sums of halves,
// made once for each row. In the order in which they are made, each in a tile of its own:
//   P₁  =      f₁ · f₁'
//   C₁₁ = P₁ + f₂ · f₂'
//   U₂  = P₁ + (g₁ + g₂ − f₁) · (f₁' − g₁' + g₂')
//   U₄  = U₂ + (g₁ + g₂) · (g₁' − f₁')
//   C₁₂ = U₄ + (f₁ + f₂ − g₁ − g₂) · g₂'
//   U₃  = U₂ + (f₁ − g₁) · (g₂' − g₁')
//   C₂₁ = U₃ − g₂ · (f₁' − f₂' − g₁' + g₂')
//   C₂₂ = U₃ + U₄ − U₂

/** Places of the tiles that `multiply_tile` writes, 128 bytes each. */
const P1: usize = 0, U2: usize = 2, U4: usize = 3, U3: usize = 5;
export const C11: usize = 1, C12: usize = 4, C21: usize = 6, C22: usize = 7;
export const OPERANDS: usize = <usize>FILTER_OPERANDS;

/** Each operand's multiples of f₁, f₂, g₁ and g₂. */
export const USER_OPERANDS = memory.data<i16>([
  1, 0, 0, 0,
  0, 1, 0, 0,
  -1, 0, 1, 1,
  0, 0, 1, 1,
  1, 1, -1, -1,
  1, 0, -1, 0,
  0, 0, 0, -1,
]);
export const ITEM_OPERANDS = memory.data<i16>([
  1, 0, 0, 0,
  0, 1, 0, 0,
  1, 0, -1, 1,
  -1, 0, 1, 0,
  0, 0, 0, 1,
  0, 0, -1, 1,
  1, -1, -1, 1,
]);

/** Columns of rows that are packed: two halves of whole vectors. */
@inline
export function paddedColumns(dim: i32): usize {
  return <usize>((dim + 15) & ~15);
}

/** Eight columns of one operand of a row: sums of those of its blocks, two columns a word. */
@inline
function combine(f: usize, g: usize, half: usize, factors: usize): v128 {
  const first = i16x8.add(
    i16x8.mul(v128.load(f), v128.load16_splat(factors)),
    i16x8.mul(v128.load(f + half), v128.load16_splat(factors, 2)),
  );
  const second = i16x8.add(
    i16x8.mul(v128.load(g), v128.load16_splat(factors, 4)),
    i16x8.mul(v128.load(g + half), v128.load16_splat(factors, 6)),
  );
  return i16x8.add(first, second);
}

/** Packs the operands of four rows f and four rows g: [operand][pair of columns][row], a pair of columns a word.
 *  f, g [4 × columns] i16, columns as paddedColumns; 4 · |value| < 2¹⁵
 *  factors: USER_OPERANDS or ITEM_OPERANDS; step: bytes from a pair of columns to the next */
export function pack_operands(f: usize, g: usize, columns: usize, factors: usize, out: usize, step: usize): void {
  const row = columns << 1;
  for (let n: usize = 0; n < OPERANDS; n++) {
    for (let c: usize = 0; c < columns; c += 16) {
      for (let r: usize = 0; r < 4; r++) {
        const pairs = combine(f + c + r * row, g + c + r * row, columns, factors);
        const to = out + (r << 2);
        v128.store32_lane(to, pairs, 0);
        v128.store32_lane(to + step, pairs, 1);
        v128.store32_lane(to + 2 * step, pairs, 2);
        v128.store32_lane(to + 3 * step, pairs, 3);
      }
      out += 4 * step;
    }
    factors += 8;
  }
}

/** The products of 8 users and 16 items, plus what is added to each item's. Returns a bit for each
 *  result that holds one above its user's limit: bit C11, C12, C21 and C22.
 *  x: operands of the users; b: operands of the items, `half` bytes each; plus [16] i32
 *  limits: eight i32, `apart` bytes from one to the next
 *  tiles [8 × 4 users × 8 items] i32 overwritten: the results in C11, C12, C21 and C22 */
export function multiply_tile(x: usize, b: usize, half: usize, plus: usize, limits: usize, apart: usize, tiles: usize): u32 {
  let s00 = v128.load(plus);
  let s01 = v128.load(plus, 16);
  let s10 = s00, s11 = s01, s20 = s00, s21 = s01, s30 = s00, s31 = s01;
  let flags: u32 = 0;
  let tile = tiles;
  for (let n: usize = 0; n < C22; n++) {
    const stop = b + half;
    do {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      let y = v128.load32_splat(x);
      s00 = i32x4.add(s00, i32x4.dot_i16x8_s(y, b0));
      s01 = i32x4.add(s01, i32x4.dot_i16x8_s(y, b1));
      y = v128.load32_splat(x, 4);
      s10 = i32x4.add(s10, i32x4.dot_i16x8_s(y, b0));
      s11 = i32x4.add(s11, i32x4.dot_i16x8_s(y, b1));
      y = v128.load32_splat(x, 8);
      s20 = i32x4.add(s20, i32x4.dot_i16x8_s(y, b0));
      s21 = i32x4.add(s21, i32x4.dot_i16x8_s(y, b1));
      y = v128.load32_splat(x, 12);
      s30 = i32x4.add(s30, i32x4.dot_i16x8_s(y, b0));
      s31 = i32x4.add(s31, i32x4.dot_i16x8_s(y, b1));
      x += 16;
      b += 32;
    } while (b < stop);
    if (n == U4) {
      // From here on sums are of the second block's items.
      let more = i32x4.sub(v128.load(plus, 32), v128.load(plus));
      s00 = i32x4.add(s00, more);
      s10 = i32x4.add(s10, more);
      s20 = i32x4.add(s20, more);
      s30 = i32x4.add(s30, more);
      more = i32x4.sub(v128.load(plus, 48), v128.load(plus, 16));
      s01 = i32x4.add(s01, more);
      s11 = i32x4.add(s11, more);
      s21 = i32x4.add(s21, more);
      s31 = i32x4.add(s31, more);
    }
    v128.store(tile, s00);
    v128.store(tile, s01, 16);
    v128.store(tile, s10, 32);
    v128.store(tile, s11, 48);
    v128.store(tile, s20, 64);
    v128.store(tile, s21, 80);
    v128.store(tile, s30, 96);
    v128.store(tile, s31, 112);
    tile += 128;
    if (n == C11 || n == C12 || n == C21) {
      if (n == C21) limits += 4 * apart;
      let any = surpass(s00, s01, limits);
      any = v128.or(any, surpass(s10, s11, limits + apart));
      any = v128.or(any, surpass(s20, s21, limits + 2 * apart));
      any = v128.or(any, surpass(s30, s31, limits + 3 * apart));
      flags |= <u32>v128.any_true(any) << <u32>n;
      if (n != C21) {
        const from = n == C11 ? tiles + (P1 << 7) : tiles + (U2 << 7);
        s00 = v128.load(from);
        s01 = v128.load(from, 16);
        s10 = v128.load(from, 32);
        s11 = v128.load(from, 48);
        s20 = v128.load(from, 64);
        s21 = v128.load(from, 80);
        s30 = v128.load(from, 96);
        s31 = v128.load(from, 112);
      }
    }
  }
  let any = i32x4.splat(0);
  for (; tiles < tile - 768; tiles += 32) {
    const low = i32x4.add(v128.load(tiles, U3 << 7), i32x4.sub(v128.load(tiles, U4 << 7), v128.load(tiles, U2 << 7)));
    const high = i32x4.add(v128.load(tiles, (U3 << 7) + 16), i32x4.sub(v128.load(tiles, (U4 << 7) + 16), v128.load(tiles, (U2 << 7) + 16)));
    v128.store(tiles, low, C22 << 7);
    v128.store(tiles, high, (C22 << 7) + 16);
    any = v128.or(any, surpass(low, high, limits));
    limits += apart;
  }
  return flags | (<u32>v128.any_true(any) << <u32>C22);
}

/** Lanes that are not 0 where one of eight sums surpasses the limit. */
@inline
function surpass(low: v128, high: v128, limit: usize): v128 {
  const most = v128.load32_splat(limit);
  return v128.or(i32x4.gt_s(low, most), i32x4.gt_s(high, most));
}
