import { dot, rowAt } from './simd';

/** Rows of length 1: out[i] ← x[rows[i]]/‖x[rows[i]]‖, and the inverse norms. A row whose norm is below 1e-12 becomes
 *  a zero row with inverse norm 0, so that it takes no gradient (PyTorch's F.normalize divides it by 1e-12).
 *  x [· × stride]; rows [count] u32, or 0 for 0 … count−1; out [count × outStride], inverseNorms [count] overwritten */
export function unit_rows_f32(
  x: usize, rows: usize, count: i32, stride: i32, out: usize, outStride: i32, inverseNorms: usize,
): void {
  const bytes = <usize>stride << 2;
  for (let i: usize = 0; i < <usize>count; i++) {
    const row = rows != 0 ? rowAt(x, rows, i, stride) : x + i * bytes;
    const to = out + ((i * <usize>outStride) << 2);
    const norm = sqrt<f32>(dot(row, row, stride));
    const inverse: f32 = norm < 1e-12 ? 0 : 1 / norm;
    store<f32>(inverseNorms + (i << 2), inverse);
    const s = f32x4.splat(inverse);
    for (let o: usize = 0; o < bytes; o += 16) v128.store(to + o, f32x4.mul(s, v128.load(row + o)));
    memory.fill(to + bytes, 0, ((<usize>outStride) << 2) - bytes);
  }
}

/** The gradient through unit_rows_f32: dx[i] += scale/‖x_i‖ · (du_i − u_i ⟨u_i, du_i⟩).
 *  unit, dUnit [count × unitStride]; dx [count × stride] accumulated */
export function unit_rows_backward_f32(
  unit: usize, dUnit: usize, count: i32, unitStride: i32, inverseNorms: usize, scale: f32, dx: usize, stride: i32,
): void {
  const bytes = <usize>stride << 2;
  const unitBytes = <usize>unitStride << 2;
  for (let i: usize = 0; i < <usize>count; i++) {
    const u = unit + i * unitBytes;
    const du = dUnit + i * unitBytes;
    const to = dx + i * bytes;
    const along = f32x4.splat(dot(u, du, unitStride));
    const s = f32x4.splat(scale * load<f32>(inverseNorms + (i << 2)));
    for (let o: usize = 0; o < bytes; o += 16) {
      const across = f32x4.sub(v128.load(du + o), f32x4.mul(along, v128.load(u + o)));
      v128.store(to + o, f32x4.add(v128.load(to + o), f32x4.mul(s, across)));
    }
  }
}
