import { describe, expect, it } from 'vitest';
import { DataError, OptionError, ShapeError } from '../../src/errors.ts';
import { attributesOf } from '../../src/serve/attributes.ts';
import { encodeModel } from '../../src/serve/modelFile/encode.ts';
import { textVectors } from '../../src/serve/textVectors.ts';
import { factorModel } from './sampleModels.ts';

describe('attributesOf', () => {
  it('makes columns of the types of their values', () => {
    const made = attributesOf({
      price: [1.5, null, 3],
      isNew: [true, null, false],
      brand: ['a', null, 'a'],
      tags: [['x', 'y'], null, ['y']],
    });
    expect(made).toEqual({
      price: { type: 'number', values: Float64Array.of(1.5, Number.NaN, 3) },
      isNew: { type: 'boolean', values: Uint8Array.of(1, 2, 0) },
      brand: { type: 'text', dictionary: ['a'], codes: Int32Array.of(0, -1, 0) },
      tags: {
        type: 'tags',
        dictionary: ['x', 'y'],
        rowPtr: Int32Array.of(0, 2, 2, 3),
        codes: Int32Array.of(0, 1, 1),
      },
    });
  });

  it('refuses mixed, empty and reserved columns, and other lengths', () => {
    expect(() => attributesOf({ a: [1, 'b'] })).toThrow(/one type in a, received number and text/);
    expect(() => attributesOf({ a: [null] })).toThrow(DataError);
    expect(() => attributesOf({ a: [1], b: [1, 2] })).toThrow(/1 values of b, received 2/);
    expect(() => attributesOf({ not: [1] })).toThrow(OptionError);
    expect(() => attributesOf({ a: [Infinity] })).toThrow(/a finite number/);
    const model = factorModel();
    expect(() => encodeModel({ ...model, attributes: { or: model.attributes!.price } })).toThrow(
      /names of their own/,
    );
  });
});

describe('textVectors', () => {
  it('keeps vectors of length 1 in 8 bits, zeros for items without one', () => {
    const made = textVectors('e', { ids: ['a', 'b'], width: 2, vectors: Float32Array.of(3, 4, 0, -2) }, [
      'b',
      'c',
      'a',
    ]);
    expect([...made.items.codes]).toEqual([0, -127, 0, 0, 95, 127]);
    expect(made.items.scales[1]).toBe(0);
    expect(made.items.scales[0] * 127).toBeCloseTo(1, 6);
    expect(made.items.scales[2] * 127).toBeCloseTo(0.8, 6);
  });

  it('refuses rows that are cut, not finite, or of other items', () => {
    const vectors = { ids: ['a'], width: 2, vectors: Float32Array.of(1, 2) };
    expect(() => textVectors('e', { ...vectors, width: 3 }, ['a'])).toThrow(ShapeError);
    expect(() => textVectors('e', vectors, ['b'])).toThrow(/those of others/);
    expect(() => textVectors('e', { ...vectors, vectors: Float32Array.of(1, Number.NaN) }, ['a'])).toThrow(
      DataError,
    );
  });
});
