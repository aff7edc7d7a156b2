import { expect, test } from 'vitest';
import { bfloat16ToFloat32, float32ToHalf, halfToFloat32 } from '../../src/format/half.ts';

test('every one of the 65,536 halves has the value of its definition', () => {
  const values = halfToFloat32(Uint16Array.from({ length: 65536 }, (_, bits) => bits));
  for (let bits = 0; bits < 65536; bits++) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const mantissa = bits & 1023;
    const magnitude =
      exponent === 31
        ? mantissa
          ? Number.NaN
          : Infinity
        : exponent
          ? (1 + mantissa / 1024) * 2 ** (exponent - 15)
          : mantissa * 2 ** -24;
    if (!Object.is(values[bits], sign * magnitude))
      expect([bits, values[bits]]).toEqual([bits, sign * magnitude]);
  }
});

test('landmarks: one, the largest, the smallest normal and subnormal, minus zero', () => {
  const values = halfToFloat32(Uint16Array.of(0x3c00, 0x7bff, 0x0400, 0x0001, 0x8000, 0xfc00));
  expect([...values]).toEqual([1, 65504, 2 ** -14, 2 ** -24, -0, -Infinity]);
});

test('a bfloat16 is the upper half of a float32', () => {
  const values = bfloat16ToFloat32(Uint16Array.of(0x3f80, 0xc020, 0x0001, 0x7f80));
  expect([...values]).toEqual([1, -2.5, 2 ** -133, Infinity]);
});

test('a float32 becomes the nearest half, of two equally near ones the even', () => {
  const patterns = Uint16Array.from({ length: 65536 }, (_, bits) => bits).filter(
    (bits) => (bits & 0x7c00) !== 0x7c00,
  );
  const exact = halfToFloat32(patterns);
  expect(float32ToHalf(exact)).toEqual(patterns);
  const positive = patterns.filter((bits) => bits < 0x7bff);
  const [here, next] = [halfToFloat32(positive), halfToFloat32(positive.map((bits) => bits + 1))];
  const between = here.map((value, n) => value + (next[n] - value) / 2);
  expect(float32ToHalf(between)).toEqual(positive.map((bits) => bits + (bits & 1)));
  const words = new Int32Array(between.buffer);
  const step = (sign: number) => new Float32Array(words.map((bits) => bits + sign).buffer);
  expect(float32ToHalf(step(-1))).toEqual(positive);
  expect(float32ToHalf(step(1))).toEqual(positive.map((bits) => bits + 1));
  expect([...float32ToHalf(Float32Array.of(65519, 65520, -1e9, Infinity, Number.NaN))]).toEqual([
    0x7bff, 0x7c00, 0xfc00, 0x7c00, 0x7e00,
  ]);
});
