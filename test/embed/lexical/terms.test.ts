import { describe, expect, test } from 'vitest';
import { eachPart, kindWeight, type TermOptions, termSplitter } from '../../../src/embed/lexical/terms.ts';

const none = () => false;
const partsOf = (word: string, isKnown: (text: string) => boolean) => {
  const parts: string[] = [];
  eachPart(word, isKnown, (part) => parts.push(part));
  return parts;
};

const taken = (text: string, options: TermOptions = {}) => {
  const found: { terms: string[]; words: string[] } = { terms: [], words: [] };
  const { terms, words } = found;
  termSplitter(options)(text, { term: (term) => terms.push(term), word: (word) => words.push(word) });
  return found;
};

describe('termSplitter', () => {
  const split = (text: string) => taken(text);

  test('gives words with the pairs they end', () => {
    expect(split('Blue gel, PEN').terms).toEqual(['blue', 'gel', 'blue gel', 'pen', 'gel pen']);
    expect(split(' - ').terms).toEqual([]);
  });

  test('gives characters and pairs of a script without spaces, and no pair across its ends', () => {
    expect(split('red 木吉他 pen').terms).toEqual(['red', '木', '吉', '木吉', '他', '吉他', 'pen']);
    expect(split('木吉他').words).toEqual([]);
  });

  test('cuts such a run into words by Intl.Segmenter when asked to', () => {
    const { terms, words } = taken('红色棉质衬衫 XL', { segmentation: 'intl' });
    expect(words).toEqual(['红色', '棉质', '衬衫', 'xl']);
    expect(terms).toContain('棉质 衬衫');
    expect(terms).toContain('衬衫 xl');
  });
});

describe('eachPart', () => {
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

describe('eachPart of unusual words', () => {
  test('takes letters beyond the basic plane whole', () => {
    expect(partsOf('𐐨𐐩𐐪𐐫𐐬', none)).toEqual([
      '~<𐐨𐐩𐐪',
      '~𐐨𐐩𐐪𐐫',
      '~𐐩𐐪𐐫𐐬',
      '~𐐪𐐫𐐬>',
      '~<𐐨𐐩𐐪𐐫',
      '~𐐨𐐩𐐪𐐫𐐬',
      '~𐐩𐐪𐐫𐐬>',
    ]);
  });

  test('asks of a word as long as a file for no beginnings that are no words', () => {
    let asked = 0;
    partsOf('ab'.repeat(50_000), () => {
      asked++;
      return false;
    });
    expect(asked).toBeLessThan(200);
  });
});

test('pairs of words weigh half a word, parts as much as a word unless all words have parts', () => {
  expect(['pen', 'red pen', '~<tab', '木吉'].map((term) => kindWeight(term, {}))).toEqual([1, 0.5, 1, 1]);
  expect(kindWeight('~<tab', { subwords: 'all' })).toBe(0.5);
});
