import { describe, expect, it } from 'vitest';
import { parsePythonLiteral } from '../../../src/data/readers/pythonLiteral.ts';

const parse = (text: string) => parsePythonLiteral(text, 'meta:1');

describe('parsePythonLiteral', () => {
  it('reads what repr writes', () => {
    expect(
      parse(
        `{'asin': 'B0', "title": "Kid's \\"pen\\"", 'price': 9.5, 'rank': {'Office': -12}, 'l': [['a', 'b'], (1, 2,)], 'n': None, 't': True, 'f': False, }`,
      ),
    ).toEqual({
      asin: 'B0',
      title: 'Kid\'s "pen"',
      price: 9.5,
      rank: { Office: -12 },
      l: [
        ['a', 'b'],
        [1, 2],
      ],
      n: null,
      t: true,
      f: false,
    });
  });

  it('knows the escapes, and keeps the backslash of unknown ones', () => {
    expect(parse(`'a\\n\\t\\\\\\'\\x41\\u00e9\\U0001f600\\q'`)).toBe("a\n\t\\'Aé😀\\q");
  });

  it('reads empty containers and numbers of every form', () => {
    expect(parse('[{}, [], (), 0, -1.5, .5, 2., 1e3]')).toEqual([{}, [], [], 0, -1.5, 0.5, 2, 1000]);
  });

  it.each([
    ['', 'the end of the line'],
    ["{'a': 1", 'expected }'],
    ["{'a' 1}", 'expected :'],
    ['{1: 2}', 'a string as key'],
    ["'abc", "a closing '"],
    ["'\\x4'", '2 hexadecimal digits'],
    ["'\\UFFFFFFFF'", 'a code point'],
    ['[1 2]', 'expected ]'],
    ['__import__("os")', 'a value'],
    ['constructor', 'a value'],
    ['1 1', 'the end of the line'],
  ])('refuses %s', (text, message) => {
    expect(() => parse(text)).toThrow(message);
    expect(() => parse(text)).toThrow('meta:1');
  });

  it('gives back any JSON-like value that repr would write', () => {
    const values = [null, true, [1, [2, ['x']]], { 'a b': { c: ['"', "'", '\\', '\n', 'ü', '\u2028'] } }];
    for (const value of values) expect(parse(repr(value))).toEqual(value);
  });
});

/** As Python's repr. */
function repr(value: unknown): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return `${value}`;
  if (typeof value === 'string')
    return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`;
  const entries = Object.entries(value as object).map(([key, entry]) => `${repr(key)}: ${repr(entry)}`);
  return `{${entries.join(', ')}}`;
}
