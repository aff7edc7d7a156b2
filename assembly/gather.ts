import { madd } from './simd';

// Inner products of one f32 vector with rows of f32 or f16, four rows at a time: lane r of a sum belongs to row r, and
// every lane adds its terms one after the other in ascending order of the columns, as the plain scalar loop does.

/** 2¹¹²: takes the bits of a half, moved to where f32 has its own, to its value. */
const HALF_SCALE = reinterpret<f32>(0x77800000);

/** Four f32 values at `p`, of f32 or of finite f16 (T = u16). */
@inline
export function load4<T>(p: usize): v128 {
  if (sizeof<T>() == 4) return v128.load(p);
  const bits = v128.load16x4_u(p);
  const sign = i32x4.shl(v128.and(bits, i32x4.splat(0x8000)), 16);
  const value = f32x4.mul(i32x4.shl(v128.and(bits, i32x4.splat(0x7fff)), 13), f32x4.splat(HALF_SCALE));
  return v128.or(value, sign);
}

/** One f32 value at `p`, of f32 or of finite f16 (T = u16). */
@inline
export function load1<T>(p: usize): f32 {
  if (sizeof<T>() == 4) return load<f32>(p);
  const bits = <u32>load<u16>(p);
  const size = reinterpret<f32>((bits & 0x7fff) << 13) * HALF_SCALE;
  return reinterpret<f32>(reinterpret<u32>(size) | ((bits & 0x8000) << 16));
}

/** sum + ⟨x, row⟩ of four rows over four columns, in ascending order. */
@inline
export function addFour(sum: v128, x: usize, r0: v128, r1: v128, r2: v128, r3: v128): v128 {
  const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  sum = madd(v128.load32_splat(x), v128.shuffle<f32>(low01, low23, 0, 1, 4, 5), sum);
  sum = madd(v128.load32_splat(x, 4), v128.shuffle<f32>(low01, low23, 2, 3, 6, 7), sum);
  sum = madd(v128.load32_splat(x, 8), v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), sum);
  return madd(v128.load32_splat(x, 12), v128.shuffle<f32>(high01, high23, 2, 3, 6, 7), sum);
}

/** sum + ⟨x, row⟩ of four rows over their last columns, dim & 3 of them from `column` on. */
@inline
export function addTail<T>(
  sum: v128, x: usize, column: usize, dim: usize, a: usize, b: usize, c: usize, d: usize,
): v128 {
  for (; column < dim; column++) {
    const o = column * sizeof<T>();
    let v = f32x4.splat(load1<T>(a + o));
    v = f32x4.replace_lane(v, 1, load1<T>(b + o));
    v = f32x4.replace_lane(v, 2, load1<T>(c + o));
    v = f32x4.replace_lane(v, 3, load1<T>(d + o));
    sum = madd(v128.load32_splat(x + (column << 2)), v, sum);
  }
  return sum;
}

/** Inner products of a query with the rows at a, b, c, d. */
export function dotFour<T>(query: usize, dim: usize, a: usize, b: usize, c: usize, d: usize): v128 {
  const whole = dim & ~3;
  let sum = f32x4.splat(0);
  for (let k: usize = 0; k < whole; k += 4) {
    const o = k * sizeof<T>();
    sum = addFour(sum, query + (k << 2), load4<T>(a + o), load4<T>(b + o), load4<T>(c + o), load4<T>(d + o));
  }
  return addTail<T>(sum, query, whole, dim, a, b, c, d);
}
