import { dotFour } from './gather';
import { exp4 } from './math';
import { madd, sum4 } from './simd';

// Causal multi-head attention (Vaswani et al. 2017, Eq. 1) of sequences that lie row by row behind one another, without
// padding between them. A row of `qkv` holds the queries of all heads, then the keys, then the values; a head takes
// `width` columns, a multiple of 4, 0 behind its own. Sequences are the unit of work.
//
//   weights: for each sequence, at `places`, heads × length rows of `length` rounded up to 4: softmax(q kᵀ scale),
//   then 0

/** y[0 … width−1] += Σ_j w_j rows[j]; j ascending.  rows `bytes` apart */
@inline
function addWeighted(y: usize, width: usize, weights: usize, rows: usize, bytes: usize, count: usize): void {
  let c: usize = 0;
  for (; c + 32 <= width << 2; c += 32) {
    let s0 = v128.load(y + c);
    let s1 = v128.load(y + c, 16);
    let row = rows + c;
    for (let j: usize = 0; j < count << 2; j += 4, row += bytes) {
      const w = v128.load32_splat(weights + j);
      s0 = madd(w, v128.load(row), s0);
      s1 = madd(w, v128.load(row, 16), s1);
    }
    v128.store(y + c, s0);
    v128.store(y + c, s1, 16);
  }
  for (; c < width << 2; c += 16) {
    let sum = v128.load(y + c);
    let row = rows + c;
    for (let j: usize = 0; j < count << 2; j += 4, row += bytes)
      sum = madd(v128.load32_splat(weights + j), v128.load(row), sum);
    v128.store(y + c, sum);
  }
}

/** out[j] ← ⟨x, rows[j]⟩ for j < count, four at a time; what stands behind is undefined up to a multiple of 4. */
@inline
function products(x: usize, width: usize, rows: usize, bytes: usize, count: usize, out: usize): void {
  const last = rows + (count - 1) * bytes;
  for (let j: usize = 0; j < count; j += 4) {
    const a = rows + j * bytes;
    const b = min(a + bytes, last);
    const c = min(b + bytes, last);
    v128.store(out + (j << 2), dotFour<f32>(x, width, a, b, c, min(c + bytes, last)));
  }
}

/** Zeros from `count` up to `room`. */
@inline
function clearBehind(row: usize, count: usize, room: usize): void {
  for (let j = count; j < room; j++) store<f32>(row + (j << 2), 0);
}

/** row ← softmax(row · scale) over its first `count` numbers, zeros behind up to `room`, a multiple of 4. */
function softmaxRow(row: usize, count: usize, room: usize, scale: f32): void {
  const end = row + (((count + 3) & ~3) << 2);
  const lowest = load<f32>(row);
  for (let j = count; j < (count + 3 & ~3); j++) store<f32>(row + (j << 2), lowest);
  let most = v128.load(row);
  for (let at = row + 16; at < end; at += 16) most = f32x4.pmax(most, v128.load(at));
  const top = max(
    max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
    max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
  );
  const shift = f32x4.splat(top);
  const factor = f32x4.splat(scale);
  for (let at = row; at < end; at += 16) v128.store(at, exp4(f32x4.mul(f32x4.sub(v128.load(at), shift), factor)));
  clearBehind(row, count, room);
  let sum = f32x4.splat(0);
  for (let at = row; at < end; at += 16) sum = f32x4.add(sum, v128.load(at));
  const share = f32x4.splat(<f32>1 / sum4(sum));
  for (let at = row; at < end; at += 16) v128.store(at, f32x4.mul(v128.load(at), share));
}

/** out_i ← Σ_{j ≤ i} softmax_j(⟨q_i, k_j⟩ scale) v_j, each weight times its factor of dropout, for sequences
 *  begin … end−1.
 *  qkv [rows × stride], out [rows × outStride] overwritten; starts [sequences + 1] u32: first rows; places
 *  [sequences] u32
 *  weights overwritten; factors like weights, or 0 for all 1; room [longest sequence rounded up to 4] f32 scratch
 *  queries: how many of the last rows of each sequence are asked for; others of out keep their values
 *  scale > 0
 *  Accuracy: 4 (width + length) 2⁻²⁴ of the largest |v|, where scores are of order 1 */
