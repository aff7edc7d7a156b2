import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FormatError, OptionError } from '../../src/errors.ts';
import { canonicalJson, MAX_JSON_DEPTH, nestsDeeper, parseJsonObject } from '../../src/format/json.ts';

test('canonicalJson gives JSON of the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
      expect(JSON.parse(canonicalJson(value, 'x'))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('the order of keys does not matter, the order of lists does', () => {
  expect(canonicalJson({ b: 1, a: { d: [2, 1], c: null } }, 'x')).toBe('{"a":{"c":null,"d":[2,1]},"b":1}');
});

test('what JSON would drop or replace is refused with its path', () => {
  expect(() => canonicalJson({ a: [1, { b: Number.NaN }] }, 'config')).toThrow(
    /^config\.a\[1\]\.b: .*received NaN/,
  );
  expect(() => canonicalJson({ a: undefined }, 'config')).toThrow(OptionError);
  expect(() => canonicalJson({ a: 1n }, 'config')).toThrow(OptionError);
});

test('parseJsonObject refuses text that is no JSON and JSON that is no object', () => {
  expect(parseJsonObject('{"a":[1]}', 'x')).toEqual({ a: [1] });
  for (const text of ['', '{', 'null', '[]', '3'])
    expect(() => parseJsonObject(text, 'x')).toThrow(FormatError);
});

test('parseJsonObject refuses JSON that nests too deep, and reads what is as deep as allowed', () => {
  const nested = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
  expect(parseJsonObject(nested(MAX_JSON_DEPTH), 'x')).toHaveProperty('a');
  for (const depth of [MAX_JSON_DEPTH + 1, 5_000, 1_000_000]) {
    expect(() => parseJsonObject(nested(depth), 'x')).toThrow(/nests at most 64 deep/);
  }
});

test('brackets inside strings do not nest', () => {
  const text = JSON.stringify({ a: '['.repeat(100), b: `\\"${'{'.repeat(100)}`, c: '\\' });
  expect(nestsDeeper(text, 1)).toBe(false);
  expect(nestsDeeper('[[1], [2], [3]]', 2)).toBe(false);
  expect(nestsDeeper('[[1], [2, [3]]]', 2)).toBe(true);
});
