import { numberOfText } from './cells.ts';
import { CLOCK, type FeedbackForm, numberForms, numberOf, SHORTENED } from './numberForms.ts';

const NUMBER = String.raw`[+-]?(?:\d+(?:[.,]\d+)?|[.,]\d+)`;
const PARTS = new RegExp(
  `^(${NUMBER})\\s*(?:/|out of|of|von|sur|di|de)\\s*(${NUMBER})(?:\\s*\\p{L}+)?$`,
  'iu',
);
const PER_CENT = new RegExp(`^(${NUMBER})\\s*(?:%|％|per ?cent)$`, 'iu');
const WITH_UNIT = new RegExp(`^(${NUMBER})\\s*([\\p{L}★⭐]+)\\.?$`, 'iu');
const STARS = /^([★⭐🌟*✭✮]*)([½]?)([☆✩✰]*)$/u;
const GRADE = /^([A-F])([+-]?)$/i;

const YES =
  'true t yes y oui ja si sí sim da like liked likes love loved up upvote upvoted recommended recommend positive pos ' +
  'good favorite favourite 👍 ❤ ♥ 💚 💙 😍 😀 🙂 😊 ✓ ✔ ✅ ☑';
const NO =
  'false f no n non nein não nao nyet dislike disliked dislikes hate hated down downvote downvoted negative neg neutral bad ' +
  '👎 💔 😠 😡 🙁 ☹ 😞 ✗ ✘ ❌ ✖';
const WORDS = new Map<string, number>([
  ...YES.split(' ').map((word) => [word, 1] as const),
  ...NO.split(' ').map((word) => [word, 0] as const),
  ...(['thumbs up', 'thumb up', 'thumbsup', '+'] as const).map((word) => [word, 1] as const),
  ...(['thumbs down', 'thumb down', 'thumbsdown', 'not recommended', 'not liked', '-'] as const).map(
    (word) => [word, 0] as const,
  ),
  ...[['1', 1] as const, ['+1', 1] as const, ['0', 0] as const, ['-1', -1] as const],
]);

/** Spellings of "no rating given" beside those of a missing value. */
const UNRATED = new Set([
  '-',
  '--',
  '?',
  'not rated',
  'unrated',
  'no rating',
  'not yet rated',
  'n.a.',
  'not available',
]);

/** Whether a text says that nobody rated, in a column that is not of words. */
export function saysUnrated(text: string): boolean {
  return UNRATED.has(text.toLowerCase());
}

/** Where the digits of other scripts begin: Arabic, Persian, Devanagari, Bengali, Thai, full width. */
const ZEROS = [0x0660, 0x06f0, 0x0966, 0x09e6, 0x0e50, 0xff10];

function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0)!;
  const zero = ZEROS.find((start) => code >= start && code < start + 10);
  return zero === undefined ? digit : String(code - zero);
}

/** A text without what makes one sign look like several: skin tones, emoji style, digits of other scripts, long minus signs. */
export function plainSigns(text: string): string {
  if (!/[^ -~]/.test(text)) return text;
  return text
    .replace(/\p{Nd}/gu, asciiDigit)
    .replace(/[\u{1F3FB}-\u{1F3FF}\u{FE0E}\u{FE0F}\u{200D}]/gu, '')
    .replace(/^[\u2010-\u2015\u2212\uFE63\uFF0D]/u, '-')
    .trim();
}

const CENTS: FeedbackForm = {
  kind: 'rating',
  tells: true,
  description: 'in per cent ("40%" is 40)',
  read: (text) => numberOf(PER_CENT.exec(text)?.[1] ?? ''),
};

const SIGNS: FeedbackForm = {
  kind: 'rating',
  tells: true,
  description: 'in stars, counted ("★★★" is 3)',
  read: (text) => {
    const found = STARS.exec(text.replaceAll(' ', ''));
    if (!found || text === '') return Number.NaN;
    return [...found[1]].length + (found[2] === '' ? 0 : 0.5);
  },
};

const GRADES: FeedbackForm = {
  kind: 'rating',
  tells: false,
  description: 'in grades, A to F as 6 to 1, + and − as a third',
  read: (text) => {
    const found = GRADE.exec(text);
    if (!found) return Number.NaN;
    const third = found[2] === '' ? 0 : (found[2] === '+' ? 1 : -1) / 3;
    return 6 - (found[1].toUpperCase().charCodeAt(0) - 65) + third;
  },
};

const YES_OR_NO: FeedbackForm = {
  kind: 'label',
  tells: true,
  description: 'in words and signs of yes (1) and no (0)',
  read: (text) => WORDS.get(text.toLowerCase()) ?? Number.NaN,
};

/** Parts of a whole, scaled to the largest whole of the sample. */
function parts(sample: readonly string[]): FeedbackForm {
  const wholes = sample.map((text) => numberOf(PARTS.exec(text)?.[2] ?? '')).filter((whole) => whole > 0);
  const most = wholes.reduce((a, b) => Math.max(a, b), 0);
  return {
    kind: 'rating',
    tells: true,
    description: `out of ${most} ("4/${most}" is 4)`,
    read: (text) => {
      const found = PARTS.exec(text);
      const whole = numberOf(found?.[2] ?? '');
      const part = numberOf(found?.[1] ?? '');
      if (!(whole > 0 && part <= whole)) return Number.NaN;
      return whole === most ? part : (part * most) / whole;
    },
  };
}

/** Numbers with one unit behind them: `3.5 h`, `1 star`, `5 stars`. */
function withUnit(sample: readonly string[]): FeedbackForm {
  const unitOf = (text: string) => (WITH_UNIT.exec(text)?.[2] ?? '').toLowerCase();
  const unit = sample.map(unitOf).find((found) => found !== '') ?? '';
  return {
    kind: null,
    tells: false,
    description: `with the unit ${unit}`,
    read: (text) => (isSameUnit(unitOf(text), unit) ? numberOf(WITH_UNIT.exec(text)![1]) : Number.NaN),
  };
}

/** Whether two words are one, or its singular and plural. */
function isSameUnit(a: string, b: string): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return short !== '' && (short === long || (short.length > 2 && long.startsWith(short)));
}

/**
 * The form that reads most of a sample; of equals the one that assumes least. `numberForms` says what commas mean.
 */
export function formOf(texts: readonly string[], decimalComma: boolean): FeedbackForm {
  const rated = texts.filter((text) => !saysUnrated(text));
  const sample = rated.length > 0 ? rated : texts;
  const numbers = numberForms(sample, decimalComma);
  const forms = [
    ...numbers,
    YES_OR_NO,
    CENTS,
    parts(sample),
    SIGNS,
    GRADES,
    withUnit(sample),
    SHORTENED,
    CLOCK,
  ];
  let [best] = numbers;
  let most = 0;
  for (const form of forms) {
    const count = sample.filter((text) => !Number.isNaN(form.read(text))).length;
    if (count > most) [best, most] = [form, count];
  }
  return best;
}

/** A number of 1 for the values that are liked, of 0 for all others. */
export function listedForm(liked: readonly string[]): FeedbackForm {
  const known = new Set(liked.map((value) => listed(value)));
  return {
    kind: 'label',
    tells: false,
    description: `of which ${liked.join(', ')} ${liked.length === 1 ? 'is' : 'are'} liked`,
    read: (text) => (known.has(listed(text)) ? 1 : 0),
  };
}

/** One spelling of a value: `4` for `4.0`, no case. */
function listed(text: string): string {
  const number = numberOfText(text);
  return Number.isNaN(number) ? plainSigns(text).toLowerCase() : String(number);
}
