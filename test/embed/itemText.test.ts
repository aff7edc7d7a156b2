import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanText, textTemplate } from '../../src/embed/itemText.ts';
import { OptionError } from '../../src/errors.ts';

describe('cleanText', () => {
  test.each([
    ['<p>Red <b>lamp</b></p><br/>of steel', 'Red lamp of steel'],
    ['a < b and c > d', 'a < b and c > d'],
    ['Salt &amp; Pepper&nbsp;&#39;n&#x2019; caf&eacute; &unknown;', "Salt & Pepper 'n’ café &unknown;"],
    ['&amp;quot;Deluxe&amp;quot; 5&quot;', '"Deluxe" 5"'],
    ['&lt;b&gt;bold&lt;/b&gt;', 'bold'],
    ['<style>p { color: red }</style>Lamp<script type="x">alert("<b>")</script><!-- no -->', 'Lamp'],
    ["['Office Products', \"Bob's pens\"]", "Office Products, Bob's pens"],
    ['["a \\"b\\"", "c"]', 'a "b", c'],
    ['[SALE] red lamp', '[SALE] red lamp'],
    ['[Refurbished]', '[Refurbished]'],
    ['two\n\n  lines\t', 'two lines'],
    ['half a pair \ud83d!', 'half a pair \ufffd!'],
    ['whole \u{1f600}', 'whole \u{1f600}'],
    ['', ''],
  ])('makes %j to %j', (text, clean) => {
    expect(cleanText(text)).toBe(clean);
  });

  test('leaves texts without marks as they are but for blanks', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
        fc.pre(!/[<&[\]]|\p{Surrogate}/u.test(text));
        expect(cleanText(text)).toBe(text.replace(/\s+/g, ' ').trim());
      }),
    );
  });

  test('takes a long text of opening marks in a moment', () => {
    const began = performance.now();
    cleanText('<'.repeat(200_000));
    cleanText('&'.repeat(200_000));
    cleanText(`['${'a'.repeat(200_000)}`);
    expect(performance.now() - began).toBeLessThan(2000);
  });
});

describe('textTemplate', () => {
  test('fills in columns; what stands after a blank one goes with it', () => {
    const { columns, compose } = textTemplate('Product: {title}. {category}. {brand}');
    expect(columns).toEqual(['title', 'category', 'brand']);
    expect(compose(['Red lamp', 'Lighting', 'Acme'])).toBe('Product: Red lamp. Lighting. Acme');
    expect(compose(['Red lamp', ' ', 'Acme'])).toBe('Product: Red lamp. Acme');
    expect(compose(['', '', ''])).toBe('');
  });

  test('names a column once, whatever stands in its name, and knows braces', () => {
    const { columns, compose } = textTemplate('{item name}, {{{ item name }}} by {brand}');
    expect(columns).toEqual(['item name', 'brand']);
    expect(compose(['lamp', 'Acme'])).toBe('lamp, {lamp} by Acme');
  });

  test.each(['title', '', '{title', 'title}', '{}', '{a{b}}'])('refuses %j', (template) => {
    expect(() => textTemplate(template)).toThrow(OptionError);
  });
});
