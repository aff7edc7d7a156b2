import { expect, it } from 'vitest';
import { asTooLong, textOf } from '../../../src/data/readers/blocks.ts';
import { FormatError } from '../../../src/errors.ts';

function errorOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return null;
}

it('a text that is longer than the engine holds is an error of the file, any other one is left as it is', () => {
  const tooLong = errorOf(() => 'x'.repeat(2 ** 30));
  expect(tooLong).toBeInstanceOf(RangeError);
  const refused = asTooLong(tooLong, 'ratings.csv:2');
  expect(refused).toBeInstanceOf(FormatError);
  expect(String(refused)).toMatch(/ratings\.csv:2: expected cells and lines that fit one text of the engine/);
  const other = new TypeError('no function');
  expect(asTooLong(other, 'ratings.csv')).toBe(other);
  expect(asTooLong(undefined, 'ratings.csv')).toBe(undefined);
});

it('bytes that are no UTF-8 are told with their line', () => {
  const bytes = Uint8Array.of(0x61, 0x0a, 0xe9, 0x0a);
  expect(() => textOf({ bytes, line: 4 }, 'f.csv')).toThrow(
    /f\.csv:5: expected UTF-8 text, received the byte e9/,
  );
});
