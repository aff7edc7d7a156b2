import { OptionError, shown } from '../../errors.ts';
import { joinedBytes } from '../../format/joinedBytes.ts';

/**
 * What can be read: text, bytes, or either in pieces cut anywhere, such as a stream.
 *
 * @example
 * const source: Source = new TextEncoder().encode('user,item\na,x\n');
 * const { interactions } = await readInteractions(source);
 */
export type Source = string | Uint8Array | AsyncIterable<Uint8Array | string>;

/** Bytes in pieces; a piece may be overwritten once the next one is asked for. */
export type Bytes = AsyncIterable<Uint8Array>;

const PIECE = 1 << 18;

/**
 * The bytes of a source in pieces; text becomes UTF-8.
 *
 * @throws {OptionError} if `source` is of another type
 */
export async function* bytesOf(
  source: Source,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const encoder = new PieceEncoder();
  for await (const piece of pieces(source)) {
    signal?.throwIfAborted();
    const bytes = typeof piece === 'string' ? encoder.encode(piece) : piece;
    if (bytes.length > 0) yield bytes;
  }
  const rest = encoder.rest();
  if (rest.length > 0) yield rest;
}

/** The pieces of a stream, or text and bytes at hand cut up, so that no piece is larger than need be. */
function pieces(source: Source): AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string> {
  if (typeof source === 'string') return slices(source.length, (from, to) => source.slice(from, to));
  if (source instanceof Uint8Array) return slices(source.length, (from, to) => source.subarray(from, to));
  if (typeof source === 'object' && source !== null && Symbol.asyncIterator in source) return source;
  const problem = `expected a string, a Uint8Array or an async iterable of these, received ${shown(source)}`;
  throw new OptionError(
    'source',
    problem,
    'Pass the content or a stream of it, not e.g. a file handle',
    'source',
  );
}

function* slices<T>(length: number, slice: (from: number, to: number) => T): Generator<T> {
  for (let from = 0; from < length; from += PIECE) yield slice(from, from + PIECE);
}

/** Encodes text that may be cut between the two halves of a character. */
class PieceEncoder {
  readonly #encoder = new TextEncoder();
  #half = '';

  encode(piece: string): Uint8Array {
    const text = this.#half + piece;
    const last = text.charCodeAt(text.length - 1);
    const isCut = last >= 0xd800 && last < 0xdc00;
    this.#half = isCut ? text.slice(-1) : '';
    return this.#encoder.encode(isCut ? text.slice(0, -1) : text);
  }

  rest(): Uint8Array {
    return this.#encoder.encode(this.#half);
  }
}

/** The first bytes of a stream, and the whole of it again. */
export interface Peeked {
  /** at least as many as asked for, unless the stream has fewer */
  readonly head: Uint8Array;
  /** known to be all that there is */
  readonly isWhole: boolean;
  readonly bytes: Bytes;
}

/** Lines that are looked at however long they are. */
export interface PeekedLines {
  readonly least: number;
  /** bytes, at most about so many */
  readonly most: number;
}

/** Looks at the first `least` bytes of a stream, and the first lines of a table, without taking them. */
export async function peek(bytes: Bytes, least: number, lines?: PeekedLines): Promise<Peeked> {
  const iterator = bytes[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  let length = 0;
  let ended = false;
  let ends = 0;
  const wantsMore = () =>
    lines !== undefined && ends < lines.least && length < lines.most && !isJson(held[0]);
  while ((length < least || wantsMore()) && !ended) {
    const { done, value } = await iterator.next();
    if (done) ended = true;
    else {
      if (lines && ends < lines.least) ends += lineEnds(value, lines.least);
      // A copy, because a stream may reuse its buffer; a Buffer's slice is none.
      held.push(new Uint8Array(value));
      length += value.length;
    }
  }
  const head = joinedBytes(held);
  return { head, isWhole: ended, bytes: again(head, ended ? null : iterator) };
}

/** How many line ends there are, up to `most`. */
function lineEnds(bytes: Uint8Array, most: number): number {
  let count = 0;
  for (let n = 0; n < bytes.length && count < most; n++) if (bytes[n] === 0x0a || bytes[n] === 0x0d) count++;
  return count;
}

/** Whether a text begins as JSON or a Python literal, whose beginning tells all, however long its lines are. */
function isJson(bytes: Uint8Array): boolean {
  const first = bytes.find((byte) => byte > 0x20 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf);
  return first === 0x7b || first === 0x5b;
}

async function* again(head: Uint8Array, rest: AsyncIterator<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  try {
    for (const piece of slices(head.length, (from, to) => head.subarray(from, to))) yield piece;
    while (rest) {
      const { done, value } = await rest.next();
      if (done) return;
      yield value;
    }
  } finally {
    await rest?.return?.();
  }
}

/** All bytes of a stream in one array. */
export async function collected(bytes: Bytes): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const piece of bytes) parts.push(new Uint8Array(piece));
  return joinedBytes(parts);
}
