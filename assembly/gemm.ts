import { GEMM_SCRATCH_BYTES } from './constants';
import { madd } from './simd';

// Dense products with a packed right-hand side: panels of 8 rows of B, transposed, so that one k-step of a tile
// reads 8 neighbouring numbers. A 4 × 8 tile with one k-step per iteration needs 8 sums + 2 + 4 loads: 14
// registers, the most that V8 keeps without spilling. Where four rows of A meet many panels, each of their numbers is
// splatted beforehand, [step][4 rows][4 lanes], which spares three pointers of four.

/** B [rows × stride] → panels [⌈rows/8⌉ × dim × 8]; missing rows of the last panel become 0. */
export function pack_panels_f32(b: usize, rows: i32, dim: i32, stride: i32, panels: usize): void {
  for (let first = 0; first < rows; first += 8) {
    for (let lane = 0; lane < 8; lane++) {
      const row = b + ((<usize>(first + lane) * <usize>stride) << 2);
      const out = panels + ((<usize>first * <usize>dim + <usize>lane) << 2);
      const present = first + lane < rows;
      for (let k: usize = 0; k < <usize>dim; k++) {
        store<f32>(out + (k << 5), present ? load<f32>(row + (k << 2)) : 0);
      }
    }
  }
}

/** out [4 × outBytes] ← four rows of A times one panel. Reduction order: k ascending, one running sum per element,
 *  so that every score equals the plain scalar loop in f32.
 *  a: first of four rows, aBytes apart; panel [dim × 8] */
@inline
export function tile4x8(a: usize, aBytes: usize, panel: usize, dim: i32, out: usize, outBytes: usize): void {
  let s00 = f32x4.splat(0), s01 = f32x4.splat(0), s10 = f32x4.splat(0), s11 = f32x4.splat(0);
  let s20 = f32x4.splat(0), s21 = f32x4.splat(0), s30 = f32x4.splat(0), s31 = f32x4.splat(0);
  let a0 = a;
  let a1 = a + aBytes;
  let a2 = a1 + aBytes;
  let a3 = a2 + aBytes;
  const end = panel + (<usize>dim << 5);
  for (let b = panel; b < end; b += 32) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const x0 = v128.load32_splat(a0);
    s00 = madd(x0, b0, s00);
    s01 = madd(x0, b1, s01);
    const x1 = v128.load32_splat(a1);
    s10 = madd(x1, b0, s10);
    s11 = madd(x1, b1, s11);
    const x2 = v128.load32_splat(a2);
    s20 = madd(x2, b0, s20);
    s21 = madd(x2, b1, s21);
    const x3 = v128.load32_splat(a3);
    s30 = madd(x3, b0, s30);
    s31 = madd(x3, b1, s31);
    a0 += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
  }
  v128.store(out, s00);
  v128.store(out, s01, 16);
  v128.store(out + outBytes, s10);
  v128.store(out + outBytes, s11, 16);
  v128.store(out + 2 * outBytes, s20);
  v128.store(out + 2 * outBytes, s21, 16);
  v128.store(out + 3 * outBytes, s30);
  v128.store(out + 3 * outBytes, s31, 16);
}

/** Eight zeros: what a tile is added to where there is nothing, with rows 0 bytes apart. */
export const NOTHING = memory.data(32, 16);

/** out [8] ← from [8] + (low, high). */
@inline
function addTo(out: usize, from: usize, low: v128, high: v128): void {
  v128.store(out, f32x4.add(v128.load(from), low));
  v128.store(out, f32x4.add(v128.load(from, 16), high), 16);
}

/** out [4 × 8] ← from [4 × 8] + Σ_t splats[t][4] · panel[t][8] for each of `count` panels, panelStep bytes apart; the
 *  tiles of out are outStep bytes apart and those of from fromStep, their rows outBytes and fromBytes.
 *  Reduction order: t ascending, then added to `from`.
 *  Four steps a turn, with an exit after each: V8 loads what a basic block needs at its beginning, and 8 sums with the
 *  6 numbers of one step are all that its registers hold. Two steps a turn take 4 % more time. */
