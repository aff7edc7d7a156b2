import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataError, FormatError, OptionError, ShapeError } from '../../../src/errors.ts';
import { decodeSafetensors, encodeSafetensors } from '../../../src/format/safetensors.ts';
import type { Tensor } from '../../../src/format/tensor.ts';
import type { ModelData } from '../../../src/serve/modelFile/data.ts';
import { decodeModel } from '../../../src/serve/modelFile/decode.ts';
import { encodeModel } from '../../../src/serve/modelFile/encode.ts';

/** Two users, three items, dim 2. */
const model: ModelData = {
  userIds: ['ann', 'böb'],
  itemIds: ['1', '2', '0'],
  itemTitles: ['Pen', '', 'Ink'],
  dim: 2,
  userFactors: Float32Array.of(1, 2, 3, 4),
  itemFactors: Float32Array.of(0.5, -0.25, 1e-30, -0, 7, 8),
  itemDegrees: Int32Array.of(2, 1, 0),
  seen: { rowPtr: Int32Array.of(0, 2, 3), colIdx: Int32Array.of(0, 1, 0) },
  config: { model: 'lightgcn', layers: 2, init: { strategy: 'variance' } },
  metrics: { 'ndcg@10': 0.0414 },
};

/** The file with one part replaced and a checksum that is right: what only the content checks can find. */
function edited(tensors: Record<string, Tensor | null>, metadata: Record<string, string> = {}): Uint8Array {
  const file = decodeSafetensors(encodeModel(model), 'x');
  const { checksum, ...kept } = file.metadata;
  const merged = Object.entries({ ...file.tensors, ...tensors }).filter(([, tensor]) => tensor !== null);
  return encodeSafetensors(Object.fromEntries(merged) as Record<string, Tensor>, { ...kept, ...metadata });
}
const f32 = (shape: number[], ...data: number[]): Tensor => ({
  dtype: 'F32',
  shape,
  data: Float32Array.from(data),
});
const i32 = (...data: number[]): Tensor => ({
  dtype: 'I32',
  shape: [data.length],
  data: Int32Array.from(data),
});

describe('a saved model', () => {
  test('comes back the same', () => {
    expect(decodeModel(encodeModel(model), 'x')).toEqual(model);
  });

  test('comes back the same without titles, users and seen items', () => {
    const small: ModelData = { ...model, userIds: [], itemTitles: null, userFactors: null, seen: null };
    expect(decodeModel(encodeModel(small), 'x')).toEqual(small);
    const unnamed: ModelData = { ...model, userFactors: null };
    expect(decodeModel(encodeModel(unnamed), 'x')).toEqual(unnamed);
  });

  test('comes back the same for any sizes', () => {
    fc.assert(
      fc.property(anyModel(), (any) => {
        expect(decodeModel(encodeModel(any), 'x')).toEqual(any);
      }),
    );
  });

  test('has the same bytes whatever the order of its configuration', () => {
    const reordered = { ...model, config: Object.fromEntries(Object.entries(model.config).reverse()) };
    expect(encodeModel(reordered)).toEqual(encodeModel(model));
  });

  test('is refused with any byte changed', () => {
    const bytes = encodeModel(model);
    for (let at = 0; at < bytes.length; at++) {
      for (const change of [0x01, 0x20, 0x80]) {
        const flipped = bytes.slice();
        flipped[at] ^= change;
        expect(() => decodeModel(flipped, 'x'), `byte ${at} ^ ${change}`).toThrow(FormatError);
      }
    }
  });

  test('is refused when cut at any byte', () => {
    const bytes = encodeModel(model);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeModel(bytes.subarray(0, length), 'x'), `${length} bytes`).toThrow(FormatError);
    }
  });
});

