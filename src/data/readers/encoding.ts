import { FormatError, OptionError, shown } from '../../errors.ts';
import type { Bytes } from './source.ts';

/**
 * The encoding of a text: as its byte order mark says, UTF-16 where every other byte of its beginning is zero, and
 * UTF-8 otherwise. The 8-bit encodings cannot be told from each other and are never guessed.
 *
 * @param asked what the caller says, by a name of the WHATWG Encoding Standard, or as Python spells it, e.g. `latin-1`, `windows-1252`
 * @throws {OptionError} for a name that is not known
 * @throws {FormatError} for UTF-32
 */
export function encodingOf(head: Uint8Array, name: string, asked?: string): string {
  const [a, b, c, d] = head;
  if (a === 0xff && b === 0xfe && c === 0 && d === 0) {
    throw new FormatError(name, 'expected UTF-8 or UTF-16, received UTF-32', 'Save it as UTF-8');
  }
  if (asked !== undefined) return labelOf(asked);
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  return zeroPattern(head) ?? 'utf-8';
}

/** Names that Python and spreadsheets use and the standard lacks. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  'utf-8-sig': 'utf-8',
  ansi: 'windows-1252',
  cp932: 'shift_jis',
  cp936: 'gbk',
  cp949: 'euc-kr',
  cp950: 'big5',
};

function labelOf(asked: string): string {
  const usual = asked.trim().toLowerCase().replaceAll('_', '-');
  const spelt = usual.replace(/^latin-/, 'latin').replace(/^utf-?(\d+)-?/, 'utf-$1');
  for (const label of [asked, OTHER_NAMES[usual] ?? spelt]) {
    const known = standardName(label);
    if (known !== null) return known;
  }
  const problem = `expected the name of an encoding, received ${shown(asked)}`;
  throw new OptionError(
    'encoding',
    problem,
    'Pass e.g. utf-8, windows-1252, utf-16le or shift_jis',
    'encoding',
  );
}

function standardName(label: string): string | null {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return null;
  }
}

const LOOKED_AT = 4096;

/** UTF-16 without a mark: in text that is mostly Latin or has its delimiters, one byte of each pair is zero. */
function zeroPattern(head: Uint8Array): string | null {
  const length = Math.min(head.length, LOOKED_AT) & ~1;
  let even = 0;
  let odd = 0;
  for (let at = 0; at < length; at += 2) {
    if (head[at] === 0) even++;
    if (head[at + 1] === 0) odd++;
  }
  const pairs = length / 2;
  if (odd > 0.2 * pairs && even < 0.02 * pairs) return 'utf-16le';
  if (even > 0.2 * pairs && odd < 0.02 * pairs) return 'utf-16be';
  return null;
}

/**
 * The text of `bytes` as UTF-8, without a byte order mark.
 *
 * @throws {FormatError} at bytes that the encoding does not have; UTF-8 is checked later, where lines are known
 */
export async function* asUtf8(bytes: Bytes, encoding: string, name: string): AsyncGenerator<Uint8Array> {
  if (encoding === 'utf-8') {
    yield* withoutMark(bytes);
    return;
  }
  const decoder = new TextDecoder(encoding, { fatal: true });
  const encoder = new TextEncoder();
  const decode = (piece?: Uint8Array): Uint8Array => {
    try {
      return encoder.encode(piece ? decoder.decode(piece, { stream: true }) : decoder.decode());
    } catch {
      const problem = `expected text in ${encoding}, received bytes that it does not have`;
      throw new FormatError(name, problem, 'Name another encoding', 'encoding');
    }
  };
  for await (const piece of bytes) yield decode(piece);
  yield decode();
}

async function* withoutMark(bytes: Bytes): AsyncGenerator<Uint8Array> {
  let isFirst = true;
  for await (const piece of bytes) {
    const hasMark = isFirst && piece[0] === 0xef && piece[1] === 0xbb && piece[2] === 0xbf;
    isFirst = false;
    yield hasMark ? piece.subarray(3) : piece;
  }
}
