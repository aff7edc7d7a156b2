// What opening a model file asks of its bytes.

/** Bytes that a step of crc32 takes. */
const STEP: usize = 16;

/** Sixteen tables for crc32: table k advances a byte over k further zero bytes.  tables [16 × 256] u32 overwritten */
export function crc32_tables(tables: usize): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    store<u32>(tables + (<usize>byte << 2), crc);
  }
  for (let at = tables + 1024; at < tables + (STEP << 10); at += 4) {
    const crc = load<u32>(at - 1024);
    store<u32>(at, (crc >>> 8) ^ load<u32>(tables + (<usize>(crc & 0xff) << 2)));
  }
}

@inline
function advance(tables: usize, table: usize, word: u32, byte: u32): u32 {
  return load<u32>(tables + (table << 10) + (<usize>((word >>> (byte << 3)) & 0xff) << 2));
}

@inline
function advanceWord(tables: usize, table: usize, word: u32): u32 {
  const low = advance(tables, table, word, 0) ^ advance(tables, table - 1, word, 1);
  return low ^ (advance(tables, table - 2, word, 2) ^ advance(tables, table - 3, word, 3));
}

/** The CRC-32 of `length` bytes (IEEE 802.3, reflected: that of zip, PNG and Python's zlib), by slices of 16 bytes.
 *  previous: that of the bytes before these, 0 at the start; tables: those of crc32_tables */
export function crc32(bytes: usize, length: usize, previous: u32, tables: usize): u32 {
  let crc = ~previous;
  const end = bytes + length;
  for (; bytes + STEP <= end; bytes += STEP) {
    // Three words do not wait for the sum of the ones before.
    const early = advanceWord(tables, 11, load<u32>(bytes, 4)) ^ advanceWord(tables, 7, load<u32>(bytes, 8));
    const rest = early ^ advanceWord(tables, 3, load<u32>(bytes, 12));
    crc = advanceWord(tables, 15, load<u32>(bytes) ^ crc) ^ rest;
  }
  for (; bytes < end; bytes++) crc = (crc >>> 8) ^ load<u32>(tables + (<usize>((crc ^ load<u8>(bytes)) & 0xff) << 2));
  return ~crc;
}

/** The position of the first word whose bits of `mask` are all set: 0x7f800000 for NaN and infinities of f32,
 *  0x7c007c00 with `half` for pairs of f16, of which either will do; −1 where there is none.  words [count] */
export function first_non_finite(words: usize, count: usize, mask: u32, half: u32): isize {
  const bits = v128.splat<u32>(mask);
  const end = words + (count << 2);
  let at = words;
  for (; at + 16 <= end; at += 16) {
    const masked = v128.and(v128.load(at), bits);
    if (v128.any_true(half ? i16x8.eq(masked, bits) : i32x4.eq(masked, bits))) break;
  }
  for (; at < end; at += 4) {
    const masked = load<u32>(at) & mask;
    if (half ? (masked & 0xffff) == (mask & 0xffff) || masked >>> 16 == mask >>> 16 : masked == mask)
      return (at - words) >> 2;
  }
  return -1;
}

/** The position of the first of `count` numbers that is less than the one before, or negative; −1 where there is none.
 *  numbers [count] i32 */
export function first_descent(numbers: usize, count: usize): isize {
  let least = 0;
  for (let n: usize = 0; n < count; n++) {
    const value = load<i32>(numbers + (n << 2));
    if (value < least) return n;
    least = value;
  }
  return -1;
}

/** The first row whose columns do not ascend within 0 … cols−1; −1 where all do.
 *  rowPtr [rows + 1] ascends from 0 to the number of columns; colIdx i32 */
export function first_bad_row(rowPtr: usize, rows: usize, colIdx: usize, cols: i32): isize {
  for (let row: usize = 0; row < rows; row++) {
    let least = 0;
    const end = colIdx + (<usize>load<u32>(rowPtr + (row << 2), 4) << 2);
    for (let at = colIdx + (<usize>load<u32>(rowPtr + (row << 2)) << 2); at < end; at += 4) {
      const column = load<i32>(at);
      if (column < least || column >= cols) return row;
      least = column + 1;
    }
  }
  return -1;
}
