import { TextPieces } from './textPieces.ts';

/** `open`: a quote is not closed; `malformed`: text stands after a closing quote. */
export type Split = string[] | 'open' | 'malformed';

/** How the fields of a line are told apart. */
export interface Dialect {
  /** between fields; ' ' stands for runs of spaces and tabs */
  readonly delimiter: string;
  /** whether `"` around a field is no part of it */
  readonly quoted: boolean;
}

/**
 * The fields of a record. With quotes: a field that begins with `"` ends at the next `"` that is not doubled (RFC
 * 4180), or, where that does not come out, not after a backslash (as MySQL writes); a quote inside a field that does
 * not begin with one belongs to the text.
 *
 * @param text one line, or several where a quoted field spans them
 * @param width how many fields there should be, to choose between the two ways; 0 if that is not known
 */
export function splitRecord(text: string, { delimiter, quoted }: Dialect, width = 0): Split {
  if (!quoted || !text.includes('"')) return splitPlain(text, delimiter);
  const doubled = splitQuoted(text, delimiter, false);
  if (!text.includes('\\"') || (Array.isArray(doubled) && (width === 0 || doubled.length === width)))
    return doubled;
  const escaped = splitQuoted(text, delimiter, true);
  return Array.isArray(escaped) && (width === 0 || escaped.length === width) ? escaped : doubled;
}

/** The fields of a line without quotes. */
export function splitPlain(text: string, delimiter: string): string[] {
  return delimiter === ' ' ? text.trim().split(/[ \t]+/) : text.split(delimiter);
}

function splitQuoted(text: string, delimiter: string, hasEscapes: boolean): Split {
  const isBlank = delimiter === ' ';
  const cells: string[] = [];
  const end = isBlank ? text.trimEnd().length : text.length;
  let at = isBlank ? text.length - text.trimStart().length : 0;
  for (;;) {
    const open = delimiter === '\t' ? at : skipBlanks(text, at);
    if (text[open] !== '"') {
      const next = nextDelimiter(text, at, end, delimiter);
      cells.push(text.slice(at, next));
      if (next >= end) return cells;
      at = isBlank ? skipBlanks(text, next) : next + delimiter.length;
      continue;
    }
    const close = closingQuote(text, open + 1, delimiter, hasEscapes);
    if (close === -1) return 'open';
    cells.push(unquoted(text.slice(open + 1, close), hasEscapes));
    const after = delimiter === '\t' || isBlank ? close + 1 : skipBlanks(text, close + 1);
    if (after >= end) return cells;
    if (isBlank) {
      at = skipBlanks(text, after);
      if (at === after) return 'malformed';
    } else {
      if (!text.startsWith(delimiter, after)) return 'malformed';
      at = after + delimiter.length;
    }
  }
}

function nextDelimiter(text: string, from: number, end: number, delimiter: string): number {
  if (delimiter === ' ') {
    let at = from;
    while (at < end && text[at] !== ' ' && text[at] !== '\t') at++;
    return at;
  }
  const found = text.indexOf(delimiter, from);
  return found === -1 ? end : found;
}

/** Where the quote stands that closes a field; −1 if none does. */
function closingQuote(text: string, from: number, delimiter: string, hasEscapes: boolean): number {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 1)) {
    if (hasEscapes && isEscaped(text, at, from)) continue;
    if (text[at + 1] !== '"') return at;
    // A doubled quote; with escapes it may be an escaped one before a closing one, and is not doubled.
    if (hasEscapes && (text.startsWith(delimiter, at + 1) || at + 1 === text.length)) return at;
    at++;
  }
  return -1;
}

function isEscaped(text: string, at: number, from: number): boolean {
  let slashes = 0;
  while (at - 1 - slashes >= from && text[at - 1 - slashes] === '\\') slashes++;
  return slashes % 2 === 1;
}

function unquoted(text: string, hasEscapes: boolean): string {
  const plain = without(text, '"', '"');
  return hasEscapes ? without(plain, '\\', '\\"') : plain;
}

/** The text without every `mark` that stands before one of `next`, which then marks nothing itself. */
function without(text: string, mark: string, next: string): string {
  let at = text.indexOf(mark);
  if (at === -1) return text;
  const kept = new TextPieces();
  let from = 0;
  for (; at !== -1; at = text.indexOf(mark, at)) {
    if (at + 1 < text.length && next.includes(text[at + 1])) {
      kept.add(text.slice(from, at));
      from = at + 1;
      at += 2;
    } else at++;
  }
  kept.add(text.slice(from));
  return kept.text();
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\t') at++;
  return at;
}
