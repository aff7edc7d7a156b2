import { describe, expect, it } from 'vitest';
import { DataError, FormatError, ShapeError } from '../../../src/errors.ts';
import { decodeSafetensors, encodeSafetensors } from '../../../src/format/safetensors.ts';
import type { Tensor } from '../../../src/format/tensor.ts';
import type { ModelData } from '../../../src/serve/modelFile/data.ts';
import { decodeModel } from '../../../src/serve/modelFile/decode.ts';
import { encodeModel } from '../../../src/serve/modelFile/encode.ts';

/** Two users, three items, every part that a file can have. */
const full: ModelData = {
  userIds: ['ann', 'böb'],
  itemIds: ['1', '2', '0'],
  itemTitles: ['Pen', '', 'Ink'],
  dim: 2,
  userFactors: Float32Array.of(1, 2, 3, 4),
  itemFactors: Float32Array.of(0.5, -0.25, 1, 0, 7, 8),
  itemDegrees: Int32Array.of(2, 1, 0),
  seen: { rowPtr: Int32Array.of(0, 2, 3), colIdx: Int32Array.of(0, 1, 0) },
  config: { model: 'blend' },
  metrics: {},
  liked: Uint8Array.of(0b101),
  hidden: Uint8Array.of(0b100),
  cold: Uint8Array.of(0b10),
  attributes: {
    brand: { type: 'text', dictionary: ['Ä', 'b'], codes: Int32Array.of(1, -1, 0) },
    price: { type: 'number', values: Float64Array.of(19.99, Number.NaN, 0) },
    stock: { type: 'boolean', values: Uint8Array.of(1, 0, 2) },
    tags: {
      type: 'tags',
      dictionary: ['new', 'sale'],
      codes: Int32Array.of(0, 1, 1),
      rowPtr: Int32Array.of(0, 2, 2, 3),
    },
  },
  codes: {
    items: {
      codes: Int8Array.of(127, -64, 127, 0, 111, 127),
      scales: Float32Array.of(0.25, 0.5, 0.125),
      errors: Float32Array.of(0.01, 0, 0.02),
    },
    users: null,
  },
  rows: {
    numItems: 3,
    rowPtr: Int32Array.of(0, 2, 2, 3),
    indices: Int32Array.of(1, 2, 0),
    weights: Float32Array.of(0.5, 0.25, -1),
  },
  itemScores: Float32Array.of(3, 2, 1),
  blend: [
    { part: 'factors', weight: 0.65, deviation: 0.2 },
    { part: 'rows', weight: 0.35, deviation: 0.01 },
  ],
  text: {
    encoder: 'lexical',
    width: 2,
    items: { codes: Int8Array.of(127, 0, 0, 0, 90, 90), scales: Float32Array.of(1 / 128, 0, 0.01) },
  },
};

function edited(tensors: Record<string, Tensor | null>, metadata: Record<string, string> = {}): Uint8Array {
  const file = decodeSafetensors(encodeModel(full), 'x');
  const { checksum, ...kept } = file.metadata;
  const merged = Object.entries({ ...file.tensors, ...tensors }).filter(([, tensor]) => tensor !== null);
  return encodeSafetensors(Object.fromEntries(merged) as Record<string, Tensor>, { ...kept, ...metadata });
}

