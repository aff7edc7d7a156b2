import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FormatError, ShapeError } from '../../src/errors.ts';
import { readNpy, writeNpy } from '../../src/format/npy.ts';
import { sharedData } from '../sharedData.ts';

/** A file put together by hand, so that the reader is not tested against our writer alone. */
function npy(dict: string, data: ArrayBufferView, version = 1): Uint8Array {
  const header = new TextEncoder().encode(`${dict}\n`);
  const length = version === 1 ? 2 : 4;
  const bytes = new Uint8Array(8 + length + header.length + data.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  bytes.set([header.length & 0xff, header.length >> 8], 8);
  bytes.set(header, 8 + length);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 8 + length + header.length);
  return bytes;
}
const dict = (descr: string, shape: string, fortran = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;

describe('readNpy', () => {
  test('reads float16, float32 and float64 with their exact values', () => {
    const half = readNpy(npy(dict('<f2', '(3,)'), Uint16Array.of(0x3c00, 0x0001, 0xfc00)), 'x');
    expect([half.dtype, half.shape, [...half.data]]).toEqual(['f2', [3], [1, 2 ** -24, -Infinity]]);
    const single = readNpy(npy(dict('<f4', '(2, 1)'), Float32Array.of(0.1, -3)), 'x');
    expect([single.dtype, single.shape, [...single.data]]).toEqual(['f4', [2, 1], [Math.fround(0.1), -3]]);
    const double = readNpy(npy(dict('<f8', '()'), Float64Array.of(0.1)), 'x');
    expect([double.dtype, double.shape, [...double.data]]).toEqual(['f8', [], [0.1]]);
  });

  test('takes no time for a large extent beside one of zero', () => {
    const none = new Uint8Array(0);
    const large = String(Number.MAX_SAFE_INTEGER);
    for (const fortran of ['True', 'False'])
      expect(readNpy(npy(dict('<f4', `(${large}, 0)`, fortran), none), 'x').data.length).toBe(0);
    expect(() => readNpy(npy(dict('<f4', `(${'9'.repeat(20)}, 0)`, 'True'), none), 'x')).toThrow(
      /whole numbers below 2\^53, received \(9{20}, 0\)/,
    );
  });

  test('reads big-endian values', () => {
    expect([...readNpy(npy(dict('>f4', '(1,)'), Uint8Array.of(0x3f, 0x80, 0, 0)), 'x').data]).toEqual([1]);
    expect([...readNpy(npy(dict('>f2', '(1,)'), Uint8Array.of(0x3c, 0)), 'x').data]).toEqual([1]);
  });

  test('puts a Fortran-ordered matrix into row-major order and refuses more dimensions', () => {
    const columns = Float32Array.of(1, 4, 2, 5, 3, 6);
    const { shape, data } = readNpy(npy(dict('<f4', '(2, 3)', 'True'), columns), 'x');
    expect([shape, [...data]]).toEqual([
      [2, 3],
      [1, 2, 3, 4, 5, 6],
    ]);
    expect(() => readNpy(npy(dict('<f4', '(1, 2, 3)', 'True'), columns), 'x')).toThrow(/Fortran order/);
  });

  test('reads versions 2 and 3 and refuses version 4', () => {
    for (const version of [2, 3]) {
      expect([...readNpy(npy(dict('<f4', '(1,)'), Float32Array.of(7), version), 'x').data]).toEqual([7]);
    }
    expect(() => readNpy(npy(dict('<f4', '(1,)'), Float32Array.of(7), 4), 'x')).toThrow(
      /version 1 to 3, received 4/,
    );
  });

  test('names the file, the element type and the remedy for anything but floats', () => {
    expect(() => readNpy(npy(dict('<i8', '(1,)'), new Float64Array(1)), 'vectors.npy')).toThrow(
      "vectors.npy: expected elements of float16, float32 or float64, received <i8. Save array.astype('float32')",
    );
    expect(() =>
      readNpy(
        npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", new Float32Array(1)),
        'x',
      ),
    ).toThrow(FormatError);
  });

  test('reads from a Node Buffer, whose slice is no copy, without changing it', () => {
    const bytes = Buffer.from(npy(dict('>f4', '(1,)'), Uint8Array.of(0x3f, 0x80, 0, 0)));
    const before = Uint8Array.from(bytes);
    expect([...readNpy(bytes, 'x').data]).toEqual([1]);
    expect(Uint8Array.from(bytes)).toEqual(before);
  });

  test('a file cut at any byte, or with a byte too many, is a FormatError', () => {
    const bytes = writeNpy(Float32Array.of(1, 2, 3, 4), [2, 2]);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readNpy(bytes.subarray(0, length), 'x'), `${length} bytes`).toThrow(FormatError);
    }
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes);
    expect(() => readNpy(longer, 'x')).toThrow(
      /expected 16 bytes of data for shape \(2, 2\) of f4, received 17/,
    );
  });
});

describe('writeNpy', () => {
  test('what is written reads back the same, data at a multiple of 64 bytes', () => {
    fc.assert(
      fc.property(fc.nat(5), fc.nat(5), (rows, width) => {
        const data = Float32Array.from({ length: rows * width }, (_, i) => i / 3);
        const bytes = writeNpy(data, [rows, width]);
        expect((bytes.length - data.byteLength) % 64).toBe(0);
        expect(readNpy(bytes, 'x')).toEqual({ shape: [rows, width], dtype: 'f4', data });
      }),
    );
  });

  test('refuses a shape that is not that of the data', () => {
    expect(() => writeNpy(new Float32Array(5), [2, 3])).toThrow(ShapeError);
    expect(() => writeNpy(new Float32Array(6), [-2, -3])).toThrow(ShapeError);
  });

  const numpy = spawnSync('python3', ['-c', 'import numpy']).status === 0;
  test.skipIf(!numpy)('NumPy reads it', () => {
    const script =
      'import sys,io,numpy; a=numpy.load(io.BytesIO(sys.stdin.buffer.read())); print(a.dtype.str,a.tolist())';
    const { stdout } = spawnSync('python3', ['-c', script], {
      input: writeNpy(Float32Array.of(1, 2, 3, 4.5), [2, 2]),
    });
    expect(stdout.toString().trim()).toBe('<f4 [[1.0, 2.0], [3.0, 4.5]]');
  });
});

describe.skipIf(!sharedData)('real vectors', () => {
  test('the BERT vectors of amazon-office are read: 2,420 rows of 768, of norm about 14', () => {
    const path = join(sharedData ?? '', 'data/amazon-office/amazon-office.bert-cls.f16.npy');
    const { shape, dtype, data } = readNpy(readFileSync(path), path);
    expect([shape, dtype]).toEqual([[2420, 768], 'f2']);
    const norms = Array.from({ length: shape[0] }, (_, row) =>
      Math.hypot(...data.subarray(row * shape[1], (row + 1) * shape[1])),
    );
    const mean = norms.reduce((sum, norm) => sum + norm, 0) / norms.length;
    expect(mean).toBeGreaterThan(12);
    expect(mean).toBeLessThan(16);
  });
});
