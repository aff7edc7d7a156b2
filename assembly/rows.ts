import { dot, rowAt } from './simd';

/** y[i] ← x[rows[i]].  x [· × stride], rows [count] u32, y [count × stride] overwritten */
export function gather_rows_f32(x: usize, rows: usize, count: i32, stride: i32, y: usize): void {
  const bytes = <usize>stride << 2;
  for (let i: usize = 0; i < <usize>count; i++) memory.copy(y + i * bytes, rowAt(x, rows, i, stride), bytes);
}

/** y[rows[i]] += x[i], rows distinct.  x [count × stride], rows [count] u32, y [· × stride] accumulated */
export function add_rows_f32(x: usize, rows: usize, count: i32, stride: i32, y: usize): void {
  const bytes = <usize>stride << 2;
  for (let i: usize = 0; i < <usize>count; i++) {
    const from = x + i * bytes;
    const to = rowAt(y, rows, i, stride);
    for (let o: usize = 0; o < bytes; o += 16) v128.store(to + o, f32x4.add(v128.load(to + o), v128.load(from + o)));
  }
}

/** out[i] ← ‖x[rows[i]]‖².  x [· × stride], rows [count] u32, out [count] overwritten */
export function squared_norms_f32(x: usize, rows: usize, count: i32, stride: i32, out: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    const row = rowAt(x, rows, i, stride);
    store<f32>(out + (i << 2), dot(row, row, stride));
  }
}

/** Divides every row by its L2 norm; a zero row stays zero.  x [rows × stride] updated */
export function normalize_rows_f32(x: usize, rows: i32, stride: i32): void {
  const bytes = <usize>stride << 2;
  for (let r = 0; r < rows; r++) {
    const row = x + <usize>r * bytes;
    const norm = sqrt<f32>(dot(row, row, stride));
    if (norm == 0) continue;
    const n = f32x4.splat(norm);
    for (let o: usize = 0; o < bytes; o += 16) v128.store(row + o, f32x4.div(v128.load(row + o), n));
  }
}
