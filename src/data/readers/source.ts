import { FormatError, OptionError } from '../../errors.ts';

/** What can be read: text, bytes of UTF-8, or either in pieces cut anywhere, such as a stream. */
export type Source = string | Uint8Array | AsyncIterable<Uint8Array | string>;

/**
 * Yields the text of `source` in blocks of whole lines, without a byte order mark. Only the last block may
 * lack its final line end.
 *
 * @param name for messages, usually the file name
 * @throws {FormatError} at the first line that is not valid UTF-8
 * @throws {OptionError} if `source` is of another type
 */
export async function* textBlocks(
  source: Source,
  name: string,
  signal?: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  const assembler = new BlockAssembler(name);
  let isFirst = true;
  for await (const piece of pieces(source)) {
    signal?.throwIfAborted();
    const block = assembler.take(piece);
    if (block === '') continue;
    yield isFirst ? withoutMark(block) : block;
    isFirst = false;
  }
  const last = assembler.rest();
  if (last !== '') yield isFirst ? withoutMark(last) : last;
}

/** Calls `visit` with every line of a block, without its line end, and returns the number of lines. */
export function eachLine(block: string, visit: (line: string, index: number) => void): number {
  let index = 0;
  for (let start = 0; start < block.length; index++) {
    const found = block.indexOf('\n', start);
    const end = found === -1 ? block.length : found;
    const hasReturn = end > start && block.charCodeAt(end - 1) === 13;
    visit(block.slice(start, hasReturn ? end - 1 : end), index);
    start = end + 1;
  }
  return index;
}

const PIECE = 1 << 20;

/** The pieces of a stream, or text and bytes at hand cut up, so that no block is larger than need be. */
function pieces(source: Source): AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string> {
  if (typeof source === 'string') return slices(source.length, (from, to) => source.slice(from, to));
  if (source instanceof Uint8Array) return slices(source.length, (from, to) => source.subarray(from, to));
  if (typeof source === 'object' && source !== null && Symbol.asyncIterator in source) return source;
  const problem = `expected a string, a Uint8Array or an async iterable of these, received ${typeof source}`;
  throw new OptionError('source', problem, 'Pass the content or a stream of it, not e.g. a file handle');
}

function* slices<T>(length: number, slice: (from: number, to: number) => T): Generator<T> {
  for (let from = 0; from < length; from += PIECE) yield slice(from, from + PIECE);
}

function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** Holds back what follows the last line end. Cutting there never splits a character of UTF-8. */
class BlockAssembler {
  readonly #name: string;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  /** the held text is that of `#text` followed by that of `#bytes` */
  #text: string[] = [];
  #bytes: Uint8Array[] = [];
  #lines = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** Whole lines that `piece` completes, or '' if it completes none. */
  take(piece: Uint8Array | string): string {
    if (typeof piece === 'string') {
      if (this.#bytes.length > 0) this.#text.push(this.#decodeHeld(new Uint8Array()));
      const cut = piece.lastIndexOf('\n') + 1;
      const head = cut > 0 ? this.#release(piece.slice(0, cut)) : '';
      if (cut < piece.length) this.#text.push(piece.slice(cut));
      return head;
    }
    const cut = piece.lastIndexOf(10) + 1;
    const head = cut > 0 ? this.#release(this.#decodeHeld(piece.subarray(0, cut))) : '';
    // A copy, because a stream may reuse its buffer.
    if (cut < piece.length) this.#bytes.push(piece.slice(cut));
    return head;
  }

  /** What is left when the source has ended. */
  rest(): string {
    return this.#release(this.#decodeHeld(new Uint8Array()));
  }

  #release(text: string): string {
    const block = this.#text.join('') + text;
    this.#text = [];
    this.#lines += countLineEnds(block);
    return block;
  }

  #decodeHeld(last: Uint8Array): string {
    const bytes = this.#bytes.length === 0 ? last : joined([...this.#bytes, last]);
    this.#bytes = [];
    try {
      return this.#decoder.decode(bytes);
    } catch {
      const valid = new TextDecoder().decode(bytes).split('\uFFFD', 1)[0];
      const line = this.#lines + countLineEnds(valid) + 1;
      throw new FormatError(
        `${this.#name}:${line}`,
        'expected UTF-8 text, received other bytes',
        'Save it as UTF-8',
      );
    }
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function countLineEnds(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