describe('decodeModel refuses, naming the file', () => {
  const cases: [string, Uint8Array, RegExp][] = [
    [
      'another format',
      edited({}, { format: 'llminit-embeddings' }),
      /format llminit-model.*received format llminit-emb/,
    ],
    ['a later version', edited({}, { version: '3' }), /version 1 or 2, received 3/],
    ['configuration that is no JSON', edited({}, { config: '{' }), /config: expected JSON/],
    ['a missing tensor', edited({ item_degrees: null }), /tensor item_degrees of I32/],
    ['half a string table', edited({ 'user_ids.bytes': null }), /tensor user_ids\.bytes/],
    [
      'too few item rows',
      edited({ item_factors: f32([2, 2], 1, 2, 3, 4) }),
      /expected 6 values in item_factors/,
    ],
    [
      'another width of the users',
      edited({ user_factors: f32([4, 1], 1, 2, 3, 4) }),
      /user_factors of 2 columns, received 1/,
    ],
    ['dim 0', edited({ item_factors: f32([3, 0]), user_factors: f32([2, 0]) }), /dim of at least 1/],
    [
      'NaN in a factor',
      edited({ item_factors: f32([3, 2], 1, 2, 3, Number.NaN, 5, 6) }),
      /NaN in row 1, column 1/,
    ],
    [
      'an infinite factor',
      edited({ user_factors: f32([2, 2], 1, 2, -Infinity, 4) }),
      /user_factors, received -Infinity in row 1, column 0/,
    ],
    ['a negative degree', edited({ item_degrees: i32(2, -1, 0) }), /received -1 for item 1/],
    [
      'a seen item past the last',
      edited({ 'seen.col_idx': i32(0, 1, 3) }),
      /user 1 to ascend within 0 to 2, received 3/,
    ],
    ['a negative seen item', edited({ 'seen.col_idx': i32(-1, 1, 0) }), /user 0 .* received -1/],
    ['seen items out of order', edited({ 'seen.col_idx': i32(1, 0, 0) }), /user 0 .* received 0 after 1/],
    ['a seen item twice', edited({ 'seen.col_idx': i32(1, 1, 0) }), /received 1 after 1/],
    ['row starts that descend', edited({ 'seen.row_ptr': i32(0, 4, 3) }), /received 4 then 3 at user 1/],
    ['row starts that do not begin at 0', edited({ 'seen.row_ptr': i32(1, 2, 3) }), /start at 0, received 1/],
    [
      'row starts for another number of users',
      edited({ 'seen.row_ptr': i32(0, 3) }),
      /expected 3 values in seen\.row_ptr/,
    ],
    ['row starts without items', edited({ 'seen.col_idx': null }), /tensor seen\.col_idx/],
  ];
  test.each(cases)('%s', (_, bytes, message) => {
    const read = () => decodeModel(bytes, 'model.safetensors');
    expect(read).toThrow(FormatError);
    expect(read).toThrow(/^model\.safetensors: /);
    expect(read).toThrow(message);
  });

  test('a repeated id', () => {
    const { 'item_ids.bytes': bytes } = decodeSafetensors(encodeModel(model), 'x').tensors;
    const same = { ...bytes, data: Uint8Array.of(0x31, 0x31, 0x30) };
    expect(() => decodeModel(edited({ 'item_ids.bytes': same }), 'x')).toThrow(
      /unique item ids, received 1 at positions 0 and 1/,
    );
  });

  test('a file of another writer without a checksum', () => {
    const bytes = encodeModel(model);
    const key = new TextDecoder('latin1').decode(bytes).indexOf('checksum');
    bytes[key] = 'C'.charCodeAt(0);
    expect(() => decodeModel(bytes, 'x')).toThrow(/expected a checksum/);
  });

  test('files that are no safetensors at all', () => {
    for (const text of ['', 'user_id,item_id\n1,2\n', 'PK\u0003\u0004 something zipped']) {
      expect(() => decodeModel(new TextEncoder().encode(text), 'x')).toThrow(FormatError);
    }
  });
});

describe('encodeModel refuses', () => {
  test('sizes that do not fit, content that cannot be used, settings that JSON cannot hold', () => {
    expect(() => encodeModel({ ...model, dim: 3 })).toThrow(ShapeError);
    expect(() => encodeModel({ ...model, dim: 0 })).toThrow(ShapeError);
    expect(() => encodeModel({ ...model, itemTitles: ['Pen'] })).toThrow(/expected 3 item titles/);
    expect(() => encodeModel({ ...model, userIds: ['ann', 'ann'] })).toThrow(DataError);
    expect(() => encodeModel({ ...model, userIds: ['ann', ''] })).toThrow(/empty one at position 1/);
    expect(() => encodeModel({ ...model, userFactors: Float32Array.of(1, 2, 3, Number.NaN) })).toThrow(
      DataError,
    );
    expect(() => encodeModel({ ...model, metrics: { loss: Number.NaN } })).toThrow(OptionError);
  });
});

