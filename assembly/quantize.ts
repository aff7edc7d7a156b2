import { FILTER_LENGTH } from './constants';
import { assertTable } from './simd';
import { ITEM_OPERANDS, OPERANDS, pack_operands, paddedColumns, USER_OPERANDS } from './strassen';

// Tables in 16 bits for prefilter.ts.

/** ½ and ¼ with room for the f32 rounding of scale · x (relative 2⁻²⁴, at most 2⁻⁹ of a unit). */
const HALF: f64 = 0.502;
const QUARTER: f64 = 0.255;
const LENGTH: f64 = <f64>FILTER_LENGTH;
/** The scale of a score from which on all scores are in the range of f32. */
const LEAST_SCALE: f64 = 4e-30;
/** Slack of missing rows: their bounds stay below LOWEST. */
const MISSING: i32 = -(1 << 30);

/** q ← round(scale · x) [columns] i16; returns ‖q‖₁.  x [stride], 0 behind dim ≤ columns */
function quantize_row(x: usize, stride: i32, scale: f32, q: usize, columns: usize): i32 {
  memory.fill(q, 0, columns << 1);
  const factor = f32x4.splat(scale);
  let sums = i32x4.splat(0);
  const end = x + (min<usize>(stride, columns) << 2);
  for (; x < end; x += 16) {
    const whole = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(x), factor)));
    sums = i32x4.add(sums, i32x4.abs(whole));
    v128.store64_lane(q, i16x8.narrow_i32x4_s(whole, whole), 0);
    q += 8;
  }
  sums = i32x4.add(sums, v128.shuffle<i32>(sums, sums, 2, 3, 0, 1));
  return i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1);
}

/** Items as 16-bit panels, the operands of sixteen items each (see strassen.ts), and what each adds to its upper bounds.
 *  Makes panels begin … end−1 of ⌈rows/16⌉.
 *  items [rows × stride] f32, 0 behind dim; order [rows] u32: the item of each place
 *  panels [⌈rows/16⌉ × 7 × columns/4 × 8 × 2] i16, columns = dim rounded up to a multiple of 16
 *  slack [⌈rows/16⌉ · 16] i32 overwritten: ⌈½‖q_v‖₁⌉, MISSING for missing rows, which are 0
 *  scratch [16 × columns] i16
 *  Requires: ‖scale · x‖₂ ≤ LENGTH */
export function pack_panels_i16(items: usize, order: usize, rows: i32, dim: i32, stride: i32, scale: f32, panels: usize, slack: usize, scratch: usize, begin: i32, end: i32): void {
  assertTable(items, stride);
  const columns = paddedColumns(dim);
  for (let p = begin; p < end; p++) {
    for (let n = 0; n < 16; n++) {
      const place = (p << 4) + n;
      const row = items + ((<usize>load<u32>(order + (<usize>min(place, rows - 1) << 2)) * <usize>stride) << 2);
      const sum = quantize_row(row, stride, place < rows ? scale : 0, scratch + ((<usize>n * columns) << 1), columns);
      store<i32>(slack + (<usize>place << 2), place < rows ? <i32>ceil<f64>(HALF * <f64>sum) : MISSING);
    }
    const panel = panels + <usize>p * (columns << 3) * OPERANDS;
    pack_operands(scratch, scratch + (columns << 4), columns, ITEM_OPERANDS, panel, 32);
    pack_operands(scratch + (columns << 3), scratch + (columns << 3) * 3, columns, ITEM_OPERANDS, panel + 16, 32);
  }
}

/** Eight users as operands (see strassen.ts), [7 × columns/4 × 4 × 2] i16, and the terms of their bounds, two f64 each: the
 *  scale of a score, and the user's share of the slack: ½‖q_u‖₁ + K/4 + the rounding of the f32 score,
 *  (K + 2) · 2⁻²⁴ · ‖q_u‖₂ · max‖q_v‖₂ and, below the normal numbers, K · 2⁻¹⁵⁰.
 *  users [8 × stride] f32, 0 behind dim; itemScale: scale of the items; scratch [8 × columns] i16 */
export function quantizeUsers(users: usize, dim: i32, stride: i32, itemScale: f64, q: usize, terms: usize, scratch: usize): void {
  const columns = paddedColumns(dim);
  for (let n: usize = 0; n < 8; n++) {
    const row = users + ((n * <usize>stride) << 2);
    let squares = f64x2.splat(0);
    for (let x = row; x < row + (<usize>stride << 2); x += 8) {
      const two = f64x2.promote_low_f32x4(v128.load64_zero(x));
      squares = f64x2.add(squares, f64x2.mul(two, two));
    }
    const length = sqrt<f64>(f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1));
    // Below 1e-30 the scale would leave the range of f32.
    const scale = <f32>(LENGTH / max<f64>(length, 1e-30));
    const sum = quantize_row(row, stride, scale, scratch + ((n * columns) << 1), columns);
    const both = <f64>scale * itemScale;
    const most = LENGTH + <f64>dim;
    const slack = HALF * <f64>sum + <f64>dim * (QUARTER + 1e-45 * both) + <f64>(dim + 2) * 6.0e-8 * most * most;
    store<f64>(terms, both);
    store<f64>(terms, both > LEAST_SCALE ? slack : Infinity, 8);
    terms += 16;
  }
  pack_operands(scratch, scratch + (columns << 3), columns, USER_OPERANDS, q, 16);
}
