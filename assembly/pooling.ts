import { assertTable } from './simd';

/** y[r] ← element-wise maximum of the rows x[c], c a neighbour of r; a row without neighbours becomes 0.
 *  Source: LLMInit, Table 5 ("max"). rowPtr [rows+1], colIdx [nnz], x [cols × stride], y [rows × stride] overwritten */
export function pool_max_csr_f32(
  rowPtr: usize,
  colIdx: usize,
  x: usize,
  y: usize,
  rows: i32,
  stride: i32,
): void {
  assertTable(x, stride);
  assertTable(y, stride);
  const bytes = (<usize>stride) << 2;
  for (let r = 0; r < rows; r++) {
    const out = y + <usize>r * bytes;
    let e = <usize>load<u32>(rowPtr + ((<usize>r) << 2));
    const end = <usize>load<u32>(rowPtr + ((<usize>r) << 2), 4);
    if (e == end) {
      memory.fill(out, 0, bytes);
      continue;
    }
    memory.copy(out, x + <usize>load<u32>(colIdx + (e << 2)) * bytes, bytes);
    for (e++; e < end; e++) {
      const row = x + <usize>load<u32>(colIdx + (e << 2)) * bytes;
      for (let o: usize = 0; o < bytes; o += 16)
        v128.store(out + o, f32x4.max(v128.load(out + o), v128.load(row + o)));
    }
  }
}