describe('the file as other programs see it', () => {
  test('eight bytes of length, a JSON header that describes every tensor, raw little-endian data', () => {
    const bytes = encodeModel(model);
    const view = new DataView(bytes.buffer);
    const length = Number(view.getBigUint64(0, true));
    const { __metadata__, ...tensors } = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    expect(Object.keys(tensors).sort()).toEqual([
      'item_degrees',
      'item_factors',
      'item_ids.bytes',
      'item_ids.offsets',
      'item_titles.bytes',
      'item_titles.offsets',
      'seen.col_idx',
      'seen.row_ptr',
      'user_factors',
      'user_ids.bytes',
      'user_ids.offsets',
    ]);
    const { dtype, shape, data_offsets } = tensors.item_factors;
    expect([dtype, shape]).toEqual(['F32', [3, 2]]);
    const values = Array.from({ length: 6 }, (_, i) =>
      view.getFloat32(8 + length + data_offsets[0] + 4 * i, true),
    );
    expect(values).toEqual([...model.itemFactors]);
    expect(JSON.parse(__metadata__.config)).toEqual(model.config);
    expect([__metadata__.format, __metadata__.version]).toEqual(['llminit-model', '1']);
  });

  const python = spawnSync('python3', ['--version']).status === 0;
  test.skipIf(!python)('Python reads it with struct and json, and zlib gives the checksum', () => {
    const script = `
import json, struct, sys, zlib
raw = sys.stdin.buffer.read()
(length,) = struct.unpack('<Q', raw[:8])
header = json.loads(raw[8:8 + length])
meta = header.pop('__metadata__')
data = raw[8 + length:]
codes = {'F32': 'f', 'I32': 'i', 'U8': 'B'}
out = {}
for name, t in header.items():
    begin, end = t['data_offsets']
    count = (end - begin) // struct.calcsize(codes[t['dtype']])
    out[name] = struct.unpack('<%d%s' % (count, codes[t['dtype']]), data[begin:end])
ids, at = bytes(out['user_ids.bytes']), out['user_ids.offsets']
place = 8 + len('{"__metadata__":{"checksum":"crc32:')
crc = zlib.crc32(raw[:place] + b'0' * 8 + raw[place + 8:])
print(json.dumps({'users': [ids[a:b].decode() for a, b in zip(at, at[1:])], 'factors': out['user_factors'],
  'degrees': out['item_degrees'], 'covered': sum(t['data_offsets'][1] - t['data_offsets'][0] for t in header.values()) == len(data),
  'checksum': meta['checksum'] == 'crc32:%08x' % crc}))`;
    const { stdout, stderr } = spawnSync('python3', ['-c', script], { input: encodeModel(model) });
    expect(stderr.toString()).toBe('');
    expect(JSON.parse(stdout.toString())).toEqual({
      users: ['ann', 'böb'],
      factors: [1, 2, 3, 4],
      degrees: [2, 1, 0],
      covered: true,
      checksum: true,
    });
  });
});

function anyModel(): fc.Arbitrary<ModelData> {
  const ids = (minLength: number) =>
    fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength, maxLength: 6 });
  return fc
    .record({ userIds: ids(0), itemIds: ids(1), dim: fc.integer({ min: 1, max: 5 }), mask: fc.nat(255) })
    .map(({ userIds, itemIds, dim, mask }) => {
      const rows = userIds.map((_, user) =>
        itemIds.map((_, item) => item).filter((item) => (mask >> ((user + item) % 8)) & 1),
      );
      const ends = rows.map((_, user) => rows.slice(0, user + 1).flat().length);
      return {
        ...model,
        userIds,
        itemIds,
        itemTitles: itemIds.map((id) => `title of ${id}`),
        dim,
        userFactors: Float32Array.from({ length: userIds.length * dim }, (_, i) => i / 3),
        itemFactors: Float32Array.from({ length: itemIds.length * dim }, (_, i) => -i / 7),
        itemDegrees: Int32Array.from(itemIds, (_, i) => i),
        seen: { rowPtr: Int32Array.of(0, ...ends), colIdx: Int32Array.from(rows.flat()) },
      };
    });
}
