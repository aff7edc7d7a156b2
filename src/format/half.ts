/**
 * The float32 values of IEEE 754 binary16 bit patterns; exact, including subnormals, infinities and NaN.
 *
 * @param bits one pattern per value, unchanged
 */
export function halfToFloat32(bits: Uint16Array): Float32Array {
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
