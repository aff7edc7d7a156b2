import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DataError, FormatError } from '../../src/errors.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/format/safetensors.ts';
import { decodeStrings, encodeStrings, findDuplicate } from '../../src/format/stringTable.ts';

const roundTrip = (strings: string[]) =>
  decodeStrings(decodeSafetensors(encodeSafetensors(encodeStrings('t', strings), {}), 'x'), 't');

test('any well-formed strings come back as they were, byte order marks and emptiness included', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), (strings) => {
      expect(roundTrip(strings)).toEqual(strings);
    }),
  );
  expect(roundTrip(['\uFEFFa', '', '\u0000', 'ä\n'])).toEqual(['\uFEFFa', '', '\u0000', 'ä\n']);
});

test('a lone surrogate is refused, since UTF-8 would replace it silently', () => {
  expect(() => encodeStrings('user_ids', ['a', 'b\ud800'])).toThrow(DataError);
  expect(() => encodeStrings('user_ids', ['a', 'b\ud800'])).toThrow(/user_ids: .*entry 1/);
});

test('offsets that descend, leave the bytes or split a character are refused', () => {
  for (const offsets of [[0, 3, 2, 4], [0, 5], [1, 4], [0, 1, 4], []]) {
    const table = encodeStrings('t', ['äbc']);
    const broken = {
      ...table,
      't.offsets': { dtype: 'I32', shape: [offsets.length], data: Int32Array.from(offsets) },
    };
    const file = decodeSafetensors(encodeSafetensors(broken as typeof table, {}), 'x');
    expect(() => decodeStrings(file, 't'), String(offsets)).toThrow(FormatError);
  }
});

test('findDuplicate gives the first string that stands twice', () => {
  expect(findDuplicate(['a', 'b', 'c', 'b', 'a'])).toEqual([1, 3]);
  expect(findDuplicate(['a', 'b'])).toBeNull();
});