export function splatTiles(
  splats: usize, panel: usize, steps: usize, panelStep: usize, count: i32, from: usize, fromBytes: usize,
  fromStep: usize, out: usize, outBytes: usize, outStep: usize,
): void {
  const bytes = steps << 5;
  panelStep -= bytes;
  for (; count > 0; count--) {
    const end = panel + bytes;
    let splat = splats;
    let s00 = f32x4.splat(0), s01 = f32x4.splat(0), s10 = f32x4.splat(0), s11 = f32x4.splat(0);
    let s20 = f32x4.splat(0), s21 = f32x4.splat(0), s30 = f32x4.splat(0), s31 = f32x4.splat(0);
    for (; panel < end; panel += 128) {
      let b0 = v128.load(panel);
      let b1 = v128.load(panel, 16);
      let x = v128.load(splat);
      s00 = madd(x, b0, s00);
      s01 = madd(x, b1, s01);
      x = v128.load(splat, 16);
      s10 = madd(x, b0, s10);
      s11 = madd(x, b1, s11);
      x = v128.load(splat, 32);
      s20 = madd(x, b0, s20);
      s21 = madd(x, b1, s21);
      x = v128.load(splat, 48);
      s30 = madd(x, b0, s30);
      s31 = madd(x, b1, s31);
      if (panel + 32 >= end) break;
      b0 = v128.load(panel, 32);
      b1 = v128.load(panel, 48);
      x = v128.load(splat, 64);
      s00 = madd(x, b0, s00);
      s01 = madd(x, b1, s01);
      x = v128.load(splat, 80);
      s10 = madd(x, b0, s10);
      s11 = madd(x, b1, s11);
      x = v128.load(splat, 96);
      s20 = madd(x, b0, s20);
      s21 = madd(x, b1, s21);
      x = v128.load(splat, 112);
      s30 = madd(x, b0, s30);
      s31 = madd(x, b1, s31);
      if (panel + 64 >= end) break;
      b0 = v128.load(panel, 64);
      b1 = v128.load(panel, 80);
      x = v128.load(splat, 128);
      s00 = madd(x, b0, s00);
      s01 = madd(x, b1, s01);
      x = v128.load(splat, 144);
      s10 = madd(x, b0, s10);
      s11 = madd(x, b1, s11);
      x = v128.load(splat, 160);
      s20 = madd(x, b0, s20);
      s21 = madd(x, b1, s21);
      x = v128.load(splat, 176);
      s30 = madd(x, b0, s30);
      s31 = madd(x, b1, s31);
      if (panel + 96 >= end) break;
      b0 = v128.load(panel, 96);
      b1 = v128.load(panel, 112);
      x = v128.load(splat, 192);
      s00 = madd(x, b0, s00);
      s01 = madd(x, b1, s01);
      x = v128.load(splat, 208);
      s10 = madd(x, b0, s10);
      s11 = madd(x, b1, s11);
      x = v128.load(splat, 224);
      s20 = madd(x, b0, s20);
      s21 = madd(x, b1, s21);
      x = v128.load(splat, 240);
      s30 = madd(x, b0, s30);
      s31 = madd(x, b1, s31);
      splat += 256;
    }
    addTo(out, from, s00, s01);
    addTo(out + outBytes, from + fromBytes, s10, s11);
    addTo(out + 2 * outBytes, from + 2 * fromBytes, s20, s21);
    addTo(out + 3 * outBytes, from + 3 * fromBytes, s30, s31);
    panel = end + panelStep;
    from += fromStep;
    out += outStep;
  }
}

/** Columns of A in a block of gemm_nt_f32. */
const STEPS: i32 = GEMM_SCRATCH_BYTES >> 6;

/** splats [steps × 4 × 4] ← four rows of `steps` columns.  a: first of four rows, aBytes apart */
function splatRows(a: usize, aBytes: usize, steps: i32, splats: usize): void {
  for (let r: usize = 0; r < 4; r++) {
    let out = splats + (r << 4);
    for (const end = a + (<usize>steps << 2); a < end; a += 4) {
      v128.store(out, v128.load32_splat(a));
      out += 64;
    }
    a += aBytes - (<usize>steps << 2);
  }
}

/** Panels of B that meet all rows of A before the next: 128 KiB of them in a block of columns, so that they stay
 *  in L2. */
const BLOCK_PANELS: i32 = 32;

/** C ← A Bᵀ, or C ← C + A Bᵀ where `add`, for rows begin … end−1 of A and C.
 *  a [rows4 × aStride], rows4 = rows rounded up to 4; begin and end multiples of 4; panels: packed B of n rows
 *  c [rows4 × cStride], cStride ≥ n rounded up to 8 (columns n … get 0); splats [128 × 4 × 4] scratch
 *  Accuracy: dim · 2⁻²⁴ relative to Σ|terms|; reduction order: k ascending in blocks of 128, which are added in
 *  order */
