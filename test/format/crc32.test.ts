import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32 } from '../../src/format/crc32.ts';

const ascii = (text: string) => new TextEncoder().encode(text);

test('the check value of CRC-32 comes out', () => {
  expect(crc32(ascii('123456789'))).toBe(0xcbf43926);
  expect(crc32(ascii(''))).toBe(0);
  expect(crc32(ascii('The quick brown fox jumps over the lazy dog'))).toBe(0x414fa339);
});

test('it equals the bitwise definition, in one piece or in two', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), fc.nat(70), (bytes, cut) => {
      const expected = bitwise(bytes);
      expect(crc32(bytes)).toBe(expected);
      expect(crc32(bytes.subarray(cut), crc32(bytes.subarray(0, cut)))).toBe(expected);
    }),
  );
});

function bitwise(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}
