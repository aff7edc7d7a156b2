import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FormatError, OptionError, ShapeError } from '../../src/errors.ts';
import {
  decodeSafetensors,
  encodeSafetensors,
  requireTensor,
  safetensorsPieces,
} from '../../src/format/safetensors.ts';
import type { Tensor } from '../../src/format/tensor.ts';

const tensors: Record<string, Tensor> = {
  flags: { dtype: 'U8', shape: [3], data: Uint8Array.of(1, 2, 3) },
  counts: { dtype: 'I32', shape: [1, 2], data: Int32Array.of(-1, 2 ** 31 - 1) },
  wide: { dtype: 'F64', shape: [1], data: Float64Array.of(Math.PI) },
  matrix: { dtype: 'F32', shape: [2, 2], data: Float32Array.of(1, 2, 3, -0) },
  half: { dtype: 'F16', shape: [1], data: Uint16Array.of(0x3c00) },
  big: { dtype: 'I64', shape: [1], data: BigInt64Array.of(-(2n ** 63n)) },
  empty: { dtype: 'F32', shape: [0, 4], data: new Float32Array(0) },
};

/** A file as any other writer could make it: no checksum, no padding. */
function foreign(header: unknown, data: Uint8Array): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setUint32(0, json.length, true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

describe('a file we write', () => {
  test('is the same in pieces, which are the memory of its tensors', () => {
    const pieces = safetensorsPieces(tensors, { note: 'x' });
    expect(Buffer.concat(pieces).equals(encodeSafetensors(tensors, { note: 'x' }))).toBe(true);
    const { matrix } = tensors;
    expect(pieces.some(({ buffer }) => buffer === matrix.data.buffer)).toBe(true);
  });

  test('reads back the same, and says that its checksum was right', () => {
    const file = decodeSafetensors(encodeSafetensors(tensors, { note: 'ä "quoted"' }), 'x');
    expect(file.tensors).toEqual(tensors);
    expect(file.metadata.note).toBe('ä "quoted"');
    expect(file.checked).toBe(true);
  });

  test('is the same whatever the order of tensors and metadata', () => {
    const reversed = Object.fromEntries(Object.entries(tensors).reverse());
    expect(encodeSafetensors(reversed, { b: '2', a: '1' })).toEqual(
      encodeSafetensors(tensors, { a: '1', b: '2' }),
    );
  });

  test('aligns every tensor to its elements and the data to 8 bytes, without gaps', () => {
    const bytes = encodeSafetensors(tensors, { odd: 'x' });
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    const { __metadata__, ...entries } = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    let end = 0;
    for (const [name, entry] of Object.entries<{ data_offsets: number[] }>(entries)) {
      expect(entry.data_offsets[0]).toBe(end);
      expect(entry.data_offsets[0] % tensors[name].data.BYTES_PER_ELEMENT).toBe(0);
      end = entry.data_offsets[1];
    }
    expect(8 + length + end).toBe(bytes.length);
  });

  test('shows a change of any bit of any byte as a FormatError', () => {
    const bytes = encodeSafetensors(tensors, { format: 'llminit-test' });
    for (let at = 0; at < bytes.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const flipped = bytes.slice();
        flipped[at] ^= 1 << bit;
        let file: ReturnType<typeof decodeSafetensors> | null = null;
        try {
          file = decodeSafetensors(flipped, 'x');
        } catch (error) {
          expect(error, `byte ${at} bit ${bit}`).toBeInstanceOf(FormatError);
        }
        // A broken key `checksum` leaves a legal file without one, which readers of our formats refuse.
        if (file) expect([file.checked, file.metadata.format]).toEqual([false, 'llminit-test']);
      }
    }
  });

  test('is refused when cut at any byte or followed by another', () => {
    const bytes = encodeSafetensors(tensors, {});
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeSafetensors(bytes.subarray(0, length), 'x'), `${length} bytes`).toThrow(FormatError);
    }
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes);
    expect(() => decodeSafetensors(longer, 'x')).toThrow(FormatError);
  });

  test('keeps names that objects treat specially', () => {
    const special = Object.fromEntries(
      ['1', '0', '__proto__', 'constructor'].map((name, i) => [
        name,
        { dtype: 'U8', shape: [1], data: Uint8Array.of(i) } as Tensor,
      ]),
    );
    const file = decodeSafetensors(encodeSafetensors(special, {}), 'x');
    expect(Object.keys(file.tensors).sort()).toEqual(Object.keys(special).sort());
    expect(requireTensor(file, '__proto__', 'U8', 1).data[0]).toBe(2);
  });

  test('reads from a buffer at any offset', () => {
    fc.assert(
      fc.property(fc.nat(9), (offset) => {
        const bytes = encodeSafetensors(tensors, {});
        const shifted = new Uint8Array(bytes.length + offset);
        shifted.set(bytes, offset);
        expect(decodeSafetensors(shifted.subarray(offset), 'x').tensors).toEqual(tensors);
        expect(decodeSafetensors(Buffer.from(shifted).subarray(offset), 'x').tensors).toEqual(tensors);
      }),
    );
  });
});

