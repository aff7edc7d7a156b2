import { describe, expect, test } from 'vitest';
import { kindWeight, partsOf, termSplitter } from '../../../src/embed/lexical/terms.ts';

const none = () => false;

describe('termSplitter', () => {
  const split = termSplitter({});

  test('gives words with the pairs they end', () => {
    expect(split('Blue gel, PEN').terms).toEqual(['blue', 'gel', 'blue gel', 'pen', 'gel pen']);
    expect(split(' - ').terms).toEqual([]);
  });

  test('gives characters and pairs of a script without spaces, and no pair across its ends', () => {
    expect(split('red 木吉他 pen').terms).toEqual(['red', '木', '吉', '木吉', '他', '吉他', 'pen']);
    expect(split('木吉他').words).toEqual([]);
  });

  test('cuts such a run into words by Intl.Segmenter when asked to', () => {
    const { terms, words } = termSplitter({ segmentation: 'intl' })('红色棉质衬衫 XL');
    expect(words).toEqual(['红色', '棉质', '衬衫', 'xl']);
    expect(terms).toContain('棉质 衬衫');
    expect(terms).toContain('衬衫 xl');
  });
});

describe('partsOf', () => {
  test('gives n-grams of four and five with the ends of the word marked', () => {
    expect(partsOf('tabby', none)).toEqual([
      '~<tab',
      '~tabb',
      '~abby',
      '~bby>',
      '~<tabb',
      '~tabby',
      '~abby>',
    ]);
    expect(partsOf('cats', none)).toEqual([]);
  });

  test('adds the known words that it begins or ends with', () => {
    const known = new Set(['hemd', 'baum', 'wolle', 'wollhemd', 'baumwollhemd']);
    const words = partsOf('baumwollhemd', (text) => known.has(text)).filter((part) => !part.startsWith('~'));
    expect(words).toEqual(['baum', 'hemd', 'wollhemd']);
  });

  test('takes syllables of Hangul in twos and threes', () => {
    expect(partsOf('면셔츠', none)).toEqual([
      '~<면',
      '~면셔',
      '~셔츠',
      '~츠>',
      '~<면셔',
      '~면셔츠',
      '~셔츠>',
    ]);
  });
});

test('pairs of words weigh half a word, parts as much as a word unless all words have parts', () => {
  expect(['pen', 'red pen', '~<tab', '木吉'].map((term) => kindWeight(term, {}))).toEqual([1, 0.5, 1, 1]);
  expect(kindWeight('~<tab', { subwords: 'all' })).toBe(0.5);
});
