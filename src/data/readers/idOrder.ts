import { type Cell, cellText, isMissing } from './cells.ts';
import { isNameOf } from './columnNames.ts';

/**
 * Which of two columns of ids without names holds the users, by what ids look like: addresses of people, hashes, words
 * before a number (user12, item_3), numbers of books and of Amazon's articles. Null where nothing tells.
 */
export function orderOfIds(
  first: readonly Cell[],
  second: readonly Cell[],
): 'users first' | 'items first' | null {
  const [a, b] = [textsOf(first), textsOf(second)];
  const kinds = [kindOf(a), kindOf(b)];
  if (kinds[0] !== kinds[1])
    return kinds[0] === 'user' || kinds[1] === 'item' ? 'users first' : 'items first';
  if (kinds[0] !== null) return null;
  // One column of hashes is that of the people, whose names they hide.
  const hidden = [most(a, HASH), most(b, HASH)];
  if (hidden[0] !== hidden[1]) return hidden[0] ? 'users first' : 'items first';
  // Several words are titles; in front they may as well be people's names.
  return isWordy(b) && !isWordy(a) ? 'users first' : null;
}

/** No id is longer, and some forms take long on long texts. */
const MOST_LETTERS = 200;
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const ADDRESS = /^https?:\/\//i;
const HASH = /^([0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$/i;
/** Amazon's articles */
const ARTICLE = /^B0[0-9A-Z]{8}$/;
/** Amazon's reviewers */
const REVIEWER = /^A[0-9A-Z]{9,20}$/;
const PREFIX = /^(\p{L}+)[\s_:#./-]*\d/u;

function kindOf(texts: readonly string[]): 'user' | 'item' | null {
  if (most(texts, EMAIL) || most(texts, REVIEWER)) return 'user';
  if (most(texts, ADDRESS) || isMost(texts, (text) => ARTICLE.test(text) || isIsbn(text))) return 'item';
  const words = new Set(texts.map((text) => PREFIX.exec(text)?.[1].toLowerCase() ?? ''));
  const [word] = words;
  if (words.size !== 1 || !word) return null;
  if (word === 'u' || isNameOf('user', word)) return 'user';
  return word === 'i' || isNameOf('item', word) ? 'item' : null;
}

/** Whether a good part of the texts is several words. */
function isWordy(texts: readonly string[]): boolean {
  const isSeveral = (text: string) => /\p{L}/u.test(text) && text.split(/\s+/).length > 1;
  return texts.filter(isSeveral).length >= 0.2 * texts.length;
}

function textsOf(cells: readonly Cell[]): string[] {
  return cells.filter((cell) => !isMissing(cell)).map((cell) => cellText(cell).slice(0, MOST_LETTERS).trim());
}

/** Whether digits are the number of a book: the last one is a check of the others. */
function isIsbn(text: string): boolean {
  const digits = [...text].map((digit) => (digit === 'X' ? 10 : Number(digit)));
  const sum = (weight: (n: number) => number) =>
    digits.reduce((total, digit, n) => total + digit * weight(n), 0);
  if (/^\d{9}[\dX]$/.test(text)) return sum((n) => 10 - n) % 11 === 0;
  return /^97[89]\d{10}$/.test(text) && sum((n) => (n % 2 === 0 ? 1 : 3)) % 10 === 0;
}

function most(texts: readonly string[], form: RegExp): boolean {
  return isMost(texts, (text) => form.test(text));
}

/** Whether something holds for nearly all texts. */
function isMost(texts: readonly string[], holds: (text: string) => boolean): boolean {
  return texts.length > 0 && texts.filter(holds).length >= 0.9 * texts.length;
}