export function gemm_nt_f32(
  a: usize, dim: i32, aStride: i32, panels: usize, n: i32, c: usize, cStride: i32, add: bool, splats: usize,
  begin: i32, end: i32,
): void {
  const aBytes = <usize>aStride << 2;
  const cBytes = <usize>cStride << 2;
  const panelBytes = <usize>dim << 5;
  const numPanels = (n + 7) >> 3;
  for (let k = 0; k < dim; k += STEPS) {
    const steps = min(STEPS, dim - k);
    const first = k == 0 && !add;
    for (let p = 0; p < numPanels; p += BLOCK_PANELS) {
      const panel = panels + <usize>p * panelBytes + (<usize>k << 5);
      const count = min(BLOCK_PANELS, numPanels - p);
      for (let r = <usize>begin; r < <usize>end; r += 4) {
        splatRows(a + r * aBytes + (<usize>k << 2), aBytes, steps, splats);
        const out = c + r * cBytes + (<usize>p << 5);
        splatTiles(
          splats, panel, <usize>steps, panelBytes, count, first ? NOTHING : out, first ? 0 : cBytes, first ? 0 : 32,
          out, cBytes, 32,
        );
      }
    }
  }
}

/** Columns of A and of C = Aᵀ B: panels of B's columns as they stand, so that B's rows are the steps.
 *  b [rows × stride] → panels [⌈dim/8⌉ × rows × 8]; stride ≥ dim; columns from dim on become 0 */
export function pack_columns_f32(b: usize, rows: i32, dim: i32, stride: i32, panels: usize): void {
  const bytes = <usize>stride << 2;
  for (let first = 0; first < dim; first += 8) {
    const present = min(8, dim - first);
    let row = b + (<usize>first << 2);
    for (let r = 0; r < rows; r++, row += bytes, panels += 32) {
      if (present == 8) {
        v128.store(panels, v128.load(row));
        v128.store(panels, v128.load(row, 16), 16);
      } else {
        for (let c = 0; c < 8; c++)
          store<f32>(panels + (<usize>c << 2), c < present ? load<f32>(row + (<usize>c << 2)) : 0);
      }
    }
  }
}

/** splats [steps × 4 × 4] ← four neighbouring columns of `steps` rows.  a: the first of them, rows aBytes apart */
function splatColumns(a: usize, aBytes: usize, steps: i32, splats: usize): void {
  for (const end = splats + (<usize>steps << 6); splats < end; splats += 64, a += aBytes) {
    v128.store(splats, v128.load32_splat(a));
    v128.store(splats, v128.load32_splat(a, 4), 16);
    v128.store(splats, v128.load32_splat(a, 8), 32);
    v128.store(splats, v128.load32_splat(a, 12), 48);
  }
}

/** C ← Aᵀ B for rows begin … end−1 of C, which are columns of A: the gradient of a dense layer's weights.
 *  a [steps × aStride], aStride ≥ C's rows rounded up to 4; panels: B [steps × n] by pack_columns_f32
 *  c [rows4 × cStride], cStride ≥ n rounded up to 8 (columns n … get 0); begin and end multiples of 4
 *  splats [128 × 4 × 4] scratch
 *  Accuracy: steps · 2⁻²⁴ relative to Σ|terms|; reduction order: as gemm_nt_f32 */
export function gemm_tn_f32(
  a: usize, steps: i32, aStride: i32, panels: usize, n: i32, c: usize, cStride: i32, splats: usize, begin: i32,
  end: i32,
): void {
  const aBytes = <usize>aStride << 2;
  const cBytes = <usize>cStride << 2;
  const panelBytes = <usize>steps << 5;
  const numPanels = (n + 7) >> 3;
  for (let k = 0; k < steps; k += STEPS) {
    const some = min(STEPS, steps - k);
    const panel = panels + (<usize>k << 5);
    for (let r = <usize>begin; r < <usize>end; r += 4) {
      splatColumns(a + <usize>k * aBytes + (r << 2), aBytes, some, splats);
      const out = c + r * cBytes;
      splatTiles(
        splats, panel, <usize>some, panelBytes, numPanels, k == 0 ? NOTHING : out, k == 0 ? 0 : cBytes,
        k == 0 ? 0 : 32, out, cBytes, 32,
      );
    }
  }
}