describe('a model file of version 2', () => {
  it('gives every part back', () => {
    expect(decodeModel(encodeModel(full), 'x')).toEqual(full);
    expect(decodeSafetensors(encodeModel(full), 'x').metadata.version).toBe('2');
  });

  it('is one of version 1, to the byte, where no part needs more', () => {
    const { liked, hidden, cold, attributes, codes, rows, itemScores, blend, text, ...plain } = full;
    const bytes = encodeModel(plain);
    expect(decodeSafetensors(bytes, 'x').metadata.version).toBe('1');
    expect(encodeModel({ ...plain, hidden: new Uint8Array(1), attributes: {}, rows: null })).toEqual(bytes);
    expect(decodeModel(bytes, 'x')).toEqual(plain);
  });

  it('holds models without factors: sparse rows, scores of items', () => {
    const bare: ModelData = { ...full, dim: 0, userFactors: null, itemFactors: new Float32Array(0) };
    for (const parts of [{ itemScores: undefined }, { rows: undefined }, {}]) {
      const { codes, blend, ...rest } = { ...bare, ...parts };
      const model = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
      expect(decodeModel(encodeModel(model as unknown as ModelData), 'x')).toEqual(model);
    }
    const { codes, blend, rows, itemScores, ...nothing } = bare;
    expect(() => encodeModel(nothing)).toThrow(/factors, sparse rows or scores of items, received none/);
  });

  it('stores factors that are f16 numbers in half the bytes, exactly', () => {
    const { codes, ...rest } = full;
    const half: ModelData = {
      ...rest,
      precision: 'f16',
      itemFactors: Float32Array.of(0.5, -0.25, 6e-8, -0, 65504, 1),
    };
    const file = decodeSafetensors(encodeModel(half), 'x');
    expect(file.tensors.item_factors.dtype).toBe('F16');
    // 6e-8 is no half: the nearest one is 2^-24.
    const itemFactors = Float32Array.of(0.5, -0.25, 2 ** -24, -0, 65504, 1);
    expect(decodeModel(encodeModel(half), 'x')).toEqual({ ...half, itemFactors });
  });

  it('stores factors in 8 bits alone', () => {
    const items = {
      codes: Int8Array.of(127, -64, 127, 0, 111, 127),
      scales: Float32Array.of(0.25, 0.5, 0.125),
      errors: null,
    };
    const users = { codes: Int8Array.of(1, 127, -3, 127), scales: Float32Array.of(0.5, 2) };
    const model: ModelData = { ...full, precision: 'int8', codes: { items, users } };
    const file = decodeSafetensors(encodeModel(model), 'x');
    expect(Object.keys(file.tensors)).not.toContain('item_factors');
    const read = decodeModel(encodeModel(model), 'x');
    expect([...read.itemFactors]).toEqual([31.75, -16, 63.5, 0, 13.875, 15.875]);
    expect([...read.userFactors!]).toEqual([0.5, 63.5, -6, 254]);
    expect(encodeModel(read)).toEqual(encodeModel(model));
  });

  it('stores rows of one length without their lengths, and items in 16 bits', () => {
    const rows = {
      numItems: 3,
      rowPtr: Int32Array.of(0, 1, 2, 3),
      indices: Int32Array.of(1, 2, 0),
      weights: Float32Array.of(1, 2, 3),
    };
    const file = decodeSafetensors(encodeModel({ ...full, rows }), 'x');
    expect(Object.keys(file.tensors)).not.toContain('rows.lengths');
    expect(file.tensors['rows.indices'].dtype).toBe('U16');
    expect(decodeModel(encodeModel({ ...full, rows }), 'x').rows).toEqual(rows);
  });

  const i32 = (...values: number[]): Tensor => ({
    dtype: 'I32',
    shape: [values.length],
    data: Int32Array.from(values),
  });
  const u8 = (...values: number[]): Tensor => ({
    dtype: 'U8',
    shape: [values.length],
    data: Uint8Array.from(values),
  });
  const faults: [string, Uint8Array, RegExp][] = [
    [
      'likes for another number of entries',
      edited({ 'seen.liked': u8(1, 2) }),
      /expected 1 values in seen.liked/,
    ],
    [
      'an unknown type of column',
      edited({}, { attributes: '{"a":"date"}' }),
      /number, boolean, text or tags, received "date"/,
    ],
    [
      'a code behind its dictionary',
      edited({ 'attribute.0': i32(1, 2, 0) }),
      /places -1 to 1 of its dictionary in brand, received 2 at 1/,
    ],
    [
      'an infinite number',
      edited({ 'attribute.1': { dtype: 'F64', shape: [3], data: Float64Array.of(1, -Infinity, 2) } }),
      /finite numbers in price/,
    ],
    ['a boolean of 3', edited({ 'attribute.2': u8(1, 0, 3) }), /0, 1 or 2 in stock, received 3/],
    ['tags that stand twice', edited({ 'attribute.3': i32(0, 0, 1) }), /ascend within an item/],
    [
      'codes of another width',
      edited({ item_codes: { dtype: 'I8', shape: [2, 3], data: new Int8Array(6) } }),
      /item_codes of 2 columns, received 3/,
    ],
    [
      'a scale that is NaN',
      edited({ item_scales: { dtype: 'F32', shape: [3], data: Float32Array.of(1, Number.NaN, 1) } }),
      /finite values in item_scales, received NaN at 1/,
    ],
    [
      'an item in its own row',
      edited({ 'rows.indices': { dtype: 'U16', shape: [3], data: Uint16Array.of(0, 2, 0) } }),
      /without their own item, received item 0/,
    ],
    [
      'a row beyond the items',
      edited({ 'rows.indices': { dtype: 'U16', shape: [3], data: Uint16Array.of(1, 3, 0) } }),
      /ascend within 0 to 2, received others in row 0/,
    ],
    [
      'lengths that do not sum up',
      edited({ 'rows.lengths': u8(2, 1, 1) }),
      /expected 4 values in rows.indices/,
    ],
    [
      'a blend of what is not there',
      edited({ item_scores: null }, { blend: '[{"part":"items","weight":1,"deviation":1}]' }),
      /parts that the model has, received items/,
    ],
    ['a blend that is no list', edited({}, { blend: '{}' }), /a list of parts/],
    [
      'a half that is infinite',
      edited({ item_factors: { dtype: 'F16', shape: [3, 2], data: Uint16Array.of(0, 1, 2, 0x7c00, 4, 5) } }),
      /row 1, column 1/,
    ],
  ];
  it.each(faults)('is refused with %s', (_, bytes, message) => {
    expect(() => decodeModel(bytes, 'model')).toThrow(FormatError);
    expect(() => decodeModel(bytes, 'model')).toThrow(message);
  });

  it('is not written from parts that do not fit', () => {
    expect(() => encodeModel({ ...full, itemScores: Float32Array.of(1) })).toThrow(ShapeError);
    expect(() => encodeModel({ ...full, blend: [] })).toThrow(/at least one part of a blend/);
    const part = { part: 'rows', weight: 1, deviation: 0 } as const;
    expect(() => encodeModel({ ...full, blend: [part] })).toThrow(/deviation > 0/);
    expect(() => encodeModel({ ...full, itemScores: Float32Array.of(1, Number.NaN, 2) })).toThrow(DataError);
  });
});
