/**
 * The float32 values of IEEE 754 binary16 bit patterns; exact, including subnormals, infinities and NaN.
 *
 * @param bits one pattern per value, unchanged
 */
export function halfToFloat32(bits: Uint16Array): Float32Array<ArrayBuffer> {
  const values = new Float32Array(bits.length);
  const words = new Uint32Array(values.buffer);
  for (let i = 0; i < bits.length; i++) {
    const half = bits[i];
    const exponent = half & 0x7c00;
    if (exponent === 0) {
      // A subnormal half is mantissa · 2^-24, which is a normal float32.
      values[i] = (half & 0x8000 ? -1 : 1) * (half & 0x3ff) * 2 ** -24;
    } else {
      const bias = exponent === 0x7c00 ? 0x7f800000 : ((exponent >>> 10) + 112) << 23;
      words[i] = ((half & 0x8000) << 16) | bias | ((half & 0x3ff) << 13);
    }
  }
  return values;
}

/** The float32 values of bfloat16 bit patterns (the upper halves of float32 words); exact. */
export function bfloat16ToFloat32(bits: Uint16Array): Float32Array {
  const values = new Float32Array(bits.length);
  const words = new Uint32Array(values.buffer);
  for (let i = 0; i < bits.length; i++) words[i] = bits[i] << 16;
  return values;
}

/**
 * The IEEE 754 binary16 bit patterns nearest to float32 values, ties to even; what is too large becomes infinity.
 * Exact where `halfToFloat32` gave the values.
 */
export function float32ToHalf(values: Float32Array): Uint16Array<ArrayBuffer> {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const bits = new Uint16Array(values.length);
  for (let i = 0; i < words.length; i++)
    bits[i] = ((words[i] >>> 16) & 0x8000) | halfOf(words[i] & 0x7fffffff);
  return bits;
}

/** The half of a float32 without its sign. */
function halfOf(word: number): number {
  if (word > 0x7f800000) return 0x7e00;
  if (word >= 0x477ff000) return 0x7c00;
  // Below 2^-14 halves are multiples of 2^-24: adding 2^-1 leaves those as the last bits of the sum.
  if (word < 0x38800000) return inSubnormals(word);
  const rounded = word + 0xfff + ((word >>> 13) & 1);
  return (rounded - 0x38000000) >>> 13;
}

const FLOATS = new Float32Array(1);
const WORDS = new Uint32Array(FLOATS.buffer);

/** A value below 2^-14, given by its bits, in units of 2^-24. */
function inSubnormals(word: number): number {
  WORDS[0] = word;
  FLOATS[0] += 0.5;
  return WORDS[0] - 0x3f000000;
}
