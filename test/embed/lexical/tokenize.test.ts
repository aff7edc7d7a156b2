import fc from 'fast-check';
import { expect, test } from 'vitest';
import { charactersOf, eachToken } from '../../../src/embed/lexical/tokenize.ts';

const tokens = (text: string) => {
  const found: [text: string, isRun: boolean][] = [];
  eachToken(text, (token, isRun) => found.push([token, isRun]));
  return found;
};
const texts = (text: string) => tokens(text).map(([token]) => token);
const characters = (run: string) => Array.from(charactersOf(run), ([character]) => character);

test('gives the lower-cased runs of [a-z0-9]+ on any ASCII text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii', maxLength: 60 }), (text) => {
      expect(texts(text)).toEqual(text.toLowerCase().match(/[a-z0-9]+/g) ?? []);
    }),
  );
});

test('reads other scripts, joins what Unicode writes in several ways, and drops signs', () => {
  expect(texts('Post-it™ ÉTÉ e\u0301te\u0301 ＡＢＣ ﬁne हिन्दी Ω5 셔츠')).toEqual([
    ...['post', 'it', 'été', 'été', 'abc', 'fine', 'हिन्दी', 'ω5', '셔츠'],
  ]);
});

test('cuts words where a script without spaces begins or ends, and tells its runs', () => {
  const runs = (text: string) => tokens(text);
  expect(runs('【包邮】iPhone15手机壳 red')).toEqual([
    ['包邮', true],
    ['iphone15', false],
    ['手机壳', true],
    ['red', false],
  ]);
  expect(runs('ﾎﾟｲﾝﾄ10倍 コーヒー 々')).toEqual([
    ['ポイント', true],
    ['10', false],
    ['倍', true],
    ['コーヒー', true],
    ['々', true],
  ]);
  expect(runs('เสื้อ USB ກາເຟ ခွက်')).toEqual([
    ['เสื้อ', true],
    ['usb', false],
    ['ກາເຟ', true],
    ['ခွက်', true],
  ]);
  // A character beyond the first plane is one character.
  expect(runs('𠮷野家')).toEqual([['𠮷野家', true]]);
});

test('no text is cut into anything but its letters and digits, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
      const whole = (text.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu) ?? [])
        .map((run) => run.normalize('NFKC').toLowerCase())
        .join('');
      expect(texts(text).join('')).toBe(whole);
    }),
  );
});

test('marks stay with the character they stand on', () => {
  expect(characters('เสื้อ')).toEqual(['เ', 'สื้', 'อ']);
  expect(characters('𠮷野')).toEqual(['𠮷', '野']);
});
