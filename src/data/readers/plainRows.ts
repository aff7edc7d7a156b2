import type { IdTable } from '../idTable.ts';
import type { Block } from './blocks.ts';
import { ByteIds, HASH_START, hashed } from './byteIds.ts';
import type { Roles } from './roles.ts';
import type { SlowLines } from './table.ts';

const LF = 10;
const CR = 13;
const QUOTE = 34;
const POINT = 46;
const MINUS = 45;

/** What ends a field, by byte: 0 nothing, 1 the delimiter, 2 LF, 3 CR, 4 a byte that only the slow way reads. */
type Stops = Uint8Array;
const DELIMITER = 1;
const LINE_FEED = 2;
const RETURN = 3;
const SLOW = 4;

/** Where the rows of interactions go. */
export interface PlainTarget {
  readonly users: IdTable;
  readonly items: IdTable;
  /** takes a row; NaN stands for no number and no time */
  push(user: number, item: number, value: number, time: number): void;
  /** seconds of a time in numbers; NaN if it takes a closer look */
  seconds(value: number): number;
  /** counts lines with data */
  counted(lines: number): void;
}

export interface PlainOptions {
  readonly delimiter: number;
  readonly width: number;
  /** whether `"` has a meaning */
  readonly quoted: boolean;
  readonly roles: Pick<Roles, 'user' | 'item' | 'rating' | 'timestamp'>;
}

/**
 * Reads lines of plain fields as bytes: ids that are known, whole and decimal numbers. Whatever else stands in a line
 * (quotes, letters beyond ASCII, new ids, blanks, missing fields …) goes to the slow way as a whole, so that there is
 * one place that decides what such a line means.
 */
export class PlainRows {
  readonly #target: PlainTarget;
  readonly #slow: SlowLines;
  readonly #width: number;
  readonly #stops: Stops;
  readonly #role: Uint8Array;
  readonly #userIds = new ByteIds();
  readonly #itemIds = new ByteIds();

  constructor({ delimiter, width, quoted, roles }: PlainOptions, target: PlainTarget, slow: SlowLines) {
    this.#target = target;
    this.#slow = slow;
    this.#width = width;
    this.#stops = new Uint8Array(256).fill(SLOW, 128);
    this.#stops[delimiter] = DELIMITER;
    this.#stops[LF] = LINE_FEED;
    this.#stops[CR] = RETURN;
    if (quoted) this.#stops[QUOTE] = SLOW;
    this.#role = new Uint8Array(width);
    this.#role[roles.user] = USER;
    this.#role[roles.item] = ITEM;
    if (roles.rating >= 0) this.#role[roles.rating] = VALUE;
    if (roles.timestamp >= 0) this.#role[roles.timestamp] = TIME;
  }

  take({ bytes: block, line: firstLine }: Block): void {
    // With a line end at the end no field needs to look whether the block ends.
    const isCut = block[block.length - 1] !== LF;
    const bytes = isCut ? withLineEnd(block) : block;
    const end = block.length;
    let line = firstLine;
    let lines = 0;
    for (let at = 0; at < end; line++) {
      const next = this.#slow.isOpen ? -1 : this.#row(bytes, at);
      if (next > 0) {
        lines++;
        at = next;
        continue;
      }
      const stop = bytes.indexOf(LF, at);
      this.#slow.line(bytes.subarray(at, stop), line);
      at = stop + 1;
    }
    this.#target.counted(lines);
  }

  /** Takes the line that begins at `start` and says where the next one does; −1 if it is not plain. */
  #row(bytes: Uint8Array, start: number): number {
    const stops = this.#stops;
    const width = this.#width;
    let at = start;
    let user = -1;
    let item = -1;
    let value = Number.NaN;
    let time = Number.NaN;
    for (let column = 0; column < width; column++) {
      const from = at;
      const role = this.#role[column];
      if (role === USER || role === ITEM) {
        let hash = HASH_START;
        for (; stops[bytes[at]] === 0; at++) hash = hashed(hash, bytes[at]);
        if (at === from) return -1;
        const index =
          role === USER
            ? this.#index(this.#userIds, this.#target.users, hash, bytes, from, at)
            : this.#index(this.#itemIds, this.#target.items, hash, bytes, from, at);
        if (index < 0) return -1;
        if (role === USER) user = index;
        else item = index;
      } else {
        while (stops[bytes[at]] === 0) at++;
        if (role === VALUE || role === TIME) {
          const number = plainNumber(bytes, from, at);
          if (Number.isNaN(number)) return -1;
          if (role === VALUE) value = number;
          else {
            time = this.#target.seconds(number);
            if (Number.isNaN(time)) return -1;
          }
        }
      }
      if (stops[bytes[at]] === RETURN && bytes[at + 1] === LF) at++;
      if (stops[bytes[at]] !== (column === width - 1 ? LINE_FEED : DELIMITER)) return -1;
      at++;
    }
    this.#target.push(user, item, value, time);
    return at;
  }

  /** The index of an id in plain ASCII that is known; −1 for any other. */
  #index(known: ByteIds, table: IdTable, hash: number, bytes: Uint8Array, from: number, to: number): number {
    const found = known.find(hash, bytes, from, to);
    if (found >= 0) return found;
    const index = table.index(asciiText(bytes, from, to));
    if (index === undefined) return -1;
    known.add(hash, bytes, from, to, index);
    return index;
  }
}

const USER = 1;
const ITEM = 2;
const VALUE = 3;
const TIME = 4;

/** Digits that a float64 holds without rounding. */
const MOST_DIGITS = 15;
const POWERS = Float64Array.from({ length: MOST_DIGITS + 1 }, (_, n) => Number(`1e${n}`));

/** A number of digits with or without a point, as `Number` reads it; NaN for anything else. */
function plainNumber(bytes: Uint8Array, from: number, to: number): number {
  const isNegative = bytes[from] === MINUS;
  let at = isNegative ? from + 1 : from;
  let digits = 0;
  let places = -1;
  let whole = 0;
  for (; at < to; at++) {
    const byte = bytes[at];
    if (byte >= 48 && byte <= 57) {
      whole = whole * 10 + (byte - 48);
      digits++;
      if (places >= 0) places++;
    } else if (byte === POINT && places < 0) places = 0;
    else return Number.NaN;
  }
  if (digits === 0 || digits > MOST_DIGITS) return Number.NaN;
  // Both numbers are exact, so that their quotient is rounded once, as in Number.
  const size = places > 0 ? whole / POWERS[places] : whole;
  return isNegative ? -size : size;
}

function asciiText(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to; at++) text += String.fromCharCode(bytes[at]);
  return text;
}

function withLineEnd(bytes: Uint8Array): Uint8Array {
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  longer[bytes.length] = LF;
  return longer;
}
