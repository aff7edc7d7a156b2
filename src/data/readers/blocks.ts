import { FormatError } from '../../errors.ts';
import { joinedBytes } from '../../format/joinedBytes.ts';
import type { Bytes } from './source.ts';

const LF = 10;
const CR = 13;

/** Whole lines of UTF-8 text. Only the last block of a file may lack its final line end. */
export interface Block {
  readonly bytes: Uint8Array;
  /** the number of its first line, from 1 */
  readonly line: number;
}

/** Whether lines end in CR alone, as old Macs wrote them: told by a beginning that has CR and no LF. */
export function endsInCr(head: Uint8Array): boolean {
  return head.includes(CR) && !head.includes(LF);
}

/**
 * The lines of a text in blocks, cut after line ends.
 *
 * @param fromCr whether lines end in CR alone; the blocks have LF instead
 */
export async function* blocksOf(bytes: Bytes, fromCr: boolean): AsyncGenerator<Block> {
  let held: Uint8Array[] = [];
  let line = 1;
  for await (const piece of bytes) {
    const text = fromCr ? withLf(piece) : piece;
    const cut = text.lastIndexOf(LF) + 1;
    let start = 0;
    if (cut > 0 && held.length > 0) {
      // The line that was cut is a block of its own, so that the others need not be copied.
      start = text.indexOf(LF) + 1;
      yield { bytes: joinedBytes([...held, text.subarray(0, start)]), line };
      held = [];
      line++;
    }
    if (start < cut) {
      const whole = text.subarray(start, cut);
      yield { bytes: whole, line };
      line += countLineEnds(whole);
    }
    // A copy, because a stream may reuse its buffer.
    if (cut < text.length) held.push(new Uint8Array(text.subarray(cut)));
  }
  if (held.length > 0) yield { bytes: joinedBytes(held), line };
}

function withLf(piece: Uint8Array): Uint8Array {
  return piece.map((byte) => (byte === CR ? LF : byte));
}

function countLineEnds(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) count++;
  return count;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws {FormatError} at the first line that is not valid UTF-8, with what it would be in windows-1252 */
export function textOf({ bytes, line }: Block, name: string): string {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    const tooLong = asTooLong(error, `${name}:${line}`);
    throw tooLong === error ? notUtf8(bytes, line, name) : tooLong;
  }
}

/** A `FormatError` for a text that is longer than the engine holds in one piece; any other error unchanged. */
export function asTooLong(error: unknown, where: string): unknown {
  // V8 says the first two, SpiderMonkey the third, JavaScriptCore the last.
  const said = /string longer than|Invalid string length|allocation size overflow|Out of memory/i;
  if (!(error instanceof Error && said.test(error.message))) return error;
  const problem =
    'expected cells and lines that fit one text of the engine (half a gigabyte), received a longer one';
  return new FormatError(where, problem, 'Check the quotes and the delimiter of the file, or split it');
}

function notUtf8(bytes: Uint8Array, firstLine: number, name: string): FormatError {
  let start = 0;
  let line = firstLine;
  for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF, start)) {
    if (isUtf8(bytes.subarray(start, end))) {
      start = end + 1;
      line++;
    } else break;
  }
  const end = bytes.indexOf(LF, start);
  const own = bytes.subarray(start, end === -1 ? bytes.length : end);
  const at = firstInvalid(own);
  const byte = own[at].toString(16).padStart(2, '0');
  const around = new TextDecoder('windows-1252').decode(own.subarray(Math.max(0, at - 12), at + 12)).trim();
  return new FormatError(
    `${name}:${line}`,
    `expected UTF-8 text, received the byte ${byte}; in windows-1252 it would be ${JSON.stringify(around)}`,
    'Name the encoding of the file, e.g. windows-1252, or save it as UTF-8',
    'encoding',
  );
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Where the first sequence of bytes stands that is no character. */
function firstInvalid(bytes: Uint8Array): number {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const encoder = new TextEncoder();
  let at = 0;
  let from = 0;
  for (let mark = text.indexOf('\uFFFD'); mark !== -1; mark = text.indexOf('\uFFFD', from)) {
    at += encoder.encode(text.slice(from, mark)).length;
    // The mark may stand in the file itself.
    const isOwn = bytes[at] === 0xef && bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd;
    if (!isOwn) break;
    at += 3;
    from = mark + 1;
  }
  return Math.min(at, bytes.length - 1);
}

/** Calls `visit` with every line of a text, without its line end. */
export function eachLine(text: string, visit: (line: string, index: number) => void): void {
  let index = 0;
  for (let start = 0; start < text.length; index++) {
    const found = text.indexOf('\n', start);
    const end = found === -1 ? text.length : found;
    const hasReturn = end > start && text.charCodeAt(end - 1) === CR;
    visit(text.slice(start, hasReturn ? end - 1 : end), index);
    start = end + 1;
  }
}