describe('a file of another writer', () => {
  test('is read without a checksum, unaligned', () => {
    const header = {
      b: { dtype: 'U8', shape: [1], data_offsets: [0, 1] },
      a: { dtype: 'F32', shape: [1], data_offsets: [1, 5] },
    };
    const file = decodeSafetensors(foreign(header, Uint8Array.of(9, 0, 0, 128, 63)), 'x');
    expect([file.checked, [...file.tensors.a.data], [...file.tensors.b.data]]).toEqual([false, [1], [9]]);
  });

  const u8 = (shape: unknown, data_offsets: unknown, dtype: unknown = 'U8') => ({
    dtype,
    shape,
    data_offsets,
  });
  const broken: [string, unknown, RegExp][] = [
    ['no JSON', '{"a":', /expected JSON/],
    ['a list', '[]', /safetensors file/],
    ['an unknown dtype', { a: u8([4], [0, 4], 'F8_E4M3') }, /a dtype of/],
    ['a dtype that every object has', { a: u8([4], [0, 4], 'toString') }, /a dtype of/],
    ['a null entry', { a: null }, /a dtype of/],
    ['a negative extent', { a: u8([-4], [0, 4]) }, /a shape/],
    ['a fractional extent', { a: u8([0.5], [0, 4]) }, /a shape/],
    ['one offset', { a: u8([4], [0]) }, /two data_offsets/],
    ['a size that is not the shape times the type', { a: u8([3], [0, 4]) }, /to take 3 bytes/],
    ['offsets past the end', { a: u8([5], [0, 5]) }, /expected 5 bytes of tensor data, received 4/],
    ['bytes that no tensor covers', { a: u8([3], [0, 3]) }, /expected 3 bytes of tensor data, received 4/],
    ['a gap', { a: u8([1], [0, 1]), b: u8([2], [2, 4]) }, /b to begin at byte 1/],
    ['an overlap', { a: u8([3], [0, 3]), b: u8([2], [2, 4]) }, /b to begin at byte 3/],
    ['metadata that is no text', { __metadata__: { a: 1 }, b: u8([4], [0, 4]) }, /__metadata__ of strings/],
    ['a wrong checksum', { __metadata__: { checksum: 'crc32:00000000' }, b: u8([4], [0, 4]) }, /checksum/],
  ];
  test.each(broken)('is refused with %s', (_, header, message) => {
    const read = () => decodeSafetensors(foreign(header, Uint8Array.of(1, 2, 3, 4)), 'x.safetensors');
    expect(read).toThrow(FormatError);
    expect(read).toThrow(message);
  });

  test('is refused when it announces a header longer than the file, even past 2^53', () => {
    const bytes = foreign({}, new Uint8Array(0)).fill(0xff, 0, 8);
    expect(() => decodeSafetensors(bytes, 'x')).toThrow(FormatError);
  });
});

describe('wrong arguments', () => {
  test('encodeSafetensors names the tensor and what it expected', () => {
    expect(() =>
      encodeSafetensors({ a: { dtype: 'F32', shape: [3], data: new Float32Array(2) } }, {}),
    ).toThrow(ShapeError);
    expect(() => encodeSafetensors({ a: { dtype: 'F32', shape: [2], data: new Int32Array(2) } }, {})).toThrow(
      /tensor a of F32 in a Float32Array, received a Int32Array/,
    );
    expect(() => encodeSafetensors({}, { checksum: '' })).toThrow(OptionError);
    expect(() => encodeSafetensors({ __metadata__: tensors.flags }, {})).toThrow(OptionError);
  });

  test('requireTensor says what the file holds instead', () => {
    const file = decodeSafetensors(encodeSafetensors({ flags: tensors.flags }, {}), 'm.safetensors');
    expect(requireTensor(file, 'flags', 'U8', 1).data).toEqual(Uint8Array.of(1, 2, 3));
    expect(() => requireTensor(file, 'flags', 'F32', 1)).toThrow(
      /flags of F32 with 1 dimension.*received U8 of shape \[3\]/,
    );
    expect(() => requireTensor(file, 'toString', 'U8', 1)).toThrow(/received none. The file holds: flags/);
  });
});
