import { wordsOfRuns } from './segmenter.ts';
import { charactersOf, eachToken } from './tokenize.ts';

/**
 * How texts are taken apart; part of a model, since a new text must be taken apart in the same way.
 *
 * @example
 * const options: TermOptions = { subwords: 'rare', segmentation: 'intl' };
 */
export interface TermOptions {
  /**
   * Which words are also known by their parts, so that `Baumwollhemd` lies near `Leinenhemd`: `rare`, the default,
   * those that too few texts have to be terms themselves; `all`, for languages of compounds such as German, Dutch or
   * Finnish; `none`.
   */
  readonly subwords?: Subwords;
  /**
   * How scripts without spaces are cut: `characters`, the default, into single ones and pairs, the same in every
   * engine; `intl` into words by `Intl.Segmenter`, whose dictionaries differ by engine.
   */
  readonly segmentation?: Segmentation;
}

export const SUBWORDS = ['rare', 'all', 'none'] as const;
/**
 * Which words are known by their parts too, see `TermOptions`.
 *
 * @example
 * const subwords: Subwords = 'all';
 * const { embeddings } = await lexicalEmbeddings(itemIds, texts, { dim: 8, subwords });
 */
export type Subwords = (typeof SUBWORDS)[number];
export const SEGMENTATIONS = ['characters', 'intl'] as const;
/**
 * How scripts without spaces are cut, see `TermOptions`.
 *
 * @example
 * const segmentation: Segmentation = 'characters';
 * const { embeddings } = await lexicalEmbeddings(itemIds, texts, { dim: 8, segmentation });
 */
export type Segmentation = (typeof SEGMENTATIONS)[number];

/** What stands in front of a part of a word, which no word holds. */
const PART = '~';
/** Letters in a part of a word: two lengths are as good as three (text-only NDCG@10 on three datasets). */
const PART_LENGTHS = [4, 5];
const HANGUL = /[\uac00-\ud7af]/;
/** The same of Hangul, whose characters are syllables. */
const SYLLABLE_LENGTHS = [2, 3];
/** Shorter words hold nothing but themselves. */
const SHORTEST_WORD = 5;
const SHORTEST_SYLLABLES = 3;
/** Shorter beginnings and ends of words are no words of their own, as a rule. */
const SHORTEST_COMPONENT = 4;
/** Longer ones are no words of any language. */
const LONGEST_COMPONENT = 64;

/**
 * Weight of a kind of term beside words. Pairs of words at half the weight are better than at the full one (text-only
 * NDCG@10 +4 to +7 % on amazon-office, scientific-small and scientific); parts of words that are words of many texts
 * are a burden in English, even at half.
 */
export function kindWeight(term: string, { subwords = 'rare' }: TermOptions): number {
  if (term.startsWith(PART)) return subwords === 'all' ? 0.5 : 1;
  return term.includes(' ') ? 0.5 : 1;
}

/** Receives the terms of a text one after the other, since a long one has millions. */
export interface TermVisitor {
  /** Words, characters of runs, and pairs of neighbours among either, with repeats. */
  term(term: string): void;
  /** Words, which may have parts beside, each after it was visited as a term. */
  word(word: string): void;
}

/** Takes texts apart; one for many texts. @throws {UnsupportedError} as `wordsOfRuns` */
export function termSplitter({
  segmentation = 'characters',
}: TermOptions): (text: string, visitor: TermVisitor) => void {
  const cut = segmentation === 'intl' ? wordsOfRuns() : null;
  return (text, visitor) => {
    let previous = '';
    const addWord = (word: string) => {
      visitor.term(word);
      visitor.word(word);
      if (previous !== '') visitor.term(`${previous} ${word}`);
      previous = word;
    };
    eachToken(text, (token, isRun) => {
      if (!isRun) addWord(token);
      else if (cut) for (const word of cut(token)) addWord(word);
      else {
        visitCharacters(token, visitor);
        previous = '';
      }
    });
  };
}

function visitCharacters(run: string, visitor: TermVisitor): void {
  let previous = '';
  for (const [character] of charactersOf(run)) {
    visitor.term(character);
    if (previous !== '') visitor.term(previous + character);
    previous = character;
  }
}

/**
 * Visits the parts of a word: its n-grams with `<` and `>` at its ends, and the known words that it begins or ends with. One
 * after the other, since a text without blanks, a file in a cell for example, has millions.
 * @param isKnown whether a text is a word of its own among the terms
 */
export function eachPart(
  word: string,
  isKnown: (text: string) => boolean,
  visit: (part: string) => void,
): void {
  const isHangul = HANGUL.test(word);
  if (word.length < (isHangul ? SHORTEST_SYLLABLES : SHORTEST_WORD)) return;
  const marked = `<${word}>`;
  for (const length of isHangul ? SYLLABLE_LENGTHS : PART_LENGTHS) eachRun(marked, length, visit);
  const longest = Math.min(word.length - 1, LONGEST_COMPONENT);
  for (let length = SHORTEST_COMPONENT; length <= longest; length++) {
    const ends = [word.slice(0, length), word.slice(word.length - length)];
    for (const end of ends) if (isKnown(end)) visit(end);
  }
}

/** Visits every run of so many code points of a word, with the mark of a part. */
function eachRun(word: string, length: number, visit: (part: string) => void): void {
  const next = (at: number) => at + (word.codePointAt(at)! > 0xffff ? 2 : 1);
  let end = 0;
  for (let n = 0; n < length; n++) {
    if (end >= word.length) return;
    end = next(end);
  }
  for (let start = 0; ; start = next(start)) {
    visit(PART + word.slice(start, end));
    if (end >= word.length) return;
    end = next(end);
  }
}

/** Whether the parts of a word count, beside or instead of the word. Korean is all compounds and endings. */
export function hasParts(word: string, known: boolean, { subwords = 'rare' }: TermOptions): boolean {
  if (subwords === 'none') return false;
  return subwords === 'all' || !known || HANGUL.test(word);
}
