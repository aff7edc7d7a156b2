import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRanking } from '../../../src/chat/rerank/parseRanking.ts';

const TITLES = ['Red pen', 'Blue pen', 'A 3-hole punch', 'Ink, black'];
const ORDER = [2, 0, 3, 1];

describe('an order is found in', () => {
  test.each([
    ['the object asked for', '{"ranking":[3,1,4,2]}'],
    ['a list', '[3, 1, 4, 2]'],
    ['another member', '{"order": ["3", "[1]", "(4)", "#2"]}'],
    ['objects', '{"ranking":[{"number":3},{"number":1,"title":"x"},{"title":"ink, black"},{"number":2}]}'],
    ['titles', '["A 3-hole punch", "red pen.", "INK, BLACK", "Blue pen"]'],
    ['a fence within prose', 'Here [it] is:\n```json\n{"ranking": [3,1,4,2]}\n```\nEnjoy these 4!'],
    ['prose', 'Sure! {"ranking": [3,1,4,2]} I hope this helps [1].'],
    ['an answer after reasoning', '<think>{"ranking":[1,2]} or so</think>{"ranking":[3,1,4,2]}'],
    ['the last of several', 'First {"ranking":[1,2,3,4]}, better {"ranking":[3,1,4,2]}'],
    ['lines of numbers', '3\n1\n4.\n[2]'],
    [
      'numbered lines of titles',
      'The order:\n1. A 3-hole punch\n2. Red pen\n3. **Ink, black**\n4. Blue pen\nDone.',
    ],
    ['lines of numbers and titles', '- [3] A 3-hole punch\n- 1: Red pen\n- 4 – Ink, black\n- 2. Blue pen'],
  ])('%s', (_, text) => {
    expect(parseRanking(text, TITLES)).toEqual({ named: ORDER, invented: 0, repeated: 0 });
  });
});

test('what is whole of an answer that was cut counts', () => {
  expect(parseRanking('{"ranking": [3, 1, 4', TITLES).named).toEqual([2, 0]);
  expect(parseRanking('{"ranking": [', TITLES).named).toEqual([]);
});

test.each([
  ['The 3 best of these 4 are number 1 and 2.'],
  ['I cannot rank 20 items, sorry.'],
  [''],
  ['{"answer": "3, 1"}'],
  ['null'],
  ['{"ranking": null}'],
  ['[[[[[['],
])('nothing is found in %j', (text) => {
  expect(parseRanking(text, TITLES)).toEqual({ named: [], invented: 0, repeated: 0 });
});

test('invented and repeated entries are counted and dropped', () => {
  const text = '{"ranking":[0, 3, 5, 3, 1.5, "Green pen", null, true, -1, "1", 1, [2]]}';
  expect(parseRanking(text, TITLES)).toEqual({ named: [2, 0], invented: 8, repeated: 2 });
});

test('a long text of open brackets is gone through in no long time', () => {
  const began = performance.now();
  parseRanking('[{"a'.repeat(2 ** 18), TITLES);
  expect(performance.now() - began).toBeLessThan(5000);
});

test('any text names candidates, each at most once', () => {
  const pieces = fc.constantFrom(
    '[',
    ']',
    '{',
    '}',
    '"',
    ',',
    ':',
    'ranking',
    '1',
    '2',
    '7',
    '\n',
    'Red pen',
    ' ',
    '\\',
    'null',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
      const { named } = parseRanking(parts.join(''), TITLES);
      expect(new Set(named).size).toBe(named.length);
      expect(named.every((place) => Number.isInteger(place) && place >= 0 && place < TITLES.length)).toBe(
        true,
      );
    }),
  );
});
