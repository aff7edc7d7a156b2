import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Embeddings } from '../../src/embed/embeddings.ts';
import {
  embeddingsFromNpy,
  embeddingsFromSafetensors,
  embeddingsToSafetensors,
} from '../../src/embed/files.ts';
import { DataError, FormatError, ShapeError } from '../../src/errors.ts';
import { writeNpy } from '../../src/format/npy.ts';
import { encodeSafetensors } from '../../src/format/safetensors.ts';
import type { Tensor } from '../../src/format/tensor.ts';
import { sharedData } from '../sharedData.ts';

const names = { vectors: 'v.npy', ids: 'v.ids.txt' };
const npy = writeNpy(Float32Array.of(1, 2, 3, 4), [2, 2]);

describe('embeddingsFromNpy', () => {
  test('pairs rows with lines, whatever the line ends, byte order mark or last newline', () => {
    for (const text of ['a\nb', 'a\nb\n', 'a\r\nb\r\n', '\uFEFFa\nb\n']) {
      const { ids, width, vectors, source } = embeddingsFromNpy(npy, text, names);
      expect([ids, width, [...vectors], source]).toEqual([['a', 'b'], 2, [1, 2, 3, 4], 'v.npy']);
    }
  });

  test('says both counts when rows and ids differ', () => {
    expect(() => embeddingsFromNpy(npy, 'a\nb\nc\n', names)).toThrow(ShapeError);
    expect(() => embeddingsFromNpy(npy, 'a\nb\nc\n', names)).toThrow(
      'v.npy: expected 3 rows, one per id of v.ids.txt, received 2',
    );
  });

  test('names the line of a blank or repeated id', () => {
    expect(() => embeddingsFromNpy(npy, 'a\n\nb\n', names)).toThrow(/^v\.ids\.txt:2: .*blank/);
    expect(() => embeddingsFromNpy(npy, 'a\na\n', names)).toThrow(/^v\.ids\.txt:2: .*line 1 already/);
    expect(() => embeddingsFromNpy(npy, 'a\na\n', names)).toThrow(DataError);
  });

  test('refuses anything but a matrix, and values that are not finite', () => {
    expect(() => embeddingsFromNpy(writeNpy(new Float32Array(2), [2]), 'a\nb', names)).toThrow(ShapeError);
    const nan = writeNpy(Float32Array.of(1, 2, 3, Number.NaN), [2, 2]);
    expect(() => embeddingsFromNpy(nan, 'a\nb', names)).toThrow(/NaN for id b, column 1/);
  });
});

describe('embeddingsFromSafetensors', () => {
  const embeddings = new Embeddings({
    ids: ['ä', 'b'],
    width: 2,
    vectors: Float32Array.of(1, 2, 3, 4),
    source: 'a model',
  });
  const f32 = (...shape: number[]): Tensor => ({
    dtype: 'F32',
    shape,
    data: Float32Array.from({ length: shape[0] * (shape[1] ?? 1) }, (_, i) => i + 1),
  });
  const ids = { text: 'a\nb\n', name: 'ids.txt' };

  test('reads what embeddingsToSafetensors wrote', () => {
    expect(embeddingsFromSafetensors(embeddingsToSafetensors(embeddings), 'x')).toEqual(embeddings);
  });

  test('refuses such a file with any byte changed', () => {
    const bytes = embeddingsToSafetensors(embeddings);
    for (let at = 0; at < bytes.length; at++) {
      const flipped = bytes.slice();
      flipped[at] ^= 0x04;
      expect(() => embeddingsFromSafetensors(flipped, 'x'), `byte ${at}`).toThrow(FormatError);
    }
  });

  test("takes the only float matrix of another writer's file, and the named one of several", () => {
    const one = encodeSafetensors({ emb: f32(2, 3), bias: f32(7) }, {});
    expect([...embeddingsFromSafetensors(one, 'x', { ids }).vectors]).toEqual([1, 2, 3, 4, 5, 6]);
    const two = encodeSafetensors({ emb: f32(2, 3), other: f32(2, 1) }, {});
    expect(() => embeddingsFromSafetensors(two, 'x', { ids })).toThrow(
      /one of the matrices in the file: emb, other/,
    );
    expect([...embeddingsFromSafetensors(two, 'x', { ids, tensor: 'other' }).vectors]).toEqual([1, 2]);
    expect(() => embeddingsFromSafetensors(two, 'x', { ids, tensor: 'none' })).toThrow(FormatError);
  });

  test('widens half precision and rounds double precision', () => {
    const data: [Tensor['dtype'], Tensor['data']][] = [
      ['F16', Uint16Array.of(0x3c00, 0xc000)],
      ['BF16', Uint16Array.of(0x3f80, 0xc000)],
      ['F64', Float64Array.of(1, -2)],
    ];
    for (const [dtype, values] of data) {
      const bytes = encodeSafetensors({ vectors: { dtype, shape: [2, 1], data: values } }, {});
      expect([...embeddingsFromSafetensors(bytes, 'x', { ids }).vectors]).toEqual([1, -2]);
    }
  });

  test('refuses a file without ids, integers, another number of rows', () => {
    expect(() => embeddingsFromSafetensors(encodeSafetensors({ emb: f32(2, 3) }, {}), 'x')).toThrow(
      /expected ids/,
    );
    const integers = encodeSafetensors(
      { vectors: { dtype: 'I32', shape: [2, 1], data: Int32Array.of(1, 2) } },
      {},
    );
    expect(() => embeddingsFromSafetensors(integers, 'x', { ids })).toThrow(/received I32/);
    const three = encodeSafetensors({ emb: f32(3, 1) }, {});
    expect(() => embeddingsFromSafetensors(three, 'x', { ids })).toThrow(/expected 2 rows.*received 3/);
  });
});

describe.skipIf(!sharedData)('the vectors shipped with the real datasets', () => {
  const cases: [string, number, number][] = [
    ['amazon-office/amazon-office.bert-cls.f16', 2420, 768],
    ['amazon-scientific-small/amazon-scientific-small.text512.f32', 1585, 512],
  ];
  test.each(cases)('%s has %i ids of width %i', (path, rows, width) => {
    const base = join(sharedData ?? '', 'data', path);
    const idsPath = `${base.replace(/\.f\d\d$/, '')}.ids.txt`;
    const embeddings = embeddingsFromNpy(readFileSync(`${base}.npy`), readFileSync(idsPath, 'utf8'), {
      vectors: `${base}.npy`,
      ids: idsPath,
    });
    expect([embeddings.ids.length, embeddings.width]).toEqual([rows, width]);
    const again = embeddingsFromSafetensors(embeddingsToSafetensors(embeddings), 'x');
    expect(
      Buffer.from(again.vectors.buffer, again.vectors.byteOffset, again.vectors.byteLength).equals(
        Buffer.from(embeddings.vectors.buffer),
      ),
    ).toBe(true);
  });
});