export function attention_f32(
  qkv: usize, stride: i32, heads: i32, width: i32, scale: f32, starts: usize, places: usize, factors: usize,
  queries: i32,
  weights: usize, out: usize, outStride: i32, room: usize, begin: i32, end: i32,
): void {
  const bytes = <usize>stride << 2;
  const outBytes = <usize>outStride << 2;
  const wide = <usize>width;
  const part = (<usize>heads * wide) << 2;
  for (let s = <usize>begin; s < <usize>end; s++) {
    const first = <usize>load<u32>(starts + (s << 2));
    const length = <usize>load<u32>(starts + (s << 2), 4) - first;
    const padded = (length + 3) & ~3;
    const place = <usize>load<u32>(places + (s << 2)) << 2;
    const from = length > <usize>queries ? length - <usize>queries : 0;
    for (let h: usize = 0; h < <usize>heads; h++) {
      const q = qkv + first * bytes + ((h * wide) << 2);
      for (let i = from; i < length; i++) {
        const at = ((h * length + i) * padded) << 2;
        const row = weights + place + at;
        products(q + i * bytes, wide, q + part, bytes, i + 1, row);
        softmaxRow(row, i + 1, padded, scale);
        let used = row;
        if (factors != 0) {
          const factor = factors + place + at;
          for (let o: usize = 0; o < padded << 2; o += 16)
            v128.store(room + o, f32x4.mul(v128.load(row + o), v128.load(factor + o)));
          used = room;
        }
        const to = out + (first + i) * outBytes + ((h * wide) << 2);
        memory.fill(to, 0, wide << 2);
        addWeighted(to, wide, used, q + 2 * part, bytes, i + 1);
      }
    }
  }
}

/** The way back from attention_f32 over all queries. dQkv overwritten; weights are overwritten by the gradients of
 *  scores.
 *  dOut [rows × outStride]; dQkv [rows × stride]; room [2 × longest sequence rounded up to 4] f32 scratch
 *  Reduction order: queries ascending for keys and values, keys ascending for queries */
export function attention_backward_f32(
  qkv: usize, stride: i32, heads: i32, width: i32, scale: f32, starts: usize, places: usize, factors: usize,
  weights: usize, dOut: usize, outStride: i32, dQkv: usize, room: usize, longest: i32, begin: i32, end: i32,
): void {
  const bytes = <usize>stride << 2;
  const outBytes = <usize>outStride << 2;
  const wide = <usize>width;
  const part = (<usize>heads * wide) << 2;
  const dropped = room + (<usize>((longest + 3) & ~3) << 2);
  for (let s = <usize>begin; s < <usize>end; s++) {
    const first = <usize>load<u32>(starts + (s << 2));
    const length = <usize>load<u32>(starts + (s << 2), 4) - first;
    const padded = (length + 3) & ~3;
    const place = <usize>load<u32>(places + (s << 2)) << 2;
    memory.fill(dQkv + first * bytes, 0, length * bytes);
    for (let h: usize = 0; h < <usize>heads; h++) {
      const q = qkv + first * bytes + ((h * wide) << 2);
      const dq = dQkv + first * bytes + ((h * wide) << 2);
      for (let i: usize = 0; i < length; i++) {
        const at = ((h * length + i) * padded) << 2;
        const row = weights + place + at;
        const d = dOut + (first + i) * outBytes + ((h * wide) << 2);
        products(d, wide, q + 2 * part, bytes, i + 1, room);
        clearBehind(room, i + 1, padded);
        let sum = f32x4.splat(0);
        for (let o: usize = 0; o < padded << 2; o += 16) {
          const weight = v128.load(row + o);
          let used = weight;
          if (factors != 0) {
            const factor = v128.load(factors + place + at + o);
            used = f32x4.mul(weight, factor);
            v128.store(room + o, f32x4.mul(v128.load(room + o), factor));
          }
          v128.store(dropped + o, used);
          sum = f32x4.add(sum, f32x4.mul(weight, v128.load(room + o)));
        }
        const mean = f32x4.splat(sum4(sum));
        for (let o: usize = 0; o < padded << 2; o += 16) {
          const slope = f32x4.mul(v128.load(row + o), f32x4.sub(v128.load(room + o), mean));
          v128.store(row + o, f32x4.mul(f32x4.splat(scale), slope));
        }
        addWeighted(dq + i * bytes, wide, row, q + part, bytes, i + 1);
        addOuter(dq + part, wide, row, q + i * bytes, bytes, i + 1);
        addOuter(dq + 2 * part, wide, dropped, d, bytes, i + 1);
      }
    }
  }
}

/** rows[j] += w_j · x.  rows `bytes` apart */
@inline
function addOuter(rows: usize, width: usize, weights: usize, x: usize, bytes: usize, count: usize): void {
  for (let j: usize = 0; j < count; j++, rows += bytes) {
    const w = v128.load32_splat(weights + (j << 2));
    for (let c: usize = 0; c < width << 2; c += 16)
      v128.store(rows + c, madd(w, v128.load(x + c), v128.load(rows + c)));
  }
}
