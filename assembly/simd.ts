// Lane helpers shared by the kernels.

/** Checks in the debug build what every table promises: 16-byte alignment and a stride of 4n. A null table passes. */
@inline
export function assertTable(table: usize, stride: i32): void {
  assert((table & 15) == 0);
  assert(stride > 0 && (stride & 3) == 0);
}

/** c + a · b, in two roundings. */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(c, f32x4.mul(a, b));
}

/** Address of row index[b] of a table. */
@inline
export function rowAt(table: usize, index: usize, b: usize, stride: i32): usize {
  return table + ((<usize>load<u32>(index + (b << 2)) * <usize>stride) << 2);
}

/** norms[r], or 1 where there are none. */
@inline
export function normOf(norms: usize, r: usize): f32 {
  return norms != 0 ? load<f32>(norms + (r << 2)) : 1;
}

/** (l0 + l2) + (l1 + l3): the one order in which four lanes are summed. */
@inline
export function sum4(x: v128): f32 {
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 2) + (f32x4.extract_lane(x, 1) + f32x4.extract_lane(x, 3));
}

/** Σ a·b over a padded row: four lane sums, then sum4. */
@inline
export function dot(a: usize, b: usize, stride: i32): f32 {
  const bytes = <usize>stride << 2;
  let sum = f32x4.splat(0);
  for (let o: usize = 0; o < bytes; o += 16) sum = f32x4.add(sum, f32x4.mul(v128.load(a + o), v128.load(b + o)));
  return sum4(sum);
}
