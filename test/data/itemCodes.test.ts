import { describe, expect, it } from 'vitest';
import {
  checkItemCodes,
  codesProblem,
  codeVocabulary,
  itemsByCodes,
  itemTokens,
} from '../../src/data/itemCodes.ts';
import { DataError, OptionError, ShapeError } from '../../src/errors.ts';

const codes = { columns: 2, values: Int32Array.of(2, 0, 0, 1, 0, 0) };

describe('codes of items', () => {
  it('are tokens, those of the first column before those of the second', () => {
    expect(codeVocabulary(codes)).toEqual({ sizes: [3, 2], offsets: [0, 3], tokens: 5 });
    expect([...itemTokens(codes)]).toEqual([2, 3, 0, 4, 0, 3]);
    expect([...itemsByCodes(codes)]).toEqual([2, 1, 0]);
    expect(codesProblem(codes, 3)).toBeNull();
  });

  it('are refused where they are none, not as many as items, negative, or twice the same', () => {
    const refused: [unknown, new (...args: never[]) => Error, RegExp][] = [
      [null, OptionError, /received null/],
      [{ columns: 2, values: [0, 1] }, OptionError, /codes \{ columns, values \}/],
      [{ columns: 1, values: Int32Array.of(0, 1, 2) }, DataError, /2 to 32 codes an item, received 1/],
      [{ columns: 2, values: Int32Array.of(0, 1) }, ShapeError, /2 codes for each of 3 items, received 2/],
      [{ columns: 2, values: Int32Array.of(0, 1, -1, 0, 2, 0) }, DataError, /received -1/],
      [{ columns: 2, values: Int32Array.of(0, 1, 2, 0, 0, 1) }, DataError, /the same for items 0 and 2/],
    ];
    for (const [value, kind, message] of refused) {
      expect(() => checkItemCodes(value as never, 3, 'fit')).toThrow(kind);
      expect(() => checkItemCodes(value as never, 3, 'fit')).toThrow(message);
    }
  });
});
