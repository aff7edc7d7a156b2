import { describe, expect, it } from 'vitest';
import { crc32 } from '../../src/format/crc32.ts';
import {
  checksumTables,
  crc32Of,
  firstBadRow,
  firstDescent,
  firstNonFinite,
} from '../../src/kernels/checks.ts';
import { builds, kernelCase, randomIndices } from './harness.ts';

describe.each(builds)('checks on the $name build', ({ open }) => {
  it('compute the CRC-32 of bytes of any length, in one piece or several', () => {
    const ws = open();
    const [tables] = kernelCase(ws, [() => checksumTables(ws)], ([tables]) => checksumTables(ws, tables));
    const bytes = ws.bytes(300);
    bytes.view.set(Uint8Array.from(randomIndices(300, 256, 1)));
    for (const length of [0, 1, 3, 15, 16, 17, 31, 32, 33, 255, 300]) {
      const expected = crc32(bytes.view.subarray(0, length));
      expect(crc32Of(ws, bytes, 0, length, 0, tables)).toBe(expected);
      const cut = Math.floor(length / 3);
      const first = crc32Of(ws, bytes, 0, cut, 0, tables);
      expect(crc32Of(ws, bytes, cut, length - cut, first, tables)).toBe(expected);
    }
  });

  it('find the first NaN or infinity of f32 and of f16, wherever it stands', () => {
    const ws = open();
    for (const length of [0, 1, 3, 4, 5, 9, 16, 19]) {
      const values = ws.f32(length);
      const halves = ws.bytes(length * 2);
      const bits = () => new Uint16Array(halves.view.buffer, halves.ptr, length);
      expect(firstNonFinite(ws, values)).toBe(-1);
      expect(firstNonFinite(ws, halves, length)).toBe(-1);
      for (let at = 0; at < length; at++) {
        for (const bad of [Number.NaN, Infinity, -Infinity]) {
          values.view.fill(3.4e38);
          values.view[at] = bad;
          expect(firstNonFinite(ws, values)).toBe(at);
        }
        for (const bad of [0x7c00, 0xfc00, 0x7e01]) {
          bits().fill(0x7bff);
          bits()[at] = bad;
          expect(firstNonFinite(ws, halves, length)).toBe(at);
        }
      }
    }
  });

  it('find the first number that descends, and the first row that does not ascend in range', () => {
    const ws = open();
    expect(firstDescent(ws, ws.i32From([0, 0, 3, 3]))).toBe(-1);
    expect(firstDescent(ws, ws.i32From([0, 2, 1]))).toBe(2);
    expect(firstDescent(ws, ws.i32From([-1]))).toBe(0);
    const rowPtr = ws.i32From([0, 2, 2, 4]);
    const bad = (...columns: number[]) => firstBadRow(ws, rowPtr, ws.i32From(columns), 5);
    expect(bad(0, 4, 1, 2)).toBe(-1);
    expect(bad(4, 0, 1, 2)).toBe(0);
    expect(bad(0, 4, 1, 1)).toBe(2);
    expect(bad(0, 4, 1, 5)).toBe(2);
    expect(bad(-1, 4, 1, 2)).toBe(0);
  });
});
