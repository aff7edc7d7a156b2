import { afterEach, describe, expect, it, vi } from 'vitest';
import { GrowingColumn, OptionalColumn } from '../../src/data/growingColumn.ts';

const BLOCK = 1 << 16;

afterEach(() => vi.restoreAllMocks());

function filled(length: number): GrowingColumn<Float64Array> {
  const column = new GrowingColumn(Float64Array);
  for (let n = 0; n < length; n++) column.push(n / 2);
  return column;
}

describe('a growing column', () => {
  it.each([0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 3 * BLOCK + 7])(
    'gives back the %d entries that it took, in order',
    (length) => {
      const column = filled(length);
      expect(column.length).toBe(length);
      const whole = column.release();
      expect(whole).toHaveLength(length);
      expect(whole.every((entry, n) => entry === n / 2)).toBe(true);
      expect(column.length).toBe(0);
    },
  );

  it('is empty after its release, and can be filled again', () => {
    const column = filled(2 * BLOCK + 1);
    column.release();
    column.push(5);
    expect(column.release()).toEqual(Float64Array.of(5));
  });

  it('returns each block to the system once it is copied, without a collection of garbage', () => {
    const sizes: number[] = [];
    const resize = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'resize')!.value;
    vi.spyOn(
      ArrayBuffer.prototype as unknown as { resize(bytes: number): void },
      'resize',
    ).mockImplementation(function (this: ArrayBuffer, bytes: number) {
      sizes.push(this.byteLength);
      resize.call(this, bytes);
    });
    filled(3 * BLOCK + 1).release();
    expect(sizes).toEqual([8 * BLOCK, 8 * BLOCK, 8 * BLOCK]);
  });

  it('needs no engine whose buffers can be resized', () => {
    const own = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'resize')!;
    Reflect.deleteProperty(ArrayBuffer.prototype, 'resize');
    try {
      expect(filled(BLOCK + 3).release()[BLOCK + 2]).toBe((BLOCK + 2) / 2);
    } finally {
      Object.defineProperty(ArrayBuffer.prototype, 'resize', own);
    }
  });
});

describe('a growing column of numbers that may be missing', () => {
  it('is null as long as there is no number', () => {
    const column = new OptionalColumn(Float32Array);
    column.push(Number.NaN);
    expect(column.release()).toBeNull();
  });

  it('has NaN for the rows before the first number and for those without one', () => {
    const column = new OptionalColumn(Float32Array);
    for (const value of [Number.NaN, Number.NaN, 4, Number.NaN]) column.push(value);
    expect(column.release()).toEqual(Float32Array.of(Number.NaN, Number.NaN, 4, Number.NaN));
  });
});
