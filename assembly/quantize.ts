import { assertTable } from './simd';

// Tables in 16 bits for prefilter.ts.

/** ½ and ¼ with room for the f32 rounding of scale · x (relative 2⁻²⁴, at most 2⁻⁹ of a unit). */
const HALF: f64 = 0.502;
const QUARTER: f64 = 0.255;
/** ‖q‖₂ of the longest item and of every user: q_u·q_v and its slack stay below 2³¹. */
const LENGTH: f64 = 32000;
/** The scale of a score from which on all scores are in the range of f32. */
const LEAST_SCALE: f64 = 4e-30;
/** Slack of missing rows: their bounds stay below LOWEST. */
const MISSING: i32 = -(1 << 30);

/** round(scale · x) of a row, two numbers a word, `step` bytes apart: for 32 one word, for 64 four copies of it;
 *  returns ‖q‖₁. */
function quantize_row(x: usize, dim: i32, scale: f32, out: usize, step: usize): i32 {
  let sum = 0;
  for (let k = 0; k < dim; k += 2) {
    const a = <i32>nearest<f32>(load<f32>(x) * scale);
    const b = k + 1 < dim ? <i32>nearest<f32>(load<f32>(x, 4) * scale) : 0;
    const word = (a & 0xffff) | (b << 16);
    if (step == 32) store<i32>(out, word);
    else v128.store(out, i32x4.splat(word));
    sum += abs(a) + abs(b);
    x += 8;
    out += step;
  }
  return sum;
}

/** Items as 16-bit panels [⌈rows/8⌉ × ⌈dim/2⌉ × 8 × 2], and what each adds to its upper bounds.
 *  items [rows × stride] f32; order [rows] u32: the item of each place
 *  slack [⌈rows/8⌉ · 8] i32 overwritten: ⌈½‖q_v‖₁⌉, MISSING for missing rows, which are 0
 *  Requires: ‖scale · x‖₂ ≤ LENGTH */
export function pack_panels_i16(items: usize, order: usize, rows: i32, dim: i32, stride: i32, scale: f32, panels: usize, slack: usize): void {
  assertTable(items, stride);
  const panelBytes = <usize>((dim + 1) >> 1) << 5;
  for (let place = 0; place < ((rows + 7) & ~7); place++) {
    const row = items + ((<usize>load<u32>(order + (<usize>min(place, rows - 1) << 2)) * <usize>stride) << 2);
    const panel = panels + <usize>(place >> 3) * panelBytes + (<usize>(place & 7) << 2);
    const sum = quantize_row(row, dim, place < rows ? scale : 0, panel, 32);
    store<i32>(slack + (<usize>place << 2), place < rows ? <i32>ceil<f64>(HALF * <f64>sum) : MISSING);
  }
}

/** Users as 16-bit rows [rows/4 × ⌈dim/2⌉ × 4 × 8], every pair of numbers four times, and the terms of their bounds, two
 *  f64 each: the scale of a score, and the user's share of the slack: ½‖q_u‖₁ + K/4 + the rounding of the f32 score,
 *  (K + 2) · 2⁻²⁴ · ‖q_u‖₂ · max‖q_v‖₂ and, below the normal numbers, K · 2⁻¹⁵⁰.
 *  itemScale: scale of the items */
export function quantize_rows_i16(users: usize, rows: i32, dim: i32, stride: i32, itemScale: f64, q: usize, terms: usize): void {
  assertTable(users, stride);
  const tileBytes = <usize>((dim + 1) >> 1) << 6;
  for (let r = 0; r < rows; r++) {
    const row = users + ((<usize>r * <usize>stride) << 2);
    let squares: f64 = 0;
    for (let k: usize = 0; k < <usize>dim; k++) {
      const x = <f64>load<f32>(row + (k << 2));
      squares += x * x;
    }
    // Below 1e-30 the scale would leave the range of f32.
    const scale = <f32>(LENGTH / max<f64>(sqrt<f64>(squares), 1e-30));
    const sum = quantize_row(row, dim, scale, q + <usize>(r >> 2) * tileBytes + (<usize>(r & 3) << 4), 64);
    const both = <f64>scale * itemScale;
    const length = LENGTH + <f64>dim;
    const slack = HALF * <f64>sum + <f64>dim * (QUARTER + 1e-45 * both) + <f64>(dim + 2) * 6.0e-8 * length * length;
    store<f64>(terms + (<usize>r << 4), both);
    store<f64>(terms + (<usize>r << 4), both > LEAST_SCALE ? slack : Infinity, 8);
  }
}
