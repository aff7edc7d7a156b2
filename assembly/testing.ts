import { exp4, pow2x4 } from './math';
import { ITEM_OPERANDS, multiply_tile, OPERANDS, pack_operands, USER_OPERANDS } from './strassen';

// What other kernels inline, as functions on arrays: compiled for the tests only (scripts/test.mjs).

/** y = e^x.  x, y  [count], padded to a multiple of 4; may be the same array */
export function exp_f32(x: usize, y: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    const at = <usize>i << 2;
    v128.store(y + at, exp4(v128.load(x + at)));
  }
}

/** y = 2^x.  x, y  [count], padded to a multiple of 4; may be the same array */
export function pow2_f32(x: usize, y: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    const at = <usize>i << 2;
    v128.store(y + at, pow2x4(v128.load(x + at)));
  }
}

/** Packs eight users and sixteen items and multiplies them: multiply_tile on rows as pack_operands takes them.
 *  users [8 × columns], items [16 × columns] i16; operands: scratch of 7 · 12 · columns bytes; the rest as multiply_tile */
export function multiply_rows_i16(users: usize, items: usize, columns: usize, operands: usize, plus: usize, limits: usize, tiles: usize): u32 {
  const x = operands;
  const b = operands + OPERANDS * (columns << 2);
  pack_operands(users, users + (columns << 3), columns, USER_OPERANDS, x, 16);
  pack_operands(items, items + (columns << 4), columns, ITEM_OPERANDS, b, 32);
  pack_operands(items + (columns << 3), items + (columns << 3) * 3, columns, ITEM_OPERANDS, b + 16, 32);
  return multiply_tile(x, b, columns << 3, plus, limits, 4, tiles);
}
