import { jsonIn } from '../json.ts';

/** What an answer said of the candidates. */
export interface ParsedRanking {
  /** Places of the candidates that it names, in its order, each once. */
  readonly named: readonly number[];
  /** Entries that are no candidate. */
  readonly invented: number;
  /** Entries that name a candidate again. */
  readonly repeated: number;
}

/**
 * The candidates in the order of an answer. Taken is a list of numbers in JSON, wherever it stands in the text and even where
 * it was cut; where that names fewer than half of them, lines that hold a number alone or the title of a candidate. Anything else names
 * nothing: a number in a sentence is none of a candidate.
 *
 * @param titles of the candidates as they were shown
 */
export function parseRanking(text: string, titles: readonly string[]): ParsedRanking {
  const listed = placed(listIn(jsonIn(text)) ?? [], titles);
  if (2 * listed.named.length >= titles.length) return listed;
  // A number in brackets within a line is a list in JSON, too.
  const lines = placed(linesOf(text, titles), titles);
  return lines.named.length > listed.named.length ? lines : listed;
}

function placed(entries: readonly unknown[], titles: readonly string[]): ParsedRanking {
  const named = new Set<number>();
  let invented = 0;
  let repeated = 0;
  for (const entry of entries) {
    const place = placeOf(entry, titles);
    if (place === null) invented++;
    else if (named.has(place)) repeated++;
    else named.add(place);
  }
  return { named: [...named], invented, repeated };
}

/** The list of an answer: itself, its member `ranking`, or else the first member that is a list. */
function listIn(value: unknown): readonly unknown[] | null {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null) return null;
  const members = Object.values(value);
  const { ranking } = value as { ranking?: unknown };
  if (Array.isArray(ranking)) return ranking;
  return members.find((member) => Array.isArray(member)) ?? null;
}

/** A number of a candidate as a number, in a text such as `3` or `[3]`, or in a member `number`; or its title. */
function placeOf(entry: unknown, titles: readonly string[]): number | null {
  if (typeof entry === 'object' && entry !== null) {
    const { number, title } = entry as { number?: unknown; title?: unknown };
    return number !== undefined
      ? placeOf(number, titles)
      : title === undefined
        ? null
        : placeOf(title, titles);
  }
  if (typeof entry === 'number') return inRange(entry, titles.length);
  if (typeof entry !== 'string') return null;
  const digits = /^\s*[[(#]?(\d{1,6})[\])]?\s*$/.exec(entry);
  if (digits) return inRange(Number(digits[1]), titles.length);
  const place = titles.findIndex((title) => alike(title) === alike(entry));
  return place < 0 || alike(entry) === '' ? null : place;
}

function inRange(number: number, count: number): number | null {
  return Number.isInteger(number) && number >= 1 && number <= count ? number - 1 : null;
}

/** Entries of lines: `7`, `2. [7]`, `- A title`, `3) 7: A title`. Other lines are passed over. */
function linesOf(text: string, titles: readonly string[]): unknown[] {
  const known = new Set(titles.map(alike));
  return text.split('\n').flatMap((line) => {
    const bare = line.trim().replace(/^(?:[-*•]\s+|\d{1,4}[.)]\s+)/, '');
    const numbered = /^(?:[[(#]?\d{1,6}[\])]?)\s*[.,;]?$/.exec(bare);
    if (numbered) return [bare.replace(/[.,;]$/, '')];
    const withTitle = /^[[(#]?\d{1,6}[\])]?\s*[:.–-]?\s+(.*)$/.exec(bare);
    const title = [bare, withTitle?.[1] ?? ''].find((one) => known.has(alike(one)));
    return title === undefined || alike(title) === '' ? [] : [title];
  });
}

/** A title without case, punctuation at its ends, and emphasis. */
function alike(title: string): string {
  return title
    .toLowerCase()
    .replace(/[*_`"“”]/g, '')
    .replace(/\s+/g, ' ')
    .replace(/^[\s.:;,-]+|[\s.:;,-]+$/g, '');
}
