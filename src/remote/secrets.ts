import { OptionError } from '../errors.ts';

/** Runs of so many characters of a secret are hidden: shorter ones stand in any text. */
const SHORTEST = 6;
/** What a server says beyond this is not shown. */
const LONGEST_TEXT = 2000;

/**
 * A function that hides secrets in what others say: every run of six or more characters that stands in one of them, in
 * any case, and the same of their base64 and URL encodings. A server may echo a key in part, escaped, or masked in the
 * middle.
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const known = secrets
    .filter((secret) => secret.length > 0)
    .flatMap((secret) => [secret, base64(secret)])
    .map(lowerAscii);
  return (text) => known.reduce(hide, unescaped(text.slice(0, LONGEST_TEXT)));
}

function hide(text: string, secret: string): string {
  const lower = lowerAscii(text);
  const least = Math.min(SHORTEST, secret.length);
  let shown = '';
  for (let at = 0; at < text.length; ) {
    let end = at + least;
    if (end > text.length || !secret.includes(lower.slice(at, end))) {
      shown += text[at++];
      continue;
    }
    while (end < text.length && secret.includes(lower.slice(at, end + 1))) end++;
    shown += '[hidden]';
    at = end;
  }
  return shown;
}

/** Without the ways in which JSON, HTML and URLs write a character by its number. */
function unescaped(text: string): string {
  return text
    .replace(/\\u([0-9a-f]{4})|&#x([0-9a-f]{1,4});|%([0-7][0-9a-f])/gi, (_, a, b, c) =>
      String.fromCharCode(Number.parseInt(a ?? b ?? c, 16)),
    )
    .replace(/&#(\d{1,5});/g, (_, code) => String.fromCharCode(Number(code)));
}

/** Of the same length, which `toLowerCase` is not. */
function lowerAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text))).replace(/=+$/, '');
}

/**
 * A key as it goes into a header: without the line end that `KEY=$(cat file)` may leave.
 * @throws {OptionError} for characters that no header takes; the message does not hold the key
 */
export function headerKey(key: string): string {
  const trimmed = key.trim();
  if (/^[\x21-\x7e]+$/.test(trimmed)) return trimmed;
  const received = trimmed === '' ? 'a blank one' : 'one with blanks or characters beyond ASCII';
  throw new OptionError(
    'apiKey',
    `expected a key of visible ASCII characters, received ${received}`,
    'Copy it again',
    'apiKey',
  );
}
